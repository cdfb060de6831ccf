"""Draws a sample of the changes between two releases, by a fixed seed, and counts the verdicts of reading them.

    python benchmarks/surface_precision.py pandas==1.5.3 2.0.3
    python benchmarks/surface_precision.py scikit-learn==1.1.3 1.2.0 --list

Verdicts lie in surface_changes_judged.yaml: `real` is a difference that a caller can notice, `harmless` one that is
there but that no caller notices, `wrong` is none. `--list` prints the sample with its verdicts.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

import yaml

import apimig
from apimig import Change

SEED = 20230403
SIZE = 100
JUDGED = Path(__file__).with_name("surface_changes_judged.yaml")


def key(change: Change) -> str:
    """What is judged: the name, what happened to it, and from what to what."""
    parameter = f"({change.parameter})" if change.parameter else ""
    what = f": {change.before} -> {change.after}" if change.before or change.after else ""
    return f"{change.name}{parameter} {change.kind}{what}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release")
    parser.add_argument("version")
    parser.add_argument("--list", action="store_true", dest="listed")
    given = parser.parse_args()
    name, _, start = given.release.partition("==")
    old = apimig.surface(given.release, introspect=True)
    new = apimig.surface(f"{name}=={given.version}", introspect=True)
    changes = apimig.surface_changes(old, new)
    picked = sorted(random.Random(SEED).sample(range(len(changes)), min(SIZE, len(changes))))
    verdicts = yaml.safe_load(JUDGED.read_text(encoding="utf-8")).get(f"{name} {start} -> {given.version}", {})
    found: Counter[str] = Counter()
    for index in picked:
        verdict = verdicts.get(key(changes[index]), "unjudged")
        found[verdict.partition(":")[0]] += 1
        if given.listed:
            print(f"{verdict:<10} {key(changes[index])}")
    print(f"{name} {start} -> {given.version}: {len(changes)} changes, of {len(picked)} drawn: {dict(found)}")


if __name__ == "__main__":
    main()
