"""Learned rules on their way into a pack: found, run under both releases, compared with the rules there are, written.

What running showed decides where a rule goes. A verified one is part of the pack; so is one that gives something else,
as ``unsafe`` and with the difference. What could not be run, or says other things than an existing rule, is kept beside
the pack in ``candidates/``, with the reason, until a person has looked at it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from packaging.version import Version

from apimig.environments.tools import tools
from apimig.errors import ApimigError, WriteError
from apimig.mining.candidate import Candidate, Status, Tried, Verification
from apimig.mining.curating import Standing
from apimig.mining.trials.running import Runner
from apimig.mining.trials.trial import Conventions, Trial, trials_of, try_cases, verification
from apimig.mining.usage.merging import advice_left, is_from_tests, whole_names
from apimig.mining.writing import rule_text, write_pack
from apimig.pipeline.candidates import HEAD, is_of_a_person, rejected
from apimig.pipeline.gathering import gather
from apimig.pipeline.learning_releases import LearnedPack, curated, trial_of
from apimig.pipeline.learning_usage import with_cases
from apimig.pipeline.sides import Pair, Sides, environments
from apimig.pipeline.verifying import Watcher, conventions_of
from apimig.rulebook.compiling import compile_library
from apimig.rulebook.loading import Rulebook
from apimig.rulebook.packs import CANDIDATES, normalise
from apimig.rulebook.rule import Library
from apimig.rulebook.schema import LibraryFile

_VERSIONS = ("removed", "changed", "deprecated")
_MOST_GRAFTED = 3  # cases of a rule with arguments from elsewhere
_NO_MODULE = re.compile(
    r"No module named '(?P<module>[\w.]+)'|optional dependency '(?P<wanted>\w+)'|\bpip install (?P<pip>[A-Za-z]\w*)"
    r"|(?P<found>\w+) not found, please install|(?P<needed>\w+) is required for"
)
_BEGINS = re.compile(r"(?:return |(?:[$\w, ()]+ = )+)?\$(\w+)")  # a hole at the beginning of a pattern's value


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate with what running its cases showed (None: it has none), and how it stands to existing rules."""

    candidate: Candidate
    verification: Verification | None = None
    standing: Standing = Standing.NEW
    rules: tuple[str, ...] = ()

    @property
    def rewrites(self) -> bool:
        """Whether the rule says what becomes of a use; others only report."""
        rule = self.candidate.rule
        return bool(rule.get("cases")) and rule.get("applicability") != "manual"

    @property
    def is_idle(self) -> bool:
        """Whether the old code works under the new release as before, though examples of code alone speak for it."""
        return self.rewrites and _is_of_examples(self.candidate) and _is_idle(self.verification)

    @property
    def is_decided(self) -> bool:
        """Whether nobody has to look at it before it is used: what only tests show must be verified."""
        if self.standing is Standing.CONTRADICTS or self.is_idle:
            return False
        if not self.rewrites:
            return True
        status = None if self.verification is None else self.verification.status
        return status is Status.VERIFIED or (status is Status.DIFFERS and not is_from_tests(self.candidate))


@dataclass(frozen=True, slots=True)
class Pack:
    """Entries, best first, with what ``_library.yaml`` says beside them and where all was learned from."""

    entries: tuple[Entry, ...]
    library: Mapping[str, Any]
    learned_from: str
    notes: tuple[str, ...] = ()

    def save(self, folder: str | os.PathLike[str], *, known: bool = False) -> Saved:
        """Write the pack into a folder; what existing rules cover only where it is ``known`` that it is wanted.

        What a person has written, accepted or rejected stays as it is. Raises WriteError.
        """
        return _save(self, Path(folder), known=known)


def packed(
    found: LearnedPack,
    rulebook: Rulebook,
    learned_from: str,
    between: tuple[str, str] | None,
    *,
    runner: Runner | None = None,
    watcher: Watcher | None = None,
) -> Pack:
    """What was learned as entries of a pack; ``between`` are the releases that cases are run under, None runs nothing.

    Where no environment can be made nothing is verified, and a note says why.
    """
    verified, notes = dict[str, Verification](), found.notes
    if between is not None:
        try:
            found, verified = verify(found, between, rulebook, runner=runner, watcher=watcher or Watcher())
        except ApimigError as error:
            notes = (*notes, f"no case was run, since there is no environment: {error.title}")
    entries = (
        Entry(settled(each.candidate, verified.get(each.candidate.id)), verified.get(each.candidate.id), each.standing,
              each.rules)
        for each in curated(found, rulebook)
    )  # fmt: skip
    gathered = gather(tuple(without_led(entries)), trial_of(found.library, rulebook))
    return Pack(tuple(gathered), found.library, learned_from, notes)


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


def without_led(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, but for advice on names that a verified rule of tests leads somewhere."""
    entries = list(entries)
    led = {
        name
        for each in entries
        if is_from_tests(each.candidate) and each.rewrites and each.is_decided
        for name in whole_names(each.candidate)
    }
    for each in entries:
        left = each.candidate if each.rewrites or not led else advice_left(each.candidate, led)
        if left is not None:
            yield replace(each, candidate=left)


def settled(candidate: Candidate, verified: Verification | None) -> Candidate:
    """The candidate as safe as running its cases showed it to be.

    A verified rule is safe where what it matches is certain. One that gives something else is unsafe, and so is one
    that nobody could run. Running shows as well whether the new code works before the new release. Where only examples
    of code speak for it, it has to be needed as well, and each of its patterns has to be shown.
    """
    rule = dict(candidate.rule)
    if rule.get("applicability") == "manual" or not rule.get("cases"):
        return candidate
    if verified is not None and _is_shown(candidate, verified):
        rule.pop("applicability", None)
        rule.update(_available(rule, verified))
    else:
        rule["applicability"] = "unsafe"
    unsafe = "applicability" in rule
    rule["cases"] = [_marked(case, unsafe=unsafe) for case in _that_ran(rule["cases"], verified)]
    return replace(candidate, rule=rule)


def _available(rule: Mapping[str, Any], verified: Verification) -> dict[str, str]:
    """Since when the new code works, by what it did under the old release."""
    seen = {each.earlier for each in verified.tried if each.earlier}
    if not seen:
        return {}
    old, new = (name.rpartition(" ")[2] for name in (verified.old, verified.new))
    if seen == {"works"}:
        return {"replacement_since": old}
    said = rule.get("replacement_since") or next((rule[key] for key in _VERSIONS if key in rule), new)
    return {"replacement_since": said if Version(said) > Version(old) else new}


def _that_ran(cases: Sequence[Mapping[str, Any]], verified: Verification | None) -> Sequence[Mapping[str, Any]]:
    """The cases that show something, where some do: the values of others were made up and fit nothing."""
    if verified is None or len(verified.tried) != len(cases):
        return cases
    ran = [case for case, each in zip(cases, verified.tried, strict=True) if each.status is not Status.UNRUN]
    return ran or cases


def _is_shown(candidate: Candidate, verified: Verification) -> bool:
    """Whether running its cases shows that a rule is safe."""
    if verified.status is not Status.VERIFIED or _matches_anything(candidate.rule):
        return False
    return not _is_of_examples(candidate) or (not _is_idle(verified) and _shows_all(candidate.rule, verified))


def _is_of_examples(candidate: Candidate) -> bool:
    """Whether nothing but code before and after speaks for a rule."""
    kinds = {each.kind for each in candidate.evidence} - {"doubt"}
    return bool(kinds) and kinds <= {"pair", "test"}


def _is_idle(verified: Verification | None) -> bool:
    """Whether the old code gives the same under the new release, too, and is not told that it is deprecated."""
    if verified is None or verified.status is not Status.VERIFIED:
        return False
    return not any(each.needed for each in verified.tried if each.status is Status.VERIFIED)


def _shows_all(rule: Mapping[str, Any], verified: Verification) -> bool:
    """Whether its cases show all that a rule says.

    Those of a rule with several patterns were all run, and there are enough of them. What leaves out an argument
    whatever it holds is never shown by the values that it held.
    """
    patterns = rule.get("match", ())
    if _leaves_out(rule):
        return False
    if isinstance(patterns, str) or len(patterns) < 2:
        return True
    ran = [each.status is Status.VERIFIED for each in verified.tried]
    return all(ran) and len(ran) >= len(patterns)


def _leaves_out(rule: Mapping[str, Any]) -> bool:
    """Whether an argument goes whatever it holds."""
    removed = [each["remove"] for each in rule.get("parameters", ()) if "remove" in each]
    match = rule.get("match", ())
    patterns = [match] if isinstance(match, str) else [each["match"] for each in match]
    return any(isinstance(each, str) or not each.get("holds") for each in removed) or any(
        "$_" in each.rpartition(" = ")[2] for each in patterns
    )


def _marked(case: Mapping[str, Any], *, unsafe: bool) -> dict[str, Any]:
    plain = {key: value for key, value in case.items() if key != "unsafe"}
    return {**plain, "unsafe": True} if unsafe else plain


def _matches_anything(rule: Mapping[str, Any]) -> bool:
    """Whether a pattern begins with a receiver of any class: the name of a method alone proves nothing."""
    match = rule.get("match", ())
    patterns = (
        [match] if isinstance(match, str) else [each if isinstance(each, str) else each["match"] for each in match]
    )
    typed = rule.get("where", {})
    holes = (begun[1] for each in patterns if (begun := _BEGINS.match(each)))
    return any(hole not in typed for hole in holes)


# --------------------------------------------------------------------------- files


@dataclass(frozen=True, slots=True)
class Saved:
    """The files of a pack: its rules, and the candidates beside them."""

    rules: tuple[Path, ...]
    candidates: tuple[Path, ...]


def _save(pack: Pack, folder: Path, *, known: bool) -> Saved:
    unwanted = rejected(folder)
    entries = [
        each
        for each in pack.entries
        if (known or each.standing is not Standing.KNOWN) and not is_of_a_person(folder / f"{each.candidate.name}.yaml")
    ]
    decided = [each for each in entries if each.is_decided]
    left = [each for each in entries if not each.is_decided and each.candidate.name not in unwanted]
    verified = {each.candidate.id: each.verification for each in entries if each.verification is not None}
    try:
        rules = write_pack([each.candidate for each in decided], pack.library, folder, pack.learned_from, verified)
        _forget(folder / CANDIDATES, (each.candidate.name for each in decided))
        _forget(folder, (each.candidate.name for each in left))
        aside = [_save_aside(each, pack, folder / CANDIDATES) for each in left]
    except OSError as error:
        raise WriteError(f"{error.filename} cannot be written: {error.strerror}") from error
    return Saved(tuple(rules), tuple(aside))


def _save_aside(entry: Entry, pack: Pack, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{entry.candidate.name}.yaml"
    why = _why(entry)
    text = rule_text(entry.candidate, pack.learned_from, entry.verification)
    path.write_text(f"{HEAD} {why}\n{text}", encoding="utf-8")
    return path


def _why(entry: Entry) -> str:
    if entry.standing is Standing.CONTRADICTS:
        return f"it says something else than {', '.join(entry.rules)}"
    if entry.is_idle:
        return "the old code gives the same under the new release, so nobody has to change it"
    if entry.verification is None:
        return "its cases were not run"
    if entry.verification.status is Status.DIFFERS:
        return f"tests were changed so, and it gives something else: {' '.join(entry.verification.reason.split())}"
    return f"its cases could not be run: {' '.join(entry.verification.reason.split())}"


def _forget(folder: Path, names: Iterable[str]) -> None:
    """Files of an earlier run that are elsewhere now."""
    for name in names:
        (folder / f"{name}.yaml").unlink(missing_ok=True)
