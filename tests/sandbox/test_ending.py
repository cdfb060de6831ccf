"""No process outlives its run, whatever it does, and however the run or our own process ends."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.sandbox.tools import TIGHT, both, needs_linux, run

CHECKOUT = Path(__file__).parents[2]

# Each leaves a process that writes a marker every twentieth of a second, for as long as five seconds.
MARK = """
    import os, signal, subprocess, sys, time
    def mark():
        for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(name, signal.SIG_IGN)
        for _ in range(100):
            open("marker", "a").write("x")
            time.sleep(0.05)
        os._exit(0)
    """
DETACHED = {
    "a child": "if os.fork() == 0: mark()",
    "of its own session": "if os.fork() == 0: os.setsid(); mark()",
    "double fork": """if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: mark()
        os._exit(0)""",
    "double fork, all files closed": """if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 100)
            mark()
        os._exit(0)""",
    "that holds our pipes": """if os.fork() == 0:
        os.setsid()
        mark()""",
    "through a shell": "subprocess.Popen(['sh', '-c', 'setsid nohup sh -c \"for i in 1 2 3 4 5 6 7 8 9 10 11 12; do for j in 1 2 3; do echo >> marker; sleep 0.1; done; done\" &'])",
}
WAIT = "\nwhile not os.path.exists('marker'): time.sleep(0.01)\n"


def still_growing(marker: Path) -> bool:
    assert marker.exists(), "the attack itself did not work"
    before = marker.stat().st_size
    time.sleep(0.3)
    return marker.stat().st_size > before


def program(*parts: str) -> str:
    return "\n".join(textwrap.dedent(part) for part in parts)


@needs_linux
@both
@pytest.mark.parametrize("way", DETACHED)
def test_a_detached_process_ends_with_the_run(way, how, folder):
    begun = time.monotonic()
    ran = run(program(MARK, DETACHED[way], WAIT), folder, how=how)
    assert (ran.exit_code, ran.cut_short) == (0, "")
    assert time.monotonic() - begun < 4  # it is not waited for
    assert not still_growing(folder / "marker")


@needs_linux
@both
@pytest.mark.parametrize("way", DETACHED)
def test_a_detached_process_ends_with_a_run_that_is_cut_short(way, how, folder):
    limits = dataclasses.replace(TIGHT, wall_seconds=0.7)
    ran = run(program(MARK, DETACHED[way], WAIT, "time.sleep(9)"), folder, how=how, limits=limits)
    assert ran.cut_short == "out of time after 0.7 s"
    assert not still_growing(folder / "marker")


OURS = """
    import signal, sys
    from pathlib import Path
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background process ignores it
    from tests.sandbox.tools import HERE, PLAIN, run
    run(sys.argv[1], Path(sys.argv[2]), how=HERE if sys.argv[3] else PLAIN)
    """


def ours(folder: Path, how) -> subprocess.Popen[bytes]:
    """A process that runs something in a sandbox, and has reached the point where that something works."""
    attack = program(MARK, DETACHED["double fork"], "mark()")
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OURS), attack, str(folder), how.name],
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 20
    while not (folder / "marker").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return process


@needs_linux
@both
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_end_with_our_process(number, how, folder):
    process = ours(folder, how)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode != 0
    assert (b"KeyboardInterrupt" in stderr) == (number == signal.SIGINT)
    time.sleep(0.3)
    assert not still_growing(folder / "marker")


@both
def test_runs_in_threads_are_apart(how, tmp_path):
    found = {}

    def one(number: int) -> None:
        place = tmp_path / str(number)
        place.mkdir()
        found[number] = run("import sys; print(sys.argv[1])", place, number, how=how).stdout.decode().strip()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: str(number) for number in range(6)}


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@both
def test_nothing_of_a_run_stays_open(how, folder):
    run("pass", folder, how=how)
    before = open_files()
    for _ in range(3):
        run("pass", folder, how=how)
        run("import time; time.sleep(5)", folder, how=how, limits=dataclasses.replace(TIGHT, wall_seconds=0.2))
    assert open_files() == before


ENDS = {
    "import sys; sys.exit(0)": 0,
    "import sys; sys.exit(7)": 7,
    "raise ValueError": 1,
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)": 128 + 15,
    "import os; os.abort()": 128 + 6,
    "import ctypes; ctypes.string_at(0)": 128 + 11,
}


@both
@pytest.mark.parametrize("code", ENDS)
def test_how_it_ended_is_told_as_shells_do(code, how, folder):
    ran = run(code, folder, how=how)
    assert (ran.exit_code, ran.cut_short) == (ENDS[code], "")
