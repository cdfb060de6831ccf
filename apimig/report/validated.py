"""What every report says of validation in the same words, and counts the same way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apimig.records import Location, Outcome, Rewritten, RunResult
from apimig.report.counts import plural
from apimig.verdicts import GOOD, EditVerdict, OneTest, SeenWarning, Status, SuiteRun, Validation, Verdict

SAID = {
    Verdict.CONFIRMED: "confirmed",
    Verdict.BROKE: "broke and rolled back",
    Verdict.UNVERIFIED: "unverified",
}
# The order in which pytest sums a run up, which says "1 error" and "2 errors"; the last two are not pytest's.
_SUMMARY = (
    (Status.FAILED, "failed"),
    (Status.PASSED, "passed"),
    (Status.SKIPPED, "skipped"),
    (Status.XFAILED, "xfailed"),
    (Status.XPASSED, "xpassed"),
    (Status.ERROR, "error"),
    (Status.CRASHED, "crashed"),
    (Status.TIMEOUT, "timed out"),
)
_NOT_RUN = "nothing says that a test reaches it"
_PROSE = "in a comment or a docstring, which nothing runs"

_WORST = (Verdict.CONFIRMED, Verdict.UNVERIFIED, Verdict.BROKE)

Site = tuple[Location, str]


def suite_line(run: SuiteRun) -> str:
    """``2 failed, 39 passed, 1 skipped in 3.2 s``, and what ended a run that was cut short."""
    counted = run.counts()
    said = [plural(counted[Status.ERROR], word) if word == "error" else f"{counted[status]:,} {word}"
            for status, word in _SUMMARY if status in counted]  # fmt: skip
    ended = f"; {run.cut_short}" if run.cut_short else ""
    return f"{', '.join(said) or 'no tests ran'} in {seconds(run.seconds)}{ended}"


def seconds(spent: float) -> str:
    """``0.04 s``, ``3.2 s``, ``12 min 5 s``."""
    if spent >= 60:
        minutes, rest = divmod(round(spent), 60)
        return f"{minutes:,} min {rest} s"
    return f"{spent:.2f} s" if spent < 1 else f"{spent:.1f} s"


def suites(validation: Validation) -> dict[str, SuiteRun]:
    """The runs that reports compare: ``before``, ``after``, and ``after, old release`` where there is one."""
    kept = {} if validation.kept is None else {"after, old release": validation.kept}
    return {"before": validation.baseline, "after": validation.after, **kept}


def subject(validation: Validation) -> str:
    """What the runs ran."""
    return "tests" if validation.tested else "no tests were found, so every module was imported"


def verdict_line(counted: Mapping[Verdict, int]) -> str:
    """``12 confirmed, 1 broke and rolled back, 3 unverified``; ``no edits`` of none."""
    said = [f"{count:,} {SAID[verdict]}" for verdict, count in counted.items() if count]
    return ", ".join(said) or "no edits"


def all_verdicts(result: RunResult) -> list[EditVerdict]:
    """The verdict on every edit, in the order of their places; none when nothing was run.

    A rewritten site on which validation has no word is unverified: silence is no proof.
    """
    if result.validation is None:
        return []
    judged = list(result.validation.verdicts)
    known = {(each.location, each.rule) for each in judged}
    silent = [o for o in result.outcomes if isinstance(o, Rewritten) and site(o) not in known]
    judged += [EditVerdict(*site(o), Verdict.UNVERIFIED, _PROSE if o.prose else _NOT_RUN) for o in silent]
    return sorted(judged, key=_by_place)


def verdicts_of(result: RunResult) -> dict[Site, EditVerdict]:
    """The verdicts by place and rule; of several edits that begin at one place, the one that says the least good."""
    worst_last = sorted(all_verdicts(result), key=lambda each: _WORST.index(each.verdict))
    return {(each.location, each.rule): each for each in worst_last}


def _by_place(each: EditVerdict) -> tuple[str, int, int, int, str]:
    at = each.location
    return (at.path, -1 if at.cell is None else at.cell, at.line, at.column, each.rule)


def site(outcome: Outcome) -> Site:
    """What an outcome's verdict is found by."""
    return outcome.location, outcome.rule


def count_verdicts(verdicts: Iterable[EditVerdict]) -> dict[Verdict, int]:
    """The number of edits of each verdict; every verdict is there."""
    counted = dict.fromkeys(Verdict, 0)
    for each in verdicts:
        counted[each.verdict] += 1
    return counted


def unverified_groups(verdicts: Iterable[EditVerdict]) -> list[tuple[str, list[EditVerdict]]]:
    """The unverified edits by what stands in the way; the most frequent first."""
    groups: defaultdict[str, list[EditVerdict]] = defaultdict(list)
    for each in verdicts:
        if each.verdict is Verdict.UNVERIFIED:
            groups[each.why or _NOT_RUN].append(each)
    return sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))


# --------------------------------------------------------------------------- warnings


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the places that a release warned about have a finding: recall, measured on the user's own code."""

    seen: int
    found: int
    missed: tuple[SeenWarning, ...]

    def __str__(self) -> str:
        if not self.seen:
            return "none seen"
        where = f"{plural(self.seen, 'place')} that the old release warns about"
        return f"{self.found:,} of {where} found ({self.found * 100 // self.seen} %)"


def recall(validation: Validation) -> Recall:
    """The recall; a warning that several tests saw at one place counts once."""
    once: dict[tuple[Location, str, str], SeenWarning] = {}
    for each in validation.warnings:
        key = each.location, each.category, each.text
        if key not in once or (each.rule and not once[key].rule):
            once[key] = each
    missed = tuple(each for each in once.values() if not each.rule)
    return Recall(len(once), len(once) - len(missed), missed)


# --------------------------------------------------------------------------- tests


@dataclass(frozen=True, slots=True)
class Compared:
    """One test in both runs; ``before`` or ``after`` is None where the run has no test of the name."""

    name: str
    before: OneTest | None
    after: OneTest | None
    flaky: bool = False

    @property
    def changed(self) -> bool:
        """Whether it ended in another way."""
        return (self.before and self.before.status) != (self.after and self.after.status)

    @property
    def failing(self) -> bool:
        """Whether it does not pass after the upgrade; a skipped test does not fail."""
        return self.after is not None and self.after.status not in GOOD and self.after.status is not Status.SKIPPED


def compared(validation: Validation) -> list[Compared]:
    """Every test of the two runs: those that changed first, among them those that fail, then by name."""
    before = {test.name: test for test in validation.baseline.tests}
    after = {test.name: test for test in validation.after.tests}
    flaky = frozenset(validation.flaky)
    pairs = [Compared(name, before.get(name), after.get(name), name in flaky) for name in {**before, **after}]
    return sorted(pairs, key=lambda pair: (not pair.changed, not pair.failing, pair.name))
