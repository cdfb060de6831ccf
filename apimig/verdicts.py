"""The frozen records of validation: what the tests did under both releases, and what that says of each edit."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apimig.records import Location


class Status(enum.StrEnum):
    """How one test ended. The first six are pytest's own words; an error lies outside the test itself."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # in collection, in set-up or in tear-down
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    CRASHED = "crashed"  # the process died in it
    TIMEOUT = "timeout"  # the run was ended in it

    __hash__ = str.__hash__


GOOD = frozenset({Status.PASSED, Status.XPASSED, Status.XFAILED})  # what a later failure is compared with


@dataclass(frozen=True, slots=True)
class OneTest:
    """One test of a run, or one file that could not be collected.

    ``name`` is pytest's node id (``tests/test_a.py::TestB::test_c[1]``), a dotted name for unittest. ``message`` is one
    line, ``details`` the traceback as the runner printed it; both are empty for a test that passed.
    """

    name: str
    status: Status
    seconds: float = 0.0
    message: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One run of a repository's tests.

    ``title`` is for people ("old code, pandas 1.5.3"), ``environment`` says the interpreter and the library
    ("CPython 3.10.13, pandas 1.5.3"), ``command`` what was run. ``cut_short`` is empty when the run came to its end,
    else what ended it ("out of time after 600 s"). ``seconds`` are on the clock.
    """

    title: str
    environment: str
    command: str
    tests: tuple[OneTest, ...] = ()
    exit_code: int = 0
    cut_short: str = ""
    seconds: float = 0.0

    def counts(self) -> Mapping[Status, int]:
        """The number of tests of each status that occurs, in the order of the statuses."""
        counted = Counter(test.status for test in self.tests)
        return {status: counted[status] for status in Status if counted[status]}

    def statuses(self) -> Mapping[str, Status]:
        """The status of each test by its name."""
        return {test.name: test.status for test in self.tests}


class Verdict(enum.StrEnum):
    """What running says of an edit."""

    CONFIRMED = "confirmed"  # its line ran under the new release, in tests that pass
    BROKE = "broke"  # tests that passed before fail with it and pass without it; it was rolled back
    UNVERIFIED = "unverified"  # no test that counts reaches it

    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class EditVerdict:
    """The verdict on one rewritten site.

    ``location`` and ``rule`` are those of its outcome. ``why`` says it in a sentence; ``tests`` are some of those that
    reach the edit, or those that it broke.
    """

    location: Location
    rule: str
    verdict: Verdict
    why: str = ""
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RolledBack:
    """An edit group, all edits of one rule in one file, that was taken back alone because tests fail with it."""

    path: str
    rule: str
    edits: int
    tests: tuple[str, ...]
    failure: str  # the first test's message and traceback


@dataclass(frozen=True, slots=True)
class Explained:
    """A line that fails under the new release in tests that passed, and the change of the library that explains it.

    ``change`` is the sentence of the surfaces' difference ("pandas.DataFrame.append was removed"), empty where none
    fits; ``failure`` is the exception as the test saw it.
    """

    location: Location
    code: str
    failure: str
    tests: tuple[str, ...]
    change: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SeenWarning:
    """A deprecation that the library raised at a line of the repository in the baseline run.

    ``when`` is a test's name or "import"; ``rule`` is that of the finding at this place, empty where nothing was found:
    those are what detection missed.
    """

    location: Location
    category: str
    text: str
    when: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Validation:
    """What validation found: the runs, and what follows from them.

    ``baseline`` is the old code on the old release, ``after`` the new code on the new one, ``kept`` the new code on the
    old one where the range must support both. ``flaky`` tests changed their status when they were run again, and count
    for nothing. ``failing`` passed before and fail in the end. ``observed`` is how many receivers had their
    types recorded in the baseline, ``runs`` how many times tests were started. ``sandbox`` says how the code was
    contained. Without tests (``tested`` false) the runs are an import of every module.
    """

    baseline: SuiteRun
    after: SuiteRun
    kept: SuiteRun | None = None
    verdicts: tuple[EditVerdict, ...] = ()
    rolled_back: tuple[RolledBack, ...] = ()
    explained: tuple[Explained, ...] = ()
    warnings: tuple[SeenWarning, ...] = ()
    failing: tuple[OneTest, ...] = ()
    flaky: tuple[str, ...] = ()
    observed: int = 0
    runs: int = 0
    tested: bool = True
    sandbox: str = ""
    notes: tuple[str, ...] = ()

    def counts(self) -> Mapping[Verdict, int]:
        """The number of edits of each verdict; every verdict is there."""
        counted = Counter(each.verdict for each in self.verdicts)
        return {verdict: counted[verdict] for verdict in Verdict}
