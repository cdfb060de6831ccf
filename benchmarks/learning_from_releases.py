"""What learning from two releases proposes, how much of it is right, and what of the shipped packs it finds by itself.

    python benchmarks/learning_from_releases.py [LIBRARY...] [--out DIR] [--sample]

Each migration runs in a process of its own; surfaces, environments and results of cases come from apimig's cache where
they are. Printed are the rules by kind, what running their cases showed, those that the engine's checking of cases
left out, and the share that is right in two samples: 30 of all rules, and 20 of the verified ones
(``learning_from_releases_judged.yaml``, read beside what the library says, few of them beside its sources or a run:
``right``, ``harmless`` where an edit or a report does no good and no harm, or ``wrong`` with the reason). Which rules
are drawn depends on their names alone, so that most stay in a sample when others come and go.

How much of the shipped pack for the same releases is found is told by effect: the cases of its rules are put through
the learned pack. A rule is found where all that it changes becomes the same tree, in part where some of it does, and
reported where a learned rule at least says something about it, or makes something else of it. With ``--out`` the packs
are written, with ``--sample`` the samples are printed for reading, with ``--missed`` the shipped rules not found.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml

from apimig.mining.candidate import Status
from apimig.mining.curating import Standing
from apimig.mining.trials.running import Runner
from apimig.pipeline.learning_releases import as_rule, learn_releases
from apimig.pipeline.packing import Entry, Pack, packed
from apimig.pipeline.sources import SourceResult, apply_rules
from apimig.records import NeedsPerson, UnknownReceiver
from apimig.rulebook.casebook import RuleCase, cases_of
from apimig.rulebook.compiling import compile_library
from apimig.rulebook.describing import kind
from apimig.rulebook.listing import choose
from apimig.rulebook.loading import Rulebook, load
from apimig.rulebook.merging import merged
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library, Rule
from apimig.rulebook.schema import LibraryFile

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
VERIFIED = 20
HEAD = ["releases", "rules by kind", "verified, differ, left, only reported", "left out", "known",
        "of 30 read: right, harmless, wrong", "of the verified read: right, harmless, wrong",
        "shipped rules with an edit: all; found, in part, only reported", "shipped advice: all; reported", "minutes",
        "MB"]  # fmt: skip
WORDS = ("right", "harmless", "wrong")


def one(library: str, out: Path | None, *, sample: bool, missed: bool) -> dict[str, object]:
    """The numbers of one migration."""
    old, new = MIGRATIONS[library]
    rulebook = load()
    start = time.monotonic()
    found = learn_releases(library, old, new, rulebook=rulebook)
    between = f"{library} {old} -> {library} {new}"
    pack = packed(found, rulebook, between, (old, new), runner=Runner.keeping())
    seconds = time.monotonic() - start
    if out is not None:
        pack.save(out / library.lower(), known=True)
    every = drawn(pack.entries, SAMPLE)
    verified = drawn([each for each in pack.entries if state(each) == "verified"], VERIFIED)
    if sample:
        for each in {entry.candidate.name: entry for entry in (*every, *verified)}.values():
            print(json.dumps([library, each.candidate.name, state(each), told(each)]), file=sys.stderr)
    known = known_verdicts(library)
    safe = {each.candidate.name: each for each in (*every, *verified) if state(each) == "verified"}
    return {
        "library": f"{library} {old} -> {new}",
        "rules": Counter(str(each.candidate.kind) for each in pack.entries),
        "states": Counter(map(state, pack.entries)),
        "left out": sum(1 for note in pack.notes if "is left out" in note),
        "known": sum(each.standing is Standing.KNOWN for each in pack.entries),
        "judged": Counter(known[each.candidate.name] for each in every if each.candidate.name in known),
        "verified": Counter(known[name] for name in safe if name in known),
        "unread": [each.candidate.name for each in (*every, *verified) if each.candidate.name not in known],
        "pack": found_of_pack(library, old, new, pack, rulebook, missed=missed),
        "minutes": round(seconds / 60, 1),
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def drawn(entries: Sequence[Entry], count: int) -> list[Entry]:
    """A sample in which a rule is by its name alone."""
    return sorted(entries, key=lambda each: hashlib.sha256(each.candidate.id.encode()).hexdigest())[:count]


def state(entry: Entry) -> str:
    """Whether a rule is for reports alone, or what running it showed."""
    if not entry.rewrites:
        return "only reported"
    return str(entry.verification.status) if entry.verification is not None else str(Status.UNRUN)


def told(entry: Entry) -> str:
    """A rule on one line, for reading."""
    rule = entry.candidate.rule
    skipped = ("library", "reference", "summary", "cases", "unchanged", "replacement_since", "provenance")
    shown = {key: value for key, value in rule.items() if key not in skipped}
    cases = [(each["before"], each["after"]) for each in rule.get("cases", ())[:1]] if entry.rewrites else []
    return f"{shown} {cases}"


def known_verdicts(library: str) -> dict[str, str]:
    """The verdict on each rule that was read, without its reason."""
    read = (yaml.safe_load(JUDGED.read_text(encoding="utf-8")) if JUDGED.exists() else {}).get(library, {})
    return {name: str(said).partition(":")[0] for name, said in read.items()}


# --------------------------------------------------------------------------- the shipped pack, by effect


def found_of_pack(
    library: str, old: str, new: str, pack: Pack, rulebook: Rulebook, *, missed: bool
) -> dict[str, Counter[str]]:
    """How many rules of the shipped pack for this migration the learned pack does the work of."""
    if not any(rule.library.lower() == library.lower() for rule in rulebook.rules):
        return {}
    learned = tuple(as_rule(each.candidate) for each in pack.entries if each.is_decided)
    apply = applying(learned, libraries(pack, rulebook))
    counted: dict[str, Counter[str]] = {"edit": Counter(), "advice": Counter()}
    for rule in choose(rulebook, lib=f"{library}=={new}", start=old).rules:
        what = found(rule, apply)
        counted["advice" if kind(rule) == "advise" else "edit"][what] += 1
        if missed and what != "found":
            print(f"{what}: {rule.id}: {kind(rule)}", file=sys.stderr)
    return counted


def libraries(pack: Pack, rulebook: Rulebook) -> tuple[Library, ...]:
    """What is known of libraries, with what the learned pack says of its own."""
    own = compile_library(LibraryFile.model_validate(pack.library))
    known = {normalise(each.distribution): each for each in rulebook.libraries}
    name = normalise(own.distribution)
    return tuple({**known, name: merged(known[name], own) if name in known else own}.values())


Apply = Callable[[RuleCase], SourceResult]


def applying(rules: Sequence[Rule], libraries: Sequence[Library]) -> Apply:
    def apply(case: RuleCase) -> SourceResult:
        snippet = "import " not in case.before
        return apply_rules(case.before, rules, libraries, given=case.given, snippet=snippet, unsafe=True)

    return apply


def found(rule: Rule, apply: Apply) -> str:
    """What a learned pack makes of a shipped rule's cases: found, in part, reported, or nothing."""
    results = [(case, apply(case)) for case in cases_of(rule) if case.before != case.after or case.reported]
    changing = [(case, result) for case, result in results if not case.is_no_op]
    same = [tree(result.text) == tree(case.after) for case, result in changing]
    if same and all(same):
        return "found"
    if any(same):
        return "in part"
    said = any(
        result.text != case.before or any(isinstance(each, NeedsPerson | UnknownReceiver) for each in result.outcomes)
        for case, result in results
    )
    return "reported" if said else "nothing"


def tree(code: str) -> object:
    """Code as a tree, its imports as a set: the order and grouping of imports are nobody's concern."""
    try:
        module = ast.parse(code)
    except SyntaxError:
        return code
    body = [ast.dump(each) for each in module.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    return frozenset(imported(module)), tuple(body)


def imported(module: ast.Module) -> Iterator[str]:
    for each in module.body:
        if isinstance(each, ast.Import | ast.ImportFrom):
            origin = getattr(each, "module", "")
            yield from (f"{origin}:{name.name}:{name.asname}" for name in each.names)


# --------------------------------------------------------------------------- the table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--one", action="store_true", help="this process alone, as JSON")
    options = parser.parse_args()
    named = options.libraries or list(MIGRATIONS)
    if options.one:
        print(json.dumps(one(named[0], options.out, sample=options.sample, missed=options.missed)))
        return
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    rows = [row(measured(library, options)) for library in named]
    total(rows)


def measured(library: str, options: argparse.Namespace) -> dict:
    command = [sys.executable, __file__, library, "--one", *(["--out", str(options.out)] if options.out else [])]
    command += [f"--{name}" for name in ("sample", "missed") if getattr(options, name)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def row(found: dict) -> dict:
    """Print a line of the table."""
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(found["rules"].items(), key=lambda each: -each[1]))
    states = [found["states"].get(each, 0) for each in ("verified", "differs", "unrun", "only reported")]
    edits, advice = found["pack"].get("edit", {}), found["pack"].get("advice", {})
    cells = [found["library"], f"{sum(found['rules'].values())}: {kinds}", joined(states), found["left out"]]
    cells += [found["known"], joined(found["judged"].get(each, 0) for each in WORDS)]
    cells += [joined(found["verified"].get(each, 0) for each in WORDS)]
    done = joined(edits.get(each, 0) for each in ("found", "in part", "reported"))
    cells += [f"{sum(edits.values())}; {done}" if edits else ""]
    cells += [f"{sum(advice.values())}; {advice.get('reported', 0)}" if advice else "", found["minutes"], found["MB"]]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return found


def total(rows: Sequence[dict]) -> None:
    """Print what all samples say together, and which rules nobody has read."""
    for key in ("judged", "verified"):
        print(f"{key}: {joined(sum(each[key].get(word, 0) for each in rows) for word in WORDS)}")
    unread = {each["library"]: each["unread"] for each in rows if each["unread"]}
    if unread:
        print(f"not read: {unread}")


def joined(numbers: Iterator[int] | Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


if __name__ == "__main__":
    main()
