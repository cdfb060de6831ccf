"""Follows places through a patch: what a span became, and where a place of the new text came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from apimig.records import Edit, Patch, Span


class Trace:
    """The new text of a patch, built again from its edits with the origin of every copied run of bytes."""

    def __init__(self, patch: Patch) -> None:
        self._old = patch.source.text
        self._edits = sorted(patch.edits, key=_order)
        self._starts: list[int] = []  # of runs, in the new text
        self._origins: list[tuple[int, int]] = []  # (old offset, 1 for copied and 0 for literal)
        self._length = 0
        text = self._render(0, len(self._old), self._edits, record=True)
        self.faithful = text == patch.text

    def origin(self, offset: int) -> int:
        """The old offset that a new one stands for; for new text the start of the edit that wrote it."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return min(offset, len(self._old))
        old, copied = self._origins[at]
        return min(old + copied * (offset - self._starts[at]), len(self._old))

    def became(self, span: Span) -> str:
        """The text that replaced a span of the old text, whole edits only."""
        start, end = span.start, span.end
        for edit in self._edits:
            if edit.span.overlaps(Span(start, end)):
                start, end = min(start, edit.span.start), max(end, edit.span.end)
        inside = [edit for edit in self._edits if Span(start, end).contains(edit.span)]
        return self._render(start, end, inside, record=False).decode("utf-8", "replace")

    def _render(self, start: int, end: int, edits: Sequence[Edit], *, record: bool) -> bytes:
        out, position = [], start
        for number, edit in enumerate(edits):
            if edit.span.start < position:
                continue  # inside an edit that was already taken
            out.append(self._copy(position, edit.span.start, record=record))
            for part in edit.parts:
                if isinstance(part, bytes):
                    out.append(self._literal(part, edit.span.start, record=record))
                else:
                    inner = [e for n, e in enumerate(edits) if n != number and part.contains(e.span)]
                    out.append(self._render(part.start, part.end, inner, record=record))
            position = edit.span.end
        out.append(self._copy(position, end, record=record))
        return b"".join(out)

    def _copy(self, start: int, end: int, *, record: bool) -> bytes:
        return self._run(self._old[start:end], (start, 1), record=record)

    def _literal(self, data: bytes, at: int, *, record: bool) -> bytes:
        return self._run(data, (at, 0), record=record)

    def _run(self, data: bytes, origin: tuple[int, int], *, record: bool) -> bytes:
        if record and data:
            self._starts.append(self._length)
            self._origins.append(origin)
            self._length += len(data)
        return data


def _order(edit: Edit) -> tuple[int, int]:
    return edit.span.start, -edit.span.end
