"""Trees that support the new releases already: what surfaces add to the rules there, laid out for reading.

    python benchmarks/supported_trees.py [supported_trees.yaml] --clones DIR --out DIR [--only NAME] [--again]

No edit is needed in such a tree, so that every edit is wrong, or harmless at best (code for older releases). Each tree
is checked twice, with rules alone and with surfaces, for the migrations at the head of the list; a library without
rules has nothing to be checked with at first. For each tree ``--out`` receives

- ``NAME.edits``    the edits that only surfaces make, a line each
- ``NAME.reports``  what only they say needs a person

Every edit was read, and of the reports those that ``--sample`` draws by a fixed seed; the verdicts stand in
``supported_trees.yaml`` under ``judged``.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from clones import export, find_clone
from real_trees import Tree, command_line, is_read

import apimig

HERE = Path(__file__).parent
PACKED = ("pandas", "numpy")


def checked(folder: Path, migrations: dict[str, str], *, surfaces: bool) -> apimig.RunResult:
    """One run without writing, over all migrations that it can be made for."""
    pairs = {new: old for new, old in migrations.items() if surfaces or new.partition("==")[0] in PACKED}
    starts = [f"{new.partition('==')[0]}=={old}" for new, old in pairs.items()]
    return apimig.check(folder, lib=list(pairs), from_=starts, surfaces=surfaces, types="off")


def lines(outcomes: Iterable[apimig.Outcome], kind: type[apimig.Rewritten | apimig.NeedsPerson]) -> set[str]:
    """A line for each outcome of a kind: place, rule, code, and what is said or written."""
    found = set()
    for each in outcomes:
        if isinstance(each, kind):
            pair = (
                (each.before, each.after)
                if isinstance(each, apimig.Rewritten)
                else (
                    each.code,
                    f"{each.why} {each.advice}",
                )
            )
            parts = (str(each.location), each.rule, *pair)
            found.add("\t".join(" ".join(part.split()) for part in parts))
    return found


def look(tree: Tree, migrations: dict[str, str], clones: Path, out: Path) -> None:
    """Check one tree both ways and write the files for reading."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "tree")
        folder.mkdir()
        export(find_clone(clones, tree.repo), tree.commit, folder, is_read)
        plain, whole = (checked(folder, migrations, surfaces=surfaces) for surfaces in (False, True))
        uses = 0 if whole.account is None else whole.account.uses
        for kind, name in ((apimig.Rewritten, "edits"), (apimig.NeedsPerson, "reports")):
            more = sorted(lines(whole.outcomes, kind) - lines(plain.outcomes, kind))
            text = "".join(f"{line}\n" for line in more).replace(f"{folder}/", "")
            (out / f"{tree.stem}.{name}").write_text(text)
        (out / f"{tree.stem}.uses").write_text(f"{uses}\n")


def row(tree: Tree, out: Path, judged: dict[str, Any]) -> str:
    edits, reports = ((out / f"{tree.stem}.{name}").read_text().splitlines() for name in ("edits", "reports"))
    uses = (out / f"{tree.stem}.uses").read_text().strip()
    wrong = judged.get(tree.key, {}).get("wrong_edits", 0)
    return f"| {tree.key} | {uses} | {len(edits)} | {wrong} | {len(reports)} |"


def main() -> None:
    parser = command_line(__doc__ or "", "supported_trees.yaml")
    parser.add_argument("--sample", type=int, default=60, help="how many reports to draw for reading")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    listed = yaml.safe_load(args.list.read_text())
    trees = [Tree(repo, commit, ()) for repo, commit in listed["trees"].items()]
    print("| tree | uses | edits that only surfaces make | of them wrong | reports that only surfaces make |")
    print("|---|---|---|---|---|")
    for tree in trees:
        if not args.only or any(part in tree.key for part in args.only):
            if not args.again:
                look(tree, listed["migrations"], args.clones, args.out)
            print(row(tree, args.out, listed.get("judged", {})), flush=True)
    reports = [f"{t.repo}\t{line}" for t in trees if (out := args.out / f"{t.stem}.reports").exists()
               for line in out.read_text().splitlines()]  # fmt: skip
    drawn = random.Random(0).sample(reports, min(args.sample, len(reports)))
    (args.out / "sample.tsv").write_text("".join(f"{line}\n" for line in sorted(drawn)))


if __name__ == "__main__":
    main()
