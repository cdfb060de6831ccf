"""Runs a command, watches what it uses, and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from apimig.sandbox import kinds, plain
from apimig.sandbox.kinds import Kind
from apimig.sandbox.model import DEFAULT, Job, Limits, Ran, SandboxError, Started, late, loud
from apimig.sandbox.streams import Streams
from apimig.sandbox.visible import absolute
from apimig.sandbox.watching import Watch

_PATH = "/usr/local/bin:/usr/bin:/bin"
_PASSED = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")  # all that a program is told of our environment
_KILLED = 137


def run(
    command: Sequence[str],
    *,
    folder: Path,
    writable: Sequence[Path] = (),
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    limits: Limits = DEFAULT,
    require: bool = False,
    how: Kind | None = None,
) -> Ran:
    """Run a command in ``folder``; it may write there, to ``writable``, and to a home and temporary folder of its own.

    Where there is a sandbox it sees, besides the system and the Python that it is started with, only these and
    ``readable``, all at their own paths. Nothing of our environment reaches it but language and time zone;
    ``environment`` is added to that. When this returns or raises, no process of the run is left. ``how`` is
    another sandbox than ``kind()``, for comparisons.

    Raises SandboxError when there is no sandbox and ``require`` asks for one, when one cannot be set up, and when a
    path does not exist. That a limit was exceeded is no error: ``Ran.cut_short`` says so.
    """
    how = how or kinds.kind()
    if require and not how.name:
        raise SandboxError(f"There is no sandbox here: {how.reason}", help=how.help)
    job = _job(command, folder, writable, readable, environment or {}, limits)
    if sys.platform == "win32":
        from apimig.sandbox import windows

        return windows.run(job, stdin)
    if not how.name:
        with plain.started(job) as started:
            return _follow(started, job, stdin)
    from apimig.sandbox import bubblewrap

    with bubblewrap.started(how, job) as started:
        return _follow(started, job, stdin)


def _follow(started: Started, job: Job, stdin: bytes) -> Ran:
    """Keep the run going until it ends or exceeds a limit; then nothing of it is left."""
    begun = time.monotonic()
    streams = Streams(started, stdin, job.limits.output)
    with contextlib.closing(Watch(started, job.limits)) as watch:
        why = ""
        while not (streams.ended or streams.full or why):
            streams.move(min(watch.next, begun + job.limits.wall_seconds))
            why = watch.look() if not streams.ended else ""
            if not why and time.monotonic() >= begun + job.limits.wall_seconds and not streams.ended:
                why = late(job.limits)
        started.end()
        streams.drain()
        spent = _reaped(started)
    if streams.full:
        why = loud(job.limits)
    code = _exit_code(bytes(streams.status))
    if code is None and not why and started.namespace:
        said = streams.stderr.decode(errors="replace").strip().splitlines()
        raise SandboxError(f"The sandbox could not be set up: {said[-1] if said else 'it ended without a word'}")
    return Ran(
        exit_code=_KILLED if code is None else code,
        stdout=bytes(streams.stdout),
        stderr=bytes(streams.stderr),
        cut_short=why,
        seconds=time.monotonic() - begun,
        cpu_seconds=max(spent, watch.cpu_seconds),
        peak_memory=watch.peak_memory,
    )


def _reaped(started: Started) -> float:
    """Wait for what we started; the processor time that it and all below it took."""
    process = started.process
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _exit_code(status: bytes) -> int | None:
    """What the last complete line says, if one does."""
    for line in reversed(status.splitlines()):
        with contextlib.suppress(ValueError):
            found = json.loads(line).get("exit-code")
            if isinstance(found, int):
                return found
    return None


def _job(
    command: Sequence[str],
    folder: Path,
    writable: Sequence[Path],
    readable: Sequence[Path],
    environment: Mapping[str, str],
    limits: Limits,
) -> Job:
    folder = absolute(folder)
    ours = {name: os.environ[name] for name in _PASSED if name in os.environ}
    base = {"LANG": "C.UTF-8", **ours, "PATH": _PATH if sys.platform != "win32" else os.environ.get("PATH", "")}
    complete = {**base, **environment}
    program = shutil.which(command[0], path=complete["PATH"])
    if program is None:
        raise SandboxError(f"There is no program {command[0]} to run")
    program = str(absolute(Path(program)))
    if "PATH" not in environment:
        complete["PATH"] = os.pathsep.join((str(Path(program).parent), base["PATH"]))
    named = {name: tuple(absolute(each) for each in paths) for name, paths in (("w", writable), ("r", readable))}
    for path in (folder, *named["w"], *named["r"]):
        if not path.exists():
            raise SandboxError(f"{path} was to be seen in the sandbox and does not exist")
    return Job((program, *command[1:]), folder, named["w"], named["r"], complete, limits)
