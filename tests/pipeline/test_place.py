"""Where a run takes place, and whether its git tree is clean."""

from __future__ import annotations

import subprocess

import pytest

from apimig.errors import DirtyTreeError, UsageError
from apimig.pipeline.place import check_clean, checked, root_of


def git(folder, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "repository"
    (root / "sub").mkdir(parents=True)
    for name in ("a.py", "sub/b.py", "sub/c d.py"):
        (root / name).write_text("x = 1\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


# ------------------------------------------------------------------------------------------ paths


def test_a_path_given_twice_is_taken_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").touch()
    assert checked(["a.py", "./a.py", tmp_path / "a.py"]) == [tmp_path / "a.py"]


@pytest.mark.parametrize("path", ["nowhere", "nowhere/else.py"])
def test_a_path_that_does_not_exist_is_named(tmp_path, path):
    with pytest.raises(UsageError, match=f"no file or folder .*{path}"):
        checked([tmp_path / path])


def test_a_link_to_nothing_is_said_to_be_one(tmp_path):
    (tmp_path / "link.py").symlink_to("nothing")
    with pytest.raises(UsageError, match="symbolic link to nothing"):
        checked([tmp_path / "link.py"])


def test_no_path_is_a_usage_error():
    with pytest.raises(UsageError, match="No path"):
        checked([])


# ------------------------------------------------------------------------------------------ root


def test_the_git_root_is_the_root(repository):
    assert root_of([repository / "sub" / "b.py"]) == repository
    assert root_of([repository / "a.py", repository / "sub"]) == repository


def test_without_git_the_folder_with_a_project_file_is(tmp_path):
    (tmp_path / "p" / "pkg").mkdir(parents=True)
    (tmp_path / "p" / "setup.py").touch()
    assert root_of([tmp_path / "p" / "pkg"]) == tmp_path / "p"


def test_without_a_project_the_working_folder_is_if_it_holds_the_paths(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert root_of([tmp_path / "a" / "b"]) == tmp_path
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert root_of([tmp_path / "a"]) == tmp_path / "a"


def test_a_path_outside_of_the_project_is_named(repository, tmp_path):
    (tmp_path / "other.py").touch()
    with pytest.raises(UsageError, match=r"other\.py is outside of the project .*repository"):
        root_of([repository, tmp_path / "other.py"])


# ------------------------------------------------------------------------------------------ git


def test_a_clean_tree_passes(repository):
    check_clean(repository, [repository])


def test_untracked_files_are_no_uncommitted_changes(repository):
    (repository / "new.py").touch()
    check_clean(repository, [repository])


def test_no_git_is_no_obstacle(tmp_path):
    check_clean(tmp_path, [tmp_path])


def test_changed_files_are_named(repository):
    (repository / "a.py").write_text("x = 2\n")
    (repository / "sub" / "c d.py").write_text("x = 2\n")
    with pytest.raises(DirtyTreeError, match="2 tracked files have uncommitted changes") as caught:
        check_clean(repository, [repository])
    assert "  a.py\n  sub/c d.py\n" in caught.value.help
    assert "--allow-dirty" in caught.value.help


def test_staged_and_renamed_files_count(repository):
    git(repository, "mv", "a.py", "z.py")
    with pytest.raises(DirtyTreeError, match="1 tracked file has uncommitted changes") as caught:
        check_clean(repository, [repository])
    assert "  z.py\n" in caught.value.help


def test_changes_elsewhere_do_not_matter(repository):
    (repository / "a.py").write_text("x = 2\n")
    check_clean(repository, [repository / "sub"])


def test_many_files_are_cut_off(repository):
    for number in range(9):
        (repository / f"f{number}.py").touch()
    git(repository, "add", "-A")
    with pytest.raises(DirtyTreeError) as caught:
        check_clean(repository, [repository])
    assert "  and 4 more\n" in caught.value.help


def test_a_git_that_cannot_say_is_an_error_not_a_yes(tmp_path):
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(DirtyTreeError, match="git cannot say"):
        check_clean(tmp_path, [tmp_path])
