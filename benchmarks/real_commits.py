"""Compare apimig with what maintainers did by hand, hunk by hunk, on real migration commits.

    python benchmarks/real_commits.py COMMITS.jsonl --clones DIR [--lib pandas] [--peer ruff] [--out TABLE.md]

COMMITS.jsonl has one commit a line: ``repo`` (owner/name), ``parent`` (the tool runs there), ``commit`` (what
the maintainers did), ``lib``, ``from``, ``to`` and ``files`` (those with migration hunks). DIR holds bare clones,
found as ``owner+name`` (with or without ``/repo``) or ``owner/name.git``.

Each maintainers' hunk (``git diff -U0``) gets one verdict:

- ``same``         our lines are theirs, byte for byte
- ``normalised``   the same after formatting and the order of imports are normalised
- ``equivalent``   other text, equal results (judged by reading; ``real_commits_judged.yaml`` says why)
- ``reported``     not rewritten, but the report names the line, with the reason
- ``missed``       neither (the judged file says why)
- ``by hand``      about the release, but a choice or a restructuring that nothing in the code dictates (judged file)
- ``not ours``     no API of the migration in it: an unrelated change (judged file, or no old API in the hunk)

Edits of ours that nobody made are listed too, as right or wrong where judged, else as ``unjudged``.
"""

from __future__ import annotations

import argparse
import ast
import collections
import difflib
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from clones import export, find_clone, git

JUDGED = Path(__file__).with_name("real_commits_judged.yaml")
VERDICTS = ("same", "normalised", "equivalent", "reported", "missed", "by hand", "not ours")


@dataclass(frozen=True)
class Hunk:
    """One hunk of a diff without context: lines ``start`` to ``start + len(old)`` of the old file (1-based)."""

    file: str
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def key(self) -> str:
        """How the judged file names the hunk."""
        return f"{self.file}:{self.start}"


@dataclass
class Row:
    """What became of one commit's hunks."""

    name: str
    verdicts: collections.Counter[str] = field(default_factory=collections.Counter)
    details: list[str] = field(default_factory=list)
    extra: collections.Counter[str] = field(default_factory=collections.Counter)


def hunks(old: str, new: str, file: str) -> list[Hunk]:
    """Changed runs of lines; a run of equal length that changes line by line is split into lines."""
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    found = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if i2 - i1 == j2 - j1:
            found += [Hunk(file, i + 1, (a[i],), (b[i - i1 + j1],)) for i in range(i1, i2)]
        else:
            found.append(Hunk(file, i1 + 1, tuple(a[i1:i2]), tuple(b[j1:j2])))
    return found


def normal(lines: tuple[str, ...]) -> str:
    """Lines with formatting and import order taken out."""
    text = "".join(lines)
    try:
        import textwrap

        body = ast.parse(textwrap.dedent(text)).body
        return "\n".join(sorted(ast.unparse(node) for node in body))
    except SyntaxError:
        return re.sub(r"[\s'\"(),]+", "", text)


def our_lines(ours: list[Hunk], gold: Hunk, old_text: list[str]) -> tuple[str, ...]:
    """What the lines of ``gold`` are in our version (our hunks that touch them, laid over the old lines)."""
    first, last = gold.start, gold.start + len(gold.old)
    touching = [h for h in ours if h.start < max(last, first + 1) and h.start + max(len(h.old), 1) > first]
    if not gold.old:
        touching = [h for h in ours if h.start == first and not h.old]
    if any(h.start < first or h.start + len(h.old) > last for h in touching):
        return ("<other lines>\n", *(line for h in touching for line in h.new))
    out: list[str] = []
    at = first
    for h in sorted(touching, key=lambda h: h.start):
        out += old_text[at - 1 : h.start - 1]
        out += h.new
        at = h.start + len(h.old)
    out += old_text[at - 1 : last - 1]
    return tuple(out)


def run_apimig(tree: Path, case: dict[str, object]) -> list[dict[str, object]]:
    """Upgrade the tree in place; the sites the report lists as not rewritten."""
    report = tree.parent / "report.json"
    command = [
        sys.executable, "-m", "apimig", "upgrade", str(tree), "--lib", f"{case['lib']}=={case['to']}",
        "--from", f"{case['from']}", "--no-pins", "--allow-dirty", "--report", str(report),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not report.exists():
        raise SystemExit(f"{case['repo']}: apimig exited {done.returncode}\n{done.stderr[-2000:]}")
    return [o for o in json.loads(report.read_text())["outcomes"] if o["outcome"] != "rewritten"]


def run_ruff(tree: Path, _case: dict[str, object]) -> list[dict[str, object]]:
    subprocess.run(
        ["ruff", "check", "-q", "--isolated", "--select", "NPY201,NPY001", "--fix", "--unsafe-fixes", str(tree)],
        capture_output=True, check=False,
    )  # fmt: skip
    return []


def judge(case: dict[str, object], clone: Path, peer: str, judged: dict[str, dict[str, str]]) -> Row:
    row = Row(f"{case['repo']} {str(case['parent'])[:8]} {case['lib']} {case['from']}→{case['to']}")
    notes = judged.get(f"{case['repo']}@{str(case['commit'])[:8]}", {})
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch, "tree")
        export(clone, str(case["parent"]), tree)
        changed = git(clone, "diff", "--name-only", str(case["parent"]), str(case["commit"])).decode().split("\n")
        before = {f: (tree / f).read_bytes().decode("utf-8", "replace") for f in python_files(tree)}
        sites = (run_ruff if peer == "ruff" else run_apimig)(tree, case)
        after = {f: (tree / f).read_bytes().decode("utf-8", "replace") for f in python_files(tree)}
        reported = {(o["file"], o["line"]): o for o in sites}
        gold_keys: set[tuple[str, int]] = set()
        for file in (f for f in changed if f in before):
            shown = git(clone, "show", f"{case['commit']}:{file}") if exists(clone, str(case["commit"]), file) else b""
            gold = hunks(before[file], shown.decode("utf-8", "replace"), file)
            ours = hunks(before[file], after[file], file)
            lines = before[file].splitlines(keepends=True)
            for hunk in gold:
                gold_keys |= {(file, n) for n in range(hunk.start, hunk.start + max(1, len(hunk.old)))}
                verdict, detail = compare(hunk, ours, lines, reported, notes, file in case["files"])  # type: ignore[operator]
                row.verdicts[verdict] += 1
                if verdict not in ("same", "not ours"):
                    row.details.append(f"  {verdict:<11}{hunk.key}  {detail}")
        for file, old_text in before.items():
            for hunk in hunks(old_text, after[file], file):
                if not any((file, n) in gold_keys for n in range(hunk.start, hunk.start + max(1, len(hunk.old)))):
                    said = notes.get(hunk.key, "unjudged")
                    row.extra[said.split(":")[0]] += 1
                    shown = f"\n      -{''.join(hunk.old).strip()}\n      +{''.join(hunk.new).strip()}"
                    row.details.append(f"  extra      {hunk.key}  {said}{shown}")
    return row


def compare(gold: Hunk, ours: list[Hunk], lines: list[str], reported: dict[tuple[str, int], dict[str, object]],
            notes: dict[str, str], listed: bool) -> tuple[str, str]:  # fmt: skip
    made = our_lines(ours, gold, lines)
    if made == gold.new:
        return "same", ""
    note = notes.get(gold.key, "")
    if note and (made != gold.old or not note.startswith("equivalent")):  # a judgement of an edit needs the edit
        return note.split(":")[0], note.partition(":")[2].strip()
    if made != gold.old and normal(made) == normal(gold.new):
        return "normalised", ""
    shown = (
        f"\n      -{''.join(gold.old).rstrip()}\n      g{''.join(gold.new).rstrip()}\n      o{''.join(made).rstrip()}"
    )
    for n in range(gold.start, gold.start + max(1, len(gold.old))):
        site = reported.get((gold.file, n))
        if site is not None:
            return "reported", f"{site.get('why', '')}{shown}"
    return ("missed" if listed else "not ours"), shown


def exists(clone: Path, revision: str, file: str) -> bool:
    return (
        subprocess.run(
            ["git", "-C", str(clone), "cat-file", "-e", f"{revision}:{file}"], capture_output=True, check=False
        ).returncode
        == 0
    )


def python_files(tree: Path) -> list[str]:
    return sorted(str(p.relative_to(tree)) for p in tree.rglob("*.py") if p.is_file() and not p.is_symlink())


def table(rows: list[Row]) -> str:
    head = "| commit | hunks | " + " | ".join(VERDICTS) + " | other edits |\n|---|---|" + "---|" * (len(VERDICTS) + 1)
    lines = [head]
    total = Row("**total**")
    for row in rows:
        total.verdicts += row.verdicts
        total.extra += row.extra
    for row in [*rows, total]:
        extra = ", ".join(f"{n} {k}" for k, n in sorted(row.extra.items())) or "0"
        cells = " | ".join(str(row.verdicts[v]) for v in VERDICTS)
        lines.append(f"| {row.name} | {sum(row.verdicts.values())} | {cells} | {extra} |")
    mechanical = [v for v in VERDICTS if v not in ("by hand", "not ours")]
    made = sum(total.verdicts[v] for v in ("same", "normalised", "equivalent"))
    count = sum(total.verdicts[v] for v in mechanical)
    lines.append(
        f"\nThe same or an equivalent edit for {made} of {count} mechanical hunks ({made / max(count, 1):.0%})."
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("commits", type=Path)
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--lib", action="append", help="only commits of this library (repeatable)")
    parser.add_argument("--repo", help="only repositories whose name contains this")
    parser.add_argument("--peer", choices=["apimig", "ruff"], default="apimig")
    parser.add_argument("--out", type=Path, help="write the table here as Markdown")
    parser.add_argument("--verbose", action="store_true", help="list every hunk that is not the same")
    args = parser.parse_args()
    judged = yaml.safe_load(JUDGED.read_text()) or {} if JUDGED.exists() else {}
    rows = []
    for line in args.commits.read_text().splitlines():
        case = json.loads(line)
        if (args.lib and case["lib"] not in args.lib) or (args.repo and args.repo not in case["repo"]):
            continue
        row = judge(case, find_clone(args.clones, case["repo"]), args.peer, judged if args.peer == "apimig" else {})
        rows.append(row)
        print(row.name, dict(row.verdicts), dict(row.extra), flush=True)
        if args.verbose:
            print("\n".join(row.details), flush=True)
    print(table(rows))
    if args.out:
        args.out.write_text(table(rows) + "\n")


if __name__ == "__main__":
    main()
