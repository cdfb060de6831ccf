"""What the sandbox adds to a test run, and to the start of a program.

    python benchmarks/sandbox_overhead.py [--tests 400] [--rounds 3] [--starts 30]

Generates a suite of tests that compute, write and read files, start processes and import modules; runs it plainly,
with limits alone and in bubblewrap, by turns, so that what else the machine does meets all alike. Prints medians over
the rounds, on the clock and of processor time (that of apimig's own process, which watches, included), with their
ratios to the plain run of the same round; then milliseconds of `python -c pass`.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from apimig import sandbox

TEST = """\
import json, subprocess, sys

import pytest


@pytest.mark.parametrize("number", range({each}))
def test_work(number, tmp_path):
    for part in range(20):
        (tmp_path / str(part)).write_text(json.dumps(list(range(1000))))
    total = sum(sum(json.loads(path.read_text())) for path in tmp_path.iterdir())
    assert total == 20 * 499500
    assert sum(x * x % 7 for x in range({work})) > 0
    if number % 10 == 0:
        code = "import argparse, asyncio, email, http.client, logging, sqlite3, unittest, xml.dom.minidom; print(1)"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"1\\n"
"""
Way = Callable[[list[str], Path], tuple[int, float]]  # the exit code, and the processor time of it and of us


def ours(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def plainly(command: list[str], folder: Path) -> tuple[int, float]:
    before = ours(resource.RUSAGE_CHILDREN)
    code = subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode
    return code, ours(resource.RUSAGE_CHILDREN) - before


def within(how: sandbox.Kind) -> Way:
    def way(command: list[str], folder: Path) -> tuple[int, float]:
        before = ours(resource.RUSAGE_SELF)
        ran = sandbox.run(command, folder=folder, how=how)
        return ran.exit_code, ran.cpu_seconds + ours(resource.RUSAGE_SELF) - before

    return way


def ways() -> dict[str, Way]:
    found: dict[str, Way] = {"plainly": plainly, "limits alone": within(sandbox.PLAIN)}
    if sandbox.kind().name:
        found[sandbox.kind().name] = within(sandbox.kind())
    return found


def measured(way: Way, command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds on the clock and of processor time."""
    begun = time.perf_counter()
    code, spent = way(command, folder)
    if code:
        raise SystemExit(f"{command} ended with {code}")
    return time.perf_counter() - begun, spent


def compare(command: list[str], folder: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """The rounds of each way."""
    all_ways = ways()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in all_ways}
    for number in range(rounds):
        names = list(all_ways)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name].append(measured(all_ways[name], command, folder))
    return found


def shown(found: list[tuple[float, float]], plain: list[tuple[float, float]]) -> str:
    """Medians of both times, and of their ratios to the plain run of the same round."""
    texts = []
    for which, what in enumerate(("on the clock", "of processor time")):
        ratio = statistics.median(a[which] / b[which] for a, b in zip(found, plain, strict=True))
        texts.append(f"{statistics.median(each[which] for each in found):.2f} s {what} ({ratio:.3f})")
    return ", ".join(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=400)
    parser.add_argument("--work", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in range(10):
            (folder / f"test_{number}.py").write_text(TEST.format(each=options.tests // 10, work=options.work))
        suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        found = compare(suite, folder, options.rounds)
        for name, times in found.items():
            print(f"suite, {name}: {shown(times, found['plainly'])}")
        for name, times in compare([sys.executable, "-c", "pass"], folder, options.starts).items():
            print(f"start, {name}: {1000 * statistics.median(each[0] for each in times):.0f} ms")


if __name__ == "__main__":
    main()
