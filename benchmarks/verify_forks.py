"""What a fork for each piece of code saves: the cases of a pack between two releases, both ways.

python benchmarks/verify_forks.py pandas 1.5.3 2.0.3
"""

from __future__ import annotations

import argparse
import time

from apimig.mining.trials.running import Runner
from apimig.mining.trials.trial import try_cases
from apimig.pipeline.sides import Pair, environments
from apimig.pipeline.verifying import conventions_of, grouped, trials_of_rule
from apimig.rulebook import load
from apimig.rulebook.selection import find_library


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library")
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--most", type=int, default=60, help="cases")
    given = parser.parse_args()
    book = load()
    library = find_library(given.library, book.libraries)
    pair = Pair(library.distribution, given.old, given.new)
    rules = grouped(book.rules, book.libraries)[pair]
    trials = [trial for rule in rules for trial in trials_of_rule(rule)][: given.most]
    conventions = conventions_of(book.libraries)
    sides = environments(pair, library, trials, conventions)
    print("| cases | way | s | verified |")
    print("|---|---|---|---|")
    for way, apart in (("a fork for each", False), ("a process for each", True)):
        begun = time.monotonic()
        found = try_cases(trials, sides.old, sides.new, conventions=conventions, runner=Runner(apart=apart))
        verified = sum(each.status == "verified" for each in found)
        print(f"| {len(trials)} | {way} | {time.monotonic() - begun:.1f} | {verified} |")


if __name__ == "__main__":
    main()
