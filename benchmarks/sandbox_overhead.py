"""What the sandbox adds to a test run, and to the start of a program.

    python benchmarks/sandbox_overhead.py [--tests 400] [--rounds 3] [--starts 30]

Generates a suite of tests that compute, write and read files, start processes and import modules; runs it plainly,
with limits alone and in bubblewrap, by turns, so that what else the machine does meets all alike. Prints medians over
the rounds in seconds on the clock, and ratios to the plain run of the same round; then milliseconds of
`python -c pass`.
"""

from __future__ import annotations

import argparse
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
LIMITS = sandbox.Limits()
Way = Callable[[list[str], Path], int]


def plainly(command: list[str], folder: Path) -> int:
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def within(how: sandbox.Kind) -> Way:
    return lambda command, folder: sandbox.run(command, folder=folder, how=how, limits=LIMITS).exit_code


def ways() -> dict[str, Way]:
    found: dict[str, Way] = {"plainly": plainly, "limits alone": within(sandbox.PLAIN)}
    if sandbox.kind().name:
        found[sandbox.kind().name] = within(sandbox.kind())
    return found


def seconds(way: Way, command: list[str], folder: Path) -> float:
    begun = time.perf_counter()
    if code := way(command, folder):
        raise SystemExit(f"{command} ended with {code}")
    return time.perf_counter() - begun


def compare(command: list[str], folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """For each way the median of its times, and that of its ratios to the plain run of the same round."""
    all_ways = ways()
    times: dict[str, list[float]] = {name: [] for name in all_ways}
    for number in range(rounds):
        names = list(all_ways)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            times[name].append(seconds(all_ways[name], command, folder))
    ratios = {name: [a / b for a, b in zip(found, times["plainly"], strict=True)] for name, found in times.items()}
    return {name: (statistics.median(found), statistics.median(ratios[name])) for name, found in times.items()}


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
        for name, (took, ratio) in compare(suite, folder, options.rounds).items():
            print(f"suite, {name}: {took:.1f} s, {ratio:.3f}")
        for name, (took, _) in compare([sys.executable, "-c", "pass"], folder, options.starts).items():
            print(f"start, {name}: {1000 * took:.0f} ms")


if __name__ == "__main__":
    main()
