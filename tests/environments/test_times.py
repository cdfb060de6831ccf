"""When a tree is from: tables of files and the day that they tell."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta

import pytest

from apimig.environments.times import time_of
from tests.environments.test_needs import put

SOON = date.today() + timedelta(days=40)  # noqa: DTZ011 - days
FILES = {
    "keep a changelog": ({"CHANGELOG.md": "# Changes\n## [1.3.0] - 2023-01-18\n- x\n## [1.2.0] - 2022-12-01\n"}, "2023-01-18"),
    "a version with v": ({"HISTORY.md": "## v1.3.0 - 2023-01-18\n"}, "2023-01-18"),
    "in brackets": ({"CHANGES.rst": "1.3.0 (2023-01-18)\n------------------\n"}, "2023-01-18"),
    "with slashes": ({"NEWS": "Version 1.3, 2023/01/18\n"}, "2023-01-18"),
    "a month in words": ({"HISTORY.rst": "1.3 (January 18, 2023)\n"}, "2023-01-18"),
    "a short month, after the day": ({"ChangeLog": "1.3 / 18th Jan 2023\n"}, "2023-01-18"),
    "a line of its own": ({"docs/changelog.rst": "1.3\n===\n\nReleased on 18 January 2023.\n"}, "2023-01-18"),
    "as GNU has it": ({"ChangeLog": "2023-01-18  Someone  <s@example.org>\n\n\t* all: change\n"}, "2023-01-18"),
    "release notes": ({"docs/release-notes.md": "### 1.3 (2023-01-18)\n"}, "2023-01-18"),
    "the newest of several files": (
        {"CHANGES": "1.0 (2020-01-01)\n", "CITATION.cff": "version: 1.1\ndate-released: '2020-05-05'\n"},
        "2020-05-05",
    ),
    "the newest of the locked releases": (
        {"uv.lock": 'sdist = { url = "x", upload-time = "2024-01-01T00:00:00Z" }\nw = { upload-time = "2024-03-01T0" }\n'},
        "2024-03-01",
    ),
    "what is announced is not there": (
        {"CHANGELOG.md": f"## 2.0 - {SOON}\n## 1.3 - 2023-01-18\n- Python 3.8 is dropped on 2022-10-01\n"},
        "2023-01-18",
    ),
    "prose speaks of any day": (
        {"CHANGES.md": "## 1.3 - 2023-01-18\n\n- data of 2024-02-02 are read\n"},
        "2023-01-18",
    ),
    "no date": ({"CHANGELOG.md": "## 1.3\n- built on 2023-13-45\n"}, None),
    "none of the files": ({"README.md": "1.3 of 2023-01-18\n"}, None),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_files_tell_the_day_of_the_last_release(case, tmp_path):
    files, day = FILES[case]
    found = time_of(put(tmp_path, files))
    assert (found and str(found.day)) == day
    assert found is None or not found.sure


def commit(folder, day):
    words = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    env = {"GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z", "PATH": "/usr/bin:/bin"}
    for command in (["init", "-q"], ["add", "-A"], [*words, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, env=env, check=True)


def test_git_knows_better(tmp_path):
    put(tmp_path, {"HISTORY.md": "## 1.3.0 - 2023-01-18\n", "packages/a/x.py": ""})
    commit(tmp_path, "2022-03-04")
    for folder in (tmp_path, tmp_path / "packages/a"):
        found = time_of(folder)
        assert (found.day, found.why, found.sure) == (date(2022, 3, 4), "the last commit", True)


def test_a_tree_that_git_ignores_has_no_commit(tmp_path):
    put(tmp_path, {".gitignore": "inner\n", "inner/NEWS": "1.0 (2020-01-01)\n"})
    commit(tmp_path, "2022-03-04")
    assert str(time_of(tmp_path / "inner").day) == "2020-01-01"


def test_files_outside_of_the_tree_are_not_read(tmp_path):
    put(tmp_path, {"outside": "1.0 (2020-01-01)\n", "tree/x.py": ""})
    (tmp_path / "tree/NEWS").symlink_to("../outside")
    assert time_of(tmp_path / "tree") is None
