"""Finds the files of a repository that a run looks at, fast and in a stable order."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from apimig.records import Skipped
from apimig.scan.ignoring import (
    ENVIRONMENT_MARKERS,
    GitIgnores,
    Wanted,
    foreign,
    is_machinery,
    repository_excludes,
)

SUFFIXES = (".py", ".pyi", ".ipynb")

_MANIFEST = re.compile(
    r"""pyproject\.toml | setup\.cfg | setup\.py | Pipfile | tox\.ini | noxfile\.py | meta\.yaml
      | .*requirements.*\.(?:txt|in) | constraints.*\.(?:txt|in)
      | environment.*\.ya?ml | conda.*\.ya?ml
      | uv\.lock | poetry\.lock | Pipfile\.lock | pdm\.lock | pylock.*\.toml | pixi\.lock""",
    re.VERBOSE,
)
_REQUIREMENTS_FOLDERS = frozenset({"requirements", "reqs"})
Found = TypeVar("Found")
_SHEBANG = re.compile(rb"#![^\r\n]*\bpython")


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a walk found: Python files, files that declare dependencies, and what was passed by.

    Each list is sorted by path and names a file once; all paths are real paths below the root.
    ``setup.py`` and ``noxfile.py`` are in both lists. A skipped folder's name ends in a slash.
    """

    files: tuple[Path, ...]
    manifests: tuple[Path, ...]
    skipped: tuple[Skipped, ...]


def discover(
    paths: Sequence[Path], *, root: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Discovery:
    """All files below ``paths`` that are to be looked at.

    Ignored files, environments, build output and vendored code are passed by, except where
    ``include`` names them; what ``exclude`` names is left out. Both are patterns as in a
    ``.gitignore``, relative to ``root``. A path given by the user is taken in any case. Symbolic
    links are followed as long as they stay in the repository.
    """
    walk = _Walk(os.path.realpath(root), Wanted(tuple(include), tuple(exclude)))
    for path in paths:
        walk.take(path)
    return walk.result()


def is_manifest(path: Path) -> bool:
    """Whether a file of this name declares or locks dependencies."""
    if _MANIFEST.fullmatch(path.name) or path.name in {"conda-lock.yml", "conda-lock.yaml"}:
        return True
    return path.suffix in {".txt", ".in"} and path.parent.name in _REQUIREMENTS_FOLDERS


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to walk; ``only_included`` where it would be passed by but for some patterns, ``given`` by the user."""

    path: str
    name: str
    ignores: GitIgnores
    only_included: bool = False
    given: bool = False


class _Walk:
    """One walk: collects into dictionaries, so that everything is found once."""

    def __init__(self, root: str, wanted: Wanted) -> None:
        self.root = root
        self.wanted = wanted
        self.files: dict[str, Path] = {}
        self.manifests: dict[str, Path] = {}
        self.skipped: dict[str, Skipped] = {}
        self.visited: set[str] = set()

    def result(self) -> Discovery:
        """Everything found, sorted."""
        return Discovery(_in_order(self.files), _in_order(self.manifests), _in_order(self.skipped))

    # ------------------------------------------------------------------ given by the user

    def take(self, path: Path) -> None:
        """A path that the user gave: taken whatever the ignore files say."""
        real = os.path.realpath(path)
        name = self.name_of(real)
        try:
            mode = Path(real).stat().st_mode
        except OSError as problem:
            self.skip(name or str(path), _why_not_there(path, problem))
            return
        if name is None:
            self.skip(str(path), f"lies outside of {self.root}")
        elif name and self.wanted.excluded(name, folder=stat.S_ISDIR(mode)):
            self.skip(name, "is excluded")  # pre-commit names every file, the settings leave some out
        elif stat.S_ISDIR(mode):
            self.walk(_Folder(real, name, self._ignores_at(name), given=True))
        elif not stat.S_ISREG(mode):
            self.skip(name, "is not a regular file")
        elif not self.add(real, name) and not self._add_script(real, name):
            self.skip(name, "is neither a Python file nor a notebook")

    def _ignores_at(self, name: str) -> GitIgnores:
        """The rules that hold inside a given folder: those that ignore the folder itself do not count."""
        ignores = repository_excludes(Path(self.root))
        at, below = Path(self.root), ""
        for part in Path(name).parts:
            ignores = ignores.entering(at, below)
            at, below = at / part, f"{below}/{part}".lstrip("/")
            if ignores.ignored(below, folder=True):
                ignores = GitIgnores()
        return ignores

    def _add_script(self, real: str, name: str) -> bool:
        """Takes a file without suffix whose first line names Python."""
        if Path(real).suffix:
            return False
        try:
            with Path(real).open("rb") as file:
                start = file.read(128)
        except OSError as problem:
            self.skip(name, _why(problem))
            return True
        if not _SHEBANG.match(start):
            return False
        self.files[name] = Path(real)
        return True

    # ------------------------------------------------------------------ found in folders

    def walk(self, start: _Folder) -> None:
        """Everything below a folder, without recursion."""
        folders = [start]
        while folders:
            folder = folders.pop()
            if folder.path not in self.visited:
                self.visited.add(folder.path)
                folders += self._enter(folder)

    def _enter(self, folder: _Folder) -> list[_Folder]:
        """Takes the files of one folder and returns the folders in it that are to be walked."""
        try:
            with os.scandir(folder.path) as entries:
                listed = list(entries)
        except OSError as problem:
            self.skip(f"{folder.name}/", _why(problem))
            return []
        names = {entry.name for entry in listed}
        if names & ENVIRONMENT_MARKERS and not (folder.given or self.wanted.included(folder.name, folder=True)):
            return []
        if ".gitignore" in names:
            folder = replace(folder, ignores=folder.ignores.entering(Path(folder.path), folder.name))
        below = [self._meet(entry, folder) for entry in listed]
        return [one for one in below if one is not None]

    def _meet(self, entry: os.DirEntry[str], folder: _Folder) -> _Folder | None:
        """One entry of a folder: a file is taken, a folder returned, anything else passed by."""
        name = f"{folder.name}/{entry.name}" if folder.name else entry.name
        if entry.is_symlink():
            return self._follow(entry, name, folder)
        if entry.is_dir(follow_symlinks=False):
            return self._consider(entry.path, name, folder)
        if entry.is_file(follow_symlinks=False) and self._is_wanted(name, folder):
            self.add(entry.path, name)
        return None

    def _consider(self, path: str, name: str, parent: _Folder) -> _Folder | None:
        """The folder as it is to be walked, or None."""
        if self.wanted.excluded(name, folder=True):
            return None
        if self.wanted.included(name, folder=True):
            return _Folder(path, name, GitIgnores())
        if parent.only_included:
            return _Folder(path, name, parent.ignores, only_included=True) if self.wanted.may_hold(name) else None
        base = name.rpartition("/")[2]
        reason = foreign(path, base)
        if not (reason or is_machinery(base) or parent.ignores.ignored(name, folder=True)):
            return _Folder(path, name, parent.ignores)
        if self.wanted.may_hold(name):
            return _Folder(path, name, parent.ignores, only_included=True)
        if reason:
            self.skip(f"{name}/", reason)
        return None

    def _is_wanted(self, name: str, folder: _Folder) -> bool:
        """Whether the file is one for us and neither ignored nor excluded."""
        if not (name.endswith(SUFFIXES) or is_manifest(Path(name))) or self.wanted.excluded(name):
            return False
        if self.wanted.included(name):
            return True
        return not folder.only_included and not folder.ignores.ignored(name)

    def _follow(self, entry: os.DirEntry[str], name: str, folder: _Folder) -> _Folder | None:
        """A symbolic link: what it points to, under its real path, if that lies in the repository."""
        real = os.path.realpath(entry.path)
        interesting = name.endswith(SUFFIXES)
        try:
            is_folder = stat.S_ISDIR(Path(real).stat().st_mode)
        except OSError as problem:
            if interesting and self._is_wanted(name, folder):
                self.skip(name, _why_not_there(Path(entry.path), problem))
            return None
        target = self.name_of(real)
        if is_folder:
            return self._follow_folder(real, name, target, folder)
        if not self._is_wanted(name, folder):
            return None
        if target is None:
            self.skip(name, "is a symbolic link that leaves the repository")
        elif not self.add(real, target) and interesting:
            self.files[target] = Path(real)
        return None

    def _follow_folder(self, real: str, name: str, target: str | None, folder: _Folder) -> _Folder | None:
        """A link to a folder is walked where it lies; one that leads upwards is a loop."""
        walked = self._consider(real, name, folder)
        if walked is None:
            return None
        if target is None:
            self.skip(f"{name}/", "is a symbolic link that leaves the repository")
            return None
        return None if _is_within(folder.path, real) else self._reach(target)

    def _reach(self, name: str) -> _Folder | None:
        """A folder as a walk from the root would come to it, or None if it would not."""
        folder: _Folder | None = _Folder(self.root, "", repository_excludes(Path(self.root)))
        for part in Path(name).parts:
            if folder is None:
                return None
            ignores = folder.ignores.entering(Path(folder.path), folder.name)
            below = f"{folder.name}/{part}".lstrip("/")
            folder = self._consider(os.path.join(folder.path, part), below, replace(folder, ignores=ignores))  # noqa: PTH118
        return folder

    # ------------------------------------------------------------------ keeping

    def add(self, real: str, name: str) -> bool:
        """Takes a file by its name; False when it is of no kind that we know."""
        path = Path(real)
        known = False
        if name.endswith(SUFFIXES):
            self.files[name] = path
            known = True
        if is_manifest(path):
            self.manifests[name] = path
            known = True
        return known

    def skip(self, name: str, reason: str) -> None:
        """Says why something was passed by."""
        self.skipped[name] = Skipped(name, reason)

    def name_of(self, real: str) -> str | None:
        """The POSIX path below the root, "" for the root, None outside."""
        if not _is_within(real, self.root):
            return None
        return Path(real).relative_to(self.root).as_posix() if real != self.root else ""


def _in_order(found: dict[str, Found]) -> tuple[Found, ...]:
    return tuple(found[name] for name in sorted(found))


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _why_not_there(path: Path, problem: OSError) -> str:
    if isinstance(problem, FileNotFoundError):
        return "is a symbolic link to nothing" if path.is_symlink() else "does not exist"
    return _why(problem)


def _why(problem: OSError) -> str:
    """The operating system's words, as the end of a sentence."""
    return f"cannot be read: {(problem.strerror or type(problem).__name__).lower()}"
