"""Copies of a repository: what is in them, and that nothing of the original is touched through them."""

from __future__ import annotations

import os

import pytest

from apimig.errors import ApimigError
from apimig.validation.copies import copied


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "repo"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_text("a = 1\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    return folder


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_files_have_their_modes_and_other_contents_where_asked(root, tmp_path):
    copy = copied(root, tmp_path / "copy", {"pkg/a.py": b"a = 2\n"})
    assert names(copy) == ["pkg", "pkg/a.py", "run.sh"]
    assert os.access(copy / "run.sh", os.X_OK)
    assert (copy / "pkg" / "a.py").read_text() == "a = 2\n"
    assert (root / "pkg" / "a.py").read_text() == "a = 1\n"


@pytest.mark.parametrize("name", [".git", ".venv", "venv", "pkg/__pycache__", ".tox", "node_modules", ".apimig"])
def test_history_environments_and_caches_stay_behind(root, tmp_path, name):
    (root / name).mkdir()
    (root / name / "x.py").write_text("")
    assert names(copied(root, tmp_path / "copy")) == ["pkg", "pkg/a.py", "run.sh"]


def test_an_environment_of_any_name_stays_behind(root, tmp_path):
    (root / "env310").mkdir()
    (root / "env310" / "pyvenv.cfg").write_text("")
    assert "env310" not in names(copied(root, tmp_path / "copy"))


def test_links_within_stay_links_and_those_that_lead_out_are_left_out(root, tmp_path):
    (tmp_path / "secret").write_text("mine")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "within").symlink_to("pkg/a.py")
    (root / "nowhere").symlink_to("pkg/gone.py")
    os.mkfifo(root / "pipe")
    copy = copied(root, tmp_path / "copy", {"within": b"a = 3\n"})
    assert names(copy) == ["nowhere", "pkg", "pkg/a.py", "run.sh", "within"]
    assert (copy / "pkg" / "a.py").read_text() == "a = 3\n"
    assert (root / "pkg" / "a.py").read_text() == "a = 1\n"


def test_where_there_is_no_room_the_message_says_so(root):
    with pytest.raises(ApimigError, match="cannot be copied to be tested"):
        copied(root, root / "run.sh" / "copy")
