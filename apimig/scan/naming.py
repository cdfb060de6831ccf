"""Names of modules: where a repository starts, and under which dotted name it imports a file."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


def find_root(*paths: Path) -> Path:
    """The repository that holds all ``paths``.

    That is the nearest folder above them with a ``.git``, else the nearest with a project file,
    else the folder itself (for files, the one they lie in).
    """
    real = [os.path.realpath(path) for path in paths] or [os.path.realpath(".")]
    common = Path(os.path.commonpath(real))
    start = common if common.is_dir() else common.parent
    chain = [start, *start.parents]
    for folder in chain:
        if (folder / ".git").exists():
            return folder
    for folder in chain:
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
    return start


def module_name(path: Path, root: Path) -> str:
    """The dotted name under which the repository imports ``path``; "" when it cannot be imported.

    A folder without ``__init__`` ends the package, so a script is a module of its own. Under a
    ``src`` folder names start there, which covers namespace packages; elsewhere a namespace
    package is only guessed by ``Modules``, where the guess can be checked to be the only one.
    """
    parts = _parts(path, root)
    if parts is None:
        return ""
    depth = _source_depth(path, root, parts)
    if depth is None:
        depth = _package_depth(path, root, parts)
    return ".".join(parts[depth:])


def is_package(path: Path) -> bool:
    """Whether the file is the body of a package."""
    return path.stem == "__init__"


class Modules:
    """Finds the repository's files by dotted name."""

    def __init__(self, files: Iterable[Path], root: Path) -> None:
        self._primary: dict[str, list[Path]] = defaultdict(list)
        self._guessed: dict[str, list[Path]] = defaultdict(list)
        for path in files:
            self._add(path, root)

    def _add(self, path: Path, root: Path) -> None:
        name = "" if path.suffix == ".ipynb" else module_name(path, root)
        if not name:
            return
        self._primary[name].append(path)
        for guess in _longer_names(path, root, name):
            self._guessed[guess].append(path)

    def find(self, dotted: str, near: Path | None = None) -> Path | None:
        """The file of a module, or None when no or more than one file could be meant.

        Of several, the one beside ``near`` is meant, as for a script's own folder.
        A ``.py`` file goes before its ``.pyi`` stub.
        """
        return _the_one(self._primary.get(dotted, ()), near) or _the_one(self._guessed.get(dotted, ()), near)


def _the_one(candidates: Iterable[Path], near: Path | None) -> Path | None:
    by_place: dict[Path, Path] = {}
    for path in sorted(candidates, key=lambda path: path.suffix):
        by_place.setdefault(path.with_suffix(""), path)
    found = list(by_place.values())
    if len(found) > 1 and near is not None:
        found = [path for path in found if _home(path) == near.parent]
    return found[0] if len(found) == 1 else None


def _home(path: Path) -> Path:
    """The folder from which an import finds the file."""
    return path.parent.parent if is_package(path) else path.parent


def _parts(path: Path, root: Path) -> list[str] | None:
    """The path below root as possible module names, the file's own last."""
    try:
        relative = path.relative_to(root)
    except ValueError:
        return None
    parts = list(relative.parts[:-1])
    if not is_package(path):
        parts.append(path.stem)
    elif not parts:
        parts.append(root.name)
    return parts if parts[-1].isidentifier() else None


def _source_depth(path: Path, root: Path, parts: list[str]) -> int | None:
    """How many parts lead to the innermost ``src`` folder that is not itself a package."""
    folders = path.relative_to(root).parts[:-1]
    for depth in range(len(folders), 0, -1):
        if folders[depth - 1] != "src" or _has_init(root.joinpath(*folders[:depth])):
            continue
        below = parts[depth:]
        return depth if below and all(part.isidentifier() for part in below) else None
    return None


def _package_depth(path: Path, root: Path, parts: list[str]) -> int:
    """How many parts lie above the outermost package that holds the file."""
    depth = len(parts) - 1
    folder = _home(path)
    while depth > 0 and folder != root and folder.name.isidentifier() and _has_init(folder):
        depth, folder = depth - 1, folder.parent
    return depth


def _has_init(folder: Path) -> bool:
    return (folder / "__init__.py").is_file() or (folder / "__init__.pyi").is_file()


def _longer_names(path: Path, root: Path, name: str) -> list[str]:
    """Names that count folders without ``__init__`` above the module's package as namespaces."""
    parts = _parts(path, root) or []
    longer = []
    for depth in range(len(parts) - 1 - name.count(".") - 1, -1, -1):
        if not parts[depth].isidentifier():
            break
        longer.append(".".join(parts[depth:]))
    return longer
