"""What a run may use, and what became of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apimig.errors import ApimigError


class SandboxError(ApimigError):
    """There is no sandbox, or it could not be set up; nothing ran."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What all processes of a run together may use; beyond it the run is ended, and ``Ran.cut_short`` says so.

    ``memory`` counts what is in use, not what is reserved, and what is written to the run's temporary folders where
    these are in memory. ``output`` is of both streams together. ``disk`` is what may be written in the writable
    folders and, where they are not in memory, the temporary ones. A file that would grow beyond ``file_size`` cannot
    be written to; that alone does not end the run. Sizes are in bytes.
    """

    memory: int = 8 << 30
    cpu_seconds: float = 3600
    wall_seconds: float = 600
    processes: int = 512
    output: int = 50 << 20
    file_size: int = 1 << 30
    temporary: int = 2 << 30
    disk: int = 4 << 30


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended.

    ``exit_code`` is 128 and the signal's number for a program that a signal ended, as shells say it. ``cut_short`` is
    empty, or the limit that ended it ("out of time after 600 s"). ``stdout`` and ``stderr`` never exceed the limit
    together. ``peak_memory`` is sampled, so a short peak may be missed.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes
    cut_short: str
    seconds: float
    cpu_seconds: float
    peak_memory: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What the processes of a run use at a moment."""

    processes: int = 0
    memory: int = 0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run: paths are absolute and exist; the environment lacks only home and temporary folder."""

    command: tuple[str, ...]
    folder: Path
    writable: tuple[Path, ...]
    readable: tuple[Path, ...]
    environment: Mapping[str, str]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Started:
    """A run under way.

    ``process`` is what we started, ``root`` the process whose descendants are the run's, ``namespace`` whether these
    have a PID namespace of their own. From ``status`` a line with the exit code can be read, and its end is the end of
    the run. ``end`` kills all of them and returns when they are gone; ``disk`` are the folders on disk that the run
    may write to.
    """

    process: subprocess.Popen[bytes]
    status: int
    root: int
    namespace: bool
    disk: tuple[Path, ...]
    end: Callable[[], None]


def exceeded(usage: Usage, limits: Limits) -> str:
    """The limit that is exceeded, in words, or nothing."""
    if usage.memory > limits.memory:
        return f"more than {_size(limits.memory)} of memory"
    if usage.processes > limits.processes:
        return f"more than {limits.processes} processes"
    if usage.cpu_seconds > limits.cpu_seconds:
        return f"more than {limits.cpu_seconds:g} s of processor time"
    return ""


def late(limits: Limits) -> str:
    """What to say of a run that took too long."""
    return f"out of time after {limits.wall_seconds:g} s"


def loud(limits: Limits) -> str:
    """What to say of a run that printed too much."""
    return f"more than {_size(limits.output)} of output"


def bulky(limits: Limits) -> str:
    """What to say of a run that wrote too much."""
    return f"more than {_size(limits.disk)} written to disk"


def _size(count: int) -> str:
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"
