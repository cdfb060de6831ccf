"""Environments of the wrong time: packages with which the old code cannot be imported, and those of another day."""

from __future__ import annotations

from pathlib import Path

import pytest

import apimig
from apimig.errors import ApimigError
from apimig.pipeline import ground
from apimig.sandbox import Limits
from apimig.validation import suite
from apimig.validation.bench import Suite
from tests.validation import acme

RULES = Path(__file__).parent / "rules"
CODE = "import acme, mate\n\ndef everything(rows):\n    return list(acme.load(rows).iterrows_old())\n"
TESTS = "import code_\ndef test_everything(): assert code_.everything([1, 2]) == [1, 2]\n"
MATES = {
    "of its time": "old = 1\n",
    "too new": "import acme\nacme.no_such_name\n",
    "as new": "import acme.no\n",
    "newer": "new = 1\n",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Both sides, for each state that a companion is in."""
    folder = tmp_path_factory.mktemp("environments")

    def sides(mate):
        found = []
        for version in acme.RELEASES:
            side = acme.side(folder / mate.replace(" ", "-"), version)
            site = next(side.python.parents[1].glob("lib/python*/site-packages"))
            (site / "mate.py").write_text(MATES[mate])
            found.append(side)
        return found

    (folder / "x").mkdir()
    for mate in MATES:
        (folder / mate.replace(" ", "-")).mkdir()
    return {mate: sides(mate) for mate in MATES}


@pytest.fixture
def project(tmp_path, monkeypatch, made):
    """A project, and what stands in its files; its first environments are those that are too new."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def given(others, first="too new", runner=suite.PYTEST, arguments=("-q",), **files):
        for name, text in {
            "pyproject.toml": '[project]\nname = "p"\n',
            "code_.py": CODE,
            "test_it.py": TESTS,
            **files,
        }.items():
            (folder / name).write_text(text)
        tests = Suite(runner, arguments, paths=("",), libraries=("acme",), limits=Limits(wall_seconds=60))
        asked = []

        def prepared(mate):
            asked.append(mate)
            if mate not in made:
                raise ApimigError("no such packages")
            return ground.Ground(*made[mate], tests, notes=(mate,))

        ways = {f"packages as of {mate}": lambda mate=mate: prepared(mate) for mate in others}
        one = ground.Ground(*made[first], tests, notes=(first,), others=ways)
        monkeypatch.setattr(ground, "prepared", lambda *_: one)
        result = apimig.upgrade(["."], lib="acme==2.0", validate=True, surfaces=False, types="off", rules=(RULES,))
        return result.validation, asked

    return given


def counts(run):
    return {status.value: number for status, number in run.counts().items()}


def test_packages_with_which_more_can_be_imported_are_kept_for_both_sides(project):
    found, asked = project(["of its time", "newer"])
    assert asked == ["of its time"]
    assert counts(found.baseline) == counts(found.after) == {"passed": 1}
    assert [each.verdict.value for each in found.verdicts] == ["confirmed"]
    why = "with those tried before a file could not be imported (AttributeError: module 'acme' has no attribute "
    assert found.notes == (
        "of its time",
        f"packages as of of its time are used: {why}'no_such_name'), with these none",
    )


@pytest.mark.parametrize(("other", "runs"), [("too new", 5), ("as new", 7)], ids=["the same", "others"])
def test_packages_that_are_no_better_are_not_kept(project, other, runs):
    """The same environments are not tried again; without tests that can be collected each try takes two runs."""
    found, asked = project([other])
    assert asked == [other]
    assert counts(found.baseline) == {"error": 1}
    assert found.notes == ("too new",)
    assert found.runs == runs


def test_what_cannot_be_had_is_said_and_the_next_is_tried(project):
    found, asked = project(["unheard of", "newer"])
    assert asked == ["unheard of", "newer"]
    assert counts(found.after) == {"passed": 1}
    assert any("packages as of unheard of cannot be had: no such packages" in note for note in found.notes)


@pytest.mark.parametrize(
    "files",
    [
        {"code_.py": CODE.replace(", mate", "")},
        {"code_.py": CODE.replace(", mate", ""), "test_it.py": TESTS + "def test_fails(): acme.no\n"},
        {"code_.py": CODE.replace("mate", "not_there_at_all")},
        {"code_.py": "assert 0\n"},
    ],
    ids=["all is well", "a test fails", "a package is missing", "the repository's own fault"],
)
def test_another_day_is_tried_only_where_other_packages_may_be_to_blame(project, files):
    _, asked = project(["of its time"], **files)
    assert asked == []


def test_a_name_that_a_package_does_not_have_may_be_of_another_time(project):
    found, asked = project(
        ["newer"],
        first="of its time",
        **{"code_.py": CODE.replace("import acme, mate", "import acme\nfrom mate import new")},
    )
    assert asked == ["newer"]
    assert counts(found.after) == {"passed": 1}


def test_a_conftest_that_cannot_be_imported_ends_pytest(project):
    found, asked = project(["of its time"], **{"conftest.py": "import mate\n"})
    assert asked == ["of its time"]
    assert counts(found.after) == {"passed": 1}


RUNNERS = {
    suite.UNITTEST: ("discover",),
    suite.IMPORTS: ("code_",),
}


@pytest.mark.parametrize("runner", RUNNERS)
def test_other_runners_tell_it_too(project, runner):
    case = "import code_, unittest\nclass A(unittest.TestCase):\n    def test_a(self): code_.everything([1])\n"
    found, asked = project(["of its time"], runner=runner, arguments=RUNNERS[runner], **{"test_it.py": case})
    assert asked == ["of its time"]
    assert counts(found.after) == {"passed": 1}
