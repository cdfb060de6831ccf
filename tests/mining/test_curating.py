"""Candidates beside rules that exist."""

from __future__ import annotations

import pytest

from apimig.mining.candidate import Candidate, Kind
from apimig.mining.curating import curate
from apimig.rulebook.compiling import compile_rule
from apimig.rulebook.rule import ClassTypes, Library
from apimig.rulebook.schema import RuleFile

HEAD = {"library": "lib", "removed": "2.0", "reference": "https://example.org", "summary": "s", "applicability": "manual", "unchanged": ["x = 1"]}  # fmt: skip
LIBRARY = Library("lib", ("lib",), aliases={"lib.core.f": "lib.f"}, classes={"lib.B": ClassTypes("lib.B"), "lib.D": ClassTypes("lib.D", bases=("lib.B",))})  # fmt: skip
CALLS = {"api": "lib.f", "signature": "(a, b=1, c=2)"}

TABLE = {
    "nothing speaks of it": ({"rename": {"lib.f": "lib.g"}}, {"rename": {"lib.x": "lib.y"}}, "new"),
    "the same": ({"rename": {"lib.f": "lib.g"}}, {"rename": {"lib.f": "lib.g"}}, "known"),
    "the same under another name of the object": ({"rename": {"lib.core.f": "lib.g"}}, {"rename": {"lib.f": "lib.g"}}, "known"),
    "one of many": ({"rename": {"lib.f": "lib.g"}}, {"rename": {"lib.f": "lib.g", "lib.x": "lib.y"}}, "known"),
    "many of one": ({"rename": {"lib.f": "lib.g", "lib.x": "lib.y"}}, {"rename": {"lib.f": "lib.g"}}, "wider"),
    "another successor": ({"rename": {"lib.f": "lib.g"}}, {"rename": {"lib.f": "lib.h"}}, "contradicts"),
    "of a base": ({"rename_member": {"lib.D.m": "n"}}, {"rename_member": {"lib.B.m": "n"}}, "known"),
    "a pattern": ({"rename": {"lib.f": "lib.g"}}, {"match": "lib.f($x)", "rewrite": "lib.g($x)"}, "known"),
    "a codemod": ({"rename": {"lib.f": "lib.g"}}, {"api": "lib.f", "codemod": "lib/f"}, "known"),
    "advice": ({"rename": {"lib.f": "lib.g"}}, {"api": "lib.f", "advise": "Do not."}, "known"),
    "the module is renamed": ({**CALLS, "parameters": [{"remove": "b"}]}, {"rename": {"lib": "bil"}}, "known"),
    "one argument of two": ({**CALLS, "parameters": [{"remove": "b"}, {"rename": {"c": "d"}}]}, {**CALLS, "parameters": [{"rename": {"c": "d"}}]}, "wider"),
    "another name of an argument": ({**CALLS, "parameters": [{"rename": {"c": "d"}}]}, {**CALLS, "parameters": [{"rename": {"c": "e"}}]}, "contradicts"),
    "other arguments": ({**CALLS, "parameters": [{"remove": "b"}]}, {**CALLS, "parameters": [{"rename": {"c": "e"}}]}, "new"),
    "the name alone": ({"rename": {"lib.f": "lib.g"}}, {**CALLS, "parameters": [{"rename": {"c": "e"}}]}, "new"),
    "a pattern on a member": ({"rename_member": {"lib.D.m": "n"}}, {"match": "$x.m()", "rewrite": "$x.n()", "where": {"x": "lib.B"}}, "known"),
}  # fmt: skip


def _rule(body, name):
    return compile_rule(RuleFile.model_validate({**HEAD, **body}), id=f"lib/{name}")


@pytest.mark.parametrize("name", TABLE)
def test_how_a_candidate_stands_to_a_rule(name):
    body, existing, standing = TABLE[name]
    candidate = Candidate("c", {**HEAD, **body}, Kind.RENAME)
    (verdict,) = curate([(candidate, _rule(body, "c"))], [_rule(existing, "known")], [LIBRARY])
    assert verdict.standing == standing
    assert verdict.rules == (() if standing == "new" else ("lib/known",))
