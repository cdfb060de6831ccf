"""Follows places through a patch: what a span became, and where a place of the new text came from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from apimig.records import Edit, Patch, Span

if TYPE_CHECKING:
    from apimig.rewrite.compose import Mark


class Trace:
    """The patch's composition, asked backwards for places and forwards for texts."""

    def __init__(self, patch: Patch) -> None:
        from apimig.rewrite.compose import compose  # loaded with the room, where something is rewritten

        self._old, self._compose = patch.source.text, compose
        composition = compose(self._old, patch.edits)
        self._outer = composition.outermost
        self._starts = [mark.new.start for mark in self._outer]
        self._old_starts = [mark.old.start for mark in self._outer]
        self._groups = self._grouped(patch.edits)
        self._carried = [mark for mark in composition.marks if mark.carried and mark.pure]

    def origin(self, offset: int) -> int:
        """The old offset that a new one stands for; for newly written text the start of its edit."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return min(offset, len(self._old))
        mark = self._outer[at]
        if offset >= mark.new.end:
            return min(max(offset - mark.grown, mark.old.end), len(self._old))
        kept = [inner for inner in self._carried if inner.new.start <= offset < inner.new.end]
        closest = min(kept, key=_width, default=None)
        return mark.old.start if closest is None else closest.old.start + offset - closest.new.start

    def became(self, span: Span) -> str:
        """The text that replaced a span of the old text; edits are never cut."""
        start, end = span.start, span.end
        near = self._near(span)
        for edit in near:
            if edit.span.overlaps(Span(start, end)) and not _nests_in_carried(edit.parts, span):
                start, end = min(start, edit.span.start), max(end, edit.span.end)
        inside = [edit for edit in near if Span(start, end).contains(edit.span)]
        new = self._compose(self._old, inside).text
        return new[start : len(new) - (len(self._old) - end)].decode("utf-8", "replace")

    def arrived(self, span: Span) -> Span:
        """Where in the new text the replacement of a span of the old text stands; edits are never cut."""
        for mark in self._carried:
            if mark.old.contains(span):
                moved = mark.new.start - mark.old.start
                return Span(span.start + moved, span.end + moved)
        start, end = span.start, span.end
        for mark in self._outer:
            if mark.old.overlaps(span) or mark.old == span:
                start, end = min(start, mark.old.start), max(end, mark.old.end)
        return Span(start + self._grown(start), end + self._grown(end))

    def _grown(self, offset: int) -> int:
        """How far the edits that end at or before an old offset move what follows."""
        before = [mark for mark in self._outer[: bisect_right(self._old_starts, offset)] if mark.old.end <= offset]
        return before[-1].grown if before else 0

    def _grouped(self, edits: Iterable[Edit]) -> list[list[Edit]]:
        """The edits within each of the outermost ones, itself among them."""
        own = {id(mark.edit): at for at, mark in enumerate(self._outer)}
        groups: list[list[Edit]] = [[] for _ in self._outer]
        for edit in edits:
            at = own.get(id(edit), bisect_right(self._old_starts, edit.span.start) - 1)
            groups[at].append(edit)
        return groups

    def _near(self, span: Span) -> list[Edit]:
        """The edits that a span overlaps or touches, with all in the same outermost ones; in their order."""
        first = max(bisect_left(self._old_starts, span.start) - 1, 0)
        last = bisect_right(self._old_starts, span.end)
        return [edit for group in self._groups[first:last] for edit in group]


def _width(mark: Mark) -> int:
    return mark.new.end - mark.new.start


def _nests_in_carried(parts: tuple[bytes | Span, ...], span: Span) -> bool:
    return any(isinstance(part, Span) and part.contains(span) for part in parts)
