"""Which files can have to do with the libraries: those that name one, and those tied to them by imports.

Member names such as ``append`` occur nearly everywhere. Without this, every such file would be
parsed, and every list in it reported as a receiver of unknown type. A value of a library reaches a file that names
none through what it imports, through the arguments of its importers, or through a fixture.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from apimig import scan
from apimig.records import Skipped

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^#\r\n]+)"
    rb"|import[ \t]+(?P<plain>[^#\r\n]+))",
    re.MULTILINE,
)
_WORD = re.compile(rb"[\w.]+")
_COMMENT = re.compile(rb"#[^\r\n]*")
_LINKED = "conftest"


class Relevance:
    """Files are added one by one; :meth:`tied` then tells which of those that name no library matter.

    ``naming`` are the files that import a library: also those without a site may hand on its values.
    """

    def __init__(self, roots: Collection[str], modules: scan.Modules, root: Path) -> None:
        self._names = tuple(name.encode() for name in sorted(roots))
        names = b"|".join(map(re.escape, self._names)) or b"(?!)"
        # In an import statement, or as a string for importlib and pytest; a comment about pandas is no use of it.
        self._named = re.compile(
            rb"\b(?:import|from)[ \t]+[^#\r\n]*\b(?:" + names + rb")\b|[\"'](?:" + names + rb")[\"'.]"
        )
        self._modules = modules
        self._root = root
        self.naming: set[Path] = set()
        self._candidates: list[Path] = []
        self._imported_by_naming: set[Path] = set()
        self._edges: dict[Path, tuple[Path, ...]] = {}

    def names_library(self, raw: bytes) -> bool:
        """Whether the bytes import a library."""
        return any(name in raw for name in self._names) and self._named.search(raw) is not None

    def add(self, path: Path, raw: bytes, *, has_words: bool) -> bool:
        """Take note of a file; whether it is sure to matter. ``has_words``: a rule might find something in it."""
        if self.names_library(raw):
            self.naming.add(path)
            self._imported_by_naming.update(self._imports(path, raw))
            return has_words
        if has_words:
            self._candidates.append(path)
            self._imports(path, raw)
        return False

    def tied(self) -> tuple[set[Path], list[Path]]:
        """Of the files with words that name no library: those that matter, and those that do not."""
        tied = {path for path in self._candidates if path in self._imported_by_naming or self._reaches(path)}
        return tied, [path for path in self._candidates if path not in tied]

    @property
    def has_any(self) -> bool:
        """Whether any of the files may matter."""
        return bool(self.naming or self._candidates)

    def linked(self, paths: Collection[Path]) -> set[Path]:
        """Those of the paths that imports tie to another of them, directly or not, whichever way."""
        near: defaultdict[Path, set[Path]] = defaultdict(set)
        for path in self._walk(*paths):
            for other in (*self._edges_of(path), *self._conftests(path)):
                near[path].add(other)
                near[other].add(path)
        found, left = set[Path](), set(paths)
        while left:
            group, waiting = set[Path](), [next(iter(left))]
            while waiting:
                path = waiting.pop()
                if path not in group:
                    group.add(path)
                    waiting += near[path]
            members = left & group
            left -= group
            found |= members if len(members) > 1 else set()
        return found

    def with_fixtures(self, paths: Collection[Path]) -> set[Path]:
        """These files and those whose fixtures they may use."""
        return {*paths, *(fixture for path in paths for fixture in self._conftests(path))}

    def _reaches(self, start: Path) -> bool:
        """Whether a file imports, directly or not, one that names a library; fixtures count as imported."""
        return any(path in self.naming for path in self._walk(start))

    def _walk(self, *starts: Path) -> Iterator[Path]:
        """Files, their fixtures, and all that they import, directly or not."""
        seen, waiting = set(starts), [*starts, *(file for path in starts for file in self._conftests(path))]
        while waiting:
            path = waiting.pop()
            yield path
            new = [other for other in self._edges_of(path) if other not in seen]
            seen.update(new)
            waiting += new

    def _conftests(self, path: Path) -> Iterator[Path]:
        for folder in path.parents:
            if folder == self._root.parent:
                return
            if (file := folder / f"{_LINKED}.py") in self.naming:
                yield file

    def _edges_of(self, path: Path) -> tuple[Path, ...]:
        if path not in self._edges:
            raw = scan.load(path, self._root)
            self._edges[path] = () if isinstance(raw, Skipped) else self._imports(path, raw)
        return self._edges[path]

    def _imports(self, path: Path, raw: bytes) -> tuple[Path, ...]:
        """The repository's files that a file's import statements may mean."""
        known = self._edges.get(path)
        if known is None:
            names = imported(raw, scan.module_name(path, self._root), is_package=path.stem == "__init__")
            found = (self._modules.find(name, near=path) for name in names)
            known = self._edges[path] = tuple(dict.fromkeys(file for file in found if file is not None))
        return known


def imported(raw: bytes, module: str, *, is_package: bool) -> tuple[str, ...]:
    """The dotted names of all modules that the import statements of a file may mean, itself being ``module``."""
    found: dict[str, None] = {}
    for match in _import_statements(raw):
        if match["plain"]:
            found.update(dict.fromkeys(_plain(match["plain"])))
            continue
        base = _absolute(match["module"].decode("ascii", "replace"), module, is_package=is_package)
        if base:
            found[base] = None
        for name in _names(match["names"]):
            found[f"{base}.{name}" if base else name] = None
    return tuple(found)


def _import_statements(raw: bytes) -> Iterator[re.Match[bytes]]:
    """The matches of ``_IMPORT``, tried only at lines that hold its word: nearly no line of a large file does."""
    at, end = raw.find(b"import"), 0
    while at >= 0:
        start = raw.rfind(b"\n", 0, at) + 1
        match = _IMPORT.match(raw, start) if start >= end else None
        if match is not None:
            yield match
            end = match.end()
        at = raw.find(b"import", max(at + len(b"import"), end))


def _plain(text: bytes) -> Iterator[str]:
    for item in text.split(b","):
        name = _WORD.search(item)
        if name is not None:
            parts = name[0].decode("ascii", "replace").split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _names(text: bytes) -> Iterator[str]:
    for item in _COMMENT.sub(b"", text).strip(b"()").split(b","):
        name = _WORD.search(item)
        if name is not None:
            yield name[0].decode("ascii", "replace")


def _absolute(name: str, module: str, *, is_package: bool) -> str:
    """``..a`` in module ``p.q.r`` is ``p.a``; a relative import that leaves the repository is ""."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    parts = module.split(".") if module else []
    up = dots - is_package
    kept = parts[: len(parts) - up] if up else parts
    return ".".join([*kept, *filter(None, [name.lstrip(".")])])
