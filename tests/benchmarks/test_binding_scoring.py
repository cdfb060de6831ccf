"""Counts over cases and means over APIs."""

import math

from benchmarks.binding.scoring import Scored, macro, score

CASES = [
    Scored("a", breaking=True, detected=True, repaired=True),
    Scored("a", breaking=True, detected=True, repairable=True),
    Scored("a", breaking=True, detected=True),
    Scored("b", breaking=True, detected=False),
    Scored("b", breaking=False, detected=True, rewritten=True, harmed=True),
    Scored("c", breaking=False, detected=False),
]


def test_over_cases() -> None:
    found = score(CASES)
    assert (found.cases, found.breaking, found.detected, found.alarms) == (6, 4, 3, 1)
    assert (found.precision, found.recall, found.f1) == (0.75, 0.75, 0.75)
    assert (found.repaired, found.repairable, found.repair, found.repair_of_repairable) == (1, 2, 0.25, 0.5)
    assert (found.rewritten_fine, found.harmed) == (1, 1)


def test_each_api_counts_once() -> None:
    found = macro(CASES)
    assert (found.recall, found.f1) == (0.5, 0.5)
    assert math.isclose(found.repair, 1 / 6)


def test_shares_of_nothing() -> None:
    assert math.isnan(score([]).precision)
