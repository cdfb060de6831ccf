"""Each limit ends a run that exceeds it, says so, and leaves nothing behind; every attack here is bounded itself."""

from __future__ import annotations

import dataclasses
import time

import pytest

from tests.sandbox.tools import MB, TIGHT, both, needs_linux, run

STORM = """
    import os, time
    for _ in range(300):
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
    time.sleep(3)
    """
TREE = """
    import os, time
    for _ in range(8):  # each process becomes two: 256
        os.fork()
    time.sleep(3)
    """
HOG = """
    import time
    parts = []
    for _ in range(64):  # 2 GB
        parts.append(b"x" * (32 << 20))
        time.sleep(0.01)
    print("all of it is there")
    """
HERD = """
    import os, time
    for _ in range(8):  # 1.6 GB, none of which is large
        if os.fork() == 0:
            part = b"x" * (200 << 20)
            time.sleep(5)
            os._exit(0)
        time.sleep(0.05)
    time.sleep(5)
    print("all of it is there")
    """
SHOUT = """
    import sys
    line = "x" * 65535
    for _ in range(16384):  # 1 GB
        print(line, file=sys.{stream})
    """
SPIN = """
    import time
    end = time.monotonic() + 10
    while time.monotonic() < end: pass
    """
TEAM = """
    import os, time
    for _ in range(4):  # each takes little
        os.fork()
    end = time.monotonic() + 10
    while time.monotonic() < end: pass
    """
SHORT_LIVED = """
    import os, time
    for _ in range(40):
        if os.fork() == 0:
            end = time.process_time() + 0.2
            while time.process_time() < end: pass
            os._exit(0)
        os.wait()
    """
SCATTER = """
    for number in range(100):  # 1 GB in files that are small each
        with open(f"part{number}", "wb") as file:
            for _ in range(10):
                file.write(b"x" * (1 << 20))
    import time
    time.sleep(8)
    """
DEAF = """
    import signal, time
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    end = time.monotonic() + 15
    while time.monotonic() < end: time.sleep(0.1)
    """
SLEEP = "import time; time.sleep(15)"

ATTACKS = {
    "many processes": (STORM, {}, "more than 60 processes"),
    "processes that multiply": (TREE, {}, "more than 60 processes"),
    "one process with much memory": (HOG, {}, "more than 512 MB of memory"),
    "many processes with little memory each": (HERD, {}, "more than 512 MB of memory"),
    "output": (SHOUT.format(stream="stdout"), {}, "more than 4 MB of output"),
    "errors": (SHOUT.format(stream="stderr"), {}, "more than 4 MB of output"),
    "processor time": (SPIN, {"cpu_seconds": 1}, "more than 1 s of processor time"),
    "processor time of many": (TEAM, {"cpu_seconds": 1}, "more than 1 s of processor time"),
    "processor time of those that are gone": (SHORT_LIVED, {"cpu_seconds": 1}, "more than 1 s of processor time"),
    "sleep": (SLEEP, {"wall_seconds": 0.5}, "out of time after 0.5 s"),
    "no ear for signals": (DEAF, {"wall_seconds": 1}, "out of time after 1 s"),
    "many files": (SCATTER, {}, "more than 64 MB written to disk"),
}


@needs_linux
@both
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_exceeds_a_limit_is_ended_and_said(attack, how, folder):
    code, limits, why = ATTACKS[attack]
    begun = time.monotonic()
    ran = run(code, folder, how=how, limits=dataclasses.replace(TIGHT, **limits))
    assert ran.cut_short == why
    assert ran.exit_code != 0
    assert b"all of it" not in ran.stdout[:100]
    assert len(ran.stdout) + len(ran.stderr) <= TIGHT.output
    assert time.monotonic() - begun < 10  # long before the attack would have ended by itself


@both
def test_a_file_does_not_grow_beyond_its_limit_and_the_run_goes_on(how, folder):
    code = """
        try:
            with open("big", "wb") as file:
                for _ in range(256): file.write(b"x" * (1 << 20))
        except OSError as error:
            print(error.strerror)
        """
    ran = run(code, folder, how=how)
    assert (ran.stdout, ran.exit_code, ran.cut_short) == (b"File too large\n", 0, "")
    assert (folder / "big").stat().st_size <= TIGHT.file_size


@both
def test_a_file_without_content_may_not_be_large_either(how, folder):
    ran = run("open('big', 'wb').truncate(1 << 40)", folder, how=how)
    assert b"File too large" in ran.stderr


FILL = """
    import tempfile, sys
    folder = sys.argv[1] or tempfile.gettempdir()
    for number in range(20):  # 200 MB
        with open(f"{folder}/part{number}", "wb") as file:
            file.write(b"x" * (10 << 20))
    import time
    time.sleep(5)
    """


@needs_linux
@both
def test_the_temporary_folder_holds_so_much(how, folder):
    ran = run(FILL, folder, "", how=how)
    assert "No space left on device" in ran.stderr.decode() or ran.cut_short == "more than 64 MB written to disk"


@pytest.mark.parametrize("where", ["/tmp", "/dev/shm", "/home/sandbox"])
def test_what_is_written_to_memory_counts_as_memory(where, folder):
    from tests.sandbox.tools import HERE

    if not HERE.name:  # without it these folders are the machine's own, which no limit on memory is about
        pytest.skip(f"no sandbox here: {HERE.reason}")
    ran = run(FILL, folder, where, limits=dataclasses.replace(TIGHT, memory=100 * MB, temporary=1000 * MB))
    assert ran.cut_short == "more than 100 MB of memory"


SHARED = """
    import os, time
    part = bytearray(b"x" * (200 << 20))
    for _ in range(6):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
    time.sleep(1)
    """


@needs_linux
@both
def test_memory_that_processes_share_counts_once(how, folder):
    ran = run(SHARED, folder, how=how)
    assert (ran.exit_code, ran.cut_short) == (0, "")
    assert 200 * MB < ran.peak_memory < 400 * MB


@needs_linux
@both
def test_memory_that_is_reserved_and_not_used_does_not_count(how, folder):
    code = (
        "import mmap, time; m = mmap.mmap(-1, 700 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); time.sleep(0.3)"
    )
    assert run(code, folder, how=how).cut_short == ""


@both
def test_the_limits_are_those_of_the_run_alone(how, folder):
    import resource

    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    before = [resource.getrlimit(getattr(resource, name)) for name in names]
    run("pass", folder, how=how)
    assert [resource.getrlimit(getattr(resource, name)) for name in names] == before


@both
def test_what_was_said_before_the_end_is_kept(how, folder):
    ran = run(
        "print('so far', flush=True)\nimport time\ntime.sleep(9)",
        folder,
        how=how,
        limits=dataclasses.replace(TIGHT, wall_seconds=1),
    )
    assert (ran.stdout, ran.exit_code) == (b"so far\n", 137)


@both
def test_usage_is_told(how, folder):
    code = """
        import time
        part = b"x" * (100 << 20)
        end = time.process_time() + 0.6
        while time.process_time() < end: pass
        """
    ran = run(code, folder, how=how)
    assert 0.5 < ran.cpu_seconds < 2
    assert ran.seconds > 0.5
    assert 100 * MB < ran.peak_memory < 200 * MB
