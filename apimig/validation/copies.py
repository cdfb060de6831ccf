"""Copies of a repository in which its code runs: the user's own tree is never touched."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from apimig.errors import ApimigError

# What a run does not need, or makes anew: other environments, caches, what we keep ourselves, the history.
_LEFT_OUT = frozenset(
    {
        ".git", ".hg", ".svn", ".apimig", ".venv", "venv", ".tox", ".nox", ".direnv", "node_modules", "__pycache__",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs", ".ipynb_checkpoints",
    }
)  # fmt: skip


def copied(root: Path, target: Path, changed: Mapping[str, bytes] | None = None) -> Path:
    """Copy the tree at ``root`` to the new folder ``target``, with other contents for the files ``changed`` (by name).

    Symbolic links stay links, except those that lead out of the tree, which are left out. Raises ApimigError when the
    copy cannot be made.
    """
    try:
        shutil.copytree(root, target, symlinks=True, ignore=_Ignore(root), copy_function=_copy)
        write(target, changed or {})
    except (OSError, shutil.Error) as error:
        raise ApimigError(
            f"{root} cannot be copied to be tested: {_first(error)}",
            help="The temporary folder may be full; TMPDIR names another one.",
        ) from error
    return target


def write(tree: Path, contents: Mapping[str, bytes]) -> None:
    """Give files of a copy other contents; their places in it are made where they are missing."""
    for name, content in contents.items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink():
            file = file.resolve()
            if not file.is_relative_to(tree.resolve()):
                continue
        file.write_bytes(content)


def files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What a copy of the tree holds: the name of each file below ``root``, in order, and how it is on the disk."""
    ignore = _Ignore(root)
    for folder, folders, names in os.walk(root):
        left_out = ignore(folder, [*folders, *names])
        folders[:] = sorted(set(folders) - left_out)
        for name in sorted(set(names) - left_out):
            path = Path(folder, name)
            with contextlib.suppress(OSError):
                yield path.relative_to(root).as_posix(), path.lstat()


class _Ignore:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def __call__(self, folder: str, names: Iterable[str]) -> set[str]:
        return {name for name in names if name in _LEFT_OUT or self._is_left_out(Path(folder, name))}

    def _is_left_out(self, path: Path) -> bool:
        if path.is_symlink():
            return not path.resolve().is_relative_to(self.root)
        if path.is_dir():
            return (path / "pyvenv.cfg").is_file()
        return not path.is_file()  # sockets and pipes


def _copy(source: str, target: str) -> str:
    """A file with its mode and times; cheap where the file system can share contents."""
    return shutil.copy2(source, target, follow_symlinks=not os.path.islink(source))  # noqa: PTH114 - copytree's texts


def _first(error: BaseException) -> str:
    return str(error.args[0][0][-1]) if isinstance(error, shutil.Error) and error.args[0] else str(error)
