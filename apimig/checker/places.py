"""The qualified names of classes, from the places where a language server says that they are defined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

_CLASS = re.compile(r"\s*class\s+(\w+)")
_INSIDE = ("site-packages", "dist-packages", "stdlib")  # folders that modules are found in wherever they are


class Places:
    """Names classes. ``search`` are the folders that modules are found in, ``text_of`` gives the lines of a file."""

    def __init__(self, search: Sequence[Path]) -> None:
        self._search = sorted({Path(folder) for folder in search}, key=lambda folder: -len(folder.parts))
        self._lines: Callable[[Path], Sequence[str]] = lru_cache(maxsize=256)(_lines)

    def names(self, locations: object) -> dict[str, str]:
        """Short to qualified name, of the classes that are defined at these locations."""
        found = {}
        for path, line in _targets(locations):
            name = self._class_at(path, line)
            module = self.module(path)
            if name and module:
                found[name] = f"{module}.{name}"
        return found

    def _class_at(self, path: Path, line: int) -> str:
        """The class that begins on a line, below its decorators."""
        lines = self._lines(path)
        for text in lines[line : line + 1]:
            if match := _CLASS.match(text):
                return match[1]
        return ""

    def module(self, path: Path) -> str:
        """The dotted name of the module in a file; "" where it is in none of the folders."""
        for folder in self._search:
            if path.is_relative_to(folder):
                return _dotted(path.relative_to(folder))
        parts = path.parts
        for name in _INSIDE:
            if name in parts:
                return _dotted(PurePath(*parts[len(parts) - parts[::-1].index(name) :]))
        if "stubs" in parts:  # typeshed has a folder for each distribution there
            return _dotted(PurePath(*parts[len(parts) - parts[::-1].index("stubs") + 1 :]))
        typeshed = next((i for i, part in enumerate(parts) if "typeshed" in part), None)
        return _dotted(PurePath(*parts[typeshed + 1 :])) if typeshed is not None else ""


def _dotted(path: PurePath) -> str:
    parts = [*path.parts[:-1], path.stem] if path.parts else []
    if parts and parts[-1] == "__init__":
        parts.pop()
    if parts and parts[0].endswith("-stubs"):
        parts[0] = parts[0].removesuffix("-stubs")
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
