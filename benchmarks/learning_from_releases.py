"""What learning from two releases proposes, how much of it is right, and what of the shipped packs it finds by itself.

    python benchmarks/learning_from_releases.py [LIBRARY...] [--out DIR] [--sample]

Each migration runs in a process of its own; both releases are downloaded (surfaces come from apimig's cache where they
are). Printed are the rules by kind, those that the engine's checking of cases left out, the share that is right in a
sample of 30 (``learning_from_releases_judged.yaml``, by reading the rule beside what the library says, without running
it: ``right``, ``harmless`` where an edit or a report does no good and no harm, or ``wrong`` with the reason),
and how many rules of the shipped pack for the same releases some candidate states, too. With ``--out`` the packs are
written, with ``--sample`` the sample is printed for reading.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import yaml

from apimig.mining.candidate import Candidate, Kind
from apimig.mining.curating import Standing
from apimig.mining.writing import write_pack
from apimig.pipeline.learning_releases import LearnedPack, curated, learn_releases
from apimig.rulebook.describing import kind
from apimig.rulebook.listing import choose
from apimig.rulebook.loading import Rulebook, load

JUDGED = Path(__file__).with_name("learning_from_releases_judged.yaml")
MIGRATIONS = {
    "pandas": ("1.5.3", "2.0.3"),
    "numpy": ("1.26.4", "2.0.2"),
    "scikit-learn": ("1.1.3", "1.2.2"),
    "matplotlib": ("3.6.3", "3.9.4"),
    "networkx": ("2.8.8", "3.3"),
    "Pillow": ("9.5.0", "10.4.0"),
    "scipy": ("1.10.1", "1.14.1"),
    "SQLAlchemy": ("1.4.54", "2.0.36"),
    "pydantic": ("1.10.19", "2.10.6"),
}
SAMPLE = 30


def one(library: str, out: Path | None, *, sample: bool) -> dict[str, object]:
    """The numbers of one migration."""
    old, new = MIGRATIONS[library]
    rulebook = load()
    start = time.monotonic()
    pack = learn_releases(library, old, new, rulebook=rulebook)
    seconds = time.monotonic() - start
    if out is not None:
        write_pack(pack.candidates, pack.library, out / library.lower(), f"{library} {old} -> {library} {new}")
    drawn = random.Random(11).sample(pack.candidates, min(SAMPLE, len(pack.candidates)))
    if sample:
        for each in drawn:
            print(json.dumps([library, each.name, told(each)]), file=sys.stderr)
    return {
        "library": f"{library} {old} -> {new}",
        "rules": Counter(str(each.kind) for each in pack.candidates),
        "applicability": Counter(each.rule.get("applicability", "safe") for each in pack.candidates),
        "left out": sum(1 for note in pack.notes if "is left out" in note),
        "judged": judged(library, drawn),
        "standing": Counter(str(each.standing) for each in curated(pack, rulebook)),
        "pack": found_of_pack(library, old, new, pack, rulebook),
        "minutes": round(seconds / 60, 1),
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def told(candidate: Candidate) -> str:
    """A rule on one line, for reading."""
    rule = candidate.rule
    skipped = ("library", "reference", "summary", "cases", "unchanged", "replacement_since")
    return str({key: value for key, value in rule.items() if key not in skipped})


def judged(library: str, drawn: list[Candidate]) -> Counter[str]:
    """Verdicts on the sample, as far as it was read."""
    known = (yaml.safe_load(JUDGED.read_text(encoding="utf-8")) if JUDGED.exists() else {}).get(library, {})
    return Counter(str(known[each.name]).partition(":")[0] for each in drawn if each.name in known)


def found_of_pack(library: str, old: str, new: str, pack: LearnedPack, rulebook: Rulebook) -> dict[str, int]:
    """Rules of the shipped pack for this migration, those with an edit, and those that a candidate states as well."""
    if not any(rule.library.lower() == library.lower() for rule in rulebook.rules):
        return {}
    chosen = choose(rulebook, lib=f"{library}=={new}", start=old).rules
    edits = {rule.id for rule in chosen if kind(rule) != "advise"}
    stated, edited = set[str](), set[str]()
    for verdict in curated(pack, Rulebook(chosen, rulebook.libraries)):
        if verdict.standing in (Standing.KNOWN, Standing.WIDER):
            stated |= set(verdict.rules)
            edited |= set(verdict.rules) if verdict.candidate.kind is not Kind.ADVICE else set()
    return {"rules": len(chosen), "with an edit": len(edits), "stated": len(stated), "edited": len(edited & edits)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--one", action="store_true", help="this process alone, as JSON")
    options = parser.parse_args()
    libraries = options.libraries or list(MIGRATIONS)
    if options.one:
        print(json.dumps(one(libraries[0], options.out, sample=options.sample)))
        return
    print(
        "| releases | rules by kind | safe, unsafe, for a person | left out | of 30 read: right, harmless, wrong |"
        " shipped rules: all, with an edit; stated; edited | minutes | MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for library in libraries:
        command = [sys.executable, __file__, library, "--one", *(["--out", str(options.out)] if options.out else [])]
        command += ["--sample"] if options.sample else []
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        row(json.loads(done.stdout))


def row(found: dict) -> None:
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(found["rules"].items(), key=lambda each: -each[1]))
    words = [found["applicability"].get(each, 0) for each in ("safe", "unsafe", "manual")]
    read = [found["judged"].get(each, 0) for each in ("right", "harmless", "wrong")]
    pack = found["pack"]
    own = f"{pack['rules']}, {pack['with an edit']}; {pack['stated']}; {pack['edited']}" if pack else ""
    said = (", ".join(map(str, each)) for each in (words, read))
    every = f"{sum(found['rules'].values())}: {kinds}"
    cells = [found["library"], every, next(said), found["left out"], next(said), own, found["minutes"], found["MB"]]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
