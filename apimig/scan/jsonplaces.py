"""Where the sources of a notebook's cells stand in its JSON, so that they can be replaced alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_ESCAPED = re.compile(r"\\u(?:00[8-9a-fA-F]|0[1-9a-fA-F]|[1-9a-fA-F])")


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a JSON text: ``text[start:end]``."""

    start: int
    end: int


def members(text: str, start: int) -> Iterator[tuple[str, Place]]:
    """The members of the object at ``start``: key and value's place. The JSON is known to be valid."""
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        value = _skip(text, _skip(text, position) + 1)
        end = _end_of_value(text, value)
        yield key, Place(value, end)
        position = _after_comma(text, end)


def items(text: str, start: int) -> Iterator[Place]:
    """The places of the items of the array at ``start``."""
    position = _skip(text, start + 1)
    while text[position] != "]":
        end = _end_of_value(text, position)
        yield Place(position, end)
        position = _after_comma(text, end)


def _skip(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return position if found is None else found.end()


def _after_comma(text: str, position: int) -> int:
    position = _skip(text, position)
    return _skip(text, position + 1) if text[position] == "," else position


def _end_of_value(text: str, position: int) -> int:
    return _DECODER.raw_decode(text, position)[1]


def cell_places(text: str) -> list[dict[str, Place]]:
    """For each cell, the places of its members; of a key given twice the last counts, as for json."""
    top = dict(members(text, _skip(text, 0)))
    if "cells" in top:
        lists = [top["cells"]]
    elif "worksheets" in top:
        sheets = [dict(members(text, sheet.start)) for sheet in items(text, top["worksheets"].start)]
        lists = [sheet["cells"] for sheet in sheets if "cells" in sheet]
    else:
        lists = []
    return [dict(members(text, cell.start)) for cells in lists for cell in items(text, cells.start)]


# --------------------------------------------------------------------------- writing


def with_source(text: str, place: Place, new: str, *, ascii_only: bool) -> str:
    """The JSON of a cell's new source in the style of the old one; unchanged lines keep their spelling."""
    old = text[place.start : place.end]
    if not old.startswith("["):
        return json.dumps(new, ensure_ascii=_ascii_style(old, ascii_only))
    spelled: dict[str, str] = {}
    places = list(items(text, place.start))
    lines = [json.loads(text[item.start : item.end]) for item in places]
    for item, line in zip(places, lines, strict=True):
        spelled.setdefault(line, text[item.start : item.end])
    dump = _dumper(ascii_only=_ascii_style(old, ascii_only))
    new_lines = _splitter(lines)(new)
    if not places or not new_lines:
        return _fresh_list(text, place, [dump(line) for line in new_lines])
    opening = text[place.start : places[0].start]
    between = text[places[0].end : places[1].start] if len(places) > 1 else "," + opening[1:]
    closing = text[places[-1].end : place.end]
    return opening + between.join(spelled.get(line) or dump(line) for line in new_lines) + closing


def _fresh_list(text: str, place: Place, items: list[str]) -> str:
    """A list where there was an empty one, or the other way round."""
    if not items:
        return "[]"
    line = text.rfind("\n", 0, place.start) + 1
    found = _BLANK.match(text, line)
    indent = text[line : found.end()] if found and line else ""
    if not indent:
        return "[" + ", ".join(items) + "]"
    return f"[\n{indent} " + f",\n{indent} ".join(items) + f"\n{indent}]"


def _splitter(lines: list[str]) -> Callable[[str], list[str]]:
    """How the list was split: at newlines alone, or as nbformat does, which also knows form feeds and others."""
    whole = "".join(lines)
    if whole.splitlines(keepends=True) != lines and _at_newlines(whole) == lines:
        return _at_newlines
    return lambda new: new.splitlines(keepends=True)


def _at_newlines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _dumper(*, ascii_only: bool) -> Callable[[str], str]:
    return lambda line: json.dumps(line, ensure_ascii=ascii_only)


def _ascii_style(old: str, otherwise: bool) -> bool:  # noqa: FBT001
    """Whether a value escapes what is not ASCII, where it has any."""
    if not old.isascii():
        return False
    return True if _ESCAPED.search(old) else otherwise


def escapes_non_ascii(text: str) -> bool:
    """Whether a whole notebook does."""
    return _ascii_style(text, otherwise=False)
