"""Repositories that hold several projects: which one is tested, what it needs, and what it takes from those beside it."""

from __future__ import annotations

import pytest

from apimig.environments import needs_of, plan_of, project_of
from tests.environments.test_needs import put

NAMED = '[project]\nname = "a"\n'
OUTER = {"pyproject.toml": '[project]\nname = "outer"\ndependencies = ["outer-needs"]\n'}
FOUND = {
    "the repository itself": ({}, ["."], ""),
    "a package with metadata of its own": ({"packages/a/pyproject.toml": NAMED}, ["packages/a"], "packages/a"),
    "a file within it": (
        {"packages/a/pyproject.toml": NAMED, "packages/a/src/a/x.py": ""},
        ["packages/a/src/a/x.py"],
        "packages/a",
    ),
    "setup.py, whatever it says": ({"a/setup.py": "import me\nme.setup()\n", "a/b/x.py": ""}, ["a/b"], "a"),
    "setup.cfg": ({"a/setup.cfg": "[metadata]\nname = a\n"}, ["a"], "a"),
    "requirements alone": ({"service/requirements.txt": "x\n"}, ["service"], "service"),
    "tox": ({"a/tox.ini": "[testenv]\ncommands = pytest\n", "a/x.py": ""}, ["a/x.py"], "a"),
    "poetry": ({"a/pyproject.toml": '[tool.poetry]\nname = "a"\n'}, ["a"], "a"),
    "a formatter's table says nothing": ({"a/pyproject.toml": "[tool.black]\nline-length = 100\n"}, ["a"], ""),
    "a linter's section says nothing": ({"a/setup.cfg": "[flake8]\nmax-line-length = 100\n"}, ["a"], ""),
    "tests belong to the project around them": (
        {"tests/requirements.txt": "x\n", "tests/test_x.py": "", "tests/pytest.ini": "[pytest]\n"},
        ["tests"],
        "",
    ),
    "a package belongs to the project around it": ({"a/__init__.py": "", "a/requirements.txt": "x\n"}, ["a"], ""),
    "the requirements of its documentation do not make a project": ({"docs/requirements.txt": "x\n"}, ["docs"], ""),
    "the nearest of two": (
        {"a/pyproject.toml": NAMED, "a/b/pyproject.toml": NAMED, "a/b/x.py": ""},
        ["a/b/x.py"],
        "a/b",
    ),
    "what holds all paths": (
        {"a/pyproject.toml": NAMED, "a/b/pyproject.toml": NAMED, "a/c/x.py": ""},
        ["a/b", "a/c"],
        "a",
    ),
    "of different projects the repository": ({"a/pyproject.toml": NAMED, "b/pyproject.toml": NAMED}, ["a", "b"], ""),
}


@pytest.mark.parametrize("case", FOUND)
def test_the_project_is_the_nearest_that_says_something_of_itself(case, tmp_path):
    files, paths, expected = FOUND[case]
    root = put(tmp_path / "repo", {**OUTER, **files})
    assert project_of(root, [root / each for each in paths]) == (root / expected).resolve()


def needs(folder, files):
    root = put(folder, {**OUTER, **files})
    found = needs_of(root / "packages/a", top=root)
    return {str(each.requirement) for each in found.needs if each.place != "seen in the tests"}, found


def test_what_is_around_it_is_not_needed(tmp_path):
    wanted, _ = needs(tmp_path, {"packages/a/pyproject.toml": NAMED + 'dependencies = ["x"]\n'})
    assert wanted == {"x"}


def test_files_of_the_repository_that_it_refers_to_are_read(tmp_path):
    wanted, _ = needs(
        tmp_path / "repo",
        {
            "packages/a/requirements.txt": "-r ../../base.txt\n-r ../../../outside.txt\nx\n",
            "base.txt": "y\n",
            "../outside.txt": "secret\n",
        },
    )
    assert wanted == {"x", "y"}


B = {
    "packages/b/pyproject.toml": '[project]\nname = "b"\ndependencies = ["needed-by-b"]\n',
    "packages/b/src/b/__init__.py": "",
}
BESIDE = {
    "uv, by path": '[project]\nname = "a"\ndependencies = ["b", "x"]\n[tool.uv.sources]\nb = { path = "../b" }\n',
    "uv, as a member of the workspace": '[project]\nname = "a"\ndependencies = ["b", "x"]\n[tool.uv.sources]\nb = { workspace = true }\n',
    "poetry": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nx = "*"\nb = { path = "../b", develop = true }\n',
    "an address": '[project]\nname = "a"\ndependencies = ["b @ file:../b", "x"]\n',
}


@pytest.mark.parametrize("case", BESIDE)
def test_projects_beside_it_are_imported_from_the_tree_with_what_they_need(case, tmp_path):
    workspace = {"pyproject.toml": OUTER["pyproject.toml"] + '[tool.uv.workspace]\nmembers = ["packages/*"]\n'}
    wanted, found = needs(tmp_path, {**B, **workspace, "packages/a/pyproject.toml": BESIDE[case]})
    assert wanted == {"x", "needed-by-b"}
    assert found.layout == ("", "../b/src", "../b")


def test_a_requirements_file_may_name_a_project_beside_it(tmp_path):
    wanted, found = needs(tmp_path, {**B, "packages/a/requirements.txt": "-e ../b[more]\nx\n"})
    assert wanted == {"x", "needed-by-b"}
    assert found.layout == ("", "../b/src", "../b")
    assert not found.notes


def test_projects_that_refer_to_each_other_are_read_once(tmp_path):
    wanted, found = needs(
        tmp_path,
        {
            "packages/a/requirements.txt": "-e ../b\nx\n",
            "packages/b/setup.py": "from setuptools import setup\nsetup(name='b', install_requires=['y', 'a'])\n",
            "packages/b/requirements.txt": "-e ../a\n",
        },
    )
    assert wanted == {"x", "y", "a"}
    assert found.layout == ("", "../b")


def test_the_configuration_of_pytest_may_be_that_of_the_repository(tmp_path):
    """pytest looks for it in the folders around, too; `testpaths` counts only in its own."""
    outer = "[pytest]\naddopts = -n2\ntestpaths = elsewhere\n"
    root = put(tmp_path, {"pytest.ini": outer, "a/setup.py": "", "a/tests/test_a.py": "def test_a(): ...\n"})
    wanted = {str(each.requirement) for each in needs_of(root / "a", top=root).needs}
    assert wanted == {"pytest", "pytest-xdist"}
    assert plan_of(root / "a", top=root).arguments == ()
    assert plan_of(root / "a").arguments == ("tests",)
