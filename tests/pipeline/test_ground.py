"""What a validation runs on, for a project within a repository: where its tests run, and from where it is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

import apimig
from apimig import environments
from apimig.environments import Environment
from tests.environments.test_needs import put
from tests.validation import acme

RULES = Path(__file__).parent / "rules"
TREE = {
    "pyproject.toml": '[project]\nname = "outer"\ndependencies = ["outer-needs"]\n[tool.pytest.ini_options]\naddopts = "-q"\n',
    "tests/test_outer.py": "def test_outer(): assert 0\n",
    "packages/a/pyproject.toml": '[project]\nname = "a"\ndependencies = ["acme", "b"]\n[tool.uv.sources]\nb.path = "../b"\n',
    "packages/a/src/a/__init__.py": "import acme\nfrom b import rows\ndef everything():\n"
    "    return list(acme.load(rows).iterrows_old())\n",
    "packages/a/tests/test_a.py": "import a, os\ndef test_a(): assert a.everything() == [1, 2]\n"
    "def test_folder(): assert os.path.exists('pyproject.toml') and os.path.exists('../../tests')\n"
    "def test_write(): open('../made.txt', 'w').close()\n",
    "packages/b/setup.py": "from setuptools import setup\nsetup(name='b', install_requires=['needed-by-b'])\n",
    "packages/b/b.py": "rows = [1, 2]\n",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def asked(made, monkeypatch):
    """The requests for environments, which are answered with those of acme."""
    requests = []

    def build(request, **_):
        requests.append(request)
        sides = (acme.side(made, version) for version in acme.RELEASES)
        return tuple(Environment(each.python, acme.SITE, each.interpreter, {}, "") for each in sides)

    monkeypatch.setattr(environments, "build", build)
    return requests


@pytest.fixture
def repository(tmp_path):
    root = put(tmp_path / "repository", TREE)
    (root / ".git").mkdir()
    return root


def run(path, **options):
    return apimig.upgrade(
        [path], lib="acme==2.0", from_="1.0", validate=True, surfaces=False, types="off", rules=(RULES,),
        allow_dirty=True, **options,
    )  # fmt: skip


def test_a_project_within_a_repository_has_its_own_needs_and_tests(repository, asked):
    result = run(repository / "packages/a", keep_old=True)
    (request,) = asked
    assert request.root == repository / "packages/a"
    assert {each.name for each in request.needs.needs} == {"acme", "needed-by-b", "pytest"}
    names = {test.name.rpartition("/")[2]: str(test.status) for test in result.validation.after.tests}
    assert names == {f"test_a.py::{test}": "passed" for test in ("test_a", "test_folder", "test_write")}
    assert "packages/a is a project of its own" in " ".join(result.validation.notes)


def test_places_stay_relative_to_the_repository(repository, asked):
    result = run(repository / "packages/a")
    assert result.root == repository
    assert [change.name for change in result.changes] == ["packages/a/src/a/__init__.py"]
    assert {each.verdict.value for each in result.validation.verdicts} == {"confirmed"}
    assert {str(each.location.path) for each in result.validation.warnings} == {"packages/a/src/a/__init__.py"}
    assert "rows()" in (repository / "packages/a/src/a/__init__.py").read_text()
    assert not (repository / "packages/made.txt").exists()
    assert apimig.undo(repository / "packages/a").restored
    assert "iterrows_old" in (repository / "packages/a/src/a/__init__.py").read_text()


def test_tests_that_fail_are_run_again_by_their_names_from_the_repository(repository, asked):
    (repository / "packages/a/tests/test_b.py").write_text(
        "import a, acme\ndef test_gone():\n    a.everything()\n    assert hasattr(acme, 'open_frame')\n"
    )
    result = run(repository / "packages/a")
    assert [test.name.rpartition("/")[2] for test in result.validation.failing] == ["test_b.py::test_gone"]
    assert not result.validation.flaky


GIVEN = {
    "pytest tests": {"test_a", "test_folder", "test_write"},
    "pytest packages/a/tests/test_a.py": {"test_a", "test_write"},  # one looks for files from the project's folder
    "pytest tests/test_a.py::test_a": {"test_a"},
}


@pytest.mark.parametrize("command", GIVEN)
def test_a_given_command_is_run_in_the_project_unless_it_names_files_from_the_repository(repository, asked, command):
    result = run(repository / "packages/a", tests=command)
    passed = {each.name.rpartition("::")[2] for each in result.validation.after.tests if str(each.status) == "passed"}
    assert passed == GIVEN[command]


def test_the_repository_itself_is_tested_as_before(repository, asked):
    result = run(repository, tests="pytest tests")
    assert asked[0].root == repository
    assert [test.name for test in result.validation.after.tests] == ["tests/test_outer.py::test_outer"]
    assert not any("of its own" in note for note in result.validation.notes)
