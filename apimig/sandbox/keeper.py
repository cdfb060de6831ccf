"""Keeps a program where there is no sandbox: gives it limits, and leaves nothing of it alive.

A script of its own: ``python -I -S keeper.py CONTROL STATUS`` reads a JSON object from the descriptor CONTROL, runs the
program, and writes ``{"exit-code": …}`` to STATUS. It ends everything when the program ends, when CONTROL is closed,
and when the process that started it dies, however that happens.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PATIENCE = 5.0  # seconds for killed processes to be gone


def main(control: int, status: int) -> None:
    """Run what CONTROL says."""
    with os.fdopen(control, "rb", closefd=False) as file:
        request = json.loads(file.readline())
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    for number in (*_ENDING, signal.SIGCHLD):
        signal.signal(number, _noticed)
    _adopt(request["parent"])
    child = os.fork()
    if child == 0:
        _become(request)
    null = os.open(os.devnull, os.O_RDWR)
    for each in range(3):
        os.dup2(null, each)
    try:
        code = _wait(child, control, wake)
        if code is not None:
            os.write(status, json.dumps({"exit-code": code}).encode() + b"\n")
    finally:
        _end(child)


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """Signals are read from the pipe: an exception in their place could fall into the cleaning up."""


def _adopt(parent: int) -> None:
    """Become the parent of every descendant whose own parent dies, and be told when ours does; Linux alone."""
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def _become(request: dict[str, Any]) -> None:
    """Turn into the program."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (*_ENDING, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.chdir(str(request["folder"]))
        _limit(request["limits"])
        os.execvpe(*(request[name] for name in ("program", "command", "environment")))  # noqa: S606 - JSON
    except (OSError, ValueError) as error:
        os.write(2, f"{request['program']}: {error}\n".encode())
    finally:
        os._exit(127)


def _limit(limits: dict[str, int]) -> None:
    import resource

    for name, wanted in limits.items():
        what = getattr(resource, name, None)
        if what is not None:
            _, hard = resource.getrlimit(what)
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            with contextlib.suppress(OSError, ValueError):  # not every system takes every limit
                resource.setrlimit(what, (limit, limit))


def _wait(child: int, control: int, wake: int) -> int | None:
    """The exit code of the child, as shells say it; None where all is to end before the child did."""
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if control in ready or (wake in ready and set(os.read(wake, 4096)) & set(_ENDING)):
            return None
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            if ended == 0:
                break


def _end(child: int) -> None:
    """Kill what is left; killed processes leave us their children, until there are none."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        _kill(-child)
        for each in _children():
            _kill(each)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
            return [int(each) for each in file.read().split()]
    except OSError:
        return []


def _kill(process: int) -> None:
    """Kill a process, or with a negative number the group of that number."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
