"""Finds which groups of edits break which tests, by few runs.

Every group gets a number. For each binary digit two runs are made, one with the groups taken back whose number has the
digit, one with the others: a test that one group breaks passes in just one of the two, and its digits spell the group.
So ``2 log2(n) + 2`` runs settle any number of tests that are each broken by one group. What stays unclear, such as a
test that two groups break, is searched for by halving, with the groups that are known already taken back: the shortest
run of groups that has to be taken back beside them ends with a culprit. (Group testing by binary digits; the halving is
that of Zeller's and Hildebrandt's delta debugging, 2002, for a growing set.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)

# The tests among those given that pass when the groups are taken back.
Passing = Callable[[frozenset[Group], Collection[str]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Found(Generic[Group]):
    """For each test groups that break it, all or some; ``unsolved`` fail whatever is taken back, or once in a while."""

    broken: dict[str, frozenset[Group]]
    unsolved: frozenset[str]
    runs: int

    @property
    def culprits(self) -> frozenset[Group]:
        """All groups that break something."""
        return frozenset(group for groups in self.broken.values() for group in groups)


def find(groups: Sequence[Group], failing: Collection[str], passing: Passing[Group]) -> Found[Group]:
    """The groups without which the ``failing`` tests pass, as few as possible.

    To take a group back must not break a test that has nothing to do with it: leave out those whose absence would.
    """
    return _Search(tuple(dict.fromkeys(groups)), passing).find(frozenset(failing))


class _Search(Generic[Group]):
    def __init__(self, groups: tuple[Group, ...], passing: Passing[Group]) -> None:
        self.groups = groups
        self.passing = passing
        self.runs = 0

    def find(self, failing: frozenset[str]) -> Found[Group]:
        everything = frozenset(self.groups)
        fixable = self._passing(everything, failing) if self.groups else frozenset()
        broken = {test: frozenset({group}) for test, group in self._spelled(fixable).items()}
        known = frozenset(group for each in broken.values() for group in each)
        left = fixable - broken.keys()
        while left:
            freed = self._passing(known, left) if known else frozenset()
            broken |= dict.fromkeys(freed, known)  # some of these together; which ones does not matter
            if not (left := left - freed):
                break
            test = min(left)
            culprits = self._halved(test, known)
            broken |= {test: culprits} if culprits else {}
            known, left = known | culprits, left - {test}
        culprits = frozenset(group for each in broken.values() for group in each)
        sure = fixable if culprits == everything else self._passing(culprits, broken) if culprits else frozenset()
        broken = {test: each for test, each in broken.items() if test in sure}
        return Found(broken, failing - broken.keys(), self.runs)

    def _passing(self, back: frozenset[Group], tests: Collection[str]) -> frozenset[str]:
        if not tests:
            return frozenset()
        self.runs += 1
        return self.passing(back, tests)

    def _spelled(self, tests: frozenset[str]) -> dict[str, Group]:
        """The tests that one group breaks, with it."""
        numbers = dict.fromkeys(tests, 0)
        for digit in range((len(self.groups) - 1).bit_length()):
            with_it = frozenset(group for at, group in enumerate(self.groups) if at >> digit & 1)
            one = self._passing(with_it, numbers)
            other = self._passing(frozenset(self.groups) - with_it, numbers)
            numbers = {t: n | (t in one) << digit for t, n in numbers.items() if (t in one) != (t in other)}
        return {test: self.groups[number] for test, number in numbers.items() if number < len(self.groups)}

    def _halved(self, test: str, known: frozenset[Group]) -> frozenset[Group]:
        """A smallest set of groups that have to be taken back beside the known; empty when even all do not help."""
        groups = [group for group in self.groups if group not in known]
        found: frozenset[Group] = frozenset()
        end = len(groups)
        while not self._helps(known | found, test):
            low, high = 0, end  # with the first `high` taken back it passes, with the first `low` it does not
            if high == 0:
                return frozenset()
            while high - low > 1:
                middle = (low + high) // 2
                if self._helps(known | found | frozenset(groups[:middle]), test):
                    high = middle
                else:
                    low = middle
            found, end = found | {groups[high - 1]}, high - 1
        return found

    def _helps(self, back: frozenset[Group], test: str) -> bool:
        return bool(back) and bool(self._passing(back, (test,)))
