"""Upgrade whole real repositories without writing, and lay out every edit and report for reading.

    python benchmarks/real_trees.py [real_trees.yaml] --clones DIR --out DIR [--only NAME]

The list has one tree an entry: ``repo`` (owner/name), ``commit``, ``lib`` (what it moves to) and, where its pins
do not say it, ``from``. DIR holds bare clones, as for ``real_commits.py``. For each tree ``--out`` receives

- ``NAME.diff``      what would be written
- ``NAME.json``      the report
- ``NAME.sites``     the sites that need a person and the unknown receivers, a line each
- ``NAME.missed``    lines that a plain search for removed names finds, and that are neither edited nor reported

and the table says how many of each there are. Every edit was read; those that are not simply right stand in
``real_trees_judged.yaml`` as ``wrong`` or ``odd`` (right, but not as a person would write it). ``wrong found`` counts
the wrong ones that any version made, ``wrong`` and ``odd`` those that are made now.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from clones import export, find_clone

HERE = Path(__file__).parent
NUMPY_NAMES = (
    "float_|complex_|string_|unicode_|Inf|Infinity|infty|NaN|NAN|NINF|PINF|NZERO|PZERO|product|"
    "cumproduct|sometrue|alltrue|in1d|trapz|row_stack|round_|asfarray|asscalar|alen|msort|mat|"
    "issubsctype|issctype|cast|source|who|lookfor|safe_eval|find_common_type|obj2sctype|sctypes|"
    "sctypeDict|maximum_sctype|rank|disp|deprecate|byte_bounds|compat|nbytes|recfromcsv|"
    "set_string_function|DataSource|longfloat|singlecomplex|cfloat|clongfloat|longcomplex|add_newdoc|"
    "chararray|fv|pv|npv|irr|pmt|rate|ppmt|ipmt|nper|mirr|AxisError|ComplexWarning|RankWarning|"
    "VisibleDeprecationWarning|TooHardError|ModuleDeprecationWarning"
)
PANDAS_NAMES = (
    "rolling_mean|rolling_sum|rolling_std|ewma|Panel|np|datetime|Int64Index|Float64Index|UInt64Index|"
    "TimeGrouper|match|SparseSeries|SparseDataFrame|value_counts|read_gbq|Term|expanding_mean|core|tools"
)
PANDAS_METHODS = (
    "iteritems|as_matrix|set_value|get_values|lookup|mad|tshift|slice_shift|applymap|to_gbq|"
    "get_dtype_counts|is_monotonic|ix|get_ftype_counts|to_dense|to_sparse|weekday_name|asobject|ftypes|"
    "hide_index|set_precision|weekofyear"
)
PANDAS_KEYWORDS = (
    "error_bad_lines|warn_bad_lines|mangle_dupe_cols|date_parser|infer_datetime_format|line_terminator|"
    "keep_date_col|delim_whitespace|sort_columns|null_counts|check_less_precise|skip_footer|na_sentinel|"
    "datetime_is_numeric|loffset|sheetname|parse_cols|convert_datetime64|use_nullable_dtypes"
)
OLD_FREQUENCY = r"(\d*)(M|Q|A|Y|H|T|S|L|U|N|BM|BQ|BA|BY|CBM|SM|Q-\w+|A-\w+)"
SEARCHES = {
    "numpy": (
        r"\bnp\.(float|int|object|bool|str|long|unicode|complex)\b",
        rf"\bnp\.({NUMPY_NAMES})\b",
        r"\bnp\.core\.\w+",
        r"(?<!np)\.(newbyteorder|itemset|ptp|tostring)\(",
    ),
    "pandas": (
        rf"\bpd\.({PANDAS_NAMES})\b",
        rf"\.({PANDAS_METHODS})\b",
        rf"\b({PANDAS_KEYWORDS})=",
        r"\bread_csv\(.*\b(squeeze|prefix)=",
        r"\.(fillna|reindex|replace)\([^)]*\bmethod=",
        rf"\bpd\.\w+\(.*freq=[\"']{OLD_FREQUENCY}[\"']",
        rf"\.resample\([\"']{OLD_FREQUENCY}[\"']",
    ),
}


@dataclass(frozen=True)
class Tree:
    """One entry of the list."""

    repo: str
    commit: str
    lib: tuple[str, ...]
    start: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """How the judged file and the table name it."""
        return f"{self.repo}@{self.commit[:8]}"

    @property
    def stem(self) -> str:
        """The first part of the names of its files."""
        return f"{self.repo.rpartition('/')[2]}-{self.commit[:8]}"


def is_read(name: str) -> bool:
    """Whether a run reads the file: code, notebooks, and what says which versions a project is for."""
    return name.endswith(KEPT) or "." not in name.rpartition("/")[2]


def trees(path: Path) -> list[Tree]:
    entries = yaml.safe_load(path.read_text())
    return [Tree(e["repo"], e["commit"], tuple(e["lib"]), tuple(e.get("from", ()))) for e in entries]


KEPT = (".py", ".pyi", ".ipynb", ".toml", ".cfg", ".txt", ".yml", ".yaml", ".in", ".lock", "Pipfile", ".gitignore")


def upgrade(tree: Tree, folder: Path, out: Path) -> dict[str, Any]:
    """Run it without writing; the report."""
    report = out / f"{tree.stem}.json"
    command = [
        sys.executable,
        "-m",
        "apimig",
        "upgrade",
        str(folder),
        "--diff",
        "--allow-dirty",
        "--report",
        str(report),
    ]
    for lib in tree.lib:
        command += ["--lib", lib]
    for start in tree.start:
        command += ["--from", start]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{tree.key}: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
    (out / f"{tree.stem}.diff").write_bytes(done.stdout)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def missed(tree: Tree, folder: Path, report: dict[str, Any], diff: str) -> list[str]:
    """Lines with a removed name that no outcome is about."""
    known = {(o["file"], o["line"]) for o in report["outcomes"] if o["cell"] is None}
    known |= removed_lines(diff)
    patterns = [re.compile(p) for lib in tree.lib for p in SEARCHES[lib.partition("=")[0]]]
    found = []
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            hits = [match.group() for pattern in patterns for match in pattern.finditer(line)]
            if hits and (name, number) not in known:
                found.append(f"{name}:{number}: {hits[0]}\t{line.strip()}")
    return found


def removed_lines(diff: str) -> set[tuple[str, int]]:
    lines: set[tuple[str, int]] = set()
    name, at = "", 0
    for line in diff.splitlines():
        if line.startswith("--- "):
            name = line[4:].removeprefix("a/").split("\t")[0]
        elif header := re.match(r"@@ -(\d+)", line):
            at = int(header[1])
        elif line.startswith("-"):
            lines.add((name, at))
            at += 1
        elif not line.startswith("+"):
            at += 1
    return lines


def site(outcome: dict[str, Any]) -> str:
    cell = "" if outcome["cell"] is None else f"#cell{outcome['cell']}"
    code = " ".join(outcome["code"].split())
    why = " ".join(outcome["why"].split())
    place = f"{outcome['file']}{cell}:{outcome['line']}"
    return "\t".join((outcome["outcome"], outcome["rule"], place, code, why, outcome.get("advice", "")))


def look(tree: Tree, clones: Path, out: Path) -> None:
    """Run it on one tree and write the files for reading."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "tree")
        folder.mkdir()
        export(find_clone(clones, tree.repo), tree.commit, folder, is_read)
        report = upgrade(tree, folder, out)
        diff = (out / f"{tree.stem}.diff").read_text("utf-8", "replace")
        left = missed(tree, folder, report, diff)
    rest = sorted(site(o) for o in report["outcomes"] if o["outcome"] != "rewritten")
    (out / f"{tree.stem}.missed").write_text("".join(f"{line}\n" for line in left))
    (out / f"{tree.stem}.sites").write_text("".join(f"{line}\n" for line in rest))


def row(tree: Tree, out: Path, judged: dict[str, Any]) -> str:
    """The line of the table for a tree that was looked at."""
    report = json.loads((out / f"{tree.stem}.json").read_text())
    diff = (out / f"{tree.stem}.diff").read_text("utf-8", "replace")
    left = (out / f"{tree.stem}.missed").read_text().strip().splitlines()
    outcomes = report["outcomes"]
    kinds = [o["outcome"] for o in outcomes]
    cells = [tree.key, ", ".join(report["migrations"]), report["totals"]["files_with_library"]]
    cells += [report["totals"]["files_changed"], kinds.count("rewritten")]
    entries = judged.get(tree.key, [])
    cells += [sum(entry["verdict"] == "wrong" for entry in entries)]
    cells += [judged_so(verdict, entries, outcomes, diff) for verdict in ("wrong", "odd")]
    cells += [kinds.count(k) for k in ("needs_person", "unknown_receiver", "left_alone")]
    cells.append(len(left))
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def judged_so(verdict: str, entries: list[dict[str, str]], outcomes: list[dict[str, Any]], diff: str) -> int:
    """How many of the edits that are made now reading gave this verdict."""
    made = {(o["rule"], f"{o['file']}:{o['line']}"): o["rewritten_to"] for o in outcomes if o["outcome"] == "rewritten"}
    return sum(_is_made(entry, made, diff) for entry in entries if entry["verdict"] == verdict)


def _is_made(entry: dict[str, str], made: dict[tuple[str, str], str], diff: str) -> bool:
    if "line" not in entry:
        text = made.get((entry["rule"], entry["at"]))
        return text is not None and entry.get("to", "") in text
    name = ""
    for line in diff.splitlines():
        name = line[6:] if line.startswith("+++ ") else name
        if line.startswith("+") and entry["line"] in line and entry.get("in", name) == name:
            return True
    return False


COLUMNS = (
    "tree", "migrations", "files with it", "changed", "edits", "wrong found", "wrong", "odd", "needs a person",
    "unknown receivers", "left alone", "search finds",
)  # fmt: skip


def command_line(about: str, listed: str) -> argparse.ArgumentParser:
    """The arguments of a benchmark over a list of trees."""
    parser = argparse.ArgumentParser(description=about.split("\n", maxsplit=1)[0])
    parser.add_argument("list", type=Path, nargs="?", default=HERE / listed)
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--again", action="store_true", help="only count again what an earlier run left in --out")
    parser.add_argument("--only", action="append", default=[], help="only trees whose name contains this")
    return parser


def main() -> None:
    args = command_line(__doc__ or "", "real_trees.yaml").parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    judgements = HERE / "real_trees_judged.yaml"
    judged = yaml.safe_load(judgements.read_text()) or {} if judgements.exists() else {}
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for tree in trees(args.list):
        if not args.only or any(part in tree.key for part in args.only):
            if not args.again:
                look(tree, args.clones, args.out)
            print(row(tree, args.out, judged), flush=True)


if __name__ == "__main__":
    main()
