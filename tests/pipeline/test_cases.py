"""The harness of rule cases finds each way in which a case can be wrong."""

from __future__ import annotations

import pytest

from apimig.pipeline.cases import check, run_cases
from apimig.records import Applicability
from apimig.rulebook import rule as r
from apimig.rulebook.casebook import RuleCase

LIBRARY = r.Library(
    "toolbox",
    ("toolbox",),
    conventional={"tb": "toolbox"},
    names={"box": "toolbox.Box"},
    classes={"toolbox.Box": r.ClassTypes("toolbox.Box")},
)


def rule(body: r.Body, applicability: Applicability = Applicability.SAFE) -> r.Rule:
    return r.Rule("toolbox/x", "toolbox", body, "what", "https://example.org", applicability, removed="2.0")


RENAME = rule(r.Rename((("toolbox.old", "toolbox.new"),)))
UNSAFE = rule(RENAME.body, Applicability.UNSAFE)
MEMBER = rule(r.RenameMember((("toolbox.Box.old", "new"),)))
ADVISE = rule(r.Advise(("toolbox.old",)))


def case(before: str, after: str | None = None, **fields) -> RuleCase:
    after = before if after is None else after
    return RuleCase("toolbox/x", "cases 1", "x.yaml", 3, before, after, fields.pop("given", {}), **fields)


def failures(case_: RuleCase, rule_: r.Rule = RENAME) -> list[str]:
    return [text.splitlines()[0] for text in check(case_, rule_, (LIBRARY,)).failures]


@pytest.mark.parametrize(
    ("rule_", "right"),
    [
        (RENAME, case("tb.old(1)", "tb.new(1)")),
        (RENAME, case("import toolbox as t\nt.old(1)\n", "import toolbox as t\nt.new(1)\n")),
        (RENAME, case("from toolbox import old\nold(1)", "from toolbox import new\nnew(1)")),
        (RENAME, case("other.old(1)", reported=False)),
        (RENAME, case("import tb\ntb.old(1)", reported=False)),  # with an import line the usual aliases mean nothing
        (UNSAFE, case("tb.old(1)", "tb.new(1)", unsafe=True)),
        (UNSAFE, case("tb.old(1)", reported=True)),
        (ADVISE, case("tb.old(1)", reported=True)),
        (MEMBER, case("x.old()", "x.new()", given={"x": "toolbox.Box()"})),
        (MEMBER, case("x.old()", reported=True)),  # the receiver is unknown
        (MEMBER, case("[].old()", reported=False)),
    ],
)
def test_a_right_case_passes(rule_, right):
    assert failures(right, rule_) == []


@pytest.mark.parametrize(
    ("rule_", "wrong", "expected"),
    [
        (RENAME, case("tb.old(1)", "tb.renamed(1)"), ["the code becomes something else:"]),
        (RENAME, case("tb.old(1)", "tb.new(1) "), ["the code becomes something else:"]),
        (RENAME, case("tb.old(1)", "tb.new(1)\n"), ["the code becomes something else:"]),
        (RENAME, case("tb.old(1)"), ["the code must stay as it is:"]),
        (RENAME, case("tb.new(1)", "tb.new(2)"), ["the code becomes something else:"]),
        (RENAME, case("other.old(1)", reported=True), ["the site must be reported, and is not"]),
        (MEMBER, case("x.old()", "x.new()"), ["the code becomes something else:"]),
        (UNSAFE, case("tb.old(1)", "tb.new(1)"), ["the code becomes something else:"]),
        (RENAME, case("tb.old(1)", "tb.new(1)", unsafe=True), ["the code is changed without --unsafe too"]),
        (RENAME, case("def f(:\n  tb.old(1)"), ["the code could not be analysed: "]),
    ],
)
def test_a_wrong_case_fails(rule_, wrong, expected):
    found = failures(wrong, rule_)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))


def test_a_site_that_must_be_none_is_named_with_its_line():
    (found,) = failures(case("\ntb.old(1)", reported=False), ADVISE)
    assert found.startswith("this must not be a site, and is reported: line 2, ")


def test_a_rule_that_never_comes_to_rest_is_found_by_the_second_run():
    grows = rule(r.Rewrite((r.Template("toolbox.old($x)", "toolbox.old($x + 1)"),)))
    assert "a second run changes the code again:" in failures(case("tb.old(1)", "tb.old(1 + 1)"), grows)


def test_the_end_of_the_last_line_is_part_of_the_text():
    (found,) = check(case("tb.old(1)", "tb.new(1)\n"), RENAME, (LIBRARY,)).failures
    assert found == "the code becomes something else:\n(only the end of the last line differs)"


@pytest.mark.parametrize("jobs", [1, 2])
def test_cases_run_in_this_process_or_in_several(jobs):
    cases = [case(f"tb.old({n})", f"tb.new({n})" if n % 10 else "wrong") for n in range(60)]
    results = list(run_cases(cases, (RENAME,), (LIBRARY,), jobs=jobs))
    assert {result.case.before: result.got for result in results} == {f"tb.old({n})": f"tb.new({n})" for n in range(60)}
    assert sum(bool(result.failures) for result in results) == 6
