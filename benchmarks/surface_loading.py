"""How long surfaces take to load, from the cache or from what ships with apimig.

    python benchmarks/surface_loading.py pandas==2.0.3 transformers==4.44.0 torch==2.13.0 numpy==2.3.5 [--runs 9]

Each is loaded in fresh processes that have imported the code already; what is neither shipped nor cached has to be made
by `apimig surface` before. Prints the median processor time in milliseconds: of loading, and of loading and then
reading every entry, as a comparison does; beside them how many names there are and what the file takes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

LOAD = """
import sys, time
from pathlib import Path
from apimig.surface import shipment, store
name, version, shipped = sys.argv[1], sys.argv[2], sys.argv[3] == "shipped"
start = time.process_time()
made = shipment.shipped(name, version) if shipped else store.cached(name, version)
loaded = time.process_time()
if made is None:
    sys.exit(f"{name} {version} is not here")
list(made.entries.values())
read = time.process_time()
size = 0 if shipped else sum(file.stat().st_size for file in store._files(name, version))
print(1000 * (loaded - start), 1000 * (read - start), len(made), size)
"""


def measured(release: str, place: str, runs: int) -> list[tuple[float, ...]]:
    """What each process says; none where the release is not there."""
    command = [sys.executable, "-c", LOAD, *release.split("==", 1), place]
    done = [subprocess.run(command, capture_output=True, text=True, check=False) for _ in range(runs)]
    return [tuple(map(float, each.stdout.split())) for each in done if each.returncode == 0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("releases", nargs="+")
    options.add_argument("--runs", type=int, default=9)
    given = options.parse_args()
    print("| release | from | names | KB | loaded, ms | and all read, ms |\n|---|---|---|---|---|---|")
    for release in given.releases:
        for place in ("shipped", "cache"):
            if found := measured(release, place, given.runs):
                loaded, read = (statistics.median(each[i] for each in found) for i in (0, 1))
                _, _, names, size = found[0]
                kilobytes = f"{size / 1024:.0f}" if size else "-"
                print(f"| {release} | {place} | {names:.0f} | {kilobytes} | {loaded:.0f} | {read:.0f} |")


if __name__ == "__main__":
    main()
