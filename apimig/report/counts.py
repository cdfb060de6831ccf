"""What every report counts the same way: outcomes by kind, by rule and by file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from apimig.records import (
    Account,
    LeftAlone,
    NeedsPerson,
    Outcome,
    Rewritten,
    RunResult,
    Unchecked,
    UnknownReceiver,
    rules_of,
)
from apimig.rulebook import hiding

KINDS: dict[type[Outcome], str] = {
    Rewritten: "rewritten",
    NeedsPerson: "needs_person",
    UnknownReceiver: "unknown_receiver",
    LeftAlone: "left_alone",
}
TITLES = {
    "rewritten": "rewritten",
    "needs_person": "needs a person",
    "unknown_receiver": "receiver unknown",
    "left_alone": "left alone",
}

Found = TypeVar("Found", bound=Outcome)


def kind_of(outcome: Outcome) -> str:
    """The name of an outcome's kind, as reports write it."""
    return KINDS[type(outcome)]


def by_kind(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many outcomes there are of each kind; every kind is there, the sum is their number."""
    counted = Counter(kind_of(outcome) for outcome in outcomes)
    return {kind: counted[kind] for kind in TITLES}


def by_rule(outcomes: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """The counts of :func:`by_kind` for each rule, by rule id; a site of several rules counts for each."""
    rules: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for rule in rules_of(outcome):
            rules[rule].append(outcome)
    return {rule: by_kind(rules[rule]) for rule in sorted(rules)}


def of_kind(outcomes: Iterable[Outcome], kind: type[Found]) -> list[Found]:
    """The outcomes of one kind, in the order of their places."""
    found = [outcome for outcome in outcomes if isinstance(outcome, kind)]
    return sorted(found, key=place)


def place(outcome: Outcome) -> tuple[str, int, int, int, str]:
    """A sort key: file, cell, line, column, rule."""
    at = outcome.location
    return (at.path, -1 if at.cell is None else at.cell, at.line, at.column, outcome.rule)


@dataclass(frozen=True, slots=True)
class UnknownGroup:
    """The sites of one rule in one file whose receiver is unknown."""

    path: str
    rule: str
    places: tuple[str, ...]  # "12", or "cell 3, line 2"
    example: str
    reference: str


def unknown_groups(outcomes: Iterable[Outcome]) -> list[UnknownGroup]:
    """Unknown receivers grouped by file and rule, so that common member names do not drown the rest."""
    groups: defaultdict[tuple[str, str], list[UnknownReceiver]] = defaultdict(list)
    for outcome in of_kind(outcomes, UnknownReceiver):
        groups[outcome.location.path, outcome.rule].append(outcome)
    return [
        UnknownGroup(path, rule, tuple(_line(o) for o in found), found[0].code, found[0].reference)
        for (path, rule), found in groups.items()
    ]


def rules_named(outcome: NeedsPerson) -> str:
    """``pandas/read_csv_squeeze``, or ``... and 3 other rules``."""
    others = len(rules_of(outcome)) - 1
    return f"{outcome.rule} and {plural(others, 'other rule')}" if others else outcome.rule


def said_by_parts(outcome: NeedsPerson) -> list[tuple[NeedsPerson, str]]:
    """What each rule of a joined outcome asks for, with its advice, in one line: "`squeeze`. Call .squeeze()"."""
    said = [(part, [hiding.parted(part.why)[1] or part.why, part.advice]) for part in outcome.parts]
    return [(part, " ".join(". ".join(filter(None, texts)).split())) for part, texts in said]


def _line(outcome: Outcome) -> str:
    at = outcome.location
    return str(at.line) if at.cell is None else f"cell {at.cell}, line {at.line}"


def sites(count: int) -> str:
    """``1 site``, ``2 sites``."""
    return plural(count, "site")


def plural(count: int, word: str) -> str:
    """A number with its noun."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


ACCOUNTED = {
    "rewritten": "rewritten",
    "fine": "checked and fine",
    "needs_person": "need a person",
    "unknown": "unknown",
    "left_alone": "left alone",
}


def account_line(account: Account) -> str:
    """``134 uses: 23 rewritten, 98 checked and fine, ...``; the numbers add up."""
    counted = [(getattr(account, name), title) for name, title in ACCOUNTED.items()]
    said = ", ".join(f"{count:,} {title}" for count, title in counted if count)
    return plural(account.uses, "use") + (f": {said}" if said else "")


def account_data(account: Account) -> dict[str, int]:
    """The numbers of an account as machines read them; ``uses`` is the sum of the others."""
    return {"uses": account.uses, **{name: getattr(account, name) for name in ACCOUNTED}}


def unchecked_groups(result: RunResult) -> list[tuple[str, tuple[Unchecked, ...]]]:
    """The uses of which nothing can be said, by what stands in the way; the most frequent first."""
    groups: defaultdict[str, list[Unchecked]] = defaultdict(list)
    for each in result.unchecked:
        groups["what starred arguments may hold" if hiding.parted(each.why)[0] else each.why].append(each)
    return sorted(((why, tuple(found)) for why, found in groups.items()), key=lambda pair: (-len(pair[1]), pair[0]))


def headline(result: RunResult) -> str:
    """One sentence that says what the run did."""
    counted = by_kind(result.outcomes)
    verb = "Rewrote" if result.written else "Would rewrite"
    files = sum(1 for change in result.changes if change.before != change.after)
    read = f"{plural(result.files_seen, 'file')} read, {result.files_with_library:,} with names that changed"
    return f"{verb} {sites(counted['rewritten'])}, changing {plural(files, 'file')} ({read})."
