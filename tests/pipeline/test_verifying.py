"""Which releases a rule is tried between, and what is kept of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from apimig.environments import Environment
from apimig.errors import ApimigError
from apimig.mining.candidate import Status, Tried, Verification
from apimig.mining.trials.running import Release, Runner
from apimig.mining.trials.trial import Conventions, Trial, try_cases
from apimig.pipeline import sides, verified, verifying
from apimig.pipeline.sides import Pair, Sides
from apimig.pipeline.verifying import Verified, grouped, releases_of, verify
from apimig.records import Applicability
from apimig.rulebook import load
from apimig.rulebook.rule import Advise, Library, Rule
from tests.validation.acme import side

BOX = Library("box", ("box",), releases=("1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.0.1", "2.1.0", "3.0.0"))


def rule(name="x", **versions):
    return Rule(f"box/{name}", "box", Advise(), "", "", Applicability.SAFE, **versions)


RELEASES = {
    "removed": ({"removed": "2.0.0"}, ("1.1.0", "2.0.1")),
    "deprecated and removed": ({"deprecated": "1.1.0", "removed": "2.0.0"}, ("1.1.0", "2.0.1")),
    "changed": ({"changed": "2.1.0"}, ("2.0.1", "2.1.0")),
    "deprecated alone": ({"deprecated": "1.1.0"}, ("1.0.1", "1.1.0")),
    "the new name came later": ({"removed": "2.0.0", "replacement_since": "2.1.0"}, ("1.1.0", "2.1.0")),
    "removed in a release that is not there yet": ({"deprecated": "2.1.0", "removed": "4.0.0"}, ("2.0.1", "2.1.0")),
    "a version between releases": ({"removed": "1.5.0"}, ("1.1.0", "2.0.1")),
    "deprecated in the future": ({"deprecated": "4.0.0"}, None),
    "older than all releases": ({"removed": "0.9.0"}, None),
}


@pytest.mark.parametrize("case", RELEASES)
def test_releases_of_a_rule(case):
    versions, expected = RELEASES[case]
    assert releases_of(rule(**versions), BOX) == expected


def test_rules_share_releases_and_deprecations_join_what_is_needed_anyway():
    rules = [
        rule("gone", removed="2.0.0"),
        rule("gone_too", deprecated="1.1.0", removed="2.0.0"),
        rule("warns", deprecated="1.1.0"),
        rule("warns_late", deprecated="3.0.0"),
        rule("never", deprecated="9.0.0"),
    ]
    found = {str(pair): [each.id for each in group] for pair, group in grouped(rules, [BOX]).items()}
    assert found == {
        "None": ["box/never"],
        "box 1.1.0 -> 2.0.1": ["box/gone", "box/gone_too", "box/warns"],
        "box 2.1.0 -> 3.0.0": ["box/warns_late"],
    }


def test_two_releases_may_be_given_for_all():
    rules = [rule("a", removed="2.0.0"), rule("b", deprecated="1.1.0")]
    assert grouped(rules, [BOX], ("1.0.0", "3.0.0")) == {Pair("box", "1.0.0", "3.0.0"): rules}


def test_environments_have_what_cases_name_and_is_known():
    trials = [Trial("x", "cases 1", "import numpy as np\nfrom box.lid import Lid", "sq.table(1)", {"a": "strange.A()"})]
    known = Conventions({"sq": "sqlalchemy"}, {}, {"numpy": "numpy", "sqlalchemy": "SQLAlchemy"})
    library = replace(BOX, companions=("openpyxl<4",))
    found = [str(need.requirement) for need in sides._needs(library, trials, known)]
    assert found == ["openpyxl<4", "numpy", "SQLAlchemy"]


def test_environments_that_were_made_are_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path))
    made = []

    def built(request, *, tell):
        made.append(request.versions)
        site = tmp_path / "lib" / "python3.11" / "site-packages"
        site.mkdir(parents=True, exist_ok=True)
        (tmp_path / "python").touch()
        return tuple(Environment(tmp_path / "python", site, "3.11.7", {"box": v}, f"key {v}") for v in request.versions)

    monkeypatch.setattr(sides, "build", built)
    pair = Pair("box", "1.1.0", "2.0.1")
    first, again = (sides.environments(pair, BOX, [], Conventions()) for _ in range(2))
    assert first == again
    assert (first.old.name, first.new.key, first.python) == ("box 1.1.0", "key 2.0.1", "3.11.7")
    assert first.old.readable == (tmp_path,)
    assert made == [("1.1.0", "2.0.1")]
    sides.environments(pair, replace(BOX, companions=("numpy",)), [], Conventions())
    (tmp_path / "python").unlink()
    sides.environments(pair, BOX, [], Conventions())
    assert len(made) == 3


def test_a_usual_name_has_the_sample_of_its_class():
    library = replace(BOX, conventional={"bx": "box"}, names={"b": "box.Box"}, samples={"box.Box": "box.Box(1)"})
    assert verifying.conventions_of([library]) == Conventions(
        {"bx": "box"}, {"Box": "box.Box(1)", "b": "box.Box(1)"}, {"box": "box"}
    )


# --------------------------------------------------------------------------- a library with two releases

RULES = {
    "rows_renamed": """\
library: acme
removed: "2.0.0"
reference: https://acme.example/2.0#rows
summary: Frame.iterrows_old became rows
rename_member: {acme.Frame.iterrows_old: rows}
cases:
  - before: "for row in f.iterrows_old(): print(row)"
    after: "for row in f.rows(): print(row)"
    given: {f: "acme.Frame([1, 2])"}
unchanged: ["other.iterrows_old()"]
""",
    "total_wrong": """\
library: acme
removed: "2.0.0"
reference: https://acme.example/2.0#total
summary: A wrong rule
rename_member: {acme.Frame.total: count}
cases:
  - before: n = f.total()
    after: n = f.count()
    given: {f: "acme.Frame([5, 2])"}
unchanged: ["other.total()"]
""",
    "told": """\
library: acme
removed: "2.0.0"
reference: https://acme.example/2.0#quiet
summary: Frame.quiet is gone
api: acme.Frame.quiet
advise: Say nothing.
unchanged: ["other.quiet()"]
""",
}


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """A folder with rules, and environments for them."""
    folder = tmp_path / "rules" / "acme"
    folder.mkdir(parents=True)
    given = Path(__file__).parent / "rules" / "acme" / "_library.yaml"
    (folder / "_library.yaml").write_text(given.read_text())
    for name, text in RULES.items():
        (folder / f"{name}.yaml").write_text(text)
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))

    def release(version):
        made = side(tmp_path / "environments", version)
        return Release(made.name, made.python, made.readable, ("acme",), ("acme",), made.name)

    two = Sides(release("1.0.0"), release("2.0.1"), "3.11")
    monkeypatch.setattr(verifying, "environments", lambda *_, **__: two)
    return folder.parent


def found_in(folder, *names):
    book = load((folder,))
    rules = [each for each in book.rules if each.id in {f"acme/{name}" for name in names or RULES}]
    return {each.rule.id: each for each in verify(rules, book.libraries, runner=Runner())}


def test_rules_are_verified_by_running_them(acme):
    found = {id_: each.verification for id_, each in found_in(acme).items()}
    assert {id_: (each.status, each.reason) for id_, each in found.items()} == {
        "acme/rows_renamed": (Status.VERIFIED, ""),
        "acme/total_wrong": (Status.DIFFERS, "cases 1: n: 7, then 2"),
        "acme/told": (Status.UNRUN, "no case shows old and new code"),
    }
    assert found["acme/rows_renamed"].tried == (Tried("cases 1", Status.VERIFIED, "", "fails", "works"),)


def test_only_a_safe_rule_that_differs_fails(acme):
    found = found_in(acme)
    assert [each.rule.id for each in found.values() if verified.fails(each)] == ["acme/total_wrong"]
    assert verified.differing(found["acme/total_wrong"]) == ["cases 1: n: 7, then 2"]
    path = acme / "acme" / "total_wrong.yaml"
    for more in ("    differs: they count\n", "    unsafe: true\n"):
        path.write_text(RULES["total_wrong"].replace("unchanged", f"{more}unchanged"))
        assert not any(map(verified.fails, found_in(acme, "total_wrong").values()))
    path.write_text(f"applicability: unsafe\n{RULES['total_wrong']}")
    assert not any(map(verified.fails, found_in(acme, "total_wrong").values()))


def test_where_no_environment_can_be_made_that_is_the_reason(acme, monkeypatch):
    def refuse(*_, **__):
        raise ApimigError("acme 1.0.0 is nowhere")

    monkeypatch.setattr(verifying, "environments", refuse)
    (seen,) = found_in(acme, "rows_renamed").values()
    assert seen.verification == Verification(
        Status.UNRUN, "acme 1.5.0", "acme 2.0.1", reason="there is no environment: acme 1.0.0 is nowhere"
    )


# --------------------------------------------------------------------------- the record


def test_a_record_is_written_in_order_and_notices_what_is_stale(acme, tmp_path):
    found = list(found_in(acme).values())
    path = tmp_path / "VERIFIED.json"
    verified.record(path, reversed(found), day=date(2024, 1, 2))
    entries = verified.read(path)
    assert list(entries) == sorted(each.rule.id for each in found)
    assert entries["acme/total_wrong"] == {
        "status": "differs",
        "file": verified.hash_of(load((acme,)).by_id()["acme/total_wrong"]),
        "old": "acme 1.0.0",
        "new": "acme 2.0.1",
        "python": "3.11",
        "date": "2024-01-02",
        "cases": {"differs": 1},
        "earlier": ["differs"],
        "reasons": {"cases 1": "n: 7, then 2"},
    }
    assert verified.stale([each.rule for each in found], entries) == []
    (acme / "acme" / "told.yaml").write_text(RULES["told"] + "# more\n")
    assert verified.stale([each.rule for each in found], entries) == ["acme/told"]


def test_an_entry_that_says_the_same_keeps_its_day(acme, tmp_path):
    found = list(found_in(acme, "rows_renamed").values())
    path = tmp_path / "VERIFIED.json"
    verified.record(path, found, day=date(2024, 1, 2))
    before = path.read_bytes()
    verified.record(path, found, day=date(2025, 1, 2))
    assert path.read_bytes() == before
    changed = [replace(each, python="3.12") for each in found]
    verified.record(path, changed, day=date(2025, 1, 2))
    assert verified.read(path)["acme/rows_renamed"]["date"] == "2025-01-02"


def test_other_entries_stay_and_those_of_no_rule_go(acme, tmp_path):
    path = tmp_path / "VERIFIED.json"
    path.write_text(
        json.dumps({"format": 1, "rules": {"acme/gone": {"status": "unrun"}, "acme/told": {"status": "x"}}})
    )
    (found,) = found_in(acme, "rows_renamed").values()
    verified.record(path, [found], day=date(2024, 1, 2))
    assert list(verified.read(path)) == ["acme/gone", "acme/rows_renamed", "acme/told"]
    verified.record(path, [found], day=date(2024, 1, 2), kept=["acme/rows_renamed", "acme/told"])
    assert list(verified.read(path)) == ["acme/rows_renamed", "acme/told"]


def test_an_entry_is_told_where_it_is_of_this_text(acme, tmp_path):
    found = found_in(acme, "rows_renamed", "told")
    path = tmp_path / "VERIFIED.json"
    verified.record(path, found.values(), day=date(2024, 1, 2))
    entries, ours = verified.read(path), found["acme/rows_renamed"].rule
    said = "Its cases gave the same under acme 1.0.0 and acme 2.0.1 (Python 3.11, 2024-01-02)."
    assert verified.told(ours, entries) == said
    assert verified.told(ours, {}) == ""
    assert verified.told(ours, {ours.id: {**entries[ours.id], "file": "another"}}) == ""


def test_another_file_is_no_record(tmp_path):
    path = tmp_path / "VERIFIED.json"
    assert verified.read(path) == {}
    path.write_text("[]")
    with pytest.raises(ApimigError, match="cannot be read as a record"):
        verified.read(path)


def test_what_may_differ_is_no_failure():
    tried = (Tried("cases 1", Status.DIFFERS, "a", allowed=True),)
    assert not verified.fails(Verified(rule(), Verification(Status.DIFFERS, "", "", tried)))


@pytest.mark.slow
def test_an_old_release_that_today_s_packages_break_gets_those_of_its_time():
    flask = Library("Flask", ("flask",), releases=("1.1.2", "2.3.3"))
    trial = Trial(
        "x", "cases 1", "import flask\nx = flask.escape('<')", "import markupsafe\nx = markupsafe.escape('<')"
    )
    found = sides.environments(Pair("Flask", "1.1.2", "2.3.3"), flask, [trial], Conventions())
    (tried,) = try_cases([trial], found.old, found.new, runner=Runner())
    assert tried.status is Status.VERIFIED, tried.reason
