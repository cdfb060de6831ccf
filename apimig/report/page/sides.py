"""What changed in a file, as rows with the old line beside the new one and marks on what differs within them."""

from __future__ import annotations

import codecs
import io
import json
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from apimig.records import FileChange
from apimig.report.diff import groups

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_TOKENS = re.compile(r"\w+|\s+|.")
_ALIKE = 0.4  # less than this in common, and marks would be confetti
_SIGNS = 2
_LONG = 2_000  # characters of a line above which it is not compared word by word


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number; ``pieces`` are its text, each with whether it differs from the line beside it."""

    number: int
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Two lines side by side; one is missing where a line was taken out or put in."""

    old: Line | None
    new: Line | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Hunk:
    """Rows that change, with some around them; of the cell of a notebook, or of the file."""

    rows: tuple[Row, ...]
    cell: int | None = None


def hunks(change: FileChange) -> list[Hunk]:
    """The hunks of a changed file; of a notebook those of its cells, where nothing but cells changed."""
    if change.name.lower().endswith(".ipynb"):
        cells = _of_cells(_cells(change.before), _cells(change.after))
        if cells:
            return cells
    return list(_of_text(decoded(change.before), decoded(change.after)))


def decoded(data: bytes) -> str:
    """The text of a file: by its mark or its coding comment, else as UTF-8; what is wrong in it is replaced."""
    encoding = next((name for mark, name in _BOMS.items() if data.startswith(mark)), "")
    if not encoding:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except (SyntaxError, LookupError):
            encoding = "utf-8"
    return data.decode(encoding, errors="replace")


def _of_text(before: str, after: str, cell: int | None = None) -> Iterator[Hunk]:
    old, new = _lines(before), _lines(after)
    for group in groups(old, new):
        rows: list[Row] = []
        for tag, old_from, old_to, new_from, new_to in group:
            rows += _rows(tag, (old, old_from, old_to), (new, new_from, new_to))
        yield Hunk(tuple(rows), cell)


def _lines(text: str) -> list[str]:
    """Lines without their ends. Only line feeds end one, as in the diff; a carriage return before them goes too."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def _rows(tag: str, old: tuple[list[str], int, int], new: tuple[list[str], int, int]) -> Iterator[Row]:
    changed = tag != "equal"
    pairs = max(old[2] - old[1], new[2] - new[1])
    for offset in range(pairs):
        left, right = _at(old, offset), _at(new, offset)
        if changed and left is not None and right is not None:
            marked = _marks(left[1], right[1])
        else:
            marked = ([(left[1], False)] if left else [], [(right[1], False)] if right else [])
        yield Row(
            None if left is None else Line(left[0], tuple(marked[0])),
            None if right is None else Line(right[0], tuple(marked[1])),
            changed,
        )


def _at(side: tuple[list[str], int, int], offset: int) -> tuple[int, str] | None:
    lines, start, stop = side
    return (start + offset + 1, lines[start + offset]) if start + offset < stop else None


def _marks(old: str, new: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both lines in pieces; only what differs is marked, nothing where the lines have too little in common."""
    whole = [(old, False)], [(new, False)]
    if max(len(old), len(new)) > _LONG:
        return whole
    left, right = _TOKENS.findall(old), _TOKENS.findall(new)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    blocks = matcher.get_opcodes()
    same = sum(len("".join(left[a:b]).strip()) for tag, a, b, _, _ in blocks if tag == "equal")
    if same < _ALIKE * min(len(old.strip()), len(new.strip())):
        return whole
    return _pieces(left, [(tag, a, b) for tag, a, b, _, _ in blocks]), _pieces(
        right, [(tag, c, d) for tag, _, _, c, d in blocks]
    )


def _pieces(tokens: Sequence[str], blocks: Sequence[tuple[str, int, int]]) -> list[tuple[str, bool]]:
    """What is equal between two marks is marked as well where it is a sign or two: ``2.0``, not ``2`` and ``0``."""
    pieces = [("".join(tokens[start:stop]), tag != "equal") for tag, start, stop in blocks if stop > start]
    joined: list[tuple[str, bool]] = []
    for at, (piece, marked) in enumerate(pieces):
        small = 0 < at < len(pieces) - 1 and len(piece) <= _SIGNS and not any(map(str.isalnum, piece))
        if joined and joined[-1][1] and (marked or small):
            joined[-1] = (joined[-1][0] + piece, True)
        else:
            joined.append((piece, marked))
    return joined


# --------------------------------------------------------------------------- notebooks


def _of_cells(old: list[str] | None, new: list[str] | None) -> list[Hunk]:
    if old is None or new is None or len(old) != len(new):
        return []
    pairs = enumerate(zip(old, new, strict=True))
    return [hunk for cell, (before, after) in pairs if before != after for hunk in _of_text(before, after, cell)]


def _cells(data: bytes) -> list[str] | None:
    """The text of each cell of a notebook; None of what is none."""
    try:
        notebook = json.loads(data)
        sheets = [notebook] if "cells" in notebook else notebook["worksheets"]
        return [_source(cell) for sheet in sheets for cell in sheet["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)
