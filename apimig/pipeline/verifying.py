"""Verifies rules by running their cases under two releases each: which releases, in which environments, and the runs.

A rule is tried between the last release before its change and the last one of the series that has it; rules about the
same change of series share two environments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from packaging.version import Version

from apimig.errors import ApimigError
from apimig.mining.candidate import Status, Tried, Verification
from apimig.mining.trials.running import Runner
from apimig.mining.trials.trial import Conventions, Trial, try_cases, verification
from apimig.pipeline.sides import Pair, Sides, environments
from apimig.rulebook.casebook import cases_of
from apimig.rulebook.rule import Library, Rule
from apimig.rulebook.selection import find_library


@dataclass(frozen=True, slots=True)
class Verified:
    """What running the cases of a rule showed; ``python`` is the version that both releases ran under."""

    rule: Rule
    verification: Verification
    python: str = ""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who hears what is being done: in words, and how many pieces of code of how many have been run."""

    tell: Callable[[str], None] = field(default=lambda _text: None)
    progress: Callable[[int, int], None] | None = None


def verify(
    rules: Sequence[Rule],
    libraries: Sequence[Library],
    *,
    pair: tuple[str, str] | None = None,
    runner: Runner | None = None,
    watcher: Watcher = Watcher(),
) -> Iterator[Verified]:
    """What running each rule's cases shows, pair by pair of releases; ``pair`` are two for all rules.

    Where no environment can be made, that is the reason why a rule was not run.
    """
    runner = runner or Runner.keeping()
    trials = {rule.id: trials_of_rule(rule) for rule in rules}
    conventions = conventions_of(libraries)
    for between, group in grouped(rules, libraries, pair).items():
        tried = [trial for rule in group for trial in trials[rule.id]]
        if between is None or not tried:
            why = "no release is known that has the change" if between is None else "no case shows old and new code"
            yield from (_unrun(rule, between, why) for rule in group)
            continue
        watcher.tell(f"{between}: environments")
        library = find_library(between.library, libraries)
        try:
            sides = environments(between, library, tried, conventions, tell=watcher.tell)
        except ApimigError as error:
            yield from (_unrun(rule, between, f"there is no environment: {error.title}") for rule in group)
            continue
        watcher.tell(f"{between}: {len(tried)} cases")
        found = try_cases(
            tried, sides.old, sides.new, conventions=conventions, runner=runner, progress=watcher.progress
        )
        yield from _by_rule(group, tried, found, sides)


def _by_rule(
    group: Sequence[Rule], trials: Sequence[Trial], tried: Sequence[Tried], sides: Sides
) -> Iterator[Verified]:
    for rule in group:
        ours = [each for trial, each in zip(trials, tried, strict=True) if trial.rule == rule.id]
        yield Verified(rule, verification(ours, sides.old.name, sides.new.name), sides.python)


def _unrun(rule: Rule, between: Pair | None, why: str) -> Verified:
    old, new = (f"{between.library} {between.old}", f"{between.library} {between.new}") if between else ("", "")
    return Verified(rule, Verification(Status.UNRUN, old, new, reason=why))


def trials_of_rule(rule: Rule) -> tuple[Trial, ...]:
    """The cases of a rule that show old and new code."""
    discards = any(condition.result_used is False for condition in rule.when)
    return tuple(
        Trial(
            rule.id,
            case.name,
            case.before,
            case.after,
            case.given,
            case.setup,
            unsafe=case.unsafe,
            differs=case.differs,
            discards=discards,
        )
        for case in cases_of(rule)
        if not case.is_no_op
    )


def conventions_of(libraries: Iterable[Library]) -> Conventions:
    """What snippets take for granted, of all libraries; a usual name has the sample of its class."""
    aliases: dict[str, str] = {}
    samples: dict[str, str] = {}
    distributions: dict[str, str] = {}
    for library in libraries:
        distributions.update(dict.fromkeys(library.imports, library.distribution))
        aliases.update(library.conventional)
        for name, text in library.samples.items():
            samples[name.rpartition(".")[2]] = text
        samples.update({n: library.samples[kind] for n, kind in library.names.items() if kind in library.samples})
    return Conventions(aliases, samples, distributions)


# --------------------------------------------------------------------------- releases


def grouped(
    rules: Sequence[Rule], libraries: Sequence[Library], pair: tuple[str, str] | None = None
) -> dict[Pair | None, list[Rule]]:
    """The rules by the releases they are tried between, oldest first; None holds those without."""
    found: dict[Pair | None, list[Rule]] = {}
    chosen = {rule.id: pair or releases_of(rule, find_library(rule.library, libraries)) for rule in rules}
    needed = {(rule.library, *two) for rule in rules if (two := chosen[rule.id]) is not None and is_gone(rule)}
    for rule in rules:
        two = chosen[rule.id]
        if two is not None and pair is None and not is_gone(rule):
            two = _shared(two, rule, [(old, new) for library, old, new in needed if library == rule.library])
        found.setdefault(None if two is None else Pair(rule.library, *two), []).append(rule)
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _order(pair: Pair | None) -> tuple[str, Version, Version]:
    return (pair.library, Version(pair.new), Version(pair.old)) if pair else ("", Version("0"), Version("0"))


def is_gone(rule: Rule) -> bool:
    """Whether the rule is about more than a deprecation."""
    return bool(rule.removed or rule.changed)


def _shared(two: tuple[str, str], rule: Rule, others: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """For a deprecation: two releases that are needed anyway and show it, the earliest; else its own."""
    first = max(map(Version, filter(None, (rule.deprecated, rule.replacement_since))))
    fit = [each for each in others if Version(each[0]) >= Version(two[0]) and Version(each[1]) >= first]
    return min(fit, key=lambda each: Version(each[1]), default=two)


def releases_of(rule: Rule, library: Library) -> tuple[str, str] | None:
    """The last release before the rule's change, and the last of the series of the first one where the rule applies.

    The change is the removal where a release has it, else the deprecation. None where no release has either.
    """
    known = sorted(library.releases, key=Version)
    for at in (rule.removed, rule.changed, rule.deprecated):
        if not at:
            continue
        before = [each for each in known if Version(each) < Version(at)]
        needed = max(Version(at), Version(rule.replacement_since or at))
        after = [each for each in known if Version(each) >= needed]
        if before and after:
            series = Version(after[0]).release[:2]
            return before[-1], [each for each in after if Version(each).release[:2] == series][-1]
    return None
