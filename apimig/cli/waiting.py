"""What a person at a terminal sees while a command works: how far the files are, or what is being done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apimig.cli import colored

_FILES_FROM = 40  # fewer are done before a bar is drawn


@contextmanager
def waiting(*, show: bool = True) -> Iterator[Waiting | None]:
    """Lines on stderr that vanish at the end; None where nobody sees them."""
    if not show or not colored(sys.stderr):
        yield None
        return
    shown = Waiting()
    try:
        yield shown
    finally:
        shown.stop()


class Waiting:
    """A display that appears only when there is something to wait for."""

    def __init__(self) -> None:
        self._display: Any = None
        self._files: Any = None
        self._work: Any = None

    def advance(self, done: int, total: int) -> None:
        """So many of all files are done."""
        if self._files is None and total < _FILES_FROM:
            return
        display = self._started()
        if self._files is None:
            self._files = display.add_task("files", total=total, far="")
        display.update(self._files, completed=done, far=f" {done}/{total}")

    def tell(self, what: str) -> None:
        """Say what is being done now."""
        display = self._started()
        for task in display.tasks:
            if task.id == self._files and task.finished:
                display.update(task.id, visible=False)
        if self._work is None:
            self._work = display.add_task(what, total=None, far="")
        display.reset(self._work, description=what)

    def stop(self) -> None:
        """Take the display away."""
        if self._display is not None:
            self._display.stop()

    def _started(self) -> Any:  # noqa: ANN401 - rich is imported only where it can be seen: it costs hundredths of a second
        if self._display is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                BarColumn(pulse_style="cyan"),
                TextColumn("{task.description}{task.fields[far]}"),
                TimeElapsedColumn(),
            )
            self._display = Progress(*columns, console=Console(stderr=True), transient=True)
            self._display.start()
        return self._display
