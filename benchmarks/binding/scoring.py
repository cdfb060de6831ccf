"""Counts: precision, recall and F1 of detection, and shares of repairs, over cases and as a mean over APIs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scored:
    """What counts of one case. ``repairable`` holds where a repair is known, by search or because it was made."""

    api: str
    breaking: bool
    detected: bool
    repaired: bool = False
    repairable: bool = False
    rewritten: bool = False
    harmed: bool = False
    repaired_unsafe: bool = False
    harmed_unsafe: bool = False


@dataclass(frozen=True)
class Score:
    """Counts of cases, and what follows from them; shares of nothing are NaN."""

    cases: int
    breaking: int
    detected: int
    alarms: int
    repaired: int
    repairable: int
    rewritten_fine: int
    harmed: int
    repaired_unsafe: int
    harmed_unsafe: int

    @property
    def precision(self) -> float:
        return _share(self.detected, self.detected + self.alarms)

    @property
    def recall(self) -> float:
        return _share(self.detected, self.breaking)

    @property
    def f1(self) -> float:
        return _share(2 * self.detected, self.detected + self.alarms + self.breaking)

    @property
    def repair(self) -> float:
        return _share(self.repaired, self.breaking)

    @property
    def repair_unsafe(self) -> float:
        return _share(self.repaired_unsafe, self.breaking)

    @property
    def repair_of_repairable(self) -> float:
        return _share(self.repaired, self.repairable)

    @property
    def repair_of_repairable_unsafe(self) -> float:
        return _share(self.repaired_unsafe, self.repairable)


def score(cases: Sequence[Scored]) -> Score:
    """The counts over the cases."""
    breaking = [each for each in cases if each.breaking]
    fine = [each for each in cases if not each.breaking]
    return Score(
        len(cases),
        len(breaking),
        sum(each.detected for each in breaking),
        sum(each.detected for each in fine),
        sum(each.repaired for each in breaking),
        sum(each.repairable or each.repaired or each.repaired_unsafe for each in breaking),
        sum(each.rewritten for each in fine),
        sum(each.harmed for each in fine),
        sum(each.repaired_unsafe for each in breaking),
        sum(each.harmed_unsafe for each in fine),
    )


@dataclass(frozen=True)
class Macro:
    """Means over APIs: recall and repair over those that break, F1 over those with anything to find or found."""

    recall: float
    f1: float
    repair: float


def macro(cases: Sequence[Scored]) -> Macro:
    """Each API counts once, however many calls of it there are."""
    apis: dict[str, list[Scored]] = {}
    for each in cases:
        apis.setdefault(each.api, []).append(each)
    scores = [score(each) for each in apis.values()]
    breaking = [each for each in scores if each.breaking]
    noticed = [each for each in scores if each.breaking or each.alarms]
    return Macro(
        _mean(each.recall for each in breaking),
        _mean(each.f1 for each in noticed),
        _mean(each.repair for each in breaking),
    )


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return _share(sum(found), len(found))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
