"""Where a run takes place: the project's root, the paths below it, and the state of its git tree."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from apimig.errors import DirtyTreeError, UsageError
from apimig.scan import find_root

_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg")
_SHOWN = 5


def checked(paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """The paths, absolute, each once; one that does not exist is a usage error."""
    if not paths:
        raise UsageError("No path was given", help="Name a folder or a file: apimig upgrade . --lib pandas==2.2")
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if not path.exists():
            what = "It is a symbolic link to nothing." if path.is_symlink() else "Check the spelling."
            raise UsageError(f"There is no file or folder {path}", help=what)
        found[Path(os.path.abspath(path))] = None  # noqa: PTH100 - resolve() would follow a link given on purpose
    return list(found)


def root_of(paths: Sequence[Path]) -> Path:
    """The folder of the project that holds all paths; paths of different projects are a usage error.

    Without any project it is the working folder if that holds them, else their common folder.
    """
    root = find_root(*paths)
    if is_project(root):
        return root
    for path in paths:
        own = find_root(path)
        if own != root and is_project(own):
            outside = next(other for other in paths if not other.resolve().is_relative_to(own))
            raise UsageError(
                f"{outside} is outside of the project {own}",
                help="Upgrade one project at a time, each in a run of its own.",
            )
    here = Path.cwd()
    return here if all(path.resolve().is_relative_to(here) for path in paths) else root


def is_project(folder: Path) -> bool:
    """Whether a folder is marked as the root of a project."""
    return (folder / ".git").exists() or any((folder / marker).is_file() for marker in _MARKERS)


def check_clean(root: Path, paths: Sequence[Path]) -> None:
    """Raise DirtyTreeError when tracked files below the paths have uncommitted changes."""
    if not (root / ".git").exists():
        return
    import subprocess

    command = ["git", "-C", str(root), "status", "--porcelain=v1", "-z", "--untracked-files=no", "--", *map(str, paths)]
    try:
        status = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise _unsure(root, str(error)) from error
    if status.returncode != 0:
        raise _unsure(root, status.stderr.decode(errors="replace").strip().splitlines()[0])
    dirty = _names(status.stdout)
    if dirty:
        more = [] if len(dirty) <= _SHOWN else [f"  and {len(dirty) - _SHOWN} more"]
        raise DirtyTreeError(
            f"{len(dirty)} tracked file{'s have' if len(dirty) > 1 else ' has'} uncommitted changes",
            help="\n".join(
                [
                    *(f"  {name}" for name in dirty[:_SHOWN]),
                    *more,
                    "Commit or stash them, so that the upgrade can be seen by itself, or say --allow-dirty.",
                ]
            ),
        )


def _names(status: bytes) -> list[str]:
    names = []
    fields = iter(status.split(b"\0"))
    for entry in fields:
        if entry:
            names.append(os.fsdecode(entry[3:]))
            if entry[:1] in b"RC":
                next(fields, None)  # the former name of a renamed file
    return names


def _unsure(root: Path, why: str) -> DirtyTreeError:
    return DirtyTreeError(f"git cannot say whether {root} is clean: {why}", help="Mend that, or say --allow-dirty.")
