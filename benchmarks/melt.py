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
from packaging.version import Version

from apimig.mining.diffs.pairs import is_own_code

JUDGED = Path(__file__).with_name("melt_judged.yaml")
REPOSITORIES = {"numpy": "numpy/numpy", "scipy": "scipy/scipy"}
SOURCES = ("from_prs", "from_tests")
_MERGED = re.compile(r"^Merge pull request #(\d+) |\((?:#|gh-)(\d+)\)$")
_TYPE = re.compile(r"full_name='([^']*)', description='(\w+)")
_HOLE = re.compile(r":?\[\[?(\w+)\]?\]")


@dataclass(frozen=True)
class Theirs:
    """A rule of MELT's with its label."""

    id: str
    source: str
    library: str
    pull: int
    before: str
    after: str
    types: Mapping[str, tuple[str, str]]
    label: str
    duplicate: bool

    @property
    def is_right(self) -> bool:
        return self.label == "y"


def theirs(melt: Path) -> list[Theirs]:
    found = []
    for source in SOURCES:
        data = json.loads(git(melt, "show", f"HEAD:src/rules/{source}.json"))
        for library, listed in data.items():
            rules = listed[0] if isinstance(listed[0], list) else listed
            for number, rule in enumerate(rules):
                types = {
                    name.strip(":[]"): match.groups()
                    for name, text in rule["template_variable_constraints"].items()
                    if (match := _TYPE.search(text))
                }
                label = rule["answers"].get("correct", "").lower()
                found.append(
                    Theirs(f"{source[5:]} {library} {number}", source, library, rule["pr_number"], rule["before"],
                           rule["after"], types, label, bool(rule["is_duplicate"]))
                )  # fmt: skip
    return found


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
        return {**about, "why": done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit {done.returncode}"}
    return {**about, **json.loads(done.stdout)}


def state(entry: Mapping[str, Any]) -> str:
    """What running a rule's cases showed: ``verified``, ``differs``, ``unrun`` or ``advice``."""
    rule = entry["rule"]
    if not rule.get("cases") or rule.get("applicability") == "manual":
        return "advice"
    return str(rule["provenance"].get("verified", {}).get("status", "unrun"))


def is_safe(entry: Mapping[str, Any]) -> bool:
    return state(entry) == "verified" and "applicability" not in entry["rule"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, work in (("learn", learn),):
        command = commands.add_parser(name)
        command.set_defaults(work_on=work)
        command.add_argument("melt", type=Path)
        command.add_argument("--work", type=Path, required=True)
        command.add_argument("--lib", action="append")
        if name == "learn":
            command.add_argument("--clones", type=Path, required=True)
            command.add_argument("--pr", action="append", type=int)
            command.add_argument("--again", action="store_true", help="also what the work folder has")
    args = parser.parse_args()
    args.work_on(args)


if __name__ == "__main__":
    main()
