"""Files that only Python 2 reads: the renames that Bowler makes there, as a patch and its outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from apimig.records import Applicability, Certainty, Edit, Location, Patch, Rewritten, SourceFile, Span
from apimig.rulebook.rule import Rule


def renamed(source: SourceFile, rules: Iterable[Rule]) -> tuple[Patch, tuple[Rewritten, ...]] | None:
    """The patch of a Python 2 file and what it did; None where nothing is certain."""
    from apimig.rewrite.python2 import python2_records, rewrite_python2  # Bowler is loaded for such files alone

    by_id = {rule.id: rule for rule in rules}
    text, changes = rewrite_python2(source, python2_records(by_id.values()))
    if not changes:
        return None
    outcomes = tuple(
        Rewritten(
            Location(source.name, change.line, change.column),
            change.rule,
            change.old,
            change.new,
            Certainty.PROVEN,
            Applicability.SAFE,
            "named by an import of a Python 2 file",
            by_id[change.rule].reference,
        )
        for change in changes
    )
    return Patch(source, text, tuple(_line_edits(source.text, text))), outcomes


def _line_edits(old: bytes, new: bytes) -> Iterator[Edit]:
    """What changed within each line; renames add and remove none."""
    start = 0
    for before, after in zip(old.split(b"\n"), new.split(b"\n"), strict=True):
        if before != after:
            head = _shared(before, after)
            tail = _shared(before[head:][::-1], after[head:][::-1])
            yield Edit(Span(start + head, start + len(before) - tail), (after[head : len(after) - tail],))
        start += len(before) + 1


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes both start with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
