"""A run without a sandbox: limits, a scrubbed environment, and a keeper that leaves no process alive."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from apimig.sandbox.limiting import rlimits
from apimig.sandbox.model import Job, Started

_KEEPER = Path(__file__).with_name("keeper.py")
_LOADER = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # some Pythons do not start without
_PATIENCE = 10.0  # seconds for the keeper to end what it keeps


@contextlib.contextmanager
def started(job: Job) -> Iterator[Started]:
    """Start the job; its home and its temporary folder are fresh ones, removed afterwards."""
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="apimig-run-", ignore_cleanup_errors=True)))
        home, temporary = place / "home", place / "tmp"
        home.mkdir()
        temporary.mkdir()
        control, controller, status, teller = (stack.enter_context(each) for each in (*_pipe(), *_pipe()))
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_KEEPER), str(control.fileno()), str(teller.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # The kernel shows the environment that it starts with to the program that it keeps.
            env={name: os.environ[name] for name in _LOADER if name in os.environ},
            pass_fds=(control.fileno(), teller.fileno()),
            start_new_session=True,
        )

        def end() -> None:
            controller.close()
            if process.returncode is None:
                select.select([status], [], [], _PATIENCE)
                os.kill(process.pid, signal.SIGKILL)  # Popen.kill would reap it, and what it used would be lost

        stack.callback(process.wait)
        stack.callback(end)
        control.close()
        teller.close()
        _ask(controller, job, {"HOME": str(home), "TMPDIR": str(temporary), **job.environment})
        disk = (job.folder, *job.writable, place)
        yield Started(process, status.fileno(), process.pid, namespace=False, disk=disk, end=end)


def _ask(controller: IO[bytes], job: Job, environment: dict[str, str]) -> None:
    request = {
        "parent": os.getpid(),
        "program": job.command[0],
        "command": job.command,
        "folder": str(job.folder),
        "environment": environment,
        "limits": rlimits(job.limits),
    }
    with contextlib.suppress(BrokenPipeError):  # then the keeper has ended, and its status says so
        controller.write(json.dumps(request).encode() + b"\n")


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return open(reading, "rb", buffering=0), open(writing, "wb", buffering=0)  # noqa: PTH123 - descriptors, closed by the caller
