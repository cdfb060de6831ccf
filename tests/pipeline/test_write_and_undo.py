"""Writing is all or listed, keeps what a file is, and can be taken back."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from apimig.errors import UsageError, WriteError
from apimig.pipeline.store import FOLDER, KEPT, keep, undo
from apimig.pipeline.write import check_writable, temporary, write_all
from apimig.records import FileChange


def change(path: Path, after: bytes) -> FileChange:
    return FileChange(path, path.name, path.read_bytes(), after)


def run(root: Path, **contents: bytes) -> tuple:
    """A run that writes these files of the root (by stem), as the pipeline does it."""
    changes = [change(root / f"{name}.py", after) for name, after in contents.items()]
    token = keep(root, changes, ["pandas 1.5.3 -> 2.0.3"])
    return write_all(changes, token)


@pytest.fixture
def root(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.py").write_bytes(name.encode())
    return tmp_path


def contents(root: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(root.glob("*.py"))}


def leftovers(root: Path) -> list[Path]:
    return list(root.rglob(".apimig-*"))


# ------------------------------------------------------------------------------------------ write


def test_files_get_their_new_bytes_and_nothing_else_is_left(root):
    assert run(root, a=b"A", b=b"B") == ()
    assert contents(root) == {"a": b"A", "b": b"B", "c": b"c"}
    assert leftovers(root) == []


def test_the_mode_stays(root):
    (root / "a.py").chmod(0o754)
    run(root, a=b"A")
    assert stat.S_IMODE((root / "a.py").stat().st_mode) == 0o754


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(root):
    os.chown(root / "a.py", 12345, 12346)
    run(root, a=b"A")
    after = (root / "a.py").stat()
    assert (after.st_uid, after.st_gid) == (12345, 12346)


def test_a_symlink_is_written_through(root):
    (root / "link.py").symlink_to("a.py")
    run(root, link=b"A")
    assert (root / "link.py").is_symlink()
    assert (root / "a.py").read_bytes() == b"A"


def test_a_file_that_changed_meanwhile_is_listed_and_kept(root):
    changes = [change(root / "a.py", b"A"), change(root / "b.py", b"B")]
    (root / "a.py").write_bytes(b"someone's work")
    (failure,) = write_all(changes, "t")
    assert failure.name == "a.py"
    assert "changed by someone else" in failure.reason
    assert contents(root) == {"a": b"someone's work", "b": b"B", "c": b"c"}


def test_a_failure_while_staging_changes_nothing(root):
    changes = [change(root / "a.py", b"A"), change(root / "b.py", b"B")]
    temporary(root / "b.py", "t").mkdir()  # nothing can be written there
    with pytest.raises(WriteError, match="Nothing was changed"):
        write_all(changes, "t")
    assert contents(root) == {"a": b"a", "b": b"b", "c": b"c"}
    assert [p.is_dir() for p in leftovers(root)] == [True]


def test_missing_permission_is_seen_before_anything_is_written(root):
    (root / "b.py").chmod(0o444)
    for path in [root, *root.parents][:3]:
        path.chmod(0o755)
    said = as_ordinary_user(check_writable, [change(root / "a.py", b"A"), change(root / "b.py", b"B")])
    assert "b.py: no permission to write the file" in said
    assert "nothing was changed" in said


def as_ordinary_user(function, *arguments) -> str:
    """What the function raises when root's powers are given up; "" when it raises nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            function(*arguments)
        except WriteError as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as stream:
        return stream.read()


def test_writable_files_pass(root):
    check_writable([change(root / "a.py", b"A")])


# ------------------------------------------------------------------------------------------ undo


def test_undo_restores_the_bytes_and_the_mode(root):
    (root / "a.py").chmod(0o711)
    run(root, a=b"A", b=b"B")
    undone = undo(root)
    assert (undone.restored, undone.refused) == (("a.py", "b.py"), ())
    assert undone.migrations == ("pandas 1.5.3 -> 2.0.3",)
    assert contents(root) == {"a": b"a", "b": b"b", "c": b"c"}
    assert stat.S_IMODE((root / "a.py").stat().st_mode) == 0o711


def test_undo_goes_back_one_run_at_a_time(root):
    run(root, a=b"A")
    run(root, a=b"AA", b=b"B")
    undo(root)
    assert contents(root) == {"a": b"A", "b": b"b", "c": b"c"}
    undo(root)
    assert contents(root) == {"a": b"a", "b": b"b", "c": b"c"}
    with pytest.raises(UsageError, match="nothing to undo"):
        undo(root)


def test_undo_refuses_a_file_changed_since_and_restores_the_others(root):
    run(root, a=b"A", b=b"B")
    (root / "a.py").write_bytes(b"more work")
    undone = undo(root)
    assert undone.restored == ("b.py",)
    (refused,) = undone.refused
    assert refused.name == "a.py"
    assert "changed since the run" in refused.reason
    assert contents(root)["a"] == b"more work"
    kept = Path(refused.reason.rpartition(" is ")[2])
    assert kept.read_bytes() == b"a"


def test_undo_names_a_file_that_is_gone(root):
    run(root, a=b"A", b=b"B")
    (root / "a.py").unlink()
    undone = undo(root)
    assert undone.restored == ("b.py",)
    assert "not there any more" in undone.refused[0].reason


def test_undo_of_a_run_that_was_killed_before_it_wrote_removes_its_temporary_files(root):
    changes = [change(root / "a.py", b"A"), change(root / "b.py", b"B")]
    token = keep(root, changes, ["pandas 1 -> 2"])
    (root / "a.py").write_bytes(b"A")  # renamed already
    temporary(root / "b.py", token).write_bytes(b"B")  # staged only
    undone = undo(root)
    assert (undone.restored, undone.refused) == (("a.py",), ())
    assert contents(root) == {"a": b"a", "b": b"b", "c": b"c"}
    assert leftovers(root) == []


def test_a_store_that_was_never_finished_is_no_run(root):
    (root / FOLDER / "undo" / "20250101-000000-1-000001.building").mkdir(parents=True)
    with pytest.raises(UsageError, match="nothing to undo"):
        undo(root)


def test_a_damaged_store_is_one_clear_message(root):
    run(root, a=b"A")
    (manifest,) = (root / FOLDER).rglob("manifest.json")
    manifest.write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        undo(root)
    assert contents(root)["a"] == b"A"


def test_only_the_last_runs_are_kept(root):
    for number in range(KEPT + 3):
        run(root, a=b"%d" % number)
    manifests = list((root / FOLDER).rglob("manifest.json"))
    assert len(manifests) == KEPT
    assert all(json.loads(m.read_bytes())["files"][0]["file"] == "a.py" for m in manifests)


def test_the_store_never_shows_in_git(root):
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    before = subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout
    (root / "a.py").write_bytes(b"a")
    run(root, a=b"A")
    undo(root)
    run(root, a=b"A")
    undo(root)
    assert subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout == before


def test_a_store_that_cannot_be_written_stops_the_run(root):
    (root / FOLDER).write_text("a file is in the way")
    with pytest.raises(WriteError, match="Nothing was changed"):
        run(root, a=b"A")
    assert contents(root)["a"] == b"a"
