"""What running the cases of a learned rule makes of it."""

from __future__ import annotations

import pytest

from apimig.mining.candidate import Candidate, Evidence, Kind, Status, Tried, Verification
from apimig.mining.curating import Standing
from apimig.pipeline.packing import Entry, without_led
from apimig.pipeline.settling import settled

CASE = {"before": "a.f(1)", "after": "a.g(1)"}
RENAME = {"library": "a", "rename": {"a.f": "a.g"}, "cases": [CASE], "unchanged": ["a.g(1)"]}
TYPED = {**RENAME, "match": "$x.f()", "rewrite": "$x.g()", "where": {"x": ["a.A"]}}
UNTYPED = {**RENAME, "match": ["$y.f()", {"match": "$x.f(1)", "rewrite": "$x.g(1)"}], "where": {"y": ["a.A"]}}
STATEMENT = {**RENAME, "match": "$a, $b = $x.f()", "rewrite": "$a, $b = $x.g()", "where": {"x": ["a.A"]}}
ADVICE = {"library": "a", "api": "a.f", "applicability": "manual", "unchanged": ["a.g(1)"]}
MANUAL = {**RENAME, "applicability": "manual"}


def entry(rule: dict, status: Status | None, standing: Standing = Standing.NEW) -> Entry:
    verified = None if status is None else Verification(status, "a 1", "a 2")
    return Entry(settled(Candidate("f", rule, Kind.RENAME), verified), verified, standing)


# the rule, what running showed: whether it is safe, unsafe or manual, and whether it is part of the pack
SETTLED = {
    "verified": (RENAME, Status.VERIFIED, "safe", True),
    "verified, and thought unsafe before": ({**RENAME, "applicability": "unsafe"}, Status.VERIFIED, "safe", True),
    "verified, of a receiver with a type": (TYPED, Status.VERIFIED, "safe", True),
    "verified, of any receiver": (UNTYPED, Status.VERIFIED, "unsafe", True),
    "verified, of a receiver with a type in a statement": (STATEMENT, Status.VERIFIED, "safe", True),
    "verified, of any receiver in a statement": ({**STATEMENT, "where": {}}, Status.VERIFIED, "unsafe", True),
    "it differs": (RENAME, Status.DIFFERS, "unsafe", True),
    "it could not be run": (RENAME, Status.UNRUN, "unsafe", False),
    "nobody ran it": (RENAME, None, "unsafe", False),
    "it only reports": (ADVICE, None, "manual", True),
    "a person has to do it": (MANUAL, Status.VERIFIED, "manual", True),
}


@pytest.mark.parametrize("case", SETTLED)
def test_a_rule_is_as_safe_as_running_it_showed(case):
    rule, status, applicability, decided = SETTLED[case]
    found = entry(rule, status)
    assert found.candidate.rule.get("applicability", "safe") == applicability
    assert found.is_decided == decided
    if applicability != "manual":
        assert [each.get("unsafe", False) for each in found.candidate.rule["cases"]] == [applicability == "unsafe"]


def ran(*needed: str | None) -> Verification:
    """Cases that gave the same, with what the old code does under the new release; None is one that was not run."""
    tried = [
        Tried("cases", Status.UNRUN) if each is None else Tried("cases", Status.VERIFIED, "", each) for each in needed
    ]
    return Verification(Status.VERIFIED, "a 1", "a 2", tuple(tried))


PAIR, TEST = (Evidence(kind, "a.f(1) -> a.g(1)") for kind in ("pair", "test"))
SIGN, DOUBT = Evidence("signature", "f is gone"), Evidence("doubt", "once")
TWO = {
    **RENAME,
    "match": [{"match": f"a.f({n})", "rewrite": f"a.g({n})"} for n in (1, 2)],
    "cases": [CASE, CASE],
}
GONE = {"library": "a", "api": "a.f", "parameters": [{"remove": "x"}], "cases": [CASE], "unchanged": ["a.g(1)"]}
GONE_FALSE = {**GONE, "parameters": [{"remove": {"name": "x", "holds": ["False"]}}]}
# the rule, what speaks for it, what running showed: whether it is safe, and whether it is part of the pack
LEARNED = {
    "the old code fails by now": (RENAME, [PAIR], ran("fails"), True, True),
    "it is deprecated": (RENAME, [PAIR, DOUBT], ran("", "warns"), True, True),
    "the old code works as before": (RENAME, [PAIR], ran("", ""), False, False),
    "the old code works as before, and tests were changed": (RENAME, [TEST], ran(""), False, False),
    "the old code fails by now, and tests were changed": (RENAME, [TEST], ran("fails"), True, True),
    "it works as before, and the library says that it goes": (RENAME, [PAIR, SIGN], ran(""), True, True),
    "each of two patterns was run": (TWO, [PAIR], ran("fails", "fails"), True, True),
    "an argument goes whatever it holds": (GONE, [PAIR], ran("warns"), False, True),
    "an argument goes where it holds this": (GONE_FALSE, [PAIR], ran("warns"), True, True),
    "a pattern leaves out what stands there": (
        {**RENAME, "match": "a.f($x, $_)", "rewrite": "a.f($x)"},
        [PAIR],
        ran("warns"),
        False,
        True,
    ),
    "one of two patterns was not run": (TWO, [PAIR], ran("fails", None), False, True),
}


@pytest.mark.parametrize("case", LEARNED)
def test_a_rule_that_only_code_speaks_for_has_to_be_needed_and_shown(case):
    rule, evidence, verified, safe, decided = LEARNED[case]
    candidate = settled(Candidate("f", rule, Kind.RENAME, tuple(evidence)), verified)
    assert ("applicability" not in candidate.rule) == safe
    assert Entry(candidate, verified).is_decided == decided


def test_what_contradicts_an_existing_rule_waits_for_a_person():
    assert not entry(RENAME, Status.VERIFIED, Standing.CONTRADICTS).is_decided
    assert not entry(ADVICE, None, Standing.CONTRADICTS).is_decided


# what the rule says of its new code, what that did under the old release (1.0) in each case: since when it works
AVAILABLE = {
    "it works before the new release": ({"removed": "2.0.0"}, ["works", "works"], "1.0"),
    "it works before, whatever was thought": ({"removed": "2.0.0", "replacement_since": "2.0.0"}, ["works"], "1.0"),
    "it fails before": ({"removed": "2.0.0"}, ["fails"], "2.0.0"),
    "it gives something else before, once": ({"deprecated": "1.8.0"}, ["works", "differs"], "1.8.0"),
    "it fails, and was thought to work": ({"removed": "2.0.0", "replacement_since": "1.0"}, ["fails"], "2.1"),
    "nobody knows": ({"removed": "2.0.0", "replacement_since": "1.4"}, [""], "1.4"),
}


@pytest.mark.parametrize("case", AVAILABLE)
def test_running_shows_since_when_the_new_code_works(case):
    said, earlier, since = AVAILABLE[case]
    tried = [Tried(f"cases {n}", Status.VERIFIED, earlier=each) for n, each in enumerate(earlier, 1)]
    verified = Verification(Status.VERIFIED, "a 1.0", "a 2.1", tuple(tried))

    rule = settled(Candidate("f", {**RENAME, **said}, Kind.RENAME), verified).rule

    assert rule["replacement_since"] == since


SHOWN = (Evidence("test", "a.f(1) -> a.g(1)", "a 2: tests/test_f.py"), Evidence("deprecation", "f is deprecated"))


@pytest.mark.parametrize(
    ("status", "decided"), [(Status.VERIFIED, True), (Status.DIFFERS, False), (Status.UNRUN, False)]
)
def test_what_only_tests_show_must_be_verified(status, decided):
    verified = Verification(status, "a 1", "a 2")
    assert Entry(Candidate("f", RENAME, Kind.RENAME, SHOWN), verified).is_decided == decided


# the names that advice is about, what running the rule of tests showed: the names that advice is left about
LED = {
    "the name": (["a.f"], Status.VERIFIED, None),
    "the name and others": (["a.f", "a.h"], Status.VERIFIED, ["a.h"]),
    "other names": (["a.h"], Status.VERIFIED, ["a.h"]),
    "a rule that nobody could run": (["a.f"], Status.UNRUN, ["a.f"]),
    "a rule that gives something else": (["a.f"], Status.DIFFERS, ["a.f"]),
}


@pytest.mark.parametrize("case", LED)
def test_advice_on_a_name_that_a_verified_rule_of_tests_leads_somewhere_goes(case):
    names, status, wanted = LED[case]
    head = {"removed": "2.0.0", "reference": "https://example.org", "summary": "f"}
    advice = {**head, **ADVICE, "api": names, "advise": "Look."}
    rule = Entry(Candidate("f", {**head, **RENAME}, Kind.RENAME, SHOWN), Verification(status, "a 1", "a 2"))
    found = list(without_led([Entry(Candidate("g", advice, Kind.ADVICE)), rule]))
    assert [each.candidate.rule["api"] for each in found[:-1]] == ([] if wanted is None else [wanted])
    assert found[-1] == rule
