"""Looks at intervals at what a run uses, and says when that is too much."""

from __future__ import annotations

import contextlib
import time

from apimig.sandbox import usage
from apimig.sandbox.model import Limits, Started, bulky, exceeded

_INTERVAL = 0.05  # seconds between two looks; less at first, so that something is seen of short runs
_LONGEST = 0.25  # seconds between two looks, even where looking is slow: processes may multiply meanwhile
_SHARE = 50  # a look may take one part in so many of the time
_WALK = 2.0  # seconds between two walks over the disk, at least


class Watch:
    """A run is looked at when ``next``, a moment of the monotonic clock, has come."""

    def __init__(self, started: Started, limits: Limits) -> None:
        self.next = time.monotonic()
        self._limits = limits
        self._meter = usage.Meter(started.root, namespace=started.namespace)
        self._disk = [each for each in dict.fromkeys(started.disk) if not set(each.parents) & set(started.disk)]
        self._begun = time.time()
        self._free = [usage.free(folder) for folder in self._disk]
        self._walk = 0.0
        self._start = time.monotonic()

    @property
    def cpu_seconds(self) -> float:
        """The processor time that was seen."""
        return self._meter.cpu

    @property
    def peak_memory(self) -> int:
        """The most memory that was seen, in bytes."""
        return self._meter.peak

    def look(self) -> str:
        """The limit that the run exceeds, in words, or nothing."""
        begun = time.monotonic()
        if begun < self.next:
            return ""
        why = exceeded(self._meter.read(self._limits.memory), self._limits) or self._too_bulky(begun)
        now = time.monotonic()
        self.next = now + max(min(_INTERVAL, now - self._start), min(_LONGEST, (now - begun) * _SHARE))
        return why

    def _too_bulky(self, now: float) -> str:
        """Files are only counted when so much space is gone; it may be somebody else who took it."""
        if now < self._walk or not any(self._gone()):
            return ""
        much = usage.written(self._disk, self._begun) > self._limits.disk
        self._walk = time.monotonic() + max(_WALK, (time.monotonic() - now) * _SHARE)
        return bulky(self._limits) if much else ""

    def _gone(self) -> list[bool]:
        with contextlib.suppress(OSError):
            return [
                before - usage.free(folder) > self._limits.disk
                for before, folder in zip(self._free, self._disk, strict=True)
            ]
        return []

    def close(self) -> None:
        """Let go of the run's files."""
        self._meter.close()
