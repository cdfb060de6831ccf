"""Which files and folders a walk passes by: ``.gitignore``, and folders of other people's code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Machinery: never holds code that someone maintains here.
_MACHINERY = re.compile(
    r"""\.git | \.hg | \.svn | \.bzr | CVS | __pycache__ | __pypackages__ | node_modules | site-packages | dist-packages
      | \.tox | \.nox | \.eggs | \.pixi | \.direnv | \.ipynb_checkpoints
      | \.(?:mypy|ruff|pytest|hypothesis)(?:_cache)? | .*\.(?:egg-info|dist-info)""",
    re.VERBOSE,
)
_VENDORED = frozenset({"_vendor", "vendor", "vendored", "_vendored", "third_party", "extern", "_externals"})
_BUILT = frozenset({"build", "dist"})
# A folder that holds one of these is an environment, whatever its name.
ENVIRONMENT_MARKERS = frozenset({"pyvenv.cfg", "conda-meta"})


def is_machinery(name: str) -> bool:
    """Whether a folder of this name is passed by in silence."""
    return _MACHINERY.fullmatch(name) is not None


def foreign(path: str, name: str) -> str:
    """Why the folder at ``path``, called ``name``, is passed by but said to be; "" when it is walked."""
    if name in _VENDORED:
        return "vendored code (take it with --include)"
    if name in _BUILT and not Path(path, "__init__.py").is_file():
        return "build output (take it with --include)"
    return ""


@dataclass(frozen=True)
class GitIgnores:
    """The ignore files that hold at some folder, outermost first, each with the folder it lies in."""

    levels: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def ignored(self, name: str, *, folder: bool = False) -> bool:
        """Whether git would not see ``name`` (relative to the root, POSIX); the innermost file decides."""
        for base, spec in reversed(self.levels):
            below = name[len(base) + 1 :] if base else name
            verdict = spec.check_file(below + "/" if folder else below).include
            if verdict is not None:
                return verdict
        return False

    def entering(self, folder: Path, name: str) -> GitIgnores:
        """The rules that hold inside ``folder``, whose own ``.gitignore`` is read."""
        spec = _load(folder / ".gitignore")
        return self if spec is None else GitIgnores((*self.levels, (name, spec)))


def repository_excludes(root: Path) -> GitIgnores:
    """The rules of ``.git/info/exclude``, which hold before any ``.gitignore``."""
    spec = _load(_git_folder(root) / "info" / "exclude")
    return GitIgnores() if spec is None else GitIgnores((("", spec),))


def _git_folder(root: Path) -> Path:
    """The git folder that all work trees share; a work tree's own ``.git`` is a file that points there."""
    git = root / ".git"
    try:
        if not git.is_file():
            return git
        own = root / git.read_text("utf-8").removeprefix("gitdir:").strip()
        common = own / "commondir"
        return own / common.read_text("utf-8").strip() if common.is_file() else own
    except (OSError, UnicodeDecodeError):
        return git


def _load(path: Path) -> GitIgnoreSpec | None:
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return _specification(lines)


def _specification(lines: Sequence[str]) -> GitIgnoreSpec | None:
    """The patterns among the lines; one that is no pattern counts as no line, as git has it."""
    if not any(map(str.strip, lines)):
        return None
    from pathspec import GitIgnoreSpec  # most of a short run's time would go into it, and not all need it

    try:
        return GitIgnoreSpec.from_lines(lines, backend="simple")
    except ValueError:
        return _specification([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line], backend="simple")
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Wanted:
    """The user's own patterns, written like lines of a ``.gitignore`` and relative to the root.

    ``include`` brings back what would be passed by, ``exclude`` leaves out and wins.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @cached_property
    def _included(self) -> GitIgnoreSpec | None:
        return _specification(self.include)

    @cached_property
    def _excluded(self) -> GitIgnoreSpec | None:
        return _specification(self.exclude)

    def included(self, name: str, *, folder: bool = False) -> bool:
        """Whether ``include`` names it, or a folder above it."""
        return _matches(self._included, name, folder=folder)

    def excluded(self, name: str, *, folder: bool = False) -> bool:
        """Whether ``exclude`` names it, or a folder above it."""
        return _matches(self._excluded, name, folder=folder)

    def may_hold(self, name: str) -> bool:
        """Whether something below folder ``name`` could be included by a pattern with a path in it."""
        parts = name.split("/")
        return any(_leads_below(pattern, parts) for pattern in self.include)


def _matches(spec: GitIgnoreSpec | None, name: str, *, folder: bool) -> bool:
    return spec is not None and spec.check_file(name + "/" if folder else name).include is True


def _leads_below(pattern: str, parts: Sequence[str]) -> bool:
    """Whether the pattern can match below the folder ``parts``.

    A pattern without an inner slash matches by name alone anywhere: it does not open a folder
    that is passed by, or ``*.py`` would bring back every environment.
    """
    heads = pattern.strip("/").split("/")
    if pattern.startswith("!") or ("/" not in pattern.rstrip("/")):
        return False
    for head, part in zip(heads[:-1], parts, strict=False):
        if head == "**":
            return True
        if not fnmatchcase(part, head):
            return False
    return len(parts) < len(heads)
