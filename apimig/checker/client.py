"""Talks to a language server over its standard streams; whatever the server does, a caller is never kept waiting."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_LARGEST = 64_000_000  # bytes of a message: more is not one
_HEADER_LINES = 16


class ServerGone(Exception):
    """The server ended, cannot be started, does not answer in time, or says what no server says."""


class Client:
    """One running server. ``reply`` gives the answers to the server's own requests, by method and parameters.

    A thread reads and one writes: a server that does not read is noticed by the deadline as well as one that is silent.
    """

    def __init__(self, command: Sequence[str], folder: Path, reply: Callable[[str, Mapping[str, Any]], object]) -> None:
        self._reply = reply
        self._condition = threading.Condition()
        self._answers: dict[int, Mapping[str, Any]] = {}
        self._problem = ""
        self._last = 0
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        try:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a server may be a script that starts the real one: both end together
            )
        except OSError as error:
            raise ServerGone(f"it cannot be started: {error.strerror or error}") from error
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    # ------------------------------------------------------------------ what callers use

    def send(self, method: str, parameters: object) -> int:
        """Send a request; the number is for :meth:`wait`."""
        self._last += 1
        self._put({"id": self._last, "method": method, "params": parameters})
        return self._last

    def notify(self, method: str, parameters: object) -> None:
        """Send what needs no answer."""
        self._put({"method": method, "params": parameters})

    def wait(self, number: int, deadline: float) -> Any:  # noqa: ANN401 - what JSON holds
        """The result of a request, None when the server refused it. ``deadline`` is one of ``time.monotonic()``.

        Raises ServerGone when there is none in time.
        """
        with self._condition:
            while number not in self._answers:
                if self._problem:
                    raise ServerGone(self._problem)
                left = deadline - time.monotonic()
                if left <= 0 or not self._condition.wait(left):
                    raise ServerGone("it does not answer in time")
            return self._answers.pop(number).get("result")

    def request(self, method: str, parameters: object, deadline: float) -> Any:  # noqa: ANN401 - what JSON holds
        """The result of a request, as :meth:`send` and :meth:`wait`."""
        return self.wait(self.send(method, parameters), deadline)

    def close(self, seconds: float = 1.0) -> None:
        """End the server: politely, and after ``seconds`` in any case."""
        with contextlib.suppress(ServerGone):
            self.request("shutdown", None, time.monotonic() + seconds)
            self.notify("exit", None)
        self._outgoing.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()

    # ------------------------------------------------------------------ the threads

    def _put(self, message: Mapping[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._outgoing.put(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def _write(self) -> None:
        stream = self.process.stdin
        with contextlib.suppress(OSError, ValueError):  # the reader notices that it is gone
            while stream is not None and (data := self._outgoing.get()) is not None:
                stream.write(data)
                stream.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        problem = "it ended"
        try:
            while stream is not None and (message := _message(stream)) is not None:
                self._take(message)
        except (OSError, ValueError, RecursionError):
            problem = "it says what is no message of a language server"
        with self._condition:
            self._problem = problem
            self._condition.notify_all()

    def _take(self, message: Mapping[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            with self._condition:
                self._answers[number if isinstance(number, int) else -1] = message
                self._condition.notify_all()
        elif number is not None:
            parameters = message.get("params")
            result = self._reply(str(method), parameters if isinstance(parameters, dict) else {})
            self._put({"id": number, "result": result})


def _message(stream: IO[bytes]) -> Mapping[str, Any] | None:
    """The next message, None at the end. Raises ValueError for what is none."""
    length = -1
    for _ in range(_HEADER_LINES):
        line = stream.readline(1024)
        if not line:
            return None
        if not line.strip():
            break
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError("no header")
        length = int(value) if name.strip().lower() == b"content-length" else length
    if not 0 <= length <= _LARGEST:
        raise ValueError("no length")
    body = stream.read(length)
    if len(body) < length:
        return None
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("no object")  # noqa: TRY004 - what the caller takes for garbage
    return message
