"""What is true of a case, from running it under both releases; apimig has no part in it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from benchmarks.binding.binds import Difference
from benchmarks.binding.equality import same_names
from benchmarks.binding.generating import Case
from benchmarks.binding.programs import Written
from benchmarks.binding.running import Ran


class Truth(enum.StrEnum):
    """What the new release makes of a program that works on the old one."""

    RAISES = "raises"
    VALUE = "another value"
    BINDS = "binds otherwise, same value"
    FINE = "fine"


_OTHERWISE = (Difference.REFUSED, Difference.OTHERWISE, Difference.DEFAULT)


@dataclass(frozen=True)
class Judged:
    """A case with what running it showed."""

    case: Case
    written: Written
    old: Ran
    new: Ran
    truth: Truth

    @property
    def breaking(self) -> bool:
        return self.truth is not Truth.FINE

    @property
    def by_binding(self) -> bool:
        """Whether the call binds differently, so that the signatures alone can tell it."""
        return self.case.difference in _OTHERWISE or self.new.error == "TypeError" or self.case.called.gone


def truth(case: Case, old: Ran, new: Ran) -> Truth:
    """Raises where the old did not, gives another value, or binds otherwise; else fine."""
    if new.names is None:
        return Truth.RAISES
    if old.names is None or not same_names(old.names, new.names):
        return Truth.VALUE
    # A signature that refuses what in fact runs is a wrapper's: the run decides.
    otherwise = case.difference in (Difference.OTHERWISE, Difference.DEFAULT)
    return Truth.BINDS if otherwise else Truth.FINE
