"""Plants wrong rules among the right ones in real repositories: they must be found, and taken back alone.

    python benchmarks/planted_rules.py [planted_rules.yaml] --clones DIR --work DIR [--only NAME]

Each repository is upgraded with ``--validate`` twice: with the shipped rules alone, and with rules beside them of which
three are wrong, and others right but needless, so that there are more edit groups (the edits of one rule in one file).
The table says how many groups there were, how many test runs it took, and what became of every edit. Where anything but
wrong edits was taken back, or an edit of a shipped rule is missing, the script says so and exits with 1.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from clones import find_clone
from real_e2e import HERE, checkout, shown

HEAD = ["repository", "migration", "groups", "wrong groups", "taken back: wrong", "right", "wrong and unnoticed",
        "runs without planting", "with it", "tests before", "tests after"]  # fmt: skip


def planted(folder: Path, library: str, rules: dict[str, str], version: str, kind: str) -> None:
    """Write a rule for each name, as if the new release had renamed it."""
    (folder / library).mkdir(parents=True, exist_ok=True)
    for old, new in rules.items():
        rule = {
            "library": library,
            "removed": version,
            "reference": "https://example.org/planted",
            "summary": f"{old} became {new}",
            "rename": {old: new},
            "cases": [{"before": f"import {library}\n\nx = {old}\n", "after": f"import {library}\n\nx = {new}\n"}],
            "unchanged": ["x = other"],
        }
        (folder / library / f"{kind}_{old.replace('.', '_')}.yaml").write_text(yaml.safe_dump(rule))


def upgraded(entry: dict[str, Any], before: Path, after: Path, rules: Path | None) -> dict[str, Any]:
    """The JSON report of an upgrade of a copy."""
    shutil.rmtree(after, ignore_errors=True)
    shutil.copytree(before, after)
    report = after.with_suffix(".json")
    command = ["upgrade", after, "--lib", entry["lib"], "--from", entry["from"], "--validate", "--report", report]
    command += [] if rules is None else ["--rules", rules]
    for name, value in entry["options"].items():
        for each in [value] if isinstance(value, str) else value:
            command += [f"--{name}", each]
    done = subprocess.run([sys.executable, "-m", "apimig", *map(str, command)], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{entry['repo']}: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
    found: dict[str, Any] = yaml.safe_load(report.read_text())
    return found


def groups(report: dict[str, Any]) -> set[tuple[str, str]]:
    """The file and the rule of every edit that was made."""
    return {(each["file"], each["rule"]) for each in report["outcomes"] if each["outcome"] == "rewritten"}


def line(entry: dict[str, Any], clones: Path, work: Path) -> tuple[str, list[str]]:
    """One repository, as a line of the table, with what went wrong."""
    library, _, version = entry["lib"].partition("==")
    old = work / f"{entry['repo'].partition('/')[2]}-old"
    checkout(find_clone(clones, entry["repo"]), entry["parent"], old)
    plain = upgraded(entry, old, old.with_name(f"{old.name}-plain"), None)
    with tempfile.TemporaryDirectory() as name:
        planted(Path(name), library, entry["wrong"], version, "wrong")
        planted(Path(name), library, entry["same"], version, "same")
        found = upgraded(entry, old, old.with_name(f"{old.name}-planted"), Path(name))
    back = {(each["file"], each["rule"]) for each in found["validation"]["rolled_back"]}
    made = groups(found)
    wrong = {group for group in back | made if "/wrong_" in group[1]}
    troubles = [f"{group} was taken back" for group in sorted(back - wrong)]
    troubles += [f"{group} is missing" for group in sorted(groups(plain) - made)]
    if len({rule for _, rule in back & wrong}) < len(entry["wrong"]):
        troubles.append("not every wrong rule was found")
    runs = [each["validation"]["runs"] for each in (plain, found)]
    cells = [entry["repo"], f"{library} {entry['from']} -> {version}", len(made | back), len(wrong), len(back & wrong),
             len(back - wrong), len(wrong & made), *runs]  # fmt: skip
    cells += [shown(found["validation"][side]["counts"]) for side in ("before", "after")]
    return "| " + " | ".join(map(str, cells)) + " |", [f"{entry['repo']}: {each}" for each in troubles]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", nargs="?", type=Path, default=HERE / "planted_rules.yaml")
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", default="")
    said = parser.parse_args()
    said.work.mkdir(parents=True, exist_ok=True)
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    troubles: list[str] = []
    for entry in yaml.safe_load(said.list.read_text()):
        if said.only in entry["repo"]:
            row, more = line(entry, said.clones.resolve(), said.work.resolve())
            print(row, flush=True)
            troubles += more
    print(*troubles, sep="\n", file=sys.stderr)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
