"""Gives names to expressions, so that a language server can be asked about any: ``(_apimig_0 := f(x)).append``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apimig.records import Span

_PREFIX = "_apimig_"


@dataclass(frozen=True, slots=True)
class Marked:
    """A module's text with names for some expressions, and where each stands: line and column from 0, in UTF-16."""

    text: str
    places: Mapping[Span, tuple[int, int]]


def mark(text: bytes, spans: Iterable[Span]) -> Marked:
    """Name the expressions with these spans. The text is UTF-8."""
    numbered = {span: number for number, span in enumerate(sorted(set(spans), key=lambda s: (s.start, -s.end)))}
    # Of two that begin together the outer one opens first; of two that end together the inner one closes first.
    opening = [(span.start, 1, -span.end, b"(%s%d := " % (_PREFIX.encode(), n), span) for span, n in numbered.items()]
    closing = [(span.end, 0, -span.start, b")", span) for span in numbered]
    pieces: list[bytes] = []
    done, size = 0, 0
    at: dict[Span, int] = {}
    for offset, opens, _, inserted, span in sorted(opening + closing, key=lambda each: each[:3]):
        kept = text[done:offset]
        pieces += (kept, inserted)
        size += len(kept)
        if opens:
            at[span] = size + 1
        size, done = size + len(inserted), offset
    pieces.append(text[done:])
    whole = b"".join(pieces)
    return Marked(whole.decode("utf-8", "replace"), {span: _place(whole, offset) for span, offset in at.items()})


def _place(text: bytes, offset: int) -> tuple[int, int]:
    before = text[:offset]
    lines = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = max(before.rfind(b"\n"), before.rfind(b"\r")) + 1
    column = len(before[start:].decode("utf-8", "replace").encode("utf-16-le")) // 2
    return lines.count(b"\n"), column
