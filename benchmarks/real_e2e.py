"""Whole upgrades of real repositories, decided by their own tests, beside what plain pytest says by hand.

    python benchmarks/real_e2e.py [real_e2e.yaml] --clones DIR --work DIR [--only NAME] [--again]

For each repository the parent of the maintainers' migration is upgraded with ``--validate`` and written. Beside that,
environments are made by hand and plain pytest runs in them, in a sandbox too: the old tree under the old release, the
old, the upgraded and the maintainers' tree under the new one. One command does all of it; ``--work`` keeps trees and
environments. The table is printed as Markdown; reports lie in ``--work`` as NAME.html and NAME.json.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from clones import export, find_clone, git

from apimig import sandbox
from apimig.uv import run_uv

HERE = Path(__file__).parent
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")


def by_hand(entry: dict[str, Any], side: str, release: str, work: Path) -> Path:
    """The Python of an environment that is made by hand, once."""
    name = entry["lib"].partition("==")[0]
    folder = work / f"hand-{entry['repo'].partition('/')[2]}-{side}"
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        hand = entry["hand"]
        asked = [f"{name}=={release}", *hand["needs"], *hand.get(side, ())]
        for command in (
            ["venv", "-q", "--python", entry.get("python", "3.11"), "--clear", folder],
            ["pip", "install", "-q", "--python", python, *asked],
        ):
            if (done := run_uv(*map(str, command))).returncode:
                raise SystemExit(f"{entry['repo']}: no environment by hand\n{done.stderr}")
        (folder / "done").touch()
    return python


def counted(entry: dict[str, Any], tree: Path, python: Path, work: Path) -> dict[str, int]:
    """The numbers in the last line of plain pytest, run in a copy of a tree."""
    copy = work / "running"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(tree, copy)
    tests = shlex.split(entry["options"].get("tests", "pytest"))[1:]
    ran = sandbox.run(
        [str(python), "-m", "pytest", "-p", "no:cacheprovider", *tests],
        folder=copy,
        readable=[python.parent.parent],
        environment={"PYTHONPATH": str(copy / entry["hand"].get("path", "")), "PYTHONDONTWRITEBYTECODE": "1"},
        limits=sandbox.Limits(wall_seconds=1800),
    )
    last = ran.stdout.decode("utf-8", "replace").strip().splitlines()[-1:]
    found = {
        word.rstrip("s") if word.startswith("error") else word: int(n) for n, word in COUNTED.findall(*last or [""])
    }
    return found or {"exit": ran.exit_code}


def checkout(clone: Path, revision: str, tree: Path) -> None:
    """A revision as a repository of its own, with one commit of the same day: that decides which packages are taken."""
    if tree.exists():
        return
    export(clone, revision, tree, lambda _name: True)
    day = git(clone, "show", "-s", "--format=%cI", revision).decode().strip()
    who = ["-c", "user.name=apimig", "-c", "user.email=apimig@localhost"]
    for command in (["init", "-q"], ["add", "-A", "-f"], [*who, "commit", "-q", "-m", revision]):
        subprocess.run(["git", *command], cwd=tree, check=True, env={**os.environ, "GIT_COMMITTER_DATE": day})


def upgraded(entry: dict[str, Any], before: Path, after: Path, work: Path) -> tuple[dict[str, Any], float]:
    """The JSON report of an upgrade of a copy, which is written, and the seconds that it took."""
    shutil.rmtree(after, ignore_errors=True)
    shutil.copytree(before, after)
    report = work / f"{after.name}.json"
    command = ["upgrade", after, "--lib", entry["lib"], "--from", entry["from"], "--validate", "--report", report]
    command += ["--report", report.with_suffix(".html"), "--report", report.with_suffix(".md")]
    for name, value in entry["options"].items():
        if value is True:
            command.append(f"--{name}")
            continue
        for each in [value] if isinstance(value, str) else value:
            command += [f"--{name}", each]
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "apimig", *map(str, command)], capture_output=True, check=False)
    (work / f"{after.name}.log").write_bytes(done.stdout + done.stderr)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{entry['repo']}: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
    found: dict[str, Any] = yaml.safe_load(report.read_text())
    return found, time.monotonic() - begun


def line(entry: dict[str, Any], clones: Path, work: Path) -> str:
    """One repository, as a line of the table."""
    name = entry["repo"].partition("/")[2]
    clone, old, theirs, new = (
        find_clone(clones, entry["repo"]),
        *(work / f"{name}{suffix}" for suffix in ("-old", "-theirs", "-new")),
    )
    for revision, tree in ((entry["parent"], old), (entry["commit"], theirs)):
        checkout(clone, revision, tree)
    report, seconds = upgraded(entry, old, new, work)
    old_python = by_hand(entry, "old", entry["from"], work)
    new_python = by_hand(entry, "new", entry["lib"].partition("==")[2], work)
    runs = [
        counted(entry, tree, python, work)
        for tree, python in ((old, old_python), (old, new_python), (new, new_python), (theirs, new_python))
    ]
    validation = report["validation"]
    said = [validation["before"]["counts"], validation["after"]["counts"]]
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in validation["verdicts"].items() if number)
    cells = [entry["repo"], f"{entry['lib'].partition('==')[0]} {entry['from']} -> {entry['lib'].partition('==')[2]}"]
    cells += [shown(runs[0]), shown(said[0]), shown(runs[1]), shown(runs[2]), shown(said[1]), shown(runs[3])]
    cells += [verdicts, str(validation["runs"]), f"{seconds:.0f} s"]
    return "| " + " | ".join(cells) + " |"


def shown(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {word}" for word, number in counts.items() if number)


HEAD = [
    "repository", "migration", "old code, old release, by hand", "apimig's baseline", "old code, new release, by hand",
    "upgraded, new release, by hand", "apimig's after", "maintainers' tree, new release, by hand", "edits", "runs",
    "time",
]  # fmt: skip


def table(entries: Iterable[dict[str, Any]], clones: Path, work: Path) -> None:
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for entry in entries:
        print(line(entry, clones, work), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", nargs="?", type=Path, default=HERE / "real_e2e.yaml")
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only")
    said = parser.parse_args()
    said.work.mkdir(parents=True, exist_ok=True)
    entries = yaml.safe_load(said.list.read_text())
    table(
        [each for each in entries if said.only is None or said.only in each["repo"]],
        said.clones.resolve(),
        said.work.resolve(),
    )


if __name__ == "__main__":
    main()
