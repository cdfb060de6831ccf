"""Runs the cases of learned rules under two releases; of what could not be run, again with what real code gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from apimig.environments.tools import tools
from apimig.mining.candidate import Candidate, Status, Tried, Verification
from apimig.mining.trials.running import Runner
from apimig.mining.trials.trial import Conventions, Trial, trials_of, try_cases, verification
from apimig.pipeline.learning_releases import LearnedPack
from apimig.pipeline.learning_usage import with_cases
from apimig.pipeline.sides import Pair, Sides, environments
from apimig.pipeline.verifying import Watcher, conventions_of
from apimig.rulebook.compiling import compile_library
from apimig.rulebook.loading import Rulebook
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library
from apimig.rulebook.schema import LibraryFile

_MOST_GRAFTED = 3  # cases of a rule with arguments from elsewhere
_NO_MODULE = re.compile(
    r"No module named '(?P<module>[\w.]+)'|optional dependency '(?P<wanted>\w+)'|\bpip install (?P<pip>[A-Za-z]\w*)"
    r"|(?P<found>\w+) not found, please install|(?P<needed>\w+) is required for"
)


def verify(
    found: LearnedPack,
    between: tuple[str, str],
    rulebook: Rulebook,
    *,
    runner: Runner | None = None,
    watcher: Watcher,
) -> tuple[LearnedPack, dict[str, Verification]]:
    """What the cases of the candidates give under two releases, by the candidates' ids. Raises ApimigError.

    Rules whose cases could not be run come with others where those could be.
    """
    trials = [trial for each in found.candidates for trial in _trials(each)]
    if not trials:
        return found, {}
    library = compile_library(LibraryFile.model_validate(found.library))
    others = [each for each in rulebook.libraries if normalise(each.distribution) != normalise(library.distribution)]
    conventions = conventions_of([*others, library])
    run = _Run(Pair(library.distribution, *between), trials, conventions, runner or Runner.keeping(), watcher)
    tried, sides = run.tried(library)
    if missing := _missing(tried, library):
        tried, sides = run.tried(replace(library, companions=missing))
    verified = _by_rule(trials, tried, sides)
    return _again(found, verified, run, sides) if found.grafts is not None else (found, verified)


def _by_rule(trials: Sequence[Trial], tried: Sequence[Tried], sides: Sides) -> dict[str, Verification]:
    results: dict[str, list[Tried]] = {}
    for trial, each in zip(trials, tried, strict=True):
        results.setdefault(trial.rule, []).append(each)
    return {id_: verification(each, sides.old.name, sides.new.name) for id_, each in results.items()}


def _again(
    found: LearnedPack, verified: dict[str, Verification], run: _Run, sides: Sides
) -> tuple[LearnedPack, dict[str, Verification]]:
    """Rules whose cases could not be run, tried on calls that the old release's own code makes."""
    left = [each for each in found.candidates if each.id in verified and verified[each.id].status is Status.UNRUN]
    run.watcher.tell(f"{run.pair}: calls of tests and examples for {len(left)} rules")
    grafted = {each.id: with_cases(each, found.grafts.of(each)) for each in left if found.grafts is not None}
    trials = [trial for each in grafted.values() for trial in _trials(each)]
    tried = replace(run, trials=trials).within(sides)
    ran: dict[str, list[str]] = {}
    for trial, each in zip(trials, tried, strict=True):
        if each.status is not Status.UNRUN and len(ran.get(trial.rule, ())) < _MOST_GRAFTED:
            ran.setdefault(trial.rule, []).append(trial.case)
    kept = {id_: _only(grafted[id_], names) for id_, names in ran.items()}
    chosen = [(trial, each) for trial, each in zip(trials, tried, strict=True) if trial.case in ran.get(trial.rule, ())]
    more = _by_rule([trial for trial, _ in chosen], [each for _, each in chosen], sides)
    candidates = tuple(kept.get(each.id, each) for each in found.candidates)
    return replace(found, candidates=candidates), {**verified, **more}


def _only(candidate: Candidate, names: Sequence[str]) -> Candidate:
    """The candidate with those of its cases that have these names."""
    cases = candidate.rule["cases"]
    return with_cases(candidate, [each for number, each in enumerate(cases, 1) if f"cases {number}" in names])


@dataclass(frozen=True, slots=True)
class _Run:
    """Cases to be run between two releases."""

    pair: Pair
    trials: Sequence[Trial]
    conventions: Conventions
    runner: Runner
    watcher: Watcher

    def tried(self, library: Library) -> tuple[tuple[Tried, ...], Sides]:
        """What each case did, in environments with what the library says that it needs."""
        self.watcher.tell(f"{self.pair}: environments")
        sides = environments(self.pair, library, self.trials, self.conventions, tell=self.watcher.tell)
        return self.within(sides), sides

    def within(self, sides: Sides) -> tuple[Tried, ...]:
        """What each case did in these environments."""
        self.watcher.tell(f"{self.pair}: {len(self.trials)} cases")
        return try_cases(
            self.trials,
            sides.old,
            sides.new,
            conventions=self.conventions,
            runner=self.runner,
            progress=self.watcher.progress,
        )


def _missing(tried: Iterable[Tried], library: Library) -> tuple[str, ...]:
    """The distributions of modules that cases could not import: what a library needs only for some of its functions."""
    found = (_NO_MODULE.search(each.reason) for each in tried)
    modules = {match[match.lastgroup or 0].lower() for match in found if match}
    named = (tools().distribution_of(module.partition(".")[0]) for module in modules - {*library.imports})
    return tuple(sorted({each for each in named if each}))


def _trials(candidate: Candidate) -> Iterator[Trial]:
    """Its cases; that one may differ is not taken for granted before it was run."""
    return (replace(each, unsafe=False) for each in trials_of(candidate.id, candidate.rule))
