"""Learned rules on their way into a pack: found, run under both releases, compared with the rules there are, written.

What running showed decides where a rule goes. A verified one is part of the pack; so is one that gives something else,
as ``unsafe`` and with the difference. What could not be run, or says other things than an existing rule, is kept beside
the pack in ``candidates/``, with the reason, until a person has looked at it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apimig.errors import ApimigError, WriteError
from apimig.mining.candidate import Candidate, Status, Verification
from apimig.mining.curating import Standing
from apimig.mining.trials.running import Runner
from apimig.mining.usage.merging import advice_left, is_from_tests, whole_names
from apimig.mining.writing import rule_text, write_pack
from apimig.pipeline.candidates import HEAD, is_of_a_person, rejected
from apimig.pipeline.gathering import gather
from apimig.pipeline.learned_runs import verify
from apimig.pipeline.learning_releases import LearnedPack, curated, trial_of
from apimig.pipeline.settling import is_idle, is_of_examples, settled
from apimig.pipeline.verifying import Watcher
from apimig.rulebook.loading import Rulebook
from apimig.rulebook.packs import CANDIDATES


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
        return self.rewrites and is_of_examples(self.candidate) and is_idle(self.verification)

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
