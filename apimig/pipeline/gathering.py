"""Entries of a learned pack that say the same of several callables become one rule, once each has been run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from apimig.mining.candidate import Status, Verification
from apimig.mining.curating import Standing
from apimig.mining.gathering import family, gathered
from apimig.pipeline.trying import RuleTrial, Unfit

if TYPE_CHECKING:
    from apimig.pipeline.packing import Entry


def gather(entries: Sequence[Entry], trial: RuleTrial) -> list[Entry]:
    """The entries in their order, those of one family together where the first of them stands.

    Only what is settled alike is put together: verified rules, and rules that only report.
    """
    families: defaultdict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for number, each in enumerate(entries):
        families[_family(each) or (number,)].append(each)
    taken = {each.candidate.name for each in entries}
    found: list[Entry] = []
    for some in families.values():
        found += _together(some, trial, taken)
    return found


def _family(entry: Entry) -> tuple[object, ...] | None:
    status = None if entry.verification is None else entry.verification.status
    settled = status is Status.VERIFIED or not entry.rewrites
    if entry.standing is not Standing.NEW or not settled or (alike := family(entry.candidate)) is None:
        return None
    return (alike, entry.candidate.kind, status)


def _together(entries: Sequence[Entry], trial: RuleTrial, taken: set[str]) -> Iterator[Entry]:
    """One entry for all; each by itself where the rule of all of them does not hold."""
    whole = gathered([each.candidate for each in entries]) if len(entries) > 1 else None
    if whole is None:
        yield from entries
        return
    try:
        held = replace(whole, rule=trial.held(whole.rule))
    except Unfit:
        yield from entries
        return
    names = {each.candidate.name for each in entries}
    if held.name in taken - names:
        held = replace(held, name=entries[0].candidate.name)
    taken.difference_update(names)
    taken.add(held.name)
    yield replace(entries[0], candidate=held, verification=_verification(entries))


def _verification(entries: Sequence[Entry]) -> Verification | None:
    first = entries[0].verification
    if first is None:
        return None
    tried = [each for entry in entries if entry.verification is not None for each in entry.verification.tried]
    return replace(first, tried=tuple(tried))
