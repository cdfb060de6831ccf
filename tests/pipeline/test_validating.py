"""``validate``: the repository's tests decide, under both releases of a library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import apimig
from apimig.pipeline import ground, surfaces, validating
from apimig.records import NeedsPerson, Rewritten
from apimig.sandbox import Limits
from apimig.surface.changes import Change, ChangeKind
from apimig.surface.model import Kind
from apimig.validation import suite
from apimig.validation.bench import Suite
from apimig.verdicts import Verdict
from tests.validation import acme

RULES = Path(__file__).parent / "rules"

CODE = """\
import acme

def everything(rows):
    frame = acme.load(rows)
    return [row for row in frame.iterrows_old()]

def never_run(rows):
    return acme.open_frame(rows)
"""
TESTS = """\
import code_
def test_everything(): assert code_.everything([1, 2]) == [1, 2]
def test_else(): assert code_.never_run
"""


@pytest.fixture(scope="module")
def environments(tmp_path_factory):
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def project(tmp_path, monkeypatch, environments):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\n')
    monkeypatch.chdir(folder)
    old, new = acme.side(environments, "1.0.0"), acme.side(environments, "2.0.1")
    tests = Suite(suite.PYTEST, ("-q",), paths=("",), libraries=("acme",), limits=Limits(wall_seconds=60))
    monkeypatch.setattr(ground, "prepared", lambda *_: ground.Ground(old, new, tests, "a sandbox"))
    return folder


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)


def run(**options):
    options.setdefault("rules", (RULES,))
    return apimig.upgrade(["."], lib="acme==2.0", validate=True, surfaces=False, types="off", **options)


def counts(run) -> dict[str, int]:
    return {status.value: number for status, number in run.counts().items()}


def verdicts(result) -> dict[str, str]:
    return {f"{v.location.path}:{v.location.line} {v.rule}": v.verdict.value for v in result.validation.verdicts}


def test_an_edit_that_passing_tests_run_is_confirmed_and_one_that_none_runs_is_unverified(project):
    put(project, code_=CODE, test_it=TESTS)
    result = run()
    assert "frame.rows()" in (project / "code_.py").read_text()
    assert counts(result.validation.baseline) == counts(result.validation.after) == {"passed": 2}
    assert verdicts(result) == {
        "code_.py:5 acme/frame_rows": "confirmed",
        "code_.py:8 acme/function_open": "unverified",
        "code_.py:8 acme/function_load": "unverified",
    }
    confirmed, unverified, _ = result.validation.verdicts
    assert confirmed.tests == ("test_it.py::test_everything",)
    assert confirmed.why == "a test that passed under acme 2.0.1 ran it"
    assert unverified.why == "no test reaches it"
    assert result.validation.runs == 2


def test_a_validation_that_was_interrupted_goes_on_with_the_runs_that_it_has(project, monkeypatch, tmp_path):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    put(project, code_=CODE, test_it=TESTS)
    told: list[str] = []

    def interrupting(what):
        told.append(what)
        if "new code" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tell=interrupting)
    assert (project / "code_.py").read_text() == CODE
    assert told == ["running the tests: old code, acme 1.0.0", "running the tests: new code, acme 2.0.1"]
    told.clear()
    result = run(tell=told.append, write=False)
    assert told == ["running the tests: new code, acme 2.0.1"]
    assert "1 test run is remembered from a validation of today that was interrupted" in result.validation.notes
    told.clear()
    again = run(tell=told.append)
    assert len(told) == 2
    assert verdicts(again) == verdicts(result)
    assert again.validation.notes == ()


def test_types_that_are_seen_make_receivers_proven(project):
    put(
        project,
        code_="def walk(thing):\n    return list(thing.iterrows_old())\n",
        test_it="import acme, code_\ndef test_a(): assert code_.walk(getattr(acme, 'lo' + 'ad')([1])) == [1]\n",
    )
    blind = apimig.check(["."], lib="acme==2.0", rules=(RULES,), surfaces=False, types="off")
    assert not any(isinstance(outcome, Rewritten) for outcome in blind.outcomes)
    result = run()
    (outcome,) = result.outcomes
    assert isinstance(outcome, Rewritten)
    assert (outcome.certainty, outcome.reason) == ("proven", "seen when the tests ran under acme 1.0.0")
    assert "thing.rows()" in (project / "code_.py").read_text()
    assert result.validation.observed == 1
    assert not result.validation.failing


def test_receivers_that_are_too_many_to_be_listed_are_looked_at_too(project, with_wrong_rule):
    code = "def walk(thing):\n    return list(thing.iterrows_old())\n\ndef other(thing):\n    return thing.iterrows_old()\n"
    tests = "import acme, code_\ndef test_a(): assert code_.walk(getattr(acme, 'lo' + 'ad')([1])) == [1]\n"
    put(project, code_=code, test_it=tests)
    (rules,) = with_wrong_rule()
    file = rules / "acme" / "frame_rows.yaml"
    file.write_text(file.read_text() + "ask: false\n")
    blind = apimig.check(["."], lib="acme==2.0", rules=(rules,), surfaces=False, types="off")
    assert blind.outcomes == ()
    result = run(rules=(rules,))
    assert (project / "code_.py").read_text() == code.replace("iterrows_old", "rows", 1)
    assert [outcome.rule for outcome in result.outcomes] == ["acme/frame_rows"]
    assert result.validation.observed == 1


def test_a_receiver_that_may_be_none_or_anything_is_looked_at_too(project):
    code = (
        "import acme\n\ndef find(rows):\n    if not rows:\n        return None\n    return getattr(acme, 'lo' + 'ad')(rows)\n"
        "\ndef walk(rows):\n    frame = find(rows)\n    return list(frame.iterrows_old())\n"
    )
    put(project, code_=code, test_it="import code_\ndef test_a(): assert code_.walk([1]) == [1]\n")
    result = run()
    assert "frame.rows()" in (project / "code_.py").read_text()
    (outcome,) = result.outcomes
    assert (outcome.certainty, outcome.reason) == ("proven", "seen when the tests ran under acme 1.0.0")


def test_a_receiver_that_is_seen_to_be_something_else_is_left_alone(project):
    put(
        project,
        code_="def walk(thing):\n    return list(thing.iterrows_old())\n",
        test_it="class Mine:\n    def iterrows_old(self): return [1]\n"
        "import code_\ndef test_a(): assert code_.walk(Mine()) == [1]\n",
    )
    before = (project / "code_.py").read_text()
    result = run()
    assert (project / "code_.py").read_text() == before
    assert not result.validation.failing


WRONG = {
    "library": "acme",
    "deprecated": "2.0.0",
    "reference": "https://acme.example/2.0#total",
    "summary": "Frame.total became count, which is wrong",
    "rename_member": {"acme.Frame.total": "count"},
    "cases": [{"before": "frame.total()", "after": "frame.count()"}],
    "unchanged": ["other.total()"],
}


@pytest.fixture
def with_wrong_rule(tmp_path):
    def write(**more: object) -> tuple[Path, ...]:
        folder = tmp_path / "wrong" / "acme"
        folder.mkdir(parents=True)
        for file in (RULES / "acme").iterdir():
            (folder / file.name).write_text(file.read_text())
        (folder / "frame_total.yaml").write_text(yaml.safe_dump({**WRONG, **more}))
        return (folder.parent,)

    return write


SUM = "import acme\ndef total(rows):\n    frame = acme.open_frame(rows)\n    return frame.total()\n"


@pytest.mark.parametrize("versions", [{}, {"removed": "2.0.0"}], ids=["can be done without", "is needed"])
def test_an_edit_that_breaks_a_test_is_taken_back_alone(project, with_wrong_rule, versions):
    put(
        project,
        code_=CODE,
        sums=SUM,
        test_it=TESTS,
        test_sums="import sums\ndef test_total(): assert sums.total([5, 6]) == 11\n",
    )
    result = run(rules=with_wrong_rule(**versions))
    assert (project / "sums.py").read_text() == SUM.replace("open_frame", "load")
    (back,) = result.validation.rolled_back
    assert (back.path, back.rule, back.edits, back.tests) == (
        "sums.py",
        "acme/frame_total",
        1,
        ("test_sums.py::test_total",),
    )
    assert "assert 2 == 11" in back.failure
    assert counts(result.validation.after) == {"passed": 3}
    assert verdicts(result)["sums.py:4 acme/frame_total"] == "broke"
    assert verdicts(result)["sums.py:3 acme/function_open"] == "confirmed"
    (outcome,) = (each for each in result.outcomes if each.rule == "acme/frame_total")
    assert isinstance(outcome, NeedsPerson)
    assert outcome.why.startswith("taken back, since a test fails with this edit (test_sums.py::test_total)")


def test_an_edit_at_whose_line_the_call_is_refused_is_taken_back(project, with_wrong_rule):
    put(project, sums=SUM, test_sums="import sums\ndef test_total(): assert sums.total([5, 6]) == 11\n")
    rules = with_wrong_rule(
        removed="2.0.0",
        rename_member={"acme.Frame.total": "absent"},
        cases=[{"before": "frame.total()", "after": "frame.absent()"}],
    )
    result = run(rules=rules)
    assert "frame.total()" in (project / "sums.py").read_text()
    assert [back.rule for back in result.validation.rolled_back] == ["acme/frame_total"]


def test_an_edit_with_which_nothing_can_be_imported_hides_no_other(project, with_wrong_rule):
    put(
        project,
        sums="import acme\nfrom acme import Frame\n\ndef total(rows):\n    return Frame(rows).total()\n",
        test_sums="import sums\ndef test_total(): assert sums.total([5, 6]) == 11\n",
    )
    before = (project / "sums.py").read_text()
    (rules,) = with_wrong_rule(removed="2.0.0")
    moved = {**WRONG, "removed": "2.0.0", "rename": {"acme.Frame": "acme.gone.Frame"}}
    del moved["rename_member"]
    moved["cases"] = [{"before": "acme.Frame([])", "after": "acme.gone.Frame([])"}]
    (rules / "acme" / "function_moved.yaml").write_text(yaml.safe_dump(moved))
    result = run(rules=(rules,))
    assert (project / "sums.py").read_text() == before
    assert {back.rule for back in result.validation.rolled_back} == {"acme/function_moved", "acme/frame_total"}
    assert counts(result.validation.after) == {"passed": 1}


def test_an_edit_that_only_the_new_release_understands_is_not_blamed_for_failing_under_the_old_one(
    project, with_wrong_rule
):
    put(
        project,
        sums="import acme\ndef total(rows):\n    frame = acme.load(rows)\n    return frame.total()\n",
        test_sums="import acme, sums\ndef test_total():\n    assert sums.total([5]) == 5\n"
        "    assert hasattr(acme, 'open_frame')\n",
    )
    result = run(rules=with_wrong_rule(removed="2.0.0", replacement_since="2.0.0"))
    assert [test.name for test in result.validation.failing] == ["test_sums.py::test_total"]
    assert not result.validation.rolled_back
    assert ".count()" in (project / "sums.py").read_text()


def test_an_edit_is_not_blamed_for_what_else_is_refused_in_its_statement(project):
    code = "import acme\n\ndef walk(rows, other):\n    return list(acme.load(rows).iterrows_old()), other.lookup(0)\n"
    put(project, code_=code, test_it="import acme, code_\ndef test_a(): code_.walk([1], acme.Frame([2]))\n")
    result = run()
    assert "acme.load(rows).rows()), other.lookup(0)" in (project / "code_.py").read_text()
    assert [test.message for test in result.validation.failing] == [
        "AttributeError: 'Frame' object has no attribute 'lookup'"
    ]
    assert not result.validation.rolled_back


def test_files_that_cannot_be_collected_keep_no_other_from_being_judged(project, with_wrong_rule, monkeypatch):
    named = ground.prepared(None, None, None, None)
    whole = replace(named, suite=replace(named.suite, arguments=("-q", ".")))
    monkeypatch.setattr(ground, "prepared", lambda *_: whole)
    put(
        project,
        sums=SUM,
        test_sums="import sums\ndef test_total(): assert sums.total([5, 6]) == 11\n",
        test_broken="import nobody_has_this\n",
    )
    result = run(rules=with_wrong_rule())
    assert [back.rule for back in result.validation.rolled_back] == ["acme/frame_total"]
    assert result.validation.flaky == ()
    assert not result.validation.failing


def test_a_failure_that_no_edit_explains_stays_in_the_report(project):
    put(
        project,
        code_=CODE,
        test_it=TESTS + "def test_version():\n    import acme\n    assert hasattr(acme.Frame, 'lookup')\n",
    )
    result = run()
    assert [test.name for test in result.validation.failing] == ["test_it.py::test_version"]
    assert not result.validation.rolled_back
    assert "frame.rows()" in (project / "code_.py").read_text()


def test_a_line_that_fails_is_linked_to_the_change_that_explains_it_and_becomes_a_finding(project, monkeypatch):
    gone = Change(ChangeKind.REMOVED, "acme.Frame.quiet", Kind.METHOD)
    monkeypatch.setattr(surfaces, "changes", lambda *_: (gone,))
    tallies = []
    monkeypatch.setattr(
        validating,
        "validated",
        lambda tally, *rest, real=validating.validated, **named: tallies.append(tally) or real(tally, *rest, **named),
    )
    put(
        project,
        code_=CODE + "def more(rows):\n    frame = acme.open_frame(rows)\n    return (\n        frame.quiet())\n",
        test_it=TESTS + "def test_more(): assert code_.more([1]) == 1\ndef test_again(): assert code_.more([1]) == 1\n",
    )
    result = run()
    (found,) = result.validation.explained
    assert (str(found.location), found.code) == ("code_.py:12:1", "frame.quiet())")
    assert found.failure == "AttributeError: 'Frame' object has no attribute 'quiet'"
    assert (found.change, found.tests) == (str(gone), ("test_it.py::test_again", "test_it.py::test_more"))
    (outcome,) = (each for each in result.outcomes if isinstance(each, NeedsPerson))
    assert (outcome.rule, outcome.location) == ("acme/acme.Frame.quiet", found.location)
    assert outcome.why.startswith("fails under acme 2.0.1 in 2 tests: AttributeError")
    assert tallies[0].accounts["code_.py"].needs_person == 1
    assert not result.validation.rolled_back


def test_what_failed_before_is_not_held_against_the_edits(project):
    put(project, code_=CODE, test_it=TESTS + "def test_never(): assert 0\n")
    result = run()
    assert counts(result.validation.baseline) == {"passed": 2, "failed": 1}
    assert not result.validation.failing


def test_a_test_that_fails_once_in_a_while_is_flaky_and_counts_for_nothing(project):
    flaky = "import os, acme\ndef test_flaky(): assert hasattr(acme, 'open_frame') or 'APIMIG_ONLY' in os.environ\n"
    put(project, code_=CODE, test_it=TESTS, test_flaky=flaky)
    result = run()
    assert result.validation.flaky == ("test_flaky.py::test_flaky",)
    assert not result.validation.failing
    assert not result.validation.rolled_back


def test_deprecations_that_were_raised_are_matched_with_findings(project):
    put(
        project,
        code_=CODE + "def more(rows):\n    return acme.load(rows).hidden()\n",
        test_it=TESTS + "def test_more(): assert code_.more([1]) == 1\n",
    )
    seen = {(w.location.line, w.rule) for w in run().validation.warnings}
    assert seen == {(5, "acme/frame_rows"), (10, "")}


def test_new_code_must_work_under_the_old_release_where_both_are_kept(project):
    put(project, code_=CODE, test_it=TESTS)
    kept = run(keep_old=True).validation.kept
    assert kept.title == "new code, acme 1.0.0"
    assert counts(kept) == {"passed": 2}


def test_files_that_cannot_be_collected_are_counted_as_pytest_counts_them(project):
    put(project, code_=CODE, test_it=TESTS, test_odd="import nothing_of_the_kind\n")
    result = run()
    assert counts(result.validation.baseline) == {"error": 1}
    assert verdicts(result)["code_.py:5 acme/frame_rows"] == "confirmed"


def test_nothing_is_written_to_the_project_by_its_own_tests(project):
    put(project, code_=CODE, test_it=TESTS + "def test_write(): open('made.txt', 'w').write('x')\n")
    run(write=False)
    assert sorted(path.name for path in project.iterdir()) == ["code_.py", "pyproject.toml", "test_it.py"]
    assert (project / "code_.py").read_text() == CODE


def test_every_verdict_is_one_of_an_outcome(project):
    put(project, code_=CODE, test_it=TESTS)
    result = run()
    places = {(outcome.location, outcome.rule) for outcome in result.outcomes if isinstance(outcome, Rewritten)}
    assert {(each.location, each.rule) for each in result.validation.verdicts} == places
    assert result.validation.counts() == {Verdict.CONFIRMED: 1, Verdict.BROKE: 0, Verdict.UNVERIFIED: 2}
