"""Which groups of edits break which tests, and how many runs it takes to know."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apimig.validation.culprits import find


class Tests:
    """Tests of which each passes once all groups that break it are taken back; counts what is run."""

    __test__ = False

    def __init__(self, broken_by: dict[str, set[int]]) -> None:
        self.broken_by = broken_by
        self.runs = 0

    def passing(self, back: frozenset[int], tests: Collection[str]) -> frozenset[str]:
        self.runs += 1
        return frozenset(test for test in tests if self.broken_by[test] <= back)


@pytest.mark.parametrize(("groups", "most"), [(8, 8), (32, 12), (128, 16)])
def test_three_wrong_groups_are_found_in_a_number_of_runs_that_grows_with_the_logarithm(groups: int, most: int) -> None:
    wrong = (1, groups // 2, groups - 1)
    tests = Tests({f"t{number}": {number} for number in wrong})
    found = find(range(groups), tests.broken_by, tests.passing)
    assert found.culprits == set(wrong)
    assert not found.unsolved
    assert found.runs == tests.runs <= most


def test_many_tests_that_one_group_breaks_cost_no_more_than_one() -> None:
    tests = Tests({f"t{number}": {7} for number in range(500)})
    found = find(range(16), tests.broken_by, tests.passing)
    assert found.culprits == {7}
    assert found.runs == 10


@pytest.mark.parametrize("pair", [(5, 6), (0, 15), (3, 4), (0, 1)])
def test_a_test_that_two_groups_break_blames_both_and_no_third(pair: tuple[int, int]) -> None:
    tests = Tests({"both": set(pair)})
    found = find(range(16), tests.broken_by, tests.passing)
    assert found.broken == {"both": frozenset(pair)}


def test_what_one_test_shows_is_not_searched_for_again_for_another() -> None:
    broken = {"a": {5}, "b": {5, 6}, "c": {5, 6, 9}, "d": {6, 9}}
    tests = Tests(broken)
    found = find(range(16), tests.broken_by, tests.passing)
    assert found.culprits == {5, 6, 9}
    assert found.broken == {"a": {5}, "b": {6}, "c": {9}, "d": {5, 6, 9}}
    assert found.runs <= 10 + 2 * 7 + 1


def test_many_tests_that_two_groups_break_together_cost_a_run_more_than_one() -> None:
    def runs(count: int) -> int:
        found = find(range(32), [f"t{n}" for n in range(count)], Tests({name: {3, 20} for name in names}).passing)
        assert found.broken == dict.fromkeys(names[:count], frozenset({3, 20}))
        return found.runs

    names = [f"t{n}" for n in range(100)]
    assert runs(100) == runs(1) + 1


def test_a_test_that_fails_whatever_is_taken_back_is_unsolved() -> None:
    tests = Tests({"edit": {2}, "library": {99}})
    found = find(range(4), tests.broken_by, tests.passing)
    assert found.broken == {"edit": {2}}
    assert found.unsolved == {"library"}


def test_without_groups_nothing_is_run() -> None:
    tests = Tests({"library": {99}})
    found = find((), tests.broken_by, tests.passing)
    assert found.unsolved == {"library"}
    assert tests.runs == 0


def test_where_one_of_two_groups_is_enough_one_is_blamed() -> None:
    def passing(back: frozenset[int], tests: Collection[str]) -> frozenset[str]:
        return frozenset(tests) if back & {2, 5} else frozenset()

    found = find(range(8), ["t"], passing)
    assert found.culprits in ({2}, {5})


def test_a_test_that_once_in_a_while_passes_is_not_blamed_on_a_group() -> None:
    answers = iter([True, False, True, False, True, True] + [False] * 40)

    def passing(_back: frozenset[int], tests: Collection[str]) -> frozenset[str]:
        return frozenset(tests) if next(answers) else frozenset()

    found = find(range(8), ["flaky"], passing)
    assert found.unsolved == {"flaky"}
    assert not found.culprits


@given(st.integers(1, 40), st.data())
@settings(max_examples=200)
def test_what_is_found_is_what_breaks_each_test(groups: int, data: st.DataObject) -> None:
    sets = st.sets(st.integers(0, groups - 1), min_size=1, max_size=3)
    broken = data.draw(st.dictionaries(st.sampled_from([f"t{n}" for n in range(8)]), sets, min_size=1))
    tests = Tests(broken)
    found = find(range(groups), broken, tests.passing)
    assert found.culprits == set().union(*broken.values())
    assert not found.unsolved
    for test, groups_of in broken.items():  # of several it may name those alone that no other test had shown
        assert found.broken[test] & groups_of
        assert len(groups_of) > 1 or found.broken[test] == groups_of
