"""A repository's tests under two releases: each run has a fresh copy of the tree, and says how each test ended."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apimig import sandbox
from apimig.validation import suite
from apimig.validation.copies import copied
from apimig.validation.journal import Journal
from apimig.validation.marks import Mark
from apimig.validation.suite import Job, Record
from apimig.verdicts import GOOD, OneTest, Status, SuiteRun

_CONTINUED = "--continue-on-collection-errors"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two releases: its name ("pandas 1.5.3"), the interpreter's version, and the environment's Python.

    ``readable`` are the folders that the environment needs beside its own.
    """

    name: str
    interpreter: str
    python: Path
    readable: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """How the repository's tests are run; see :class:`apimig.validation.suite.Job` for the fields."""

    runner: str
    arguments: tuple[str, ...] = ()
    folder: str = ""  # below the root, where the command is run
    paths: tuple[str, ...] = ()  # below the root, from which modules are imported
    libraries: tuple[str, ...] = ()
    limits: sandbox.Limits = sandbox.DEFAULT
    require: bool = False
    variables: tuple[tuple[str, str], ...] = ()


class Bench:
    """Runs tests and counts how often; ``tell`` hears what is run, for people."""

    def __init__(self, root: Path, plan: Suite, tell: Callable[[str], None] | None = None) -> None:
        self.root = root
        self.plan = plan
        self.tell = tell or (lambda _text: None)
        self.runs = 0
        self.flaky: frozenset[str] = frozenset()  # tests that ended otherwise when nothing else had changed
        self.journal = Journal(root)

    def run(
        self,
        title: str,
        side: Side,
        contents: Mapping[str, bytes] | None = None,
        *,
        only: Collection[str] = (),
        watch: Sequence[Mark] = (),
        texts: Mapping[str, bytes] | None = None,
        more: tuple[str, ...] = (),
    ) -> Record:
        """One run of all tests, or those named, over the tree with other ``contents`` for some files."""
        self.runs += 1
        if only and self.plan.runner == suite.PYTEST:
            more = (*more, _CONTINUED)  # a file that cannot be collected must not keep others from running

        def made() -> Record:
            self.tell(f"running {f'{len(only)} tests' if only else 'the tests'}: {title}, {side.name}")
            return self._made(title, side, contents, only=only, watch=watch, texts=texts, more=more)

        changed = sorted((contents or {}).items()), sorted((texts or {}).items())
        return self.journal.record((self.plan, side, title, changed, sorted(only), watch, more), made)

    def _made(
        self,
        title: str,
        side: Side,
        contents: Mapping[str, bytes] | None,
        *,
        only: Collection[str],
        watch: Sequence[Mark],
        texts: Mapping[str, bytes] | None,
        more: tuple[str, ...],
    ) -> Record:
        with tempfile.TemporaryDirectory(prefix="apimig-tree-") as name:
            tree = copied(self.root, Path(name).resolve() / (self.root.name or "tree"), contents)
            job = self._job(title, side, tree, more)
            record = suite.run(job, only=sorted(only), watch=watch, texts=texts)
        return _without_folder(record, str(tree))

    def _job(self, title: str, side: Side, tree: Path, more: tuple[str, ...]) -> Job:
        return Job(
            title=f"{title}, {side.name}",
            environment=f"CPython {side.interpreter}, {side.name}",
            python=side.python,
            tree=tree,
            folder=self.plan.folder,
            runner=self.plan.runner,
            arguments=(*self.plan.arguments, *more),
            paths=tuple(tree / path for path in self.plan.paths),
            readable=side.readable,
            variables=dict(self.plan.variables),
            libraries=frozenset(self.plan.libraries),
            limits=self.plan.limits,
            require=self.plan.require,
        )

    def checked(
        self,
        title: str,
        side: Side,
        contents: Mapping[str, bytes] | None = None,
        *,
        watch: Sequence[Mark] = (),
        texts: Mapping[str, bytes] | None = None,
    ) -> tuple[SuiteRun, Record]:
        """What a plain run shows, and the record to judge by.

        Where files cannot be collected, pytest runs nothing: the record is then of a run that goes on all the same.
        Tests that fail where something was marked are run again without marks, and it is this that counts.
        """
        record = self.run(title, side, contents, watch=watch, texts=texts)
        plain = record.suite
        collected = self.plan.runner != suite.PYTEST or not _only_collected(plain)
        if not collected:
            record = self.run(title, side, contents, watch=watch, texts=texts, more=(_CONTINUED,))
        if watch:
            record = self._unmarked(record, title, side, contents, watch=watch, texts=texts)
        return record.suite if collected else plain, record

    def _unmarked(
        self,
        record: Record,
        title: str,
        side: Side,
        contents: Mapping[str, bytes] | None,
        *,
        watch: Sequence[Mark],
        texts: Mapping[str, bytes] | None,
    ) -> Record:
        """The record with failures as they are without marks; where these differ it is tried again with them."""
        suspects = {test.name for test in record.suite.tests if test.status not in (*GOOD, Status.SKIPPED)}
        if not suspects:
            return record
        again = self.run(title, side, contents, only=suspects)
        if recovered := passed(again.suite, suspects):
            third = self.run(title, side, contents, only=recovered, watch=watch, texts=texts)
            self.flaky |= passed(third.suite, recovered)
        return replace(record, suite=merged(record.suite, again.suite))


def merged(whole: SuiteRun, part: SuiteRun) -> SuiteRun:
    """A run with the results of a later run of some of its tests in the place of theirs."""
    later = {test.name: test for test in part.tests}
    return replace(whole, tests=tuple(later.get(test.name, test) for test in whole.tests))


def regressed(before: SuiteRun, after: SuiteRun) -> frozenset[str]:
    """The tests that passed before and do not afterwards; a test that is skipped then has not failed."""
    then = after.statuses()
    good = (name for name, status in before.statuses().items() if status in GOOD)
    return frozenset(name for name in good if then.get(name) not in (*GOOD, Status.SKIPPED))


def passed(run: SuiteRun, names: Collection[str]) -> frozenset[str]:
    """Those of the named tests that passed."""
    statuses = run.statuses()
    return frozenset(name for name in names if statuses.get(name) in GOOD)


def _only_collected(run: SuiteRun) -> bool:
    """Whether nothing ran, since some file could not be collected."""
    return any(test.status is Status.ERROR for test in run.tests) and all(
        test.status in (Status.ERROR, Status.SKIPPED) and "::" not in test.name for test in run.tests
    )


def _without_folder(record: Record, folder: str) -> Record:
    """A record in which the paths of the copy are those of the repository: people know no other."""
    tests = tuple(_told_from_root(test, folder) for test in record.suite.tests)
    observed = record.observed
    observed.tests = tests
    observed.raised = {
        name: replace(each, frames=tuple(replace(f, path=f.path.replace(folder + "/", "")) for f in each.frames))
        for name, each in observed.raised.items()
    }
    observed.warned = tuple(replace(each, path=each.path.replace(folder + "/", "")) for each in observed.warned)
    return Record(replace(record.suite, tests=tests), observed, record.output.replace(folder + "/", ""))


def _told_from_root(test: OneTest, folder: str) -> OneTest:
    if not test.details:
        return test
    clean = test.details.replace(folder + "/", "")
    return replace(test, details=clean, message=test.message.replace(folder + "/", ""))
