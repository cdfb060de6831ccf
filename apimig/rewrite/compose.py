"""Edits into text, in one pass: nested edits compose inside the spans that outer ones carry over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from apimig.records import Edit, Span

_QUOTES = b"\"'"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something of the old text came to stand: a carried span, or the whole of an edit."""

    edit: Edit
    old: Span
    new: Span
    carried: bool
    pure: bool = True  # nothing inside it was edited
    padding: int = 0  # spaces behind it that keep words apart

    @property
    def grown(self) -> int:
        """How much further what follows it has moved than what stands before it."""
        return self.new.end + self.padding - self.old.end


@dataclass(frozen=True, slots=True)
class Composition:
    """The new text, the edits that made it, those left for the next pass, and where things came to stand."""

    text: bytes
    applied: tuple[Edit, ...]
    left: tuple[Edit, ...]
    marks: tuple[Mark, ...]
    outermost: tuple[Mark, ...]

    def moved(self, offset: int) -> int:
        """Where a byte of the old text came to stand; one inside an edit: at the end of what was made there."""
        grown = 0
        for mark in self.outermost:
            if mark.old.start < offset < mark.old.end:
                return mark.new.end
            if mark.old.end > offset:
                break
            grown = mark.grown
        return offset + grown


@dataclass(slots=True)
class _Place:
    """An accepted edit with those nested in each of the spans it carries."""

    edit: Edit
    inner: dict[Span, list[_Place]] = field(default_factory=dict)


def carried(edit: Edit) -> list[Span]:
    """The spans of the old text that an edit carries over."""
    return [part for part in edit.parts if isinstance(part, Span)]


def together(edits: Sequence[Edit], within: Span | None = None) -> Edit:
    """Several edits as one, made whole or not at all; the rest of ``within``, or of their hull, is carried over."""
    ordered = sorted(edits, key=lambda e: (e.span.start, e.span.end))
    parts: list[bytes | Span] = []
    whole = within or Span(ordered[0].span.start, max(edit.span.end for edit in ordered))
    at = whole.start
    for edit in ordered:
        if edit.span.start < at:
            raise ValueError("edits overlap")
        if edit.span.start > at:
            parts.append(Span(at, edit.span.start))
        parts += edit.parts
        at = edit.span.end
    if at < whole.end:
        parts.append(Span(at, whole.end))
    imports = tuple(dict.fromkeys(pair for edit in ordered for pair in edit.imports))
    return Edit(whole, tuple(parts), ordered[0].rule, imports)


def compose(text: bytes, edits: Sequence[Edit]) -> Composition:
    """Apply the edits; where two overlap without nesting, the outer or else the first given wins."""
    places: list[_Place] = []
    applied: list[Edit] = []
    left: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.span.start, -e.span.end)):
        (applied if _accept(places, edit) else left).append(edit)
    writer = _Writer(text)
    outermost = writer.write(Span(0, len(text)), places)
    return Composition(bytes(writer.out), tuple(applied), tuple(left), tuple(writer.marks), tuple(outermost))


def _accept(places: list[_Place], edit: Edit) -> bool:
    """Put the edit among its siblings or inside one of them; False when it would cut one. Edits come by their start."""
    for place in reversed(places):
        other = place.edit.span
        if other.start < other.end < edit.span.start:
            break  # those before it end earlier still
        if edit.span.overlaps(other) or _inside(edit.span, other):
            home = next((part for part in carried(place.edit) if _within(part, edit.span)), None)
            return home is not None and _accept(place.inner.setdefault(home, []), edit)
    places.append(_Place(edit))
    return True


def _inside(span: Span, other: Span) -> bool:
    """Whether an insertion point lies strictly inside another span."""
    return span.start == span.end and other.start < span.start < other.end


def _within(part: Span, span: Span) -> bool:
    """Whether an edit nests in a carried span; whose an insertion at the edge of one would be is not clear."""
    if span.start == span.end:
        return part.start < span.start < part.end
    return part.contains(span)


class _Writer:
    """Writes the new text piece by piece, keeping words apart where an edit would join them."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.out = bytearray()
        self.marks: list[Mark] = []

    def write(self, span: Span, places: Iterable[_Place]) -> list[Mark]:
        """Copy a span of the old text with the edits in it."""
        at, marks = span.start, []
        for place in sorted(places, key=lambda p: (p.edit.span.start, p.edit.span.end)):
            self._copy(Span(at, place.edit.span.start))
            marks.append(self._edit(place))
            at = place.edit.span.end
        self._copy(Span(at, span.end))
        return marks

    def _edit(self, place: _Place) -> Mark:
        start: int | None = None
        for part in place.edit.parts:
            self._keep_apart(part if isinstance(part, bytes) else self.text[part.start : part.end])
            start = len(self.out) if start is None else start
            if isinstance(part, bytes):
                self.out += part
                continue
            inner = place.inner.get(part, [])
            begin = len(self.out)
            self.write(part, inner)
            self.marks.append(Mark(place.edit, part, Span(begin, len(self.out)), carried=True, pure=not inner))
        new = Span(len(self.out) if start is None else start, len(self.out))
        self._keep_apart(self.text[place.edit.span.end : place.edit.span.end + 1], quotes=False)
        mark = Mark(place.edit, place.edit.span, new, carried=False, padding=len(self.out) - new.end)
        self.marks.append(mark)
        return mark

    def _copy(self, span: Span) -> None:
        self.out += self.text[span.start : span.end]

    def _keep_apart(self, following: bytes, *, quotes: bool = True) -> None:
        """Put a space between a word and what follows it, should they have become neighbours."""
        if not self.out or not following or not _is_word(self.out[-1]):
            return
        if _is_word(following[0]) or (quotes and following[0] in _QUOTES):
            self.out += b" "


def _is_word(byte: int) -> bool:
    return byte >= 0x80 or byte == 0x5F or chr(byte).isalnum()
