"""``rules/VERIFIED.json`` is in step with the rules: it was made from the files that are here."""

from __future__ import annotations

import pytest

from apimig import shipped
from apimig.pipeline import verified
from apimig.rulebook.casebook import cases_of
from tests.test_shipped_rules import book, shipped_packs

AGAIN = "run apimig rules verify -o rules/VERIFIED.json"


def entries():
    return verified.read(shipped.folder("rules") / verified.FILE)


def test_every_rule_has_an_entry_of_its_file():
    assert verified.stale(book().rules, entries()) == [], AGAIN
    assert set(entries()) == {rule.id for rule in book().rules}, AGAIN


def test_a_safe_rule_that_differs_says_why():
    """Each case that gives something else is marked ``unsafe``, or says under ``differs`` why that is right."""
    for rule in book().rules:
        entry = entries()[rule.id]
        excused = {case.name for case in cases_of(rule) if case.unsafe or case.differs}
        if entry["status"] == "differs" and rule.applicability == "safe":
            assert set(entry["reasons"]) <= excused, rule.id


def test_what_was_not_verified_has_a_reason():
    for id_, entry in entries().items():
        assert entry["status"] == "verified" or entry["reasons"], id_


def test_most_rules_with_cases_are_verified():
    for pack in shipped_packs():
        ours = [entry for id_, entry in entries().items() if id_.partition("/")[0] == pack.library and "cases" in entry]
        share = sum(entry["status"] == "verified" for entry in ours) / len(ours)
        assert share >= 0.8, (pack.library, share)


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.library)
def test_what_was_verified_is_needed(pack):
    """The old code of most verified rules does something else under the new release: fails, warns, or differs."""
    ours = [entry for id_, entry in entries().items() if id_.partition("/")[0] == pack.library]
    done = [entry for entry in ours if entry["status"] == "verified"]
    assert sum("needed" in entry for entry in done) >= 0.8 * len(done)
