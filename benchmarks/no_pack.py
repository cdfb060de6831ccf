"""Libraries for which no rule is written, on real repositories: what apimig reports, judged by running the code.

    python benchmarks/no_pack.py [no_pack.yaml] --clones DIR --work DIR [--only NAME]

Each entry of the list names ``repo``, ``commit``, ``lib`` (NAME==NEW), ``from`` (the old release), ``python``,
``needs`` (what else is installed, alike on both sides) and ``tests`` (arguments of pytest). ``path`` is added to
PYTHONPATH, ``apt`` files that the clone lacks are not asked for. ``drivers`` is a test module that runs reported lines
which the repository's own tests do not reach. DIR of ``--clones`` holds bare clones, as for ``real_trees.py``.

The tests run three times, without network: the code as it was under the old release and under the new one, and what
``apimig upgrade`` made of it under the new one. A reported site that can break (no deprecation, no default) is

- ``fails``      a test that passed before fails now, and its traceback goes through the site's statement
- ``hidden``     the statement is reached before and not now, since what comes first fails
- ``works``      the statement is run under the new release, and no failure goes through it
- ``not run``    no test reaches it

and a failure whose traceback goes through no site is an *unreported* one. ``judged`` of an entry says of these, by
``FILE:LINE``, what a reading found. ``other`` sites are deprecations, defaults and unknown receivers.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from clones import export, find_clone

HERE = Path(__file__).parent
DRIVERS = "test_apimig_drivers.py"
FRAME = re.compile(r"^(?:E\s+)?(?:File \")?([\w./-]+\.py)(?:\", line |:)(\d+)", re.MULTILINE)
TOOLS = ("pytest<8", "coverage==7.6.1", "setuptools<70")


@dataclass(frozen=True)
class Place:
    """A line of the repository."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass
class Ran:
    """What a run of the tests showed: the state of each, where the failures went through, and what was reached."""

    states: dict[str, str] = field(default_factory=dict)
    frames: dict[str, list[Place]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    reached: dict[str, set[int]] = field(default_factory=dict)

    def passed(self) -> set[str]:
        return {name for name, state in self.states.items() if state == "passed"}

    def broken(self, before: Ran) -> set[str]:
        """Tests that passed before and do not now, with the modules that cannot be collected."""
        failing = {name for name, state in self.states.items() if state in ("failed", "error")}
        known = before.states
        return {name for name in failing if known.get(name, "passed") == "passed"}


# --------------------------------------------------------------------------- trees and environments


def _out(*command: object) -> bytes:
    return subprocess.run([str(each) for each in command], check=True, capture_output=True).stdout


def environment(entry: dict[str, Any], release: str, work: Path) -> Path:
    """An environment with a release of the library; made once."""
    name = entry["lib"].partition("==")[0]
    folder = work / f"env-{entry['repo'].partition('/')[2]}-{name}-{release}"
    if not (folder / "done").exists():
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        _out(uv, "venv", "-q", "--python", entry["python"], "--clear", folder)
        asked = [f"{name}=={release}", *entry.get("needs", ()), *TOOLS]
        _out(uv, "pip", "install", "-q", "--python", folder / "bin/python", *asked)
        (folder / "done").touch()
    return folder


def upgraded(entry: dict[str, Any], before: Path, after: Path) -> dict[str, Any]:
    """Upgrade a copy with default options; the report."""
    shutil.copytree(before, after)
    report = after.with_suffix(".json")
    command = [sys.executable, "-m", "apimig", "upgrade", after, "--lib", entry["lib"], "--from", entry["from"]]
    done = subprocess.run(
        [*map(str, command), "--allow-dirty", "--no-pins", "--report", str(report)], capture_output=True, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{entry['repo']}: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
    found: dict[str, Any] = json.loads(report.read_text())
    return found


# --------------------------------------------------------------------------- running


def ran(entry: dict[str, Any], tree: Path, env: Path, work: Path) -> Ran:
    """Run the tests in a copy of the tree."""
    copy = work / "running"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(tree, copy)
    tests = list(entry.get("tests", ()))
    if entry.get("drivers"):
        (copy / DRIVERS).write_text(entry["drivers"])
        tests.append(DRIVERS)
    pytest = ["pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "--tb=short", "--junitxml=result.xml"]
    command = [
        env / "bin/python",
        "-m",
        "coverage",
        "run",
        "--source=.",
        "-m",
        *pytest,
        "--continue-on-collection-errors",
    ]
    shell = subprocess.run(
        [*_sandbox(copy), *map(str, command), *tests],
        cwd=copy,
        env=_variables(copy, entry),
        capture_output=True,
        check=False,
        timeout=1200,
    )
    if not (copy / "result.xml").exists():
        raise SystemExit(f"{entry['repo']}: no result\n{shell.stdout.decode()[-3000:]}{shell.stderr.decode()[-3000:]}")
    (work / f"{env.name}-{tree.name}.log").write_bytes(shell.stdout)
    found = _results(copy)
    json_report = [env / "bin/python", "-m", "coverage", "json", "-q", "-i", "-o", "c.json"]
    subprocess.run(list(map(str, json_report)), cwd=copy, check=True, capture_output=True)
    covered = json.loads((copy / "c.json").read_text())["files"]
    found.reached = {name: set(each["executed_lines"]) for name, each in covered.items()}
    return found


def _sandbox(copy: Path) -> list[str]:
    if shutil.which("bwrap") is None:
        return []
    home = ("--tmpfs", str(Path.home() / ".cache"))
    bound = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *home, "--bind", str(copy), str(copy))
    return ["bwrap", "--unshare-net", "--unshare-pid", "--die-with-parent", *bound, "--chdir", str(copy)]


def _variables(copy: Path, entry: dict[str, Any]) -> dict[str, str]:
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "OPENBLAS_CORETYPE")}
    paths = os.pathsep.join(str(copy / each) for each in ("", entry.get("path", "")))
    (copy / "tmp").mkdir(exist_ok=True)
    extra = {"HOME": str(copy / "tmp"), "TMPDIR": str(copy / "tmp"), "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}
    return keep | extra | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}


def _results(copy: Path) -> Ran:
    found = Ran()
    for case in ET.parse(copy / "result.xml").iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        bad = next((each for each in case if each.tag in ("failure", "error")), None)
        state = "passed" if bad is None else {"failure": "failed"}.get(bad.tag, "error")
        state = "skipped" if case.find("skipped") is not None else state
        found.states[name] = state
        if bad is not None:
            text = bad.text or ""
            found.frames[name] = list(_frames(text, copy))
            said = [line for line in text.splitlines() if line.startswith("E  ")]
            found.said[name] = (said[-1] if said else str(bad.get("message")))[:150]
    return found


def _frames(text: str, copy: Path) -> Iterator[Place]:
    """The places of the repository that a traceback goes through, the innermost last."""
    for file, line in FRAME.findall(text):
        if not file.startswith("..") and (copy / file).exists():
            yield Place(os.path.relpath(copy / file, copy), int(line))


# --------------------------------------------------------------------------- judging


def statement(tree: Path, place: Place) -> range:
    """The lines of the innermost statement around a line (of a compound one, its header)."""
    try:
        module = ast.parse((tree / place.file).read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return range(place.line, place.line + 1)
    spans = []
    for node in ast.walk(module):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            spans.append(range(node.lineno, max(end, node.lineno) + 1))
    around = [span for span in spans if place.line in span]
    return min(around, key=len) if around else range(place.line, place.line + 1)


def lines_of(tree: Path, site: dict[str, Any]) -> set[tuple[str, int]]:
    """The lines of a site's statement, and those of the import that binds its name."""
    place = Place(site["file"], site["line"])
    found = {(place.file, line) for line in statement(tree, place)}
    try:
        module = ast.parse((tree / place.file).read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return found
    name = re.split(r"\W", site["code"], maxsplit=1)[0]
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and any((each.asname or each.name) == name for each in node.names):
            found |= {(place.file, line) for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    return found


def is_breaking(outcome: dict[str, Any]) -> bool:
    return outcome["outcome"] in ("rewritten", "needs_person") and ":" not in outcome["rule"]


def verdict(site: dict[str, Any], tree: Path, old: Ran, new: Ran) -> str:
    lines = lines_of(tree, site)
    failing = (frame for name in new.broken(old) for frame in new.frames[name])
    if any((frame.file, frame.line) in lines for frame in failing):
        return "fails"
    span = statement(tree, Place(site["file"], site["line"]))
    if new.reached.get(site["file"], set()).intersection(span):
        return "works"
    return "hidden" if old.reached.get(site["file"], set()).intersection(span) else "not run"


def unreported(report: dict[str, Any], tree: Path, old: Ran, new: Ran) -> dict[Place, list[str]]:
    """Failures of which no frame is a reported site, by their innermost line in the repository."""
    lines = {line for o in report["outcomes"] if o["cell"] is None for line in lines_of(tree, o)}
    found: dict[Place, list[str]] = {}
    for name in sorted(new.broken(old)):
        frames = new.frames[name]
        if not any((frame.file, frame.line) in lines for frame in frames):
            found.setdefault(frames[-1] if frames else Place(name, 0), []).append(name)
    return found


COLUMNS = (
    "tree", "migration", "uses", "breaking sites", "fails", "hidden", "works", "not run", "repaired of failing sites",
    "other sites", "tests: old", "new", "upgraded", "unreported failures (places)", "harmed",
)  # fmt: skip


def look(entry: dict[str, Any], clones: Path, work: Path) -> str:
    """Everything about one entry; its line of the table."""
    stem = f"{entry['repo'].partition('/')[2]}-{entry['commit'][:8]}"
    place = work / stem
    shutil.rmtree(place, ignore_errors=True)
    export(find_clone(clones, entry["repo"]), entry["commit"], place / "before", wanted=bool)  # every file
    report = upgraded(entry, place / "before", place / "after")
    was, now = (environment(entry, each, work) for each in (entry["from"], entry["lib"].partition("==")[2]))
    old, new, after = (
        ran(entry, place / tree, env, place) for tree, env in (("before", was), ("before", now), ("after", now))
    )
    return _row(entry, report, place, (old, new, after))


def _row(entry: dict[str, Any], report: dict[str, Any], place: Path, runs: tuple[Ran, Ran, Ran]) -> str:
    old, new, after = runs
    before = place / "before"
    sites = [o for o in report["outcomes"] if is_breaking(o)]
    verdicts = [verdict(o, before, old, new) for o in sites]
    repaired = 0
    lines = []
    for site, found in zip(sites, verdicts, strict=True):
        mended = found == "fails" and site["outcome"] == "rewritten"
        still = mended and verdict(site, place / "after", old, after) == "fails"
        repaired += mended and not still
        lines.append("\t".join((found, site["outcome"], site["rule"], f"{site['file']}:{site['line']}", site["code"])))
    missed = unreported(report, before, old, new)
    judged = entry.get("judged", {})
    for at, names in missed.items():
        said = new.said.get(names[0], "")
        lines.append("\t".join(("UNREPORTED", judged.get(str(at), "?"), f"{at} x{len(names)}", names[0], said)))
    harmed = sorted(new.passed() - after.passed())
    lines += [f"HARMED\t{name}\t{after.said.get(name, '')}" for name in harmed]
    (place / "sites.tsv").write_text("".join(f"{line}\n" for line in lines))
    counts = Counter(verdicts)
    other = sum(o["outcome"] != "left_alone" and not is_breaking(o) for o in report["outcomes"])
    cells = [f"{entry['repo']}@{entry['commit'][:8]}", report["migrations"][0], report["account"]["uses"], len(sites)]
    cells += [counts[each] for each in ("fails", "hidden", "works", "not run")]
    cells += [f"{repaired} of {counts['fails']}", other, *(len(run.passed()) for run in runs)]
    cells += [f"{sum(map(len, missed.values()))} ({len(missed)})", len(harmed)]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("list", type=Path, nargs="?", default=HERE / "no_pack.yaml")
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", action="append", default=[], help="only trees whose name contains this")
    args = parser.parse_args()
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for entry in yaml.safe_load(args.list.read_text()):
        if not args.only or any(part in f"{entry['repo']}@{entry['commit']}" for part in args.only):
            print(look(entry, args.clones, args.work.resolve()), flush=True)


if __name__ == "__main__":
    main()
