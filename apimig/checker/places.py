"""The qualified names of classes, from the places where a language server says that they are defined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

_CLASS = re.compile(r"\s*class\s+(\w+)(?:\s*\(\s*([\w.]+))?")
_INSIDE = ("site-packages", "dist-packages", "stdlib")  # folders that modules are found in, wherever they are
_STUBS = "-stubs"
_HIGHEST = 8  # classes that only stubs have, one above the other


class Places:
    """Names classes by where they are defined; ``search`` are the folders that modules are found in."""

    def __init__(self, search: Sequence[Path]) -> None:
        self._folders = tuple(search)
        self._search = sorted({Path(folder) for folder in search}, key=lambda folder: -len(folder.parts))
        self._lines: Callable[[Path], Sequence[str]] = lru_cache(maxsize=256)(_lines)

    def names(self, locations: object) -> dict[str, str]:
        """Short to qualified name, of the classes that are defined at these locations.

        The short name is the one at the place; a class that only stubs have is named by its nearest base that is real.
        """
        found = {}
        for path, line in _targets(locations):
            name, module = self._class_at(path, line), self.module(path)
            real = self._real(path, module, name) if name and module else ""
            if real:
                found[name] = "builtins.NoneType" if name == "NoneType" else f"{module}.{real}"
        return found

    def _class_at(self, path: Path, line: int) -> str:
        """The class that begins on a line."""
        match = next((_CLASS.match(text) for text in self._lines(path)[line : line + 1]), None)
        return match[1] if match is not None else ""

    def _real(self, path: Path, module: str, name: str) -> str:
        """The class itself; for a class of stubs, the nearest one up its bases that the library's own code has."""
        code = self._code_of(module) if any(part.endswith(_STUBS) for part in path.parts) else None
        if code is None:
            return name
        own = {match[1] for text in self._lines(code) if (match := _CLASS.match(text))}
        bases = {match[1]: match[2] or "" for text in self._lines(path) if (match := _CLASS.match(text))}
        for _ in range(_HIGHEST):
            if not name or name in own:
                return name
            name = bases.get(name, "")
        return ""

    def _code_of(self, module: str) -> Path | None:
        """The file of a module that is no stub; None where it is compiled, or not there."""
        inner = Path(*module.split("."))
        files = (
            folder / each for folder in self._folders for each in (inner.with_suffix(".py"), inner / "__init__.py")
        )
        return next((file for file in files if file.is_file()), None)

    def module(self, path: Path) -> str:
        """The dotted name of the module in a file; "" where it is in none of the folders."""
        for folder in self._search:
            if path.is_relative_to(folder):
                return _dotted(path.relative_to(folder))
        start = max((at + 1 for at, part in enumerate(path.parts) if part in _INSIDE or "typeshed" in part), default=0)
        inner = path.parts[start:]
        if len(inner) > 2 and inner[0] == "stubs":  # typeshed has a folder for each distribution there
            inner = inner[2:]
        return _dotted(PurePath(*inner)) if start else ""


def _dotted(path: PurePath) -> str:
    parts = [*path.parts[:-1], path.stem] if path.parts else []
    if parts and parts[-1] == "__init__":
        parts.pop()
    if parts and parts[0].endswith(_STUBS):
        parts[0] = parts[0].removesuffix(_STUBS)
    return ".".join(parts)


def _targets(locations: object) -> Iterator[tuple[Path, int]]:
    """Files and lines of what `textDocument/typeDefinition` gives: one location, several, links, or nothing."""
    listed = locations if isinstance(locations, list) else [locations]
    for each in listed:
        if not isinstance(each, dict):
            continue
        uri = each.get("uri") or each.get("targetUri")
        place = each.get("range") or each.get("targetSelectionRange")
        path, line = _path(uri), _line(place)
        if path is not None and line is not None:
            yield path, line


def _path(uri: object) -> Path | None:
    if not isinstance(uri, str):
        return None
    parts = urlsplit(uri)
    return Path(url2pathname(unquote(parts.path))) if parts.scheme == "file" else None


def _line(place: Any) -> int | None:  # noqa: ANN401 - whatever the server sent
    try:
        line = place["start"]["line"]
    except (TypeError, KeyError):
        return None
    return line if isinstance(line, int) and line >= 0 else None


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()


def qualified(classes: Iterable[str], known: Mapping[str, str], builtins: frozenset[str]) -> tuple[set[str], bool]:
    """The qualified names of classes as a checker writes them, and whether one is not known.

    ``known`` are the names by :meth:`Places.names`. Where one name and one place are left over, they belong together:
    an alias is shown by its own name.
    """
    written = list(dict.fromkeys(classes))
    found = {name: known[name.rpartition(".")[2]] for name in written if name.rpartition(".")[2] in known}
    rest = [name for name in written if name not in found and name.rpartition(".")[2] not in builtins]
    places = [place for place in known.values() if place not in found.values()]
    if len(rest) == 1 and len(places) == 1:
        found[rest[0]] = places[0]
        rest = []
    names = set(found.values())
    names |= {f"builtins.{short}" for name in written if name not in found and (short := _short(name)) in builtins}
    dotted = {name for name in rest if "." in name}
    return names | dotted, len(dotted) < len(rest)


def _short(name: str) -> str:
    return name.rpartition(".")[2]
