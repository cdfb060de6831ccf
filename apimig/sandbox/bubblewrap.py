"""A run inside bubblewrap."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from apimig.sandbox.kinds import Kind
from apimig.sandbox.limiting import rlimits
from apimig.sandbox.model import Job, SandboxError, Started
from apimig.sandbox.mounts import FILES, options

_PATIENCE = 20.0  # seconds to set a sandbox up, and to be gone


@contextlib.contextmanager
def started(how: Kind, job: Job) -> Iterator[Started]:
    """Start the job in a sandbox of its own. Raises SandboxError when that cannot be set up."""
    with contextlib.ExitStack() as stack:
        status, teller, waiting, starter = (stack.enter_context(each) for each in (*_pipe(), *_pipe()))
        files = {name: stack.enter_context(_held(text)).fileno() for name, text in FILES.items()}
        told = [
            *options(how, job, files),
            "--json-status-fd",
            str(teller.fileno()),
            "--block-fd",
            str(waiting.fileno()),
        ]
        arguments = stack.enter_context(_held("".join(f"{each}\0" for each in told)))
        process = subprocess.Popen(
            [how.program, "--args", str(arguments.fileno()), "--", *job.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            pass_fds=(teller.fileno(), waiting.fileno(), arguments.fileno(), *files.values()),
            start_new_session=True,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        teller.close()
        waiting.close()
        first = _first(process, status)
        end = _Ending(process, first)
        stack.callback(end.close)
        stack.callback(end)
        _limit(first, job)
        with contextlib.suppress(BrokenPipeError):  # then it has ended, and its status says so
            starter.write(b"!")
        yield Started(process, status.fileno(), first, namespace=True, disk=(job.folder, *job.writable), end=end)


class _Ending:
    """Kills the sandbox's first process, with which the kernel ends all others in it, and waits until they are gone."""

    def __init__(self, process: subprocess.Popen[bytes], first: int) -> None:
        self._process = process
        self._first = -1
        with contextlib.suppress(OSError):  # a kernel without pidfd: bubblewrap kills it when it is killed itself
            self._first = os.pidfd_open(first)

    def __call__(self) -> None:
        if self._first >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            select.select([self._first], [], [], _PATIENCE)
        if self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)  # Popen.kill would reap it, and what it used would be lost

    def close(self) -> None:
        if self._first >= 0:
            os.close(self._first)


def _first(process: subprocess.Popen[bytes], status: IO[bytes]) -> int:
    """The sandbox's first process, which waits for us to let it go on."""
    ready, _, _ = select.select([status], [], [], _PATIENCE)
    line = status.readline() if ready else b""
    if line:
        return int(json.loads(line)["child-pid"])
    process.kill()
    said = process.communicate()[1].decode(errors="replace").strip() or "it does not answer"
    raise SandboxError(f"The sandbox could not be set up: {said}")


def _limit(first: int, job: Job) -> None:
    """Limit the process, of which all others in the sandbox inherit the limits; the kernel is to kill them first."""
    for name, wanted in rlimits(job.limits).items():
        what = getattr(resource, name)
        with contextlib.suppress(ProcessLookupError):
            _, hard = resource.prlimit(first, what)
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.prlimit(first, what, (limit, limit))
    with contextlib.suppress(OSError):
        Path("/proc", str(first), "oom_score_adj").write_text("1000")


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return open(reading, "rb", buffering=0), open(writing, "wb", buffering=0)  # noqa: PTH123 - descriptors, closed by the caller


def _held(text: str) -> IO[bytes]:
    """A file in memory that holds the text, to be read from its start."""
    file = open(os.memfd_create("apimig"), "r+b", buffering=0)  # noqa: PTH123, SIM115 - closed by the caller
    file.write(text.encode(errors="surrogateescape"))
    file.seek(0)
    return file
