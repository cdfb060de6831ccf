"""The time of a command and the most memory that all its processes share out at one moment.

    python benchmarks/peak_memory.py apimig check TREE --lib pandas==2.2.3 --from pandas==1.1.5 --types off

Memory is the proportional set size, summed over the command and its descendants ten times a second (Linux).
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path


def descendants(process: int) -> list[int]:
    found = [process]
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in read(task).split():
            found += descendants(int(child))
    return found


def read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # the process is gone
        return ""


def share(process: int) -> int:
    """KiB of memory, with what is shared divided among those that share it."""
    match = re.search(r"^Pss:\s+(\d+)", read(Path(f"/proc/{process}/smaps_rollup")), re.MULTILINE)
    return int(match[1]) if match else 0


def main() -> None:
    begun, peak = time.monotonic(), 0
    command = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    while command.poll() is None:
        peak = max(peak, sum(map(share, descendants(command.pid))))
        time.sleep(0.1)
    print(f"{time.monotonic() - begun:.1f} s, {peak / 1024:.0f} MiB, exit code {command.returncode}")


if __name__ == "__main__":
    main()
