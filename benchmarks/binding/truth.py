"""What is true of a case, from running it under both releases; apimig has no part in it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from benchmarks.binding import binds
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
    OPEN = "another default that states nothing, same value"


OTHERWISE = (Difference.REFUSED, Difference.OTHERWISE, Difference.DEFAULT)


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
        return self.truth in (Truth.RAISES, Truth.VALUE, Truth.BINDS)

    @property
    def by_binding(self) -> bool:
        """Whether the call binds differently, so that the signatures alone can tell it."""
        return self.case.difference in OTHERWISE or self.new.error == "TypeError" or self.case.called.gone


def truth(case: Case, old: Ran, new: Ran) -> Truth:
    """Raises where the old did not, gives another value, or binds otherwise; else fine.

    Open, and not counted, where all that differs is a default such as None, which says nothing of what is done, and
    this program shows no difference: another one may.
    """
    if new.names is None:
        return Truth.RAISES
    if old.names is None or not same_names(old.names, new.names):
        return Truth.VALUE
    if case.difference is Difference.UNSTATED:
        return Truth.OPEN
    # A signature that refuses what in fact runs is a wrapper's: the run decides.
    otherwise = case.difference in (Difference.OTHERWISE, Difference.DEFAULT)
    return Truth.BINDS if otherwise else Truth.FINE


def again(judged: Judged) -> Judged:
    """The case judged anew from what was seen, for cases that were kept."""
    case = judged.case
    if case.shape is not None and not case.called.gone:
        case = replace(case, difference=binds.difference(case.called.old, case.called.new, case.shape))
    return replace(judged, case=case, truth=truth(case, judged.old, judged.new))
