"""What the tests, examples and documentation of two releases add to learning from them.

    python benchmarks/learning_from_tests.py [LIBRARY...] [--list]

Each library is learned twice, without its source archives and with them, in a process of its own each time. Printed are
the rules that rewrite by what running them showed, how many of those that could not be run before are verified by
calls that the old release's own code makes, the rules that only tests show, how many others they support or speak
against, and what the second time cost: seconds of the processor more, and the most memory of both. ``--list`` prints
the rules that only tests show, and those that are verified now.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter

from learning_from_releases import MIGRATIONS

HEAD = ["migration", "verified", "differ", "left", "of the left, verified now", "only tests show: verified, left",
        "supported, spoken against", "s more", "min", "MiB"]  # fmt: skip


def one(library: str, *, archives: bool) -> dict[str, object]:
    """The entries of a pack, in a few words each, and what they cost."""
    from apimig.mining.usage.merging import is_from_tests
    from apimig.pipeline import learning_releases
    from apimig.pipeline.teaching import learn

    if not archives:
        learning_releases.usage_between = lambda *_: (None, ())
    begun = time.monotonic()
    pack = learn(library, *MIGRATIONS[library])
    used = resource.getrusage(resource.RUSAGE_SELF)
    entries = [
        {
            "name": each.candidate.name,
            "summary": each.candidate.rule["summary"],
            "state": (
                "advice" if not each.rewrites else str(each.verification.status) if each.verification else "none"
            ),
            "own": is_from_tests(each.candidate),
            "tests": sum(one.kind == "test" for one in each.candidate.evidence),
            "against": each.candidate.against,
            "cases": [case["before"] for case in each.candidate.rule.get("cases", ())],
        }
        for each in pack.entries
    ]
    return {"entries": entries, "seconds": used.ru_utime, "minutes": (time.monotonic() - begun) / 60,
            "memory": used.ru_maxrss // 1024}  # fmt: skip


def apart(library: str, *, archives: bool) -> dict[str, object]:
    command = [sys.executable, __file__, library, "--one", *(["--archives"] if archives else [])]
    found: dict[str, object] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def row(library: str, *, listing: bool) -> str:
    plain, more = (apart(library, archives=each) for each in (False, True))
    before = {each["name"]: each for each in plain["entries"]}
    own = [each for each in more["entries"] if each["own"]]
    theirs = [each for each in more["entries"] if not each["own"]]
    freed = [e for e in theirs if e["state"] == "verified" and before.get(e["name"], {}).get("state") == "unrun"]
    for each in [*own, *freed] if listing else ():
        print("   ", each["state"], each["name"], "|", each["summary"], "|", each["cases"][:1])
    states = [Counter(each["state"] for each in found["entries"]) for found in (plain, more)]
    cells = [f"{library} {' → '.join(MIGRATIONS[library])}"]
    cells += [f"{states[0][state]} → {states[1][state]}" for state in ("verified", "differs", "unrun")]
    counted = Counter(each["state"] == "verified" for each in own)
    spoken = sum(1 for each in theirs if each["tests"]), sum(1 for each in theirs if each["against"])
    cells += [str(len(freed)), f"{counted[True]}, {counted[False]}", f"{spoken[0]}, {spoken[1]}"]
    cells += [f"{more['seconds'] - plain['seconds']:.0f}", f"{plain['minutes']:.1f} → {more['minutes']:.1f}"]
    return "| " + " | ".join([*cells, f"{plain['memory']} → {more['memory']}"]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", default=list(MIGRATIONS))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--archives", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.one:
        print(json.dumps(one(said.libraries[0], archives=said.archives)))
        return
    print("| " + " | ".join(HEAD) + " |\n|---|" + "---:|" * (len(HEAD) - 1))
    for library in said.libraries:
        print(row(library, listing=said.list), flush=True)


if __name__ == "__main__":
    main()
