"""Chooses the cases of a migration: calls that bind differently, and as many that do not, with the truth of each."""

from __future__ import annotations

import random
from collections.abc import Callable as Function
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import apimig
from benchmarks.binding.catalogue import Callable, callables, spread
from benchmarks.binding.environments import Migration, environment
from benchmarks.binding.fixtures import Fixtures
from benchmarks.binding.generating import Case, Generator
from benchmarks.binding.programs import OUTSIDE, Program, Written, write
from benchmarks.binding.running import Ran, inspected, run_all
from benchmarks.binding.truth import OTHERWISE, Judged, Truth, truth

_TOGETHER = 12  # programs of one process while looking for those that run


@dataclass(frozen=True)
class Wanted:
    """How many cases: of calls that bind differently, of others, and how many of one callable and one API at most."""

    different: int = 300
    others: int = 300
    of_callable: int = 12
    of_api: int = 24
    seed: int = 0


@dataclass
class Bench:
    """The two environments of a migration, and what they know."""

    migration: Migration
    fixtures: Fixtures
    old: Path
    new: Path
    modules: frozenset[str]
    roots: tuple[str, ...]

    def run(self, where: Path, sources: Sequence[str], *, together: int = 1, observe: bool = True) -> list[Ran]:
        wanted = {*self.migration.modules}
        for source in sources:
            for line in source.splitlines():
                if line.startswith(("import ", "from ")):
                    wanted.add(line.split()[1])
        return run_all(where, sources, wanted, together=together, observe=observe)

    def run_programs(self, programs: Sequence[Program]) -> list[Ran]:
        """Whether they run under the old release; a program that is no Python has failed."""
        sources: list[str] = []
        for each in programs:
            try:
                sources.append(write(each, self.modules).source)
            except SyntaxError:
                sources.append("raise SyntaxError")
        return self.run(self.old, sources, together=_TOGETHER, observe=False)


def bench(migration: Migration, fixtures: Fixtures, folder: Path) -> tuple[Bench, list[Callable]]:
    """The environments of a migration, and everything that can be called in its old release."""
    surface = apimig.surface(migration.release(migration.old), introspect=True)
    old, new = (environment(migration, version, folder) for version in (migration.old, migration.new))
    names = [name for name, entry in surface.entries.items() if entry["k"] != "M" and "i" not in entry]
    modules = frozenset(name for name, entry in surface.entries.items() if entry["k"] == "M") | set(surface.roots)
    found: list[Callable] = []
    said = inspected(old, names), inspected(new, names)
    for root in surface.roots:
        mine = [{path: each for path, each in side.items() if path.split(".")[0] == root} for side in said]
        found += [each for each in callables(mine[0], mine[1], root) if not (fixtures.skips(each.path) or each.foreign)]
    return Bench(migration, fixtures, old, new, modules | OUTSIDE, surface.roots), found


def collect(bench: Bench, everything: Sequence[Callable], wanted: Wanted, tell: Function[[str], None]) -> list[Judged]:
    """The cases of a migration, judged by running them."""
    changed = [each for each in everything if each.changed]
    same = [each for each in everything if not each.changed and each.old]
    random.Random(wanted.seed).shuffle(same)
    chosen = [*_some(changed, wanted.different), *_some(same, wanted.others // 2)]
    generator = Generator(bench.fixtures, bench.run_programs, wanted.seed)
    found = generator.solve(chosen, everything)
    solved = [each for each in chosen if each.path in found]
    tell(
        f"{len(changed)} of {len(everything)} callables changed, {len(chosen)} are tried; "
        f"{sum(each.changed for each in solved)} that changed run, {len(solved)} in all"
    )
    cases = [case for each in solved for case in generator.cases(each, found[each.path])]
    different = [case for case in cases if case.difference in OTHERWISE or case.called.gone]
    others = [case for case in cases if case.difference not in OTHERWISE and not case.called.gone]
    tell(f"{len(different)} calls bind differently, {len(others)} do not")
    judged = _judged(
        bench, [*_picked(different, wanted, 2 * wanted.different), *_picked(others, wanted, 2 * wanted.others)]
    )
    tell(f"{len(judged)} ran on the old release, twice with one result")
    return judged


def limited(judged: Sequence[Judged], wanted: Wanted) -> list[Judged]:
    """As many cases of each half as are wanted; those that stay open do not count."""
    counted = [each for each in judged if each.truth is not Truth.OPEN and not each.case.called.foreign]
    different = [each for each in counted if each.case.difference in OTHERWISE]
    others = [each for each in counted if each.case.difference not in OTHERWISE]
    return [*different[: wanted.different], *others[: wanted.others]]


def _some(found: Sequence[Callable], cases: int) -> list[Callable]:
    """About as many callables as cases are wanted (some will not run), of each API as few as that takes."""
    apis = len({each.api for each in found})
    of_api = max(2, 2 * cases // max(1, apis))
    seen: dict[str, int] = {}
    kept = []
    for each in spread(found):
        seen[each.api] = seen.get(each.api, 0) + 1
        if seen[each.api] <= of_api:
            kept.append(each)
    return kept[: cases + cases // 4]


def _picked(cases: Sequence[Case], wanted: Wanted, most: int) -> list[Case]:
    """In rounds: one call of each API, then a second of each, so that no API fills the table.

    The limits are raised while there are too few, down to all that there are.
    """
    factor = 1
    while len(picked := _within(cases, factor * wanted.of_callable, factor * wanted.of_api)) < min(most, len(cases)):
        factor *= 2
        if factor > 64:
            break
    return picked[:most]


def _within(cases: Sequence[Case], of_callable: int, of_api: int) -> list[Case]:
    queues: dict[str, list[Case]] = {}
    seen: dict[str, int] = {}
    for case in sorted(cases, key=_turns(cases)):
        seen[case.called.path] = seen.get(case.called.path, 0) + 1
        if seen[case.called.path] <= of_callable:
            queues.setdefault(case.called.api, []).append(case)
    return [queue[turn] for turn in range(of_api) for queue in queues.values() if turn < len(queue)]


def _turns(cases: Sequence[Case]) -> Function[[Case], int]:
    """Sorts by the place of a case among those of its callable."""
    seen: dict[str, int] = {}
    places: dict[int, int] = {}
    for case in cases:
        places[id(case)] = seen.get(case.called.path, 0)
        seen[case.called.path] = places[id(case)] + 1
    return lambda case: places[id(case)]


def _judged(bench: Bench, cases: Sequence[Case]) -> list[Judged]:
    written = [(case, write(case.program, bench.modules, case.style)) for case in cases]
    unique: dict[str, tuple[Case, Written]] = {}
    for case, text in written:
        unique.setdefault(text.source, (case, text))
    kept = list(unique.values())
    first = bench.run(bench.old, [text.source for _, text in kept])
    kept = [each for each, ran in zip(kept, first, strict=True) if ran.well]
    sound = _sound_setups(bench, [case for case, _ in kept])
    kept = [each for each in kept if each[0].program.setup in sound]
    known = {text.source: ran for (_, text), ran in zip(unique.values(), first, strict=True)}
    again = bench.run(bench.old, [text.source for _, text in reversed(kept)])[::-1]
    now = bench.run(bench.new, [text.source for _, text in kept])
    return list(_with_truth(kept, known, again, now))


def _with_truth(
    kept: Sequence[tuple[Case, Written]], known: dict[str, Ran], again: Sequence[Ran], now: Sequence[Ran]
) -> Iterator[Judged]:
    for (case, text), second, new in zip(kept, again, now, strict=True):
        old = known[text.source]
        steady = second.well and truth(case, old, second) in (Truth.FINE, Truth.BINDS, Truth.OPEN)
        if steady and new.error not in ("Timeout", "Indescribable"):
            yield Judged(case, text, old, new, truth(case, old, new))


def _sound_setups(bench: Bench, cases: Sequence[Case]) -> set[tuple[str, ...]]:
    """Fixtures that mean the same under both releases: what is measured is the call, not what it stands on."""
    setups = list(dict.fromkeys(case.program.setup for case in cases))
    sources = [write(Program(each, "0"), bench.modules).source for each in setups]
    old, new = bench.run(bench.old, sources), bench.run(bench.new, sources)
    return {
        each
        for each, was, now in zip(setups, old, new, strict=True)
        if was.names is not None and now.names is not None and _alike(was, now)
    }


def _alike(was: Ran, now: Ran) -> bool:
    from benchmarks.binding.equality import same_names

    return same_names(was.names or {}, now.names or {})
