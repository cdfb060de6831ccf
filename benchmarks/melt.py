"""Learns from the pull requests that MELT learned from, and counts what is right by the same labels.

    python benchmarks/melt.py learn MELT --clones DIR --work DIR [--lib numpy] [--pr N]
    python benchmarks/melt.py show MELT --work DIR [--lib numpy]
    python benchmarks/melt.py table MELT --work DIR

MELT (squaresLab/melt, ASE 2023) publishes the rules that it made of pull requests of four libraries, each with a label
of its authors: right or not. MELT is a clone of it, DIR has clones of the libraries. ``learn`` finds the commit that
merged each of these pull requests, makes a file of pairs of what it changed, and runs ``apimig learn`` on that alone,
between the last release before it and the first one with it; what it gives is kept in the work folder. ``show`` prints
rules that nobody has judged, beside those of MELT; ``table`` counts.

A rule is right where a maintainer could apply it to users' code (``melt_judged.yaml``, by one reader). One of MELT's is
found where ours, unsafe ones too, make its new code of its old code, its holes filled with names of the types that it
says; those that are no Python by themselves are looked up by hand in the same file.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from clones import find_clone, git
from learning_from_diffs import same_tree
from melt_rules import SOURCES, Snippet, Theirs, snippet, theirs
from packaging.version import Version

from apimig.mining.diffs.names import Language
from apimig.mining.diffs.pairs import is_own_code
from apimig.pipeline.sources import apply_rules
from apimig.pipeline.surfaces import enriched
from apimig.pipeline.trying import RuleTrial, with_classes
from apimig.rulebook.loading import load
from apimig.surface.libraries import library_of
from apimig.surface.loading import surface

JUDGED = Path(__file__).with_name("melt_judged.yaml")
REPOSITORIES = {"numpy": "numpy/numpy", "scipy": "scipy/scipy"}
_MERGED = re.compile(r"^Merge pull request #(\d+) |\((?:#|gh-)(\d+)\)$")


# ------------------------------------------------------------------------ learning


def merges(clone: Path) -> dict[int, str]:
    """The commits that merged pull requests, by number; of several the first."""
    found = dict[int, str]()
    for line in reversed(git(clone, "log", "--format=%H %s").decode("utf-8", "replace").splitlines()):
        commit, _, subject = line.partition(" ")
        if match := _MERGED.search(subject):
            found.setdefault(int(match[1] or match[2]), commit)
    return found


def releases_around(clone: Path, commit: str) -> tuple[str, str] | None:
    """The last release before a commit, and the first one with it."""
    every = _finals(git(clone, "tag").decode().split())
    having = _finals(git(clone, "tag", "--contains", commit).decode().split())
    if not having:
        return None
    first = min(having)
    before = [each for each in every if each < first and each not in having]
    return (str(max(before)), str(first)) if before else None


def _finals(tags: Sequence[str]) -> set[Version]:
    return {Version(tag[1:]) for tag in tags if re.fullmatch(r"v\d+(\.\d+)+", tag)}


def pairs(clone: Path, commit: str) -> Iterator[dict[str, str]]:
    """What a merge changed in Python files against its first parent."""
    names = git(clone, "diff", "--name-only", "--diff-filter=M", f"{commit}^1", commit).decode().split("\n")
    for name in filter(is_own_code, names):
        before, after = (
            git(clone, "show", f"{side}:{name}").decode("utf-8", "replace") for side in (f"{commit}^1", commit)
        )
        yield {"before": before, "after": after, "path": name, "source": commit[:10]}


def learn(args: argparse.Namespace) -> None:
    pulls: dict[str, set[int]] = collections.defaultdict(set)
    for rule in theirs(args.melt):
        pulls[rule.library].add(rule.pull)
    for library, repository in REPOSITORIES.items():
        if args.lib and library not in args.lib:
            continue
        clone = find_clone(args.clones, repository)
        known = merges(clone)
        for pull in sorted(pulls[library], reverse=True):
            target = args.work / library / f"{pull}.json"
            if (args.pr and pull not in args.pr) or (target.exists() and not args.again):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            begun = time.monotonic()
            said = one(library, clone, known.get(pull), target.with_suffix(".jsonl"))
            target.write_text(json.dumps({**said, "pull": pull, "seconds": round(time.monotonic() - begun, 1)}))
            states = collections.Counter(state(each) for each in said.get("entries", ()))
            print(library, pull, said.get("between", ""), said.get("pairs", ""), said.get("why", ""), dict(states),
                  flush=True)  # fmt: skip


def one(library: str, clone: Path, commit: str | None, file: Path) -> dict[str, Any]:
    """What ``apimig learn`` says of one pull request."""
    if commit is None:
        return {"why": "no commit merged it"}
    between = releases_around(clone, commit)
    if between is None:
        return {"commit": commit, "why": "no release has it"}
    lines = [json.dumps(each) for each in pairs(clone, commit)]
    about = {"commit": commit, "between": between, "pairs": len(lines)}
    if not lines:
        return {**about, "why": "it changes no Python file"}
    file.write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "apimig", "learn", "--lib", library, "--from", between[0], "--to", between[1]]
    done = subprocess.run([*command, "--pairs", str(file), "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        return {
            **about,
            "why": done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit {done.returncode}",
        }
    return {**about, **json.loads(done.stdout)}


def state(entry: Mapping[str, Any]) -> str:
    """What running a rule's cases showed: ``verified``, ``differs``, ``unrun`` or ``advice``."""
    rule = entry["rule"]
    if not rule.get("cases") or rule.get("applicability") == "manual":
        return "advice"
    return str(rule["provenance"].get("verified", {}).get("status", "unrun"))


def is_safe(entry: Mapping[str, Any]) -> bool:
    return state(entry) == "verified" and "applicability" not in entry["rule"]


# ------------------------------------------------------------------------ counting


@dataclass(frozen=True)
class Work:
    """What was learned from one pull request."""

    library: str
    pull: int
    said: Mapping[str, Any]

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        return [each for each in self.said.get("entries", ()) if state(each) != "advice"]

    def key(self, entry: Mapping[str, Any]) -> str:
        return f"{self.library} {self.pull} {entry['name']}"


def works(folder: Path, only: Sequence[str] | None) -> list[Work]:
    files = sorted(folder.glob("*/*.json"))
    found = [Work(file.parent.name, int(file.stem), json.loads(file.read_text())) for file in files]
    return [each for each in found if not only or each.library in only]


class Finding:
    """Applies what was learned to the code of MELT's rules."""

    def __init__(self, work: Work) -> None:
        old, new = (surface(f"{work.library}=={version}", cache=True) for version in work.said["between"])
        own = next((each for each in load().libraries if each.distribution == old.distribution), library_of(old))
        self.surfaces = old, new
        self.trial = RuleTrial(enriched(library_of(old), own))

    def finds(self, entries: Sequence[Mapping[str, Any]], code: Snippet) -> bool:
        """Whether these rules together make the new code of the old."""
        library, rules = self.trial.library, []
        for number, entry in enumerate(entries):
            rule = {key: value for key, value in entry["rule"].items() if key != "provenance"}
            library = with_classes(library, rule)
            rules.append(self.trial.compiled(rule, f"{library.distribution.lower()}/{entry['name']}-{number}"))
        got = apply_rules(code.before, rules, (library,), given=code.given, unsafe=True).text
        return same_tree(got, code.after, Language(frozenset(library.imports), {}))


def found(rules: Sequence[Theirs], every: Sequence[Work], hand: Mapping[str, Any]) -> dict[str, str]:
    """Which of MELT's rules ours say, by id: ``safe``, ``unsafe``, ``no``, or ``?`` where nobody has looked."""
    verdicts = dict[str, str]()
    by_pull = {(each.library, each.pull): each for each in every}
    finders = dict[tuple[str, int], Finding]()
    for rule in rules:
        work = by_pull.get((rule.library, rule.pull))
        if work is None or not work.entries:
            verdicts[rule.id] = "no"
            continue
        finder = finders.setdefault((work.library, work.pull), Finding(work))
        code = snippet(rule, finder.surfaces)
        if rule.id in hand or code is None:
            verdicts[rule.id] = str(hand.get(rule.id, "?"))
        elif finder.finds([each for each in work.entries if is_safe(each)], code):
            verdicts[rule.id] = "safe"
        else:
            verdicts[rule.id] = "unsafe" if finder.finds(work.entries, code) else "no"
    return verdicts


def judged() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(JUDGED.read_text(encoding="utf-8")) if JUDGED.exists() else {}
    return {"ours": said.get("ours", {}), "found": said.get("found", {})}


HEAD = (
    "| | pull requests | MELT's rules: right | ours: right | kept as safe: right | MELT's right, no duplicates "
    "| of those ours say | safely |\n|---|---|---|---|---|---|---|---|"
)


def table(args: argparse.Namespace) -> None:
    every, verdicts = works(args.work, args.lib), judged()
    rules = [each for each in theirs(args.melt) if each.library in {work.library for work in every}]
    wanted = [each for each in rules if each.is_right and not each.duplicate]
    said = found(wanted, every, verdicts["found"])
    for id_, verdict in said.items() if args.verbose else ():
        print(f"   {id_}: {verdict}", file=sys.stderr)
    print(HEAD)
    for library in dict.fromkeys(each.library for each in rules):
        of_library = [each for each in rules if each.library == library]
        for source in SOURCES:
            some = [each for each in of_library if each.source == source]
            print(cells(f"{library}, {source.replace('_', ' ')}", counted(some, every, verdicts["ours"], said)))
        print(cells(f"{library}, both", counted(of_library, every, verdicts["ours"], said)), flush=True)
    print(cells("**both libraries**", counted(rules, every, verdicts["ours"], said)))


def counted(
    rules: Sequence[Theirs], every: Sequence[Work], verdicts: Mapping[str, str], said: Mapping[str, str]
) -> collections.Counter[str]:
    """The numbers of a row, for the pull requests of these rules that a commit of the clone merged."""
    pulls = {(each.library, each.pull) for each in rules}
    mine = [each for each in every if (each.library, each.pull) in pulls and each.said.get("pairs")]
    reached = {(each.library, each.pull) for each in mine}
    rules = [each for each in rules if (each.library, each.pull) in reached]
    row = collections.Counter(pulls=len(mine), theirs=len(rules), theirs_right=sum(each.is_right for each in rules))
    for work, entry in [(each, entry) for each in mine for entry in each.entries]:
        verdict = verdicts.get(work.key(entry), "")
        if not verdict:
            print(f"nobody has judged {work.key(entry)}", file=sys.stderr)
        right = verdict.startswith("right")
        row += collections.Counter(ours=1, ours_right=right)
        if is_safe(entry):
            row += collections.Counter(safe=1, safe_right=right)
    wanted = [said[each.id] for each in rules if each.id in said]
    row += collections.Counter(
        wanted=len(wanted), said=sum(each in ("safe", "unsafe") for each in wanted), safely=wanted.count("safe")
    )
    return row


def cells(name: str, row: Mapping[str, int]) -> str:
    def share(what: str) -> str:
        return f"{row[what]}: {row[f'{what}_right']} ({row[f'{what}_right'] / max(row[what], 1):.0%})"

    columns = [row["pulls"], share("theirs"), share("ours"), share("safe"), row["wanted"], row["said"], row["safely"]]
    return f"| {name} | {' | '.join(map(str, columns))} |"


def show(args: argparse.Namespace) -> None:
    """Rules that nobody has judged, one a paragraph, and MELT's of the same pull request."""
    known = {} if args.again else judged()["ours"]
    rules = theirs(args.melt)
    for work in works(args.work, args.lib):
        some = [each for each in work.entries if work.key(each) not in known]
        if not some:
            continue
        print(f"## {work.library} {work.pull} {work.said.get('between')}")
        for rule in rules:
            if (rule.library, rule.pull) == (work.library, work.pull):
                print(f"   MELT {rule.label} {rule.before!r} -> {rule.after!r}")
        for entry in some:
            body = {k: v for k, v in entry["rule"].items() if k not in LEFT_OUT}
            seen = entry["rule"]["provenance"].get("verified", {})
            case = entry["rule"]["cases"][0]
            print(f"{work.key(entry)}: {state(entry)}{', safe' if is_safe(entry) else ''} {body}")
            print(f"      {case['before']!r} -> {case['after']!r} {case.get('given', '')} {seen.get('reason', '')}")


LEFT_OUT = ("library", "removed", "reference", "cases", "unchanged", "provenance", "summary", "signature")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, work in (("learn", learn), ("show", show), ("table", table)):
        command = commands.add_parser(name)
        command.set_defaults(work_on=work)
        command.add_argument("melt", type=Path)
        command.add_argument("--work", type=Path, required=True)
        command.add_argument("--lib", action="append")
        if name == "learn":
            command.add_argument("--clones", type=Path, required=True)
            command.add_argument("--pr", action="append", type=int)
        command.add_argument("--again", action="store_true", help="also what was learned or judged before")
        command.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    args.work_on(args)


if __name__ == "__main__":
    main()
