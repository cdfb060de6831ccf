"""A run that is killed or interrupted leaves every file old or new, and can be undone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apimig.pipeline import store

CHECKOUT = Path(__file__).parents[2]
FILES = 300
OLD, NEW = b"import acme\nacme.load('x').iterrows_old()\n" * 200, b"import acme\nacme.load('x').rows()\n" * 200
# The write phase as the pipeline has it, over many files, so that a signal most likely meets it.
WRITER = """
import sys
from pathlib import Path
from apimig.pipeline import store
from apimig.pipeline.write import write_all
from apimig.records import FileChange
root = Path(sys.argv[1])
new = (root / "new").read_bytes()
changes = [FileChange(path, path.name, path.read_bytes(), new) for path in sorted(root.glob("*.py"))]
token = store.keep(root, changes, ["acme 1 -> 2"])
print("writing", flush=True)
write_all(changes, token)
print("done", flush=True)
"""


@pytest.fixture
def root(tmp_path):
    for number in range(FILES):
        (tmp_path / f"m{number}.py").write_bytes(OLD)
    (tmp_path / "new").write_bytes(NEW)
    return tmp_path


def contents(root: Path) -> set[bytes]:
    return {path.read_bytes() for path in root.glob("*.py")}


def interrupted(root: Path, number: int, delay: float) -> bool:
    """Write, and send the signal after the delay; whether it came before the end."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", WRITER, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"writing\n"
        time.sleep(delay)
        child.send_signal(number)
        return child.stdout.readline() != b"done\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("attempt", range(3))
def test_every_file_is_old_or_new_and_undo_works(root, number, attempt):
    delay = random.Random(attempt).uniform(0, 0.15)
    interrupted(root, number, delay)
    assert contents(root) in ({OLD}, {NEW}) or (number == signal.SIGKILL and contents(root) == {OLD, NEW})
    undone = store.undo(root)
    assert undone.refused == ()
    assert contents(root) == {OLD}
    assert list(root.glob(".apimig-*")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_between_two_renames_waits_for_the_last(root, number):
    script = f"""
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background process ignores it
from apimig.pipeline import write
swap = write._swap
def slowly(change, file):
    if change.name == "m7.py":
        os.kill(os.getpid(), {int(number)})
    return swap(change, file)
write._swap = slowly
"""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", script + WRITER, str(root)]
    ended = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert ended.returncode == -number
    assert ended.stdout == b"writing\n"
    assert contents(root) == {NEW}
    assert list(root.glob(".apimig-*.tmp")) == []
    assert store.undo(root).refused == ()
    assert contents(root) == {OLD}


def test_some_signal_does_come_in_the_middle(root):
    """Without this the test above could pass because every signal came too late."""
    for attempt in range(20):
        early = interrupted(root, signal.SIGKILL, attempt * 0.02)
        met = early and (bool(list(root.glob(".apimig-*"))) or contents(root) == {OLD, NEW})
        store.undo(root)
        if met:
            return
    pytest.fail("no signal met the write phase")


def test_undo_that_is_killed_can_be_repeated(root):
    changes = [(path, path.read_bytes()) for path in sorted(root.glob("*.py"))]
    from apimig.pipeline.write import write_all
    from apimig.records import FileChange

    written = [FileChange(path, path.name, before, NEW) for path, before in changes]
    write_all(written, store.keep(root, written, ["acme 1 -> 2"]))
    code = "import sys; from pathlib import Path; from apimig.pipeline import store; print('x', flush=True); store.undo(Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.1)
        child.kill()
    assert contents(root) <= {OLD, NEW}
    if contents(root) != {OLD}:
        store.undo(root)
    assert contents(root) == {OLD}
    assert list(root.glob(".apimig-*")) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_says_that_it_was_interrupted(tmp_path, number, code):
    from tests.cli.tools import LIB, environment, put

    (tmp_path / "pyproject.toml").touch()
    put(tmp_path, **{f"m{n}": OLD.decode() for n in range(120)})
    command = [sys.executable, "-m", "apimig", "upgrade", ".", *LIB, "--jobs", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), **pipes) as child:
        time.sleep(1.5)
        child.send_signal(number)
        _, said = child.communicate()
    if child.returncode != 0:  # a fast machine may be done by then
        assert (child.returncode, "interrupted" in said, "Traceback" in said) == (code, True, False)
    assert contents(tmp_path) <= {OLD, NEW}


def test_workers_do_not_outlive_a_killed_run(tmp_path):
    from tests.cli.tools import LIB, environment, put

    (tmp_path / "pyproject.toml").touch()
    put(tmp_path, **{f"m{n}": OLD.decode() for n in range(200)})
    command = [sys.executable, "-m", "apimig", "check", ".", *LIB, "--jobs", "2"]
    options = {"stdout": subprocess.DEVNULL, "start_new_session": True}
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), **options) as child:
        group = os.getpgid(child.pid)
        time.sleep(1.5)
        child.kill()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("a worker process is still there")
