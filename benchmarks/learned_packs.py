"""Learns a pack from two releases of each library, and runs its cases under both: what came of it, and what it cost.

    python benchmarks/learned_packs.py [--only NAME ...] --work DIR

The packs are written to DIR. A rule is verified when its cases give the same under both releases; ``left`` are rules
that could not be run, which wait for a person. Minutes are on the clock, with surfaces and environments made where DIR
of an earlier run is not there; memory is that of apimig's own process at its worst moment.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from learning_from_releases import MIGRATIONS

HEAD = ["migration", "rules", "only reported", "verified", "differ, so unsafe", "left", "known, with shipped rules",
        "min", "MiB"]  # fmt: skip


def learned(library: str, old: str, new: str, work: Path) -> tuple[dict[str, object], float, int]:
    """What ``apimig learn --json`` says, the seconds that it took, and its memory in MiB."""
    command = [sys.executable, "-m", "apimig", "learn", "--lib", library, "--from", old, "--to", new, "--json"]
    begun = time.monotonic()
    process = subprocess.Popen([*command, "-o", work / library], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{library}: exit {os.waitstatus_to_exitcode(status)}")
    return json.loads(said), time.monotonic() - begun, used.ru_maxrss // 1024


def row(library: str, old: str, new: str, work: Path) -> str:
    found, seconds, memory = learned(library, old, new, work)
    entries = found["entries"]
    assert isinstance(entries, list)
    states = Counter(str(state(each)) for each in entries)
    known = sum(each["standing"] == "known" for each in entries)
    cells = [f"{library} {old} → {new}", len(entries), states["advice"], states["verified"], states["differs"]]
    cells += [states["unrun"] + states["None"], known, f"{seconds / 60:.1f}", memory]
    return "| " + " | ".join(map(str, cells)) + " |"


def state(entry: dict[str, object]) -> object:
    """Whether a rule is for reports alone, or what running it showed."""
    rule = entry["rule"]
    assert isinstance(rule, dict)
    if not rule.get("cases") or rule.get("applicability") == "manual":
        return "advice"
    return rule["provenance"].get("verified", {}).get("status")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--work", type=Path, required=True)
    said = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |\n|---|" + "---:|" * (len(HEAD) - 1))
    for library, (old, new) in MIGRATIONS.items():
        if not said.only or library in said.only:
            print(row(library, old, new, said.work.resolve()), flush=True)


if __name__ == "__main__":
    main()
