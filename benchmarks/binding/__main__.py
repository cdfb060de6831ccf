"""Calls of APIs whose parameters changed: how many apimig finds, and how many it repairs, by running them.

    python -m benchmarks.binding --work DIR [--lib scipy …] [--out FOLDER] [--table TABLE.md]
        [--different 300] [--others 300] [--seed 0] [--again]

For each migration of ``migrations.yaml`` two environments are built with uv (kept in DIR). Every callable of the old
release is taken from its introspected surface, and its signature from both installed releases. Small programs with one
call each are generated from fixtures (``data/examples/*.yaml``: values by parameter, receivers by class) and the
examples of the old release's documentation; arguments go by position and by name, defaults are given and left out.
A program counts when it runs on the old release, twice with one result.

*Breaking*: on the new release it raises, or leaves another value in any of its variables, or its call binds otherwise
(other parameters, or another default for one left out). Else *fine*. apimig has no part in that. Where all that
differs is a default that states nothing (None, or a word or object for "not given") and the values are equal, a case is
open and does not count: another program may show a difference.
*Detected*: apimig rewrites or reports a site at the call, or at the import of what is called.
*Repaired*: the program as apimig rewrote it leaves on the new release what the old one left on the old release.
*Repairable*: repaired, or a search over calls (``repairing.py``) found one that is: a lower bound.
Half of the cases are calls that bind differently, the others are not, of callables that changed or did not.
With ``--out`` the cases where apimig and the truth disagree are written there, one file each.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import apimig
from benchmarks.binding import fixtures
from benchmarks.binding.collecting import Bench, Wanted, bench, collect, limited
from benchmarks.binding.environments import Migration, migrations
from benchmarks.binding.measuring import Measured, measure
from benchmarks.binding.repairing import repairable
from benchmarks.binding.scoring import Scored, macro, score
from benchmarks.binding.truth import Judged, Truth, again

_COLUMNS = (
    *("library", "cases (APIs)", "breaking (APIs)", "precision", "recall", "F1", "F1 by API", "repaired", "by API"),
    *("of repairable", "with `--unsafe`", "of repairable", "fine: rewritten, harmed, harmed with `--unsafe`"),
)
_HEAD = f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|"


def main() -> None:
    arguments = _arguments()
    known = migrations()
    arguments.work.mkdir(parents=True, exist_ok=True)
    tables = {
        "All cases": [],
        "Calls that bind differently, and calls that are fine": [],
        "The same without calls of what is gone": [],
    }
    for name in arguments.lib or known:
        if name not in known:
            sys.exit(f"{name} is none of {', '.join(known)}")
        where, cases = _cases(known[name], arguments)
        found, bold = measure(where, cases), measure(where, cases, unsafe=True)
        can = _repairable(where, found, bold)
        scored = [_scored(*each) for each in zip(found, bold, can, strict=True)]
        signed = [(s, e) for s, e in zip(scored, found, strict=True) if not s.breaking or e.judged.by_binding]
        there = [s for s, each in signed if not each.judged.case.called.gone]
        for rows, some in zip(tables.values(), (scored, [s for s, _ in signed], there), strict=True):
            rows.append(_row(name, some))
        _tell(name, _kinds(found))
        if arguments.out:
            _write_out(arguments.out / name, found, can)
            _write_out(arguments.out / f"{name}-unsafe", bold, can)
    text = "\n\n".join(f"{title}\n\n{_HEAD}\n" + "\n".join(rows) for title, rows in tables.items())
    print(text)
    if arguments.table:
        arguments.table.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for environments and generated cases")
    parser.add_argument("--lib", action="append", default=[], help="a library of migrations.yaml; default: all")
    parser.add_argument("--out", type=Path, help="folder for the cases where apimig and the truth disagree")
    parser.add_argument("--table", type=Path, help="file for the tables")
    parser.add_argument("--different", type=int, default=300, help="cases that bind differently, at most")
    parser.add_argument("--others", type=int, default=300, help="cases that do not, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", action="store_true", help="generate the cases again")
    return parser.parse_args()


def _cases(migration: Migration, arguments: argparse.Namespace) -> tuple[Bench, list[Judged]]:
    """The cases of a migration: those kept in the work folder, or new ones."""
    kept = (
        arguments.work / f"cases-{migration.library}-{arguments.different}-{arguments.others}-{arguments.seed}.pickle"
    )
    if kept.exists() and not arguments.again:
        where, cases = pickle.loads(kept.read_bytes())
        return where, _counted(migration, [again(each) for each in cases], arguments)
    where, everything = bench(migration, fixtures.load(migration.library), arguments.work / "environments")
    wanted = Wanted(arguments.different, arguments.others, seed=arguments.seed)
    cases = collect(where, everything, wanted, lambda text: _tell(migration.library, text))
    kept.write_bytes(pickle.dumps((where, cases)))
    return where, _counted(migration, cases, arguments)


def _counted(migration: Migration, cases: Sequence[Judged], arguments: argparse.Namespace) -> list[Judged]:
    counted = limited(cases, Wanted(arguments.different, arguments.others))
    open_ = sum(each.truth is Truth.OPEN for each in cases)
    _tell(migration.library, f"{len(counted)} cases; {open_} are open and do not count")
    return counted


def _repairable(where: Bench, found: Sequence[Measured], bold: Sequence[Measured]) -> list[bool]:
    """Whether a repair is known for each case: apimig's own, or one that a search finds."""
    migration = where.migration
    old, new = (apimig.surface(migration.release(v), introspect=True) for v in (migration.old, migration.new))
    fresh: dict[str, list[str]] = {}
    for symbol in new.symbols():
        owner, _, last = symbol.name.rpartition(".")
        if not last.startswith("_") and old.canonical(symbol.name) is None:
            fresh.setdefault(owner, []).append(last)
    done = [one.repaired or other.repaired for one, other in zip(found, bold, strict=True)]
    open_ = [at for at, each in enumerate(found) if each.judged.breaking and not done[at]]
    searched = dict(zip(open_, repairable(where, [found[at].judged for at in open_], fresh), strict=True))
    return [each or searched.get(at, False) for at, each in enumerate(done)]


def _scored(each: Measured, bold: Measured, can: bool) -> Scored:
    return Scored(
        each.judged.case.called.api,
        each.judged.breaking,
        each.detected,
        each.repaired,
        can,
        each.rewritten is not None,
        bool(each.failure),
        bold.repaired,
        bool(bold.failure),
    )


def _row(name: str, cases: Sequence[Scored]) -> str:
    found, mean = score(cases), macro(cases)
    apis = len({each.api for each in cases})
    broken = len({each.api for each in cases if each.breaking})
    cells = (
        *(name, f"{found.cases} ({apis})", f"{found.breaking} ({broken})"),
        *(
            f"{100 * share:.1f} %"
            for share in (found.precision, found.recall, found.f1, mean.f1, found.repair, mean.repair)
        ),
        f"{found.repaired}/{found.repairable} = {100 * found.repair_of_repairable:.1f} %",
        f"{100 * found.repair_unsafe:.1f} %",
        f"{found.repaired_unsafe}/{found.repairable} = {100 * found.repair_of_repairable_unsafe:.1f} %",
        f"{found.rewritten_fine}, {found.harmed}, {found.harmed_unsafe}",
    )
    return f"| {' | '.join(cells)} |"


def _kinds(found: Sequence[Measured]) -> str:
    truths = Counter(
        f"{each.judged.truth} ({'binding' if each.judged.by_binding else 'behaviour'})"
        for each in found
        if each.judged.breaking
    )
    outcomes = Counter(type(site).__name__ for each in found for site in each.sites)
    return f"{dict(truths)}; sites at calls: {dict(outcomes)}, elsewhere: {sum(len(each.elsewhere) for each in found)}"


def _write_out(folder: Path, found: Sequence[Measured], can: Sequence[bool]) -> None:
    for group in ("missed", "false-alarm", "unrepaired", "unrepaired-though-repairable", "harmed"):
        for old in (folder / group).glob("*.txt"):
            old.unlink()
    for at, each in enumerate(found):
        for group in _groups(each, can[at]):
            (folder / group).mkdir(parents=True, exist_ok=True)
            (folder / group / f"{at:04} {each.judged.case.called.path}.txt").write_text(_shown(each), encoding="utf-8")


def _groups(each: Measured, can: bool) -> list[str]:
    if not each.judged.breaking:
        return ["harmed"] * bool(each.rewritten and each.failure) + ["false-alarm"] * each.detected
    if each.repaired:
        return []
    return [*(["missed"] * (not each.detected)), "unrepaired-though-repairable" if can else "unrepaired"]


def _shown(each: Measured) -> str:
    judged = each.judged
    lines = [
        f"truth: {judged.truth} {judged.new.error} {judged.new.text}",
        f"binding: {judged.case.difference}",
        *(f"old: {each}" for each in judged.case.called.old),
        *(f"new: {each}" for each in judged.case.called.new),
        "",
        judged.written.source,
        *(f"site: {site}" for site in [*each.sites, *each.elsewhere]),
    ]
    if each.rewritten is not None:
        lines += ["", f"rewritten ({'repaired' if each.repaired else each.failure or 'same'}):", each.rewritten]
    return "\n".join(lines) + "\n"


def _tell(library: str, text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {library}: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
