"""Moves what a program reads and writes, and never holds more of it than it may write."""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from typing import IO

from apimig.sandbox.model import Started

_CHUNK = 1 << 16
_STATUS = 1 << 16  # bytes; far more than is ever said there


class Streams:
    """The pipes of a run; reads and writes where that does not block."""

    def __init__(self, started: Started, stdin: bytes, most: int) -> None:
        self.stdout, self.stderr, self.status = bytearray(), bytearray(), bytearray()
        self.ended = False
        self._left = most
        self._input = memoryview(stdin)
        self._selector = selectors.DefaultSelector()
        process = started.process
        for file, where in ((process.stdout, self.stdout), (process.stderr, self.stderr)):
            self._register(file, selectors.EVENT_READ, where)
        self._register(process.stdin, selectors.EVENT_WRITE, None)
        self._selector.register(started.status, selectors.EVENT_READ, self.status)

    @property
    def full(self) -> bool:
        """Whether the program wrote more than it may."""
        return self._left < 0

    def move(self, until: float) -> None:
        """Move bytes until that moment of the monotonic clock, or until the run has ended or wrote too much."""
        while not (self.ended or self.full):
            wait = until - time.monotonic()
            if wait <= 0:
                return
            self._step(wait)

    def drain(self) -> None:
        """Take what is left in the pipes; whoever still holds their other ends is not waited for."""
        while self._step(0) and not self.full:
            pass
        self._selector.close()

    def _step(self, wait: float) -> bool:
        """Whether anything moved."""
        ready = self._selector.select(wait)
        for key, _ in ready:
            if key.data is None:
                self._write(key.fd)
            else:
                self._read(key.fd, key.data)
        return bool(ready)

    def _read(self, file: int, where: bytearray) -> None:
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(file, _CHUNK)
            if not chunk:
                self._selector.unregister(file)
                self.ended |= where is self.status
            elif where is self.status:
                where += chunk[: _STATUS - len(where)]
            else:
                where += chunk[: max(0, self._left)]
                self._left -= len(chunk)

    def _write(self, file: int) -> None:
        try:
            count = os.write(file, self._input[:_CHUNK]) if self._input else 0
        except BlockingIOError:
            return
        except BrokenPipeError:
            count = len(self._input)
        self._input = self._input[count:]
        if not self._input:
            self._selector.unregister(file)
            self._close(file)

    def _register(self, file: IO[bytes] | None, events: int, where: bytearray | None) -> None:
        if file is not None:
            os.set_blocking(file.fileno(), False)
            self._selector.register(file.fileno(), events, where)
            if where is None:
                self._stdin = file

    def _close(self, file: int) -> None:
        if file == self._stdin.fileno():
            self._stdin.close()
