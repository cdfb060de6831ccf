"""Every case of every shipped rule, and what a pack owes its users."""

from __future__ import annotations

from functools import cache

import pytest

from apimig.pipeline.cases import check
from apimig.rulebook import load
from apimig.rulebook.casebook import RuleCase, cases_of
from apimig.rulebook.loading import Rulebook, load_packs
from apimig.rulebook.packs import LIBRARY_FILE, Pack, find_packs, normalise

SHARE_OF_NO_OPS = 0.4


def shipped_packs() -> list[Pack]:
    return [pack for pack in find_packs() if pack.origin == "apimig"]


@cache
def book() -> Rulebook:
    return load_packs(shipped_packs())


def all_cases() -> list[RuleCase]:
    return [case for rule in book().rules for case in cases_of(rule)]


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_case(case):
    result = check(case, book().by_id()[case.rule], book().libraries)
    if result.failures:
        pytest.fail(f"{case.path}:{case.line}\n" + "\n".join(result.failures), pytrace=False)


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.library)
def test_two_in_five_cases_of_a_pack_leave_the_code_alone(pack):
    cases = [case for rule in book().rules if normalise(rule.library) == pack.library for case in cases_of(rule)]
    kept = [case for case in cases if case.is_no_op]
    assert len(kept) >= SHARE_OF_NO_OPS * len(cases), f"{len(kept)} of {len(cases)}"


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.library)
def test_a_rules_name_is_its_files(pack):
    names = {f"{pack.library}/{path.stem}" for path in pack.files if path.name != LIBRARY_FILE}
    assert names == {rule.id for rule in book().rules if normalise(rule.library) == pack.library}


def test_every_rule_has_a_reference_and_says_what_changed():
    for rule in book().rules:
        assert rule.reference.startswith("https://"), rule.id
        assert rule.summary, rule.id


def test_every_pack_describes_its_library():
    for library in book().libraries:
        assert library.releases, library.distribution
        assert library.oldest in library.releases, library.distribution


def test_no_shipped_rule_replaces_another():
    assert book().notes == ()
    assert load().rules[: len(book().rules)] == book().rules
