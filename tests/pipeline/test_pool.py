"""Work is spread, streamed, and survives the death of a process."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from apimig.pipeline.pool import in_chunks, spread


def make_square():
    return lambda number: number * number


def make_fragile():
    def work(number):
        if number in (7, 123):
            os._exit(9)
        return number

    return work


def make_pid():
    return lambda _: os.getpid()


def never(item):
    pytest.fail(f"the process of {item} did not die")


@pytest.mark.parametrize("count", [0, 1, 24, 25, 200])
@pytest.mark.parametrize("jobs", [1, 2])
def test_every_item_has_one_result(count, jobs):
    assert sorted(spread(make_square, range(count), jobs=jobs, died=never)) == [n * n for n in range(count)]


@pytest.mark.parametrize(
    ("count", "jobs", "sizes"),
    [(0, 2, []), (3, 2, [1, 1, 1]), (40, 2, [5] * 8), (1000, 2, [16] * 62 + [8]), (100, 16, [1] * 100)],
)
def test_a_large_item_holds_up_few_others(count, jobs, sizes):
    chunks = in_chunks(range(count), jobs)
    assert [len(chunk) for chunk in chunks] == sizes
    assert [item for chunk in chunks for item in chunk] == list(range(count))


def test_few_items_stay_in_this_process():
    assert set(spread(make_pid, range(10), jobs=2, died=never)) == {os.getpid()}


def test_many_items_do_not():
    assert os.getpid() not in set(spread(make_pid, range(100), jobs=2, died=never))


def test_an_item_that_kills_its_process_is_named_and_the_rest_is_done():
    results = list(spread(make_fragile, range(200), jobs=2, died=lambda item: f"{item} died"))
    assert sorted(results, key=str) == sorted([*(set(range(200)) - {7, 123}), "7 died", "123 died"], key=str)


def test_an_item_that_a_broken_pool_refuses_is_not_lost(monkeypatch):
    refusals = iter([False, False, True])

    def submit(self, *arguments):
        if next(refusals, False):
            raise BrokenProcessPool("a process died just before")
        return submitted(self, *arguments)

    submitted = ProcessPoolExecutor.submit
    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    assert sorted(spread(make_square, range(200), jobs=2, died=never)) == [n * n for n in range(200)]


def test_results_come_while_most_of_the_work_is_ahead(tmp_path):
    log = tmp_path / "log"

    def make():
        def work(number):
            with log.open("ab") as stream:
                stream.write(b".")
            return number

        return work

    stream = spread(make, range(10_000), jobs=2, died=never)
    assert len(list(itertools.islice(stream, 5))) == 5
    stream.close()
    assert 5 <= log.stat().st_size < 1000
