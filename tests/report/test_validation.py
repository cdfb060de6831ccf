"""What validation found reaches every report, and none says more than was seen."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import jsonschema
import pytest

from apimig.records import Applicability, Certainty, Location, NeedsPerson, Rewritten
from apimig.report import render, text
from apimig.report.validated import compared, count_verdicts, recall, seconds, suite_line, verdict_line, verdicts_of
from apimig.verdicts import OneTest, Status, SuiteRun, Validation, Verdict
from tests.report.results import (
    BEFORE,
    EMPTY,
    GROUPBY,
    ITERITEMS,
    REFERENCE,
    RESULT,
    VALIDATED,
    VALIDATION,
)

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8"))
REPORTS = ["r.txt", "r.md", "r.json", "r.sarif"]
UNTESTED = dataclasses.replace(
    VALIDATED, validation=Validation(SuiteRun("", "CPython 3.10", ""), SuiteRun("", "CPython 3.11", ""), tested=False)
)


def run(*statuses: Status, took: float = 1.0, cut_short: str = "") -> SuiteRun:
    tests = tuple(OneTest(f"t{number}", status) for number, status in enumerate(statuses))
    return SuiteRun("", "", "", tests, seconds=took, cut_short=cut_short)


# ------------------------------------------------------------------------------------------ counting


@pytest.mark.parametrize(
    ("ran", "line"),
    [
        (run(), "no tests ran in 1.0 s"),
        (run(Status.PASSED, Status.FAILED, Status.PASSED), "1 failed, 2 passed in 1.0 s"),
        (run(Status.ERROR, Status.XFAILED, Status.XPASSED, Status.SKIPPED), "1 skipped, 1 xfailed, 1 xpassed, 1 error in 1.0 s"),
        (run(Status.ERROR, Status.ERROR, took=0.042), "2 errors in 0.04 s"),
        (run(Status.TIMEOUT, Status.CRASHED, took=600, cut_short="out of time"), "1 crashed, 1 timed out in 10 min 0 s; out of time"),
    ],
)  # fmt: skip
def test_a_run_is_summed_up_in_the_words_of_pytest(ran, line):
    assert suite_line(ran) == line


@pytest.mark.parametrize(("spent", "said"), [(0, "0.00 s"), (3.21, "3.2 s"), (59.9, "59.9 s"), (64.6, "1 min 5 s")])
def test_times_are_short(spent, said):
    assert seconds(spent) == said


def test_an_edit_without_a_verdict_is_unverified():
    prose = Rewritten(Location("p.py", 1, 1), ITERITEMS, "a", "b", Certainty.PROVEN, Applicability.SAFE, "", prose=True)
    silent = dataclasses.replace(VALIDATION, verdicts=())
    verdicts = verdicts_of(dataclasses.replace(VALIDATED, outcomes=(*RESULT.outcomes, prose), validation=silent))
    assert count_verdicts(verdicts.values()) == {Verdict.CONFIRMED: 0, Verdict.BROKE: 0, Verdict.UNVERIFIED: 3}
    assert verdicts[prose.location, ITERITEMS].why == "in a comment or a docstring, which nothing runs"


def test_without_validation_there_are_no_verdicts():
    assert verdicts_of(RESULT) == {}


def test_verdicts_are_counted_with_what_became_of_the_edits():
    assert verdict_line(VALIDATION.counts()) == "1 confirmed, 1 broke and rolled back, 1 unverified"
    assert verdict_line(count_verdicts(())) == "no edits"


def test_recall_counts_a_place_once_and_takes_any_finding_at_it():
    measured = recall(VALIDATION)
    assert (measured.seen, measured.found) == (3, 2)
    assert [each.location.line for each in measured.missed] == [50]
    assert str(measured) == "2 of 3 places that the old release warns about found (66 %)"
    assert str(recall(UNTESTED.validation)) == "none seen"


def test_tests_are_compared_by_name_and_what_changed_comes_first():
    rows = [(row.name.removeprefix("tests/test_b.py::"), row.changed, row.failing) for row in compared(VALIDATION)]
    assert rows == [
        ("test_append[a|b]", True, True),
        ("test_flaky", True, True),
        ("test_old", True, False),
        ("tests/test_gone.py", False, True),
        ("test_linux", False, False),
        ("test_sum", False, False),
    ]


def test_a_test_of_one_run_alone_changed():
    only_before = dataclasses.replace(VALIDATION, after=run(Status.PASSED))
    assert all(row.changed for row in compared(only_before))
    assert [row.name for row in compared(only_before) if row.before is None] == ["t0"]


# ------------------------------------------------------------------------------------------ text


def test_text_has_a_summary_and_then_what_needs_a_person():
    shown = text(VALIDATED)
    start, end = shown.index("Validation (tests)"), shown.index("Needs a person")
    assert (
        shown[start:end]
        == f"""\
Validation (tests)
  before        1 failed, 3 passed, 1 skipped, 1 error in 3.2 s      CPython 3.10.13, pandas 1.5.3
  after         2 failed, 2 passed, 1 skipped, 1 error in 1 min 5 s  CPython 3.11.9, pandas 2.0.3
  edits         1 confirmed, 1 broke and rolled back, 1 unverified
  deprecations  2 of 3 places that the old release warns about found (66 %)
  sandbox       bubblewrap, no network

Rolled back (1): tests fail with these edits and pass without them
  b.py  pandas/groupby_axis  1 edit
      in tests/test_b.py::test_sum
      | assert 4 == 3
      |
      | def test_sum():
      | >       assert total(frame) == 3
      | E       assert 4 == 3
      | tests/test_b.py:9: AssertionError

Fail now (1): passed before
  tests/test_b.py::test_append[a|b]  failed  AttributeError: no attribute append

Fail under the new release (2): lines of tests that passed
  b.py:40:12  return frame.append(row)
      pandas.DataFrame.append was removed
      | AttributeError: no attribute append
      in tests/test_b.py::test_append[a|b]
      {REFERENCE}
  b.py:44:1  frame.odd()
      no change of the library explains it
      | KeyError: 'odd'

Unverified (1 edit): no test vouches for these, so read them
    1 x no test runs the line
        a b.py:1:1  pandas/dataframe_iteritems

Deprecated, and not found by apimig (1)
  b.py:50:1  FutureWarning  swapaxes | is <deprecated>

Flaky (1): ended differently when run again, and count for nothing
  tests/test_b.py::test_flaky

Notes on validation
  - tests/test_gone.py was never collected

"""
    )


def test_text_is_cut_short_unless_verbose():
    tests = tuple(OneTest(f"t{number}", Status.FAILED, 0, "gone") for number in range(30))
    long = dataclasses.replace(VALIDATED, validation=dataclasses.replace(VALIDATION, failing=tests))
    assert "  t9  failed  gone\n  and 20 more\n" in text(long)
    assert "  t29  failed  gone\n" in text(long, verbose=True)
    assert "seen in tests/test_b.py::test_sum" in text(long, verbose=True)


def test_verbose_text_has_the_verdict_of_each_rewrite():
    shown = text(VALIDATED, verbose=True)
    assert "proven: returned by pandas.read_csv (line 2)  [confirmed]\n" in shown
    assert "inferred: used like one  [unverified]\n" in shown
    assert "[confirmed]" not in text(RESULT, verbose=True)


def test_colours_of_validation_are_only_colours():
    assert re.sub(r"\x1b\[\d*m", "", text(VALIDATED, color=True)) == text(VALIDATED)


@pytest.mark.parametrize("name", REPORTS)
def test_only_what_ran_is_reported(name):
    assert "alidation (" not in render(RESULT, name)
    assert "confirmed" not in render(RESULT, name)


@pytest.mark.parametrize("name", ["r.txt", "r.md"])
def test_a_repository_without_tests_is_told_so(name):
    shown = render(UNTESTED, name)
    assert "Validation (no tests were found, so every module was imported)" in shown
    assert "2 unverified" in shown


# ------------------------------------------------------------------------------------------ JSON


def test_json_is_as_its_schema_says_with_validation():
    kept = dataclasses.replace(VALIDATED, validation=dataclasses.replace(VALIDATION, kept=BEFORE))
    for result in (VALIDATED, UNTESTED, kept):
        jsonschema.validate(json.loads(render(result, "r.json")), SCHEMA)


def test_the_schema_notices_a_renamed_field_of_validation():
    data = json.loads(render(VALIDATED, "r.json"))
    data["validation"]["edits"][0]["judged"] = data["validation"]["edits"][0].pop("verdict")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_json_has_all_of_it():
    data = json.loads(render(VALIDATED, "r.json"))
    found = data["validation"]
    assert found["verdicts"] == {"confirmed": 1, "broke": 1, "unverified": 1}
    assert found["before"]["counts"] == {"passed": 3, "failed": 1, "error": 1, "skipped": 1}
    assert found["before"]["tests"][3] == {
        "name": "tests/test_b.py::test_old", "status": "failed", "seconds": 0.1, "message": "assert 1 == 2", "details": "E  assert 1 == 2",
    }  # fmt: skip
    assert found["after_old_release"] is None
    assert found["deprecations"] == {"places": 3, "found": 2, "missed": 1}
    assert [each["rule"] for each in found["warnings"]].count("") == 3
    assert found["rolled_back"][0]["rule"] == GROUPBY
    assert found["explained"][0]["change"] == "pandas.DataFrame.append was removed"
    assert (found["failing"], found["flaky"]) == (
        ["tests/test_b.py::test_append[a|b]"],
        ["tests/test_b.py::test_flaky"],
    )
    judged = {(o["file"], o["line"]): o["verdict"] for o in data["outcomes"] if "verdict" in o}
    assert judged == {("b.py", 3): "confirmed", ("b.py", 15): "broke", ("a b.py", 1): "unverified"}


def test_json_of_a_run_without_validation_says_null():
    assert json.loads(render(EMPTY, "r.json"))["validation"] is None


# ------------------------------------------------------------------------------------------ SARIF


def test_sarif_has_the_verdict_of_each_result_and_results_of_their_own():
    planned = dataclasses.replace(VALIDATED, written=False)
    (log,) = json.loads(render(planned, "r.sarif"))["runs"]
    results = log["results"]
    judged = [
        (r["ruleId"], r["properties"]["verdict"])
        for r in results
        if "outcome" in r["properties"] and "verdict" in r["properties"]
    ]
    assert judged == [(ITERITEMS, "unverified"), (ITERITEMS, "confirmed"), (GROUPBY, "broke")]
    fails = [r for r in results if r["ruleId"] == "apimig/fails-now"]
    assert [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in fails] == [40, 44]
    assert fails[0]["message"]["text"].splitlines() == [
        "return frame.append(row) fails under the new release: pandas.DataFrame.append was removed",
        "AttributeError: no attribute append",
        REFERENCE,
    ]
    (back,) = [r for r in results if r["ruleId"] == "apimig/rolled-back"]
    assert back["locations"][0]["physicalLocation"]["region"] == {"startLine": 15, "startColumn": 8}
    described = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
    assert described[-2:] == ["apimig/fails-now", "apimig/rolled-back"]
    assert log["properties"]["validation"]["verdicts"] == {"confirmed": 1, "broke": 1, "unverified": 1}
    prints = [r["partialFingerprints"]["siteHash/v1"] for r in results]
    assert len(set(prints)) == len(prints)


def test_sarif_of_a_rollback_without_verdicts_names_the_file():
    bare = dataclasses.replace(VALIDATED, validation=dataclasses.replace(VALIDATION, verdicts=()))
    (back,) = [
        r for r in json.loads(render(bare, "r.sarif"))["runs"][0]["results"] if r["ruleId"] == "apimig/rolled-back"
    ]
    assert back["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "b.py", "uriBaseId": "ROOT"}}}]


# ------------------------------------------------------------------------------------------ Markdown


def test_markdown_has_a_table_and_what_needs_a_person():
    shown = render(VALIDATED, "r.md")
    assert "| before | 1 failed, 3 passed, 1 skipped, 1 error in 3.2 s | CPython 3.10.13, pandas 1.5.3 |\n" in shown
    assert "| edits | **1 confirmed, 1 broke and rolled back, 1 unverified** | |\n" in shown
    assert (
        "- [ ] `b.py` `pandas/groupby_axis`, 1 edit: `tests/test_b.py::test_sum` fails with them\n\n  ```text\n  assert 4 == 3\n"
        in shown
    )
    assert "- [ ] `tests/test_b.py::test_append[a|b]` failed: AttributeError: no attribute append\n" in shown
    assert (
        f"- [ ] `b.py:40:12` `return frame.append(row)`: pandas.DataFrame.append was removed <{REFERENCE}>\n" in shown
    )
    assert "- `b.py:50:1` FutureWarning: swapaxes \\| is &lt;deprecated>\n" in shown
    assert "- `b.py:3:5` `df.iteritems()` → `df.items()` (confirmed)\n" in shown
    assert "Unverified edits, which no test vouches for (1)" in shown


def test_markdown_of_a_failure_cannot_break_out():
    hostile = dataclasses.replace(VALIDATION.rolled_back[0], failure="```\n# Title\n````")
    shown = render(
        dataclasses.replace(VALIDATED, validation=dataclasses.replace(VALIDATION, rolled_back=(hostile,))), "r.md"
    )
    assert "  `````text\n  ```\n  # Title\n  ````\n  `````\n" in shown


@pytest.mark.parametrize("name", REPORTS)
def test_an_edit_that_no_test_reaches_never_passes(name):
    none = dataclasses.replace(VALIDATION, verdicts=(), rolled_back=(), failing=(), explained=(), warnings=())
    person = NeedsPerson(Location("x.py", 1, 1), GROUPBY, "x", Certainty.PROVEN, Applicability.SAFE, "why")
    shown = render(dataclasses.replace(VALIDATED, outcomes=(*RESULT.outcomes, person), validation=none), name)
    assert "unverified" in shown.lower()
    assert "confirmed" not in shown.replace('"confirmed": 0', "")
