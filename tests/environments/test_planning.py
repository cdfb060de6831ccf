"""How tests are run: tables of a repository's files and the command that comes of them."""

from __future__ import annotations

import pytest

from apimig.environments import Runner, plan_of
from apimig.errors import UsageError
from tests.environments.test_needs import put

FUNCTION = "def test_a(): ...\n"
CASE = "import unittest\nclass A(unittest.TestCase):\n    def test_a(self): ...\n"
TREES = {
    "a folder of tests": ({"tests/test_a.py": FUNCTION}, "-m pytest tests"),
    "testpaths": (
        {"pytest.ini": "[pytest]\ntestpaths = t\n", "t/test_a.py": FUNCTION, "x/test_b.py": FUNCTION},
        "-m pytest",
    ),
    "tests inside the package": ({"me/tests/test_a.py": FUNCTION}, "-m pytest me/tests"),
    "one file at the root": ({"tests.py": CASE}, "-m pytest tests.py"),
    "unittest alone": (
        {"tests/__init__.py": "", "tests/test_a.py": CASE},
        "-m unittest discover -s tests -t . -p test*.py",
    ),
    "tox, without what measures": (
        {
            "tox.ini": "[testenv]\ncommands =\n  pytest --cov=me --cov-report xml -v tests/unit -m 'not slow' {posargs}\n",
            "tests/unit/test_a.py": FUNCTION,
        },
        "-m pytest tests/unit -m not slow",
    ),
    "tox that names what is not there": (
        {"tox.ini": "[testenv]\ncommands = pytest gone/\n", "tests/test_a.py": FUNCTION},
        "-m pytest tests",
    ),
    "make": ({"Makefile": "test:\n\tpoetry run pytest t\n", "t/test_a.py": FUNCTION}, "-m pytest t"),
    "hatch": (
        {
            "pyproject.toml": '[tool.hatch.envs.default.scripts]\ntest = "pytest {args:t}"\n',
            "t/test_a.py": FUNCTION,
        },
        "-m pytest",
    ),
}


@pytest.mark.parametrize("case", TREES)
def test_commands_come_from_files(case, tmp_path):
    files, command = TREES[case]
    found = plan_of(put(tmp_path, files))
    assert found.command[0] == "{python}"
    assert " ".join(found.command[1:]) == command
    assert found.why


GIVEN = {
    "pytest tests/unit": (Runner.PYTEST, ("tests/unit",)),
    "python -m pytest -k 'not slow'": (Runner.PYTEST, ("-k", "not slow")),
    "python3.9 -m unittest discover": (Runner.UNITTEST, ("discover",)),
    "python run_tests.py": (Runner.COMMAND, ("python", "run_tests.py")),
    "make test": (Runner.COMMAND, ("make", "test")),
}


@pytest.mark.parametrize("text", GIVEN)
def test_a_given_command_counts(text, tmp_path):
    found = plan_of(tmp_path, tests=text)
    assert (found.runner, found.arguments) == GIVEN[text]


@pytest.mark.parametrize("text", ["pytest 'open", " "])
def test_a_command_that_is_none_is_said(text, tmp_path):
    with pytest.raises(UsageError):
        plan_of(tmp_path, tests=text)


def test_without_tests_every_module_is_imported(tmp_path):
    files = {"src/me/__init__.py": "", "src/me/a.py": "", "setup.py": "", "docs/conf.py": ""}
    found = plan_of(put(tmp_path, files))
    assert (found.runner, found.arguments[-2:]) == (Runner.IMPORTS, ("me", "me.a"))
