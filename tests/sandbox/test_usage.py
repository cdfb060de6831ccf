"""What a tree of processes uses is counted while it changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's files")
MB = 1 << 20

FORKS = """
    import os, time
    part = bytearray(b"x" * (100 << 20))
    children = [os.fork() for _ in range(3) if os.getpid() == FIRST]
    print(*children, flush=True) if os.getpid() == FIRST else None
    time.sleep(60)
    """


@pytest.fixture
def family() -> Iterator[tuple[int, list[int]]]:
    """A process of 100 MB below a keeper, and the three children that share them; nobody asks for their results."""
    code = "import os\nFIRST = os.getpid()\n" + textwrap.dedent(FORKS)
    keeper = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with keeper:
        assert keeper.stdout
        yield keeper.pid, [int(each) for each in keeper.stdout.readline().split()]
        os.killpg(keeper.pid, signal.SIGKILL)


@pytest.mark.parametrize("ended", [0, 1, 3])
def test_processes_that_end_while_they_are_counted_have_no_memory(family, ended, monkeypatch):
    from apimig.sandbox import usage

    root, children = family
    listed = usage._descendants

    def descendants(root):
        found = list(listed(root))
        assert {pid for pid, _ in found} >= set(children)
        for pid in children[:ended]:
            end(pid)
        return found

    monkeypatch.setattr(usage, "_descendants", descendants)
    assert 100 * MB < peak(root) < 150 * MB


def test_processes_that_end_one_after_the_other_leave_their_part_to_those_read_later(family, monkeypatch):
    from apimig.sandbox import usage

    root, children = family
    share = usage._share

    def slowly(folder, pid):
        found = share(folder, pid)
        if pid in children[:-1]:
            end(pid)
        return found

    monkeypatch.setattr(usage, "_share", slowly)
    assert 100 * MB < peak(root) < 150 * MB


def peak(root: int) -> int:
    from apimig.sandbox.usage import Meter

    meter = Meter(root, namespace=False)
    meter.read(1)
    return meter.peak


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while b") Z " not in Path(f"/proc/{pid}/stat").read_bytes():
        time.sleep(0.001)
