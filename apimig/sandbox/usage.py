"""What a tree of processes uses, read from the kernel's files: Linux alone."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from apimig.sandbox.model import Usage

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_GROWN = 1.1  # memory is counted exactly when the rough count has grown by so much
_SHARE = 50  # counting exactly may take one part in so many of the time, while nothing grows
_IN_MEMORY = ("tmp", "dev/shm", "home/sandbox")  # of the sandbox; its file systems that are in memory


@dataclass(slots=True)
class Meter:
    """Reads what the descendants of a process use; the process itself, which only keeps them, is not counted.

    ``namespace`` says that the process is the first of a PID namespace with a /proc of its own: then all processes in
    it are found at once, whatever they do to get away.
    """

    root: int
    namespace: bool
    peak: int = 0
    cpu: float = 0.0
    seen: frozenset[int] = frozenset()
    _proc: int = -1
    _memories: list[int] = field(default_factory=list)
    _rough: int = 0
    _exact: int = 0
    _again: float = 0.0

    def read(self, most: int) -> Usage:
        """What is used now. Memory below ``most`` is what it was when it was last counted."""
        if self.namespace and self._proc < 0:
            self._enter()
        if self.namespace and self._proc >= 0:
            found = {pid: stat for pid in _listed(self._proc) if (stat := _stat(self._proc, pid))}
            keeper = 1
        else:
            found = dict(_descendants(self.root))
            keeper = self.root
            self.seen = frozenset(found) - {keeper}
        self.cpu = max(self.cpu, sum(stat.ticks for stat in found.values()) / _TICKS)
        found.pop(keeper, None)
        return Usage(len(found), self._memory(found, most), self.cpu)

    def close(self) -> None:
        """Let the sandbox's files go."""
        for each in (self._proc, *self._memories):
            if each >= 0:
                os.close(each)
        self._proc, self._memories = -1, []

    def _memory(self, found: dict[int, _Stat], most: int) -> int:
        """Shared pages count once for every process at first; exactly only where that may matter, as it is slow."""
        files = sum(map(_filled, self._memories))
        rough = files + sum(stat.pages for stat in found.values()) * _PAGE
        begun = time.monotonic()
        if rough <= self._rough * _GROWN and (rough <= most or begun < self._again):
            return self._exact
        self._exact = self._counted(found, files)
        if self._exact > self.peak:  # processes that end meanwhile leave their part to those that are still to be read
            self._exact = min(self._exact, self._counted(found, files))
        self._rough, self._again = rough, begun + (time.monotonic() - begun) * _SHARE
        self.peak = max(self.peak, self._exact)
        return self._exact

    def _counted(self, pids: Iterable[int], files: int) -> int:
        folder = self._proc if self._proc >= 0 else None
        shares = [_share(folder, pid) for pid in pids]
        return max(sum(all_ for all_, _ in shares), files + sum(all_ - shared for all_, shared in shares))

    def _enter(self) -> None:
        """Open the sandbox's own /proc, once it has one."""
        path = Path("/proc", str(self.root), "root")
        with contextlib.suppress(OSError):
            if (path / "proc").stat().st_dev != Path("/proc").stat().st_dev:
                self._proc = os.open(path / "proc", os.O_RDONLY | os.O_DIRECTORY)
                self._memories = [os.open(path / each, os.O_RDONLY | os.O_DIRECTORY) for each in _IN_MEMORY]


@dataclass(frozen=True, slots=True)
class _Stat:
    ticks: int
    pages: int


def _stat(folder: int | None, pid: int) -> _Stat | None:
    content = _content(folder, f"{pid}/stat")
    fields = content.rpartition(b")")[2].split()
    # utime, stime and what ended children took of both; then the pages in memory
    return _Stat(sum(map(int, fields[11:15])), int(fields[21])) if len(fields) > 21 else None


def _share(folder: int | None, pid: int) -> tuple[int, int]:
    """The memory of a process, pages of several divided among them, and how much of it belongs to shared files.

    A process that has ended has none, also before its parent has asked for its result; where the kernel does not tell
    how pages are divided, all are the process's own.
    """
    lines = [line.split() for line in _content(folder, f"{pid}/smaps_rollup").splitlines()]
    sizes = {line[0]: int(line[1]) * 1024 for line in lines if len(line) == 3 and line[0].startswith(b"Pss")}
    if b"Pss:" in sizes:
        return sizes[b"Pss:"], sizes.get(b"Pss_Shmem:", 0)
    stat = _stat(folder, pid)
    return (stat.pages * _PAGE if stat else 0), 0


def _content(folder: int | None, name: str) -> bytes:
    try:
        file = os.open(name if folder is not None else f"/proc/{name}", os.O_RDONLY, dir_fd=folder)
    except OSError:
        return b""
    try:
        return os.read(file, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(file)


def _listed(proc: int) -> Iterable[int]:
    try:
        return [int(name) for name in os.listdir(proc) if name.isdigit()]
    except OSError:
        return ()


def _descendants(root: int) -> Iterator[tuple[int, _Stat]]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if stat := _stat(None, pid):
            yield pid, stat
            waiting += _children(pid)


def _children(pid: int) -> Iterator[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - often
    except OSError:
        return
    for task in tasks:
        yield from map(int, _content(None, f"{pid}/task/{task}/children").split())


def _filled(folder: int) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def free(folder: Path) -> int:
    """The bytes that are left where the folder is."""
    found = os.statvfs(folder)
    return found.f_bfree * found.f_frsize


def written(folders: Iterable[Path], since: float) -> int:
    """The bytes of the files below these folders that were changed since then."""
    return sum(_changed(folder, since) for folder in folders)


def _changed(folder: Path, since: float) -> int:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                found = os.lstat(f"{path}/{name}")
                total += found.st_blocks * 512 if found.st_ctime >= since else 0
    return total
