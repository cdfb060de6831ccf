"""Surgery on comma-separated lists: arguments of a call, names of an import.

Layout survives: one item a line, trailing commas, and comments, which stay even where their item goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apimig.records import Span
from apimig.rewrite.templates import Code, Part

Piece = tuple[Span, tuple[Part, ...]]
"""A replacement within the list: what goes, and what comes instead."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list in its file: the items in order, and the offsets between which they stand."""

    text: bytes
    items: tuple[Span, ...]
    start: int
    end: int

    def gap(self, after: int) -> bytes:
        """What stands between an item and the next one (or the end); the gap after -1 precedes all."""
        begin = self.items[after].end if after >= 0 else self.start
        stop = self.items[after + 1].start if after + 1 < len(self.items) else self.end
        return self.text[begin:stop]

    def own_line(self, index: int) -> bool:
        """Whether an item is the first thing on its line."""
        start = self.items[index].start
        begin = self.text.rfind(b"\n", 0, start) + 1
        return begin >= self.start and not self.text[begin:start].strip()

    def indent(self, index: int) -> bytes:
        """The newline and indentation before an item that begins its line."""
        start = self.items[index].start
        begin = self.text.rfind(b"\n", 0, start)
        return self.text[begin - (self.text[begin - 1 : begin] == b"\r") : start]

    @property
    def trailing_comma(self) -> bool:
        """Whether a comma follows the last item."""
        return bool(self.items) and self.gap(len(self.items) - 1).lstrip().startswith(b",")


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a list: items replaced or removed by index, new ones put after an index (-1: first)."""

    replaced: Mapping[int, Sequence[Code]] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    inserted: Mapping[int, Sequence[Code]] = field(default_factory=dict)


def pieces(items: Items, change: Change) -> list[Piece]:
    """The replacements that make a change; the list itself keeps its brackets."""
    found: list[Piece] = []
    for index, codes in change.replaced.items():
        found.append((items.items[index], _joined(items, index, codes)))
    for first, last in _runs(items, change.removed):
        found += _removal(items, first, last, alone=len(change.removed) == len(items.items))
    for index, codes in change.inserted.items():
        found += _insertion(items, index, codes, change.removed)
    return sorted(found, key=lambda piece: (piece[0].start, piece[0].end))


def _joined(items: Items, index: int, codes: Sequence[Code]) -> tuple[Part, ...]:
    comma = b"," + items.indent(index) if items.own_line(index) else b", "
    parts: list[Part] = []
    for at, code in enumerate(codes):
        parts += [comma] if at else []
        parts += code.parts
    return tuple(parts)


def _runs(items: Items, indices: frozenset[int]) -> list[tuple[int, int]]:
    """Neighbouring indices as (first, last); a comment between two keeps them apart."""
    runs: list[tuple[int, int]] = []
    for index in sorted(indices):
        if runs and runs[-1][1] == index - 1 and b"#" not in items.gap(index - 1):
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _removal(items: Items, first: int, last: int, *, alone: bool) -> list[Piece]:
    """Take out the items from ``first`` to ``last`` with one comma."""
    span = Span(items.items[first].start, items.items[last].end)
    comma = _comma_end(items, last)
    if items.own_line(first) and (end := _line_end(items, last, comma)) is not None:
        return [(Span(items.text.rfind(b"\n", 0, span.start) + 1, end), ())]
    if alone:
        whole = Span(items.start, items.end)
        bare = b"#" not in items.gap(-1) + items.gap(last)
        return [(whole if bare else _up_to_comment(items, span.start, comma), ())]
    if last + 1 < len(items.items):
        return [(_with_following(items, span, last, comma), ())]
    return [(_with_preceding(items, span, first, comma), ())]


def _comma_end(items: Items, index: int) -> int:
    """Where the comma after an item ends, or the item when there is none."""
    gap = items.gap(index)
    at = gap.find(b",")
    before = gap[:at] if at >= 0 else gap
    return items.items[index].end + at + 1 if at >= 0 and b"#" not in before else items.items[index].end


def _line_end(items: Items, last: int, comma: int) -> int | None:
    """Where the line ends if nothing follows the item and its comma on it; None if something does."""
    end = items.text.find(b"\n", comma)
    if end < 0 or end >= items.end or items.text[comma:end].strip():
        return None
    has_comma = comma > items.items[last].end
    return end + 1 if has_comma or last + 1 == len(items.items) else None


def _with_following(items: Items, span: Span, last: int, comma: int) -> Span:
    following = items.items[last + 1].start
    between = items.text[comma:following]
    if b"\n" not in between:
        return Span(span.start, following)
    if b"#" in between:  # the comment stays where it is
        return _up_to_comment(items, span.start, comma)
    begin = span.start - (len(items.text[: span.start]) - len(items.text[: span.start].rstrip(b" \t")))
    return Span(max(begin, items.start), comma)


def _with_preceding(items: Items, span: Span, first: int, comma: int) -> Span:
    gap = items.gap(first - 1)
    if b"#" in gap:
        return _up_to_comment(items, span.start, comma)
    return Span(items.items[first - 1].end, span.end)


def _up_to_comment(items: Items, start: int, end: int) -> Span:
    """From a byte to another, and to the comment that follows on the line."""
    rest = items.text[end : items.end]
    stripped = rest.lstrip(b" \t")
    return Span(start, end + len(rest) - len(stripped) if stripped.startswith(b"#") else end)


def _insertion(items: Items, index: int, codes: Sequence[Code], removed: frozenset[int]) -> list[Piece]:
    """Put new items after the item ``index``, in the layout of the list."""
    while index in removed:
        index -= 1
    kept_after = [i for i in range(index + 1, len(items.items)) if i not in removed]
    if index < 0 and not kept_after:
        return [(Span(items.start, items.start), _joined_plain(codes))]
    if index < 0:
        return _before(items, kept_after[0], codes)
    return _after(items, index, codes, last=not kept_after)


def _joined_plain(codes: Sequence[Code]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for at, code in enumerate(codes):
        parts += [b", "] if at else []
        parts += code.parts
    return tuple(parts)


def _before(items: Items, index: int, codes: Sequence[Code]) -> list[Piece]:
    start = items.items[index].start
    comma = b"," + items.indent(index) if items.own_line(index) else b", "
    parts: list[Part] = []
    for code in codes:
        parts += [*code.parts, comma]
    return [(Span(start, start), tuple(parts))]


def _after(items: Items, index: int, codes: Sequence[Code], *, last: bool) -> list[Piece]:
    end = items.items[index].end
    lines = items.own_line(index)
    comma = b"," + items.indent(index) if lines else b", "
    line = items.text.find(b"\n", end)
    rest = items.text[end : line if 0 <= line < items.end else items.end]
    if not (lines and b"#" in rest):
        return [(Span(end, end), tuple(part for code in codes for part in (comma, *code.parts)))]
    tail = end + len(rest.rstrip(b"\r"))  # after the comment of the item's line
    has_comma = rest.lstrip().startswith(b",")
    found: list[Piece] = [] if has_comma else [(Span(end, end), (b",",))]
    parts: list[Part] = []
    for at, code in enumerate(codes):
        parts += [items.indent(index) if at == 0 else comma, *code.parts]
    closing = (b",",) if has_comma or not last else ()
    return [*found, (Span(tail, tail), (*parts, *closing))]
