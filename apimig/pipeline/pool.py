"""Spreads the files of a run over processes; a file that kills its process is named, the rest goes on."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from apimig.pipeline.memory import collect_seldom

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

IN_PROCESS_UP_TO = 24  # files; starting processes costs more than it gains below
_CHUNK = 16
_AHEAD = 4  # chunks handed out per process beyond the one it works on

Item = TypeVar("Item")
Result = TypeVar("Result")

_work: Callable[[Any], Any] | None = None


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    make: Callable[[], Callable[[Item], Result]],
    items: Sequence[Item],
    *,
    jobs: int,
    died: Callable[[Item], Result],
) -> Iterator[Result]:
    """The result for every item, as they come: order is not kept, nothing is held back.

    ``make`` is called once in each process and returns the function for the items; ``died`` gives
    the result for an item whose process did not survive it. ``make``, items and results are picklable.
    """
    if jobs <= 1 or len(items) <= IN_PROCESS_UP_TO:
        work = make()
        yield from (work(item) for item in items)
        return
    chunks = in_chunks(items, jobs)
    yield from _Spread(make, min(jobs, len(chunks)), died).results(chunks)


def in_chunks(items: Sequence[Item], jobs: int) -> list[Sequence[Item]]:
    """Several chunks for each process: while one is at a large file, the others take what is left."""
    size = max(1, min(_CHUNK, len(items) // (jobs * _AHEAD)))
    return [items[start : start + size] for start in range(0, len(items), size)]


class _Spread(Generic[Item, Result]):
    def __init__(self, make: Callable[[], Callable[[Item], Result]], jobs: int, died: Callable[[Item], Result]) -> None:
        self.make = make
        self.jobs = jobs
        self.died = died

    def results(self, chunks: Sequence[Sequence[Item]]) -> Iterator[Result]:
        waiting = deque(chunks)
        while waiting:
            lost = yield from self._run(waiting)
            for item in lost:
                yield from self._alone(item)

    def _run(self, waiting: deque[Sequence[Item]]) -> Generator[Result, None, list[Item]]:
        """Results until all is done or the pool breaks; returns the items that were under way then."""
        # Imported here, as in _alone and _pool: a run over a few files starts no process.
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        running: dict[Future[list[Result]], Sequence[Item]] = {}
        pool = self._pool(self.jobs)
        try:
            while waiting or running:
                while waiting and len(running) < self.jobs * _AHEAD:
                    chunk = waiting[0]  # it stays there until the pool has it: a broken one refuses it
                    running[pool.submit(_many, chunk)] = chunk
                    waiting.popleft()
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
                    del running[future]
        except BrokenProcessPool:
            return [item for chunk in running.values() for item in chunk]
        finally:
            _stop(pool)
        return []

    def _alone(self, item: Item) -> Iterator[Result]:
        from concurrent.futures.process import BrokenProcessPool

        pool = self._pool(1)
        try:
            yield from pool.submit(_many, [item]).result()
        except BrokenProcessPool:
            yield self.died(item)
        finally:
            _stop(pool)

    def _pool(self, jobs: int) -> ProcessPoolExecutor:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        # A forked process has the rules and the modules already; spawning is for systems without fork.
        method = "fork" if sys.platform == "linux" else "spawn"
        context = multiprocessing.get_context(method)
        return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(self.make,))


def _stop(pool: ProcessPoolExecutor) -> None:
    pool.shutdown(wait=True, cancel_futures=True)


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _work  # noqa: PLW0603 - the one place of a worker process where its state lives
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    collect_seldom()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _work = make()


def _end_with(parent: int) -> None:
    """Leave when the parent was killed: nobody would take the results, or tell this process to stop."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _many(items: Sequence[Any]) -> list[Any]:
    assert _work is not None, "the initializer ran"  # noqa: S101 - an invariant of the executor
    return [_work(item) for item in items]
