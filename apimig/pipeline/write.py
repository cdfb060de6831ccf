"""Writes changed files so that each is, at every moment, either the old one or the new one.

First every new text goes to a temporary file beside its target, then all of them are renamed. A full disk or a missing
permission therefore shows before any file has changed, and an interrupt leaves all of them old or all of them new. Only
what no process can defer, SIGKILL or a loss of power, may come between two renames; undo restores the old tree then.
"""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from zlib import crc32

from apimig.errors import WriteError
from apimig.records import FileChange

_SHOWN = 10
_WRITERS = 16

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was not written, and why."""

    name: str
    reason: str


def check_writable(changes: Sequence[FileChange]) -> None:
    """Raise :class:`WriteError`, before anything is changed, when a file cannot be replaced."""
    failures = [Failure(change.name, reason) for change in changes if (reason := _obstacle(change.path))]
    if failures:
        raise WriteError(
            f"{_count(failures)} cannot be written; nothing was changed",
            help=listed(failures) + "\nMake them writable, or leave them out with --exclude.",
        )


def write_all(changes: Sequence[FileChange], token: str) -> tuple[Failure, ...]:
    """Replace every file; the result lists those that could not be, each untouched.

    ``token`` names the temporary files (see :func:`temporary`), so that those of a killed run can be found.
    """
    try:
        staged = in_parallel(partial(_stage, token=token), changes)
        with _undisturbed():
            swapped = [_swap(change, file) for change, file in zip(changes, staged, strict=True)]
        return tuple(filter(None, swapped))
    except OSError as error:
        raise WriteError(
            f"No space or no permission to write: {error.strerror or error}",
            help=f"Nothing was changed. It happened at {error.filename or 'a temporary file'}.",
        ) from error
    finally:
        files = [temporary(change.path, token) for change in changes]
        remove(files)
        for folder in {file.parent for file in files}:
            _sync(folder)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals that end a process wait until all files are renamed: a moment, as everything is on the disk."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def in_parallel(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The results in order; for work that waits for the disk, which takes many such requests as one."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_WRITERS) as pool:
        return list(pool.map(work, items))


def temporary(path: Path, token: str) -> Path:
    """The temporary file through which ``path`` is replaced in the run ``token``."""
    target = path.resolve()
    return target.with_name(f".apimig-{token}-{crc32(os.fsencode(target.name)):08x}.tmp")


def replace(path: Path, data: bytes, token: str) -> None:
    """Replace one file's content: symlinks are written through, mode and owner stay."""
    file = _write(path.resolve(), temporary(path, token), data)
    try:
        file.replace(path.resolve())
    finally:
        remove([file])


def remove(files: Iterable[Path]) -> None:
    """Delete temporary files, as far as they are still there."""
    for file in files:
        with suppress(OSError):
            file.unlink()


def listed(failures: Sequence[Failure]) -> str:
    """The failures, one a line, cut off where there are many."""
    lines = [f"  {failure.name}: {failure.reason}" for failure in failures[:_SHOWN]]
    more = len(failures) - _SHOWN
    return "\n".join(lines if more <= 0 else [*lines, f"  and {more} more"])


def _count(failures: Sequence[Failure]) -> str:
    return "1 file" if len(failures) == 1 else f"{len(failures)} files"


def _obstacle(path: Path) -> str:
    target = path.resolve()
    if not os.access(target, os.W_OK):
        return "no permission to write the file"
    if not os.access(target.parent, os.W_OK | os.X_OK):
        return "no permission to write in its folder"
    return ""


def _stage(change: FileChange, token: str) -> Path:
    return _write(change.path.resolve(), temporary(change.path, token), change.after)


def _write(target: Path, file: Path, data: bytes) -> Path:
    before = target.stat()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _like(file, before)
    except BaseException:
        remove([file])
        raise
    return file


def _like(file: Path, before: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root may give a file away; the content matters more
            os.chown(file, before.st_uid, before.st_gid)
    file.chmod(stat.S_IMODE(before.st_mode))


def _swap(change: FileChange, file: Path) -> Failure | None:
    target = change.path.resolve()
    try:
        if target.read_bytes() != change.before:
            return Failure(change.name, "it was changed by someone else while apimig was working")
        file.replace(target)
    except OSError as error:
        return Failure(change.name, error.strerror or str(error))
    return None


def _sync(folder: Path) -> None:
    """Make the renames of a folder durable, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
