"""Rules that say the same of several callables become one; what is needed of their signatures stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apimig.mining.candidate import Candidate, Evidence, Kind, Status, Tried, Verification
from apimig.mining.curating import Standing
from apimig.mining.gathering import common_name, common_signature
from apimig.pipeline.gathering import gather
from apimig.pipeline.packing import Entry
from apimig.pipeline.trying import RuleTrial
from apimig.rulebook.rule import Library

LIBRARY = Library("lib", ("lib",))
REMOVED = {"parameters": [{"remove": {"name": "b", "holds": ["False"]}}]}
GIVEN = {"when": [{"argument": "b", "present": True}], "applicability": "manual", "advise": "b is gone"}

# the signature, and what a rule does with parameters: as much of it as that needs; None where all of it is needed
SIGNATURES = {
    "a keyword": ("(a, c=1, *, b=False, d=2)", REMOVED, "(*args, b=False, **kwargs)"),
    "a position, with what comes before": ("(a, b=False, c=1, *, d=2)", REMOVED, "(a, b=False, *args, **kwargs)"),
    "a condition": ("(a, *, b=False)", GIVEN, "(*args, b=False, **kwargs)"),
    "both": (
        "(a, *, b=False, c=1)",
        {**REMOVED, "when": [{"argument": "c", "present": True}]},
        "(*args, b=False, c=1, **kwargs)",
    ),
    "another name": ("(*, b)", {"parameters": [{"rename": {"b": "c"}}]}, "(*args, b, **kwargs)"),
    "values": ("(*, b)", {"parameters": [{"values": {"name": "b", "map": {"1": "2"}}}]}, "(*args, b, **kwargs)"),
    "passing by keyword is about all of them": ("(a, b)", {"parameters": [{"keyword_only": 1}]}, None),
    "a parameter that it does not have": ("(a)", REMOVED, None),
    "no signature": (None, REMOVED, None),
    "a pattern": ("(a, b)", {"match": "lib.f($a, b=$b)", "rewrite": "lib.g($a)"}, None),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_what_is_needed_of_a_signature(case):
    signature, body, expected = SIGNATURES[case]
    assert common_signature({**body, **({"signature": signature} if signature else {})}) == expected


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (("lasso_normalize", "ridge_normalize"), "normalize"),
        (("a_criterion_values", "b_criterion_values"), "criterion_values"),
        (("normalize", "normalize_2"), ""),
        (("cv_alpha", "cv_beta"), ""),
        (("fit_b", "fit_b"), "fit_b"),
    ],
)
def test_the_name_is_what_the_names_end_in(names, shared):
    assert common_name(names) == shared


def entry(function: str, body: dict = REMOVED, *, signature="(a, *, b=False)", **more) -> Entry:
    said = "removed" if "deprecated" not in more else "deprecated"
    rule = {
        "library": "lib",
        said: more.pop("deprecated", "2.0.0"),
        "reference": "https://example.org/lib",
        "summary": f"{function}: b is gone",
        "api": f"lib.{function}",
        "signature": signature,
        **body,
        "unchanged": [{"code": f"from lib import {function}\n\nresult = {function}(1)"}],
    }
    if body is REMOVED:
        code = f"from lib import {function}\n\nresult = {function}(1"
        rule["cases"] = [{"before": f"{code}, b=False)", "after": f"{code})"}]
    status = more.pop("status", Status.VERIFIED if body is REMOVED else None)
    verification = None if status is None else Verification(status, "lib 1.0", "lib 2.0", (Tried("cases 1", status),))
    evidence = (Evidence("deprecation", "b is gone", f"lib 1.0: lib.{function}"),)
    candidate = Candidate(f"{function}_b", rule, Kind.PARAMETER, evidence)
    return Entry(candidate, verification, more.pop("standing", Standing.NEW))


# entries of a pack: the names that each rule of the result speaks of
TOGETHER = {
    "the same of two functions": ([entry("f"), entry("g")], [["lib.f", "lib.g"]]),
    "of three": ([entry("h"), entry("f"), entry("g")], [["lib.f", "lib.g", "lib.h"]]),
    "what only reports": ([entry("f", GIVEN), entry("g", GIVEN)], [["lib.f", "lib.g"]]),
    "another place of it": ([entry("f"), entry("g", signature="(b=False)")], ["lib.f", "lib.g"]),
    "another default": ([entry("f"), entry("g", signature="(a, *, b=None)")], ["lib.f", "lib.g"]),
    "since another version": ([entry("f"), entry("g", deprecated="1.5.0")], ["lib.f", "lib.g"]),
    "one that differs": ([entry("f"), entry("g", status=Status.DIFFERS)], ["lib.f", "lib.g"]),
    "two that differ": ([entry(each, status=Status.DIFFERS) for each in "fg"], ["lib.f", "lib.g"]),
    "two that could not be run": ([entry(each, status=Status.UNRUN) for each in "fg"], ["lib.f", "lib.g"]),
    "one that is known": ([entry("f"), entry("g", standing=Standing.KNOWN)], ["lib.f", "lib.g"]),
    "one that contradicts": ([entry("f"), entry("g", standing=Standing.CONTRADICTS)], ["lib.f", "lib.g"]),
    "one alone": ([entry("f")], ["lib.f"]),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_rules_that_say_the_same_are_one(case):
    entries, expected = TOGETHER[case]
    assert [each.candidate.rule["api"] for each in gather(entries, RuleTrial(LIBRARY))] == expected


def test_one_rule_reads_as_a_person_would_have_written_it():
    [found] = gather([entry(each) for each in "fghi"], RuleTrial(LIBRARY))

    rule = found.candidate.rule
    assert found.candidate.name == "b"
    assert rule["summary"] == "f, g, h and 1 more: b is gone"
    assert rule["signature"] == "(*args, b=False, **kwargs)"
    assert [case["after"] for case in rule["cases"]] == [f"from lib import {f}\n\nresult = {f}(1)" for f in "fgh"]
    assert found.candidate.support == 4
    assert [each.place for each in found.candidate.evidence] == ["lib 1.0: lib.f"]
    assert found.verification is not None
    assert len(found.verification.tried) == 4


def test_a_name_that_is_taken_is_not_given_again():
    other = entry("x", {"parameters": [{"rename": {"b": "c"}}]}, status=Status.UNRUN)
    other = replace(other, candidate=replace(other.candidate, name="b"))
    found = gather([entry("f"), other, entry("g")], RuleTrial(LIBRARY))
    assert [each.candidate.name for each in found] == ["f_b", "b"]
