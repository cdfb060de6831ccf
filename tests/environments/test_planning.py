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
    "nox": (
        {
            "noxfile.py": "import nox\n@nox.session\ndef tests(session):\n"
            "    session.run('pytest', '--cov=me', *(session.posargs or ['t', '-x']), external=True)\n",
            "t/test_a.py": FUNCTION,
        },
        "-m pytest t -x",
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


SET = {
    "tox.ini": (
        {"tox.ini": "[testenv]\nsetenv =\n  MPLBACKEND = agg\n  A=b=c\n  py39: OLD=1\n  test: NEW=1\n  X={env:HOME}/x\n"},
        {"MPLBACKEND": "agg", "A": "b=c", "NEW": "1"},
    ),
    "tox.toml": ({"tox.toml": "[env_run_base]\nset_env = {QUIET = '1', HERE = '{tox_root}'}\n"}, {"QUIET": "1"}),
    "pyproject.toml": (
        {"pyproject.toml": "[tool.tox.env_run_base]\nset_env = {B = '2'}\n[tool.hatch.envs.test]\nenv-vars = {C = '3'}\n"},
        {"B": "2", "C": "3"},
    ),
    "noxfile.py": (
        {
            "noxfile.py": "ENV = {'SILENCE': '1'}\ndef tests(session):\n    session.run('pytest', env=ENV)\n"
            "    session.run('echo', env={'NO': '1'})\ndef docs(session):\n    session.run('pytest', env={'DOCS': '1'})\n"
        },
        {"SILENCE": "1"},
    ),
    "where things are found stays ours": (
        {"tox.ini": "[testenv]\nsetenv =\n PATH=/bin\n PYTHONPATH=src\n HOME=x\n COVERAGE_FILE=x\n PYTHONWARNINGS=error\n"},
        {"PYTHONWARNINGS": "error"},
    ),
    "files that cannot be read": ({"tox.ini": "[testenv\n", "noxfile.py": "def tests(:", "tox.toml": "=", }, {}),
    "nothing": ({"tests/test_a.py": FUNCTION}, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", SET)
@pytest.mark.parametrize("tests", ["", "pytest tests"])
def test_variables_that_files_set_for_tests(case, tests, tmp_path):
    files, variables = SET[case]
    assert dict(plan_of(put(tmp_path, files), tests=tests).variables) == variables
