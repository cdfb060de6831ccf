"""One validation within a run: the proof, and what failures and warnings say of places that nothing else speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Protocol

from apimig.pipeline import asking
from apimig.pipeline.baseline import baseline
from apimig.pipeline.edited import Edited
from apimig.pipeline.ground import Ground
from apimig.pipeline.plan import Plan
from apimig.pipeline.proving import After, Prover
from apimig.pipeline.workshop import FileResult, Workshop
from apimig.records import Account, Applicability, Certainty, FileChange, Location, NeedsPerson, Outcome
from apimig.rulebook import Migration
from apimig.surface.changes import Change
from apimig.surface.publicity import release_notes
from apimig.validation import failures
from apimig.validation.bench import Bench
from apimig.validation.events import Warned
from apimig.validation.journal import Journal
from apimig.validation.statements import Statements
from apimig.verdicts import Explained, SeenWarning, Validation


class Results(Protocol):
    """What a run has found of its files so far."""

    outcomes: list[Outcome]
    changes: list[FileChange]
    left_open: list[asking.Open]
    results: dict[str, FileResult]
    accounts: dict[str, Account]

    def replace(self, result: FileResult) -> None:
        """Let a result take the place of an earlier one of the same file."""


def validated(
    tally: Results,
    workshop: Workshop,
    plan: Plan,
    ground: Ground,
    *,
    settle: Callable[[], None],
    changes: Callable[[], Sequence[Change]],
    keep_old: bool,
    tell: Callable[[str], None] | None,
) -> Validation:
    """Run the tests on both sides; what is learned and taken back goes into the ``tally``.

    ``settle`` does again what depends on files that changed, ``changes`` are those of the libraries' surfaces.
    """
    prover = Prover(
        Bench(workshop.root, ground.suite, tell), ground.old, ground.new, plan, Edited(workshop, tally.results)
    )
    last = {each.name: each for each in tally.left_open}
    before, again, ground = baseline(prover, ground, list(last.values()), tell)
    for path in again:
        tally.replace(workshop.process(path))
    settle()
    prover.edited = Edited(workshop, dict(tally.results))
    after = prover.prove(before)
    for result in prover.edited.results.values():
        tally.replace(result)
    kept = prover.keep(before, after) if keep_old else None
    found = prover.validation(before, after, kept)
    scene = Scene(workshop.root, tally.outcomes, tally.changes)
    failing = [test.name for test in found.failing]
    shown, added = scene.explained(after, failing, cache(changes), prover)
    tally.outcomes += added
    for outcome in added:  # a use that nothing else had seen
        name = outcome.location.path
        tally.accounts[name] = tally.accounts.get(name, Account()) + Account(needs_person=1)
    warned = scene.warned(before.record.observed.warned)
    notes = (*ground.notes, *_recalled(prover.bench.journal))
    prover.bench.journal.close()
    return replace(found, explained=shown, warnings=warned, notes=notes, sandbox=ground.sandbox)


def _recalled(journal: Journal) -> Iterable[str]:
    if journal.recalled:
        runs = "1 test run is" if journal.recalled == 1 else f"{journal.recalled} test runs are"
        yield f"{runs} remembered from a validation of today that was interrupted"


@dataclass(slots=True)
class Scene:
    """The outcomes so far, the changed files, and how a file was before."""

    root: Path
    outcomes: Sequence[Outcome]
    changes: Sequence[FileChange]

    def before(self, name: str) -> str:
        """The text of a file before the run, decoded as far as it can be; empty where there is none."""
        change = next((each for each in self.changes if each.name == name), None)
        try:
            raw = (self.root / name).read_bytes() if change is None else change.before
        except OSError:
            return ""
        return raw.decode("utf-8", "replace")

    def at(self, path: str, lines: Iterable[int]) -> list[Outcome]:
        """The outcomes on some lines of a file."""
        wanted = set(lines)
        return [each for each in self.outcomes if each.location.path == path and each.location.line in wanted]

    def explained(
        self, after: After, failing: Iterable[str], changes: Callable[[], Sequence[Change]], prover: Prover
    ) -> tuple[tuple[Explained, ...], tuple[NeedsPerson, ...]]:
        """The lines at which tests fail now, with the change behind each, and outcomes for those that have none yet."""
        found: list[Explained] = []
        added: list[NeedsPerson] = []
        for each in failures.lines_of(after.record.observed.raised, failing):
            if each.raised.kind not in failures.API_ERRORS:
                continue
            place, code, known = self._place(after, each)
            change = failures.explanation(each.raised, changes())
            if change is None and not known:
                continue
            moved = None if change is None else _migration(change, prover.plan)
            found.append(
                Explained(
                    place,
                    code,
                    str(each.raised),
                    each.tests,
                    change="" if change is None else str(change),
                    reference="" if moved is None else release_notes(moved[1], moved[0].to_version),
                )
            )
            if not known and change is not None and moved is not None:
                added.append(_outcome(found[-1], change, moved[0], prover.new.name))
        return tuple(found), tuple(added)

    def _place(self, after: After, failing: failures.Failing) -> tuple[Location, str, bool]:
        """Where a line was before the run, its code, and whether an outcome speaks of it."""
        before, new = self.before(failing.path), after.tree.texts.get(failing.path)
        line = failing.line
        if new is not None:
            line = failures.old_line(before, new.decode("utf-8", "replace"), line)
        lines = before.splitlines()
        code = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return Location(failing.path, line, 1), code, bool(self.at(failing.path, Statements(before).around(line)))

    def warned(self, warned: Iterable[Warned]) -> tuple[SeenWarning, ...]:
        """The library's deprecations that the old code raised, each with the rule of the finding in its statement."""
        found: list[SeenWarning] = []
        statements: dict[str, Statements] = {}
        for each in warned:
            if each.path.startswith("/"):
                continue
            if each.path not in statements:
                statements[each.path] = Statements(self.before(each.path))
            there = self.at(each.path, statements[each.path].around(each.line))
            place = Location(each.path, each.line, 1)
            rule = there[0].rule if there else ""
            found.append(SeenWarning(place, each.category, each.text, each.test or "import", rule))
        return tuple(found)


def _migration(change: Change, plan: Plan) -> tuple[Migration, tuple[str, ...]] | None:
    """The migration that a change belongs to, with the library's import names."""
    for migration in plan.migrations:
        imports = next((each.imports for each in plan.libraries if each.distribution == migration.library), ())
        if change.name.partition(".")[0] in imports:
            return migration, tuple(imports)
    return None


def _outcome(seen: Explained, change: Change, migration: Migration, new: str) -> NeedsPerson:
    """The finding that a failure is where nothing else was found."""
    count = "a test" if len(seen.tests) == 1 else f"{len(seen.tests)} tests"
    return NeedsPerson(
        seen.location,
        f"{migration.library}/{change.name}",
        seen.code,
        Certainty.PROVEN,
        Applicability.MANUAL,
        f"fails under {new} in {count}: {seen.failure}",
        advice=seen.change,
        reference=seen.reference,
        reason=f"seen when the tests ran under {new}",
    )
