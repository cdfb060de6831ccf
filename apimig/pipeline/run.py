"""One run over a project: plan, find the files, do the work on each, write, report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Unpack

from apimig import scan
from apimig.errors import WriteError
from apimig.pipeline import asking, store
from apimig.pipeline.memory import seldom_collected
from apimig.pipeline.options import Options, Said, load, merged
from apimig.pipeline.outcomes import unique
from apimig.pipeline.pinning import Pinning, needed_versions
from apimig.pipeline.place import check_clean, checked, is_project, root_of
from apimig.pipeline.plan import Plan, requests
from apimig.pipeline.pool import cores, spread
from apimig.pipeline.surfaces import Tell, known, planned
from apimig.pipeline.workshop import FileResult, Workshop
from apimig.pipeline.write import Failure, check_writable, listed, write_all
from apimig.records import Account, FileChange, Outcome, RunResult, Skipped, Unchecked, rules_of
from apimig.rulebook import Request
from apimig.verdicts import Validation

Progress = Callable[[int, int], None]
PathLike = str | os.PathLike[str]


def upgrade(
    paths: PathLike | Sequence[PathLike],
    *,
    lib: str | Sequence[str] = (),
    from_: str | Sequence[str] = (),
    write: bool = True,
    settings: bool = True,
    progress: Progress | None = None,
    tell: Tell | None = None,
    **options: Unpack[Said],
) -> RunResult:
    """Upgrade the code below ``paths`` for new versions of its libraries and say what became of each site.

    ``lib`` is ``"pandas==2.0"`` or several of the kind; ``from_`` the version the code was written for. ``options`` are
    those of :class:`apimig.pipeline.options.Options`; what is not given comes from ``[tool.apimig]``
    in pyproject.toml unless ``settings`` is false. With ``write`` false nothing is written: the
    result's ``changes`` hold the new bytes. ``progress`` is called with (files done, all files), ``tell`` with what a
    run waits for before that: releases that are downloaded and compared.

    Raises :class:`apimig.ApimigError` for what the caller can mend.
    """
    given = checked([paths] if isinstance(paths, str | os.PathLike) else list(paths))
    root = root_of(given)
    said = merged(load(_folder(given[0]), root) if settings else Options(), options, lib=lib, from_=from_)
    with seldom_collected():
        return _Run(given, root, said, progress, tell).result(write=write)


def check(
    paths: PathLike | Sequence[PathLike],
    *,
    lib: str | Sequence[str] = (),
    from_: str | Sequence[str] = (),
    settings: bool = True,
    progress: Progress | None = None,
    tell: Tell | None = None,
    **options: Unpack[Said],
) -> RunResult:
    """Do as :func:`upgrade`, with nothing written."""
    return upgrade(paths, lib=lib, from_=from_, write=False, settings=settings, progress=progress, tell=tell, **options)


def validate(
    paths: PathLike | Sequence[PathLike],
    *,
    lib: str | Sequence[str] = (),
    from_: str | Sequence[str] = (),
    write: bool = False,
    settings: bool = True,
    progress: Progress | None = None,
    tell: Tell | None = None,
    **options: Unpack[Said],
) -> RunResult:
    """Do as :func:`upgrade`, and let the repository's tests decide: the result's ``validation`` says what they did.

    The tests run in copies, in a sandbox, under the old release and under the new one. Edits with which tests fail are
    taken back, and with ``write`` the rest is written. Raises :class:`apimig.ApimigError` where environments cannot be
    built.
    """
    options["validate"] = True
    return upgrade(paths, lib=lib, from_=from_, write=write, settings=settings, progress=progress, tell=tell, **options)


def undo(path: PathLike = ".") -> store.Undone:
    """Bring back the files of the last run in the project at ``path``; those changed since are refused and named."""
    return store.undo(root_of(checked([path])))


def _folder(path: Path) -> Path:
    real = path.resolve()
    return real if real.is_dir() else real.parent


@dataclass(slots=True)
class _Tally:
    """What is kept of the files' results: nothing of the files that do not use a library."""

    seen: int = 0
    mentioning: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    changes: list[FileChange] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unasked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    unchecked: list[Unchecked] = field(default_factory=list)
    left_open: list[asking.Open] = field(default_factory=list)
    results: dict[str, FileResult] = field(default_factory=dict)  # of the files that change

    def add(self, result: FileResult) -> None:
        self.seen += 1
        self.mentioning += result.mentions
        self.outcomes += result.outcomes
        if result.change is not None:
            self.changes.append(result.change)
            self.results[result.name] = result
        self.skipped += result.skipped
        if result.unasked:
            self.unasked[result.name] = result.unasked
        if result.account.uses:
            self.accounts[result.name] = result.account
        self.unchecked += result.unchecked
        if result.left_open is not None:
            self.left_open.append(result.left_open)

    def replace(self, result: FileResult) -> None:
        """Let a result take the place of an earlier one of the same file."""
        self.outcomes = [outcome for outcome in self.outcomes if outcome.location.path != result.name]
        self.changes = [change for change in self.changes if change.name != result.name]
        self.skipped = [s for s in self.skipped if s.name.partition("#")[0] != result.name]
        self.unasked.pop(result.name, None)
        self.results.pop(result.name, None)
        self.accounts.pop(result.name, None)
        self.unchecked = [each for each in self.unchecked if each.location.path != result.name]
        self.seen, self.mentioning = self.seen - 1, self.mentioning - result.mentions
        self.add(result)


class _Run:
    def __init__(
        self, paths: Sequence[Path], root: Path, options: Options, progress: Progress | None, tell: Tell | None
    ) -> None:
        self.tell = tell
        self.paths = paths
        self.root = root
        self.options = options
        self.progress = progress

    def result(self, *, write: bool) -> RunResult:
        rulebook = known(self.options)
        wanted = requests(self.options, rulebook)
        found = scan.discover(self.paths, root=self.root, include=self.options.include, exclude=self.options.exclude)
        pinning = Pinning(self.root, self.paths, found.manifests)
        plan = planned(self.options, rulebook, pinning.versions(wanted), self.tell)
        if write and not self.options.allow_dirty:
            check_clean(self.root, self.paths)
        make = _Maker(self.root, (*found.files, *(beside := self._beside(found.files))), plan, self.options)
        tally = self.work(make, found.files, beside)
        validation = self._validate(plan, tally, make.workshop) if self.options.validate else None
        if self.options.pins:
            self._pin(pinning, wanted, plan, tally)
        result = replace(self._summed(plan, tally, found), validation=validation)
        return self._written(result) if write and result.changes else replace(result, written=write)

    def _pin(self, pinning: Pinning, wanted: Sequence[Request], plan: Plan, tally: _Tally) -> None:
        needed = needed_versions(tally.outcomes, {rule.id: rule for rule in plan.rules})
        edited = {change.name: change.after for change in tally.changes}
        pinned = pinning.moved(wanted, plan.libraries, needed, edited)
        moved = {change.name for change in pinned.changes}
        tally.changes = [*(change for change in tally.changes if change.name not in moved), *pinned.changes]
        tally.skipped += pinned.skipped
        tally.notes += pinned.notes

    def _beside(self, files: Sequence[Path]) -> tuple[Path, ...]:
        """The project's other files, which use the given ones and are used by them; they are only read."""
        everything = any(path.resolve() == self.root for path in self.paths) and not self.options.exclude
        if everything or not is_project(self.root):
            return ()
        whole = scan.discover([self.root], root=self.root, include=self.options.include)
        return tuple(sorted(set(whole.files).difference(files)))

    def work(self, make: _Maker, files: Sequence[Path], beside: Sequence[Path] = ()) -> _Tally:
        """What became of every file: those that have nothing to do with a library are only read, and only once."""
        tally = _Tally()
        mentioning: list[Path] = []
        for sorted_out in make.workshop.sort(files, beside):
            if isinstance(sorted_out, Path):
                mentioning.append(sorted_out)
            else:
                self._count(tally, sorted_out, len(files))
        make.workshop.survey()
        for result in spread(make, mentioning, jobs=self.options.jobs or cores(), died=self._died):
            self._count(tally, result, len(files))
        self._ask(make.workshop, tally, files)
        _settle(make.workshop, tally)
        return tally

    def _validate(self, plan: Plan, tally: _Tally, workshop: Workshop) -> Validation:
        """Let the tests decide; what they show changes the tally."""
        from apimig.pipeline.ground import prepared
        from apimig.pipeline.surfaces import changes
        from apimig.pipeline.validating import validated

        return validated(
            tally,
            workshop,
            plan,
            prepared(self.root, self.paths, plan, self.options, self.tell),
            settle=lambda: _settle(workshop, tally),
            changes=lambda: changes(plan, self.options),
            keep_old=self.options.keep_old,
            tell=self.tell,
        )

    def _ask(self, workshop: Workshop, tally: _Tally, files: Sequence[Path]) -> None:
        """Ask a type checker about the receivers that are left open, and do the files again that it knows of."""
        again, notes = workshop.ask(tally.left_open, files)
        for path in again:
            tally.replace(workshop.process(path))
        tally.notes += notes

    def _count(self, tally: _Tally, result: FileResult, total: int) -> None:
        tally.add(result)
        if self.progress is not None:
            self.progress(tally.seen, total)

    def _died(self, path: Path) -> FileResult:
        name = scan.name_of(path, self.root)
        return FileResult(name, skipped=(Skipped(name, "the process that analysed it died (out of memory?)"),))

    def _summed(self, plan: Plan, tally: _Tally, found: scan.Discovery) -> RunResult:
        info = plan.info()
        outcomes = unique(tally.outcomes)
        notes = [*plan.notes, *tally.notes]
        if tally.unasked:
            notes.append(_unasked(Counter(name for names in tally.unasked.values() for name in names)))
        if not found.files:
            notes.append(f"there is no Python file below {', '.join(map(str, self.paths))}")
        return RunResult(
            root=self.root,
            migrations=tuple(map(str, plan.migrations)),
            outcomes=outcomes,
            changes=tuple(sorted(tally.changes, key=lambda change: change.name)),
            skipped=tuple(sorted([*tally.skipped, *found.skipped], key=lambda skipped: skipped.name)),
            notes=tuple(notes),
            account=sum(tally.accounts.values(), Account()) if plan.surfaced else None,
            unchecked=tuple(sorted(tally.unchecked, key=lambda each: (each.location.path, each.location.line))),
            files_seen=tally.seen,
            files_with_library=tally.mentioning,
            rules={
                rule: info[rule] for rule in sorted({rule for o in outcomes for rule in rules_of(o)}) if rule in info
            },
        )

    def _written(self, result: RunResult) -> RunResult:
        check_writable(result.changes)
        token = store.keep(self.root, result.changes, result.migrations)
        failures = write_all(result.changes, token)
        if failures:
            raise _partly(result.changes, failures)
        return replace(result, written=True)


def _settle(workshop: Workshop, tally: _Tally) -> None:
    """Do again the files that others depend on, until nothing changes."""
    while again := workshop.unsettled(tally.changes, tally.outcomes):
        for path in again:
            tally.replace(workshop.process(path))


class _Maker:
    """Makes the function that a process calls for each file; forked processes share the workshop that is there."""

    def __init__(self, root: Path, files: Sequence[Path], plan: Plan, options: Options) -> None:
        self._arguments = (root, files, plan, options)

    @cached_property
    def workshop(self) -> Workshop:
        return Workshop(*self._arguments)

    def __call__(self) -> Callable[[Path], FileResult]:
        return self.workshop.process

    def __getstate__(self) -> dict[str, object]:
        return {"_arguments": self._arguments}


def _unasked(counts: Counter[str]) -> str:
    """One line for the uses that are too many to be listed."""
    shown = ", ".join(f"{name} {count}" for name, count in counts.most_common(5))
    return (
        f"{counts.total()} uses of members that many objects have ({shown}{', ...' if len(counts) > 5 else ''}) have "
        "receivers of unknown type and are not listed; --ask-all lists them"
    )


def _partly(changes: Sequence[FileChange], failures: Sequence[Failure]) -> WriteError:
    written = len(changes) - len(failures)
    return WriteError(
        f"{len(failures)} of {len(changes)} files were not written",
        help=f"{listed(failures)}\nThe other {written} were; `apimig undo` restores them, another run goes on.",
    )
