"""The run of the old code, in environments of another day where those of the first are of the wrong time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from apimig.errors import ApimigError
from apimig.pipeline import asking
from apimig.pipeline.ground import Ground
from apimig.pipeline.proving import Before, Prover
from apimig.validation.events import Raised
from apimig.validation.failures import API_ERRORS
from apimig.validation.suite import UNITTEST, Record
from apimig.verdicts import Status

_MISSING = re.compile(r"No module named '\w+'")
_INSTALLED = "site-packages"
_STARTERS = ("/_pytest/", "/pluggy/", "/importlib/")  # what imports tests, and is in every traceback


def baseline(
    prover: Prover, ground: Ground, left: Sequence[asking.Open], tell: Callable[[str], None] | None
) -> tuple[Before, list[Path], Ground]:
    """The old code under the old release, the files that are to be done again, and the ground that this was on.

    Where files cannot be imported for what other packages have or have not, that is tried with packages as of other
    days; those with which more can be imported are kept, for both sides.
    """
    before, again = prover.baseline(left)
    best, wrong = ground, unimportable(ground.suite.runner, before.record)
    tried: list[str] = []
    for name, other in ground.others.items():
        if not wrong:
            break
        if tell is not None:
            tell(f"{_files(len(wrong))} cannot be imported ({wrong[0]}): trying {name}")
        try:
            found = other()
        except ApimigError as error:
            tried.append(
                f"{_files(len(wrong))} cannot be imported ({wrong[0]}), and {name} cannot be had: {error.title}"
            )
            continue
        if found.old == best.old:
            continue  # nothing else can be had as of that day: the environments are the same
        prover.old, prover.new, prover.bench.plan = found.old, found.new, found.suite
        then, then_again = prover.baseline(left)
        there = unimportable(found.suite.runner, then.record)
        if len(there) < len(wrong):
            why = f"with those tried before {_files(len(wrong))} could not be imported ({wrong[0]})"
            tried.append(f"{name} are used: {why}, with these {len(there) or 'none'}")
            before, again, best, wrong = then, [*again, *then_again], found, there
    prover.old, prover.new, prover.bench.plan = best.old, best.new, best.suite
    return before, list(dict.fromkeys(again)), replace(best, notes=(*best.notes, *tried))


def unimportable(runner: str, record: Record) -> list[str]:
    """Why files cannot be imported, as far as other packages may be to blame; one reason for each file."""
    failed = [test for test in record.suite.tests if test.status is Status.ERROR and _is_file(runner, test.name)]
    raised = record.observed.raised
    said = [str(raised[test.name]) for test in failed if test.name in raised and _is_foreign(raised[test.name])]
    if not raised and len(failed) == 1 and failed[0].message.startswith("E ") and _INSTALLED in failed[0].details:
        said.append(failed[0].message.removeprefix("E").strip())  # pytest ended at a conftest.py
    return said


def _is_file(runner: str, name: str) -> bool:
    if runner == UNITTEST:
        return name.startswith("unittest.loader._FailedTest")
    return "::" not in name


def _is_foreign(raised: Raised) -> bool:
    """Whether other packages may be to blame; that one is missing altogether is no question of time.

    A line of theirs is on the way, or a line of the repository wants of them what they have not.
    """
    inside = any(_INSTALLED in each.path and not any(part in each.path for part in _STARTERS) for each in raised.frames)
    if inside or _INSTALLED in raised.text:
        return True
    return raised.kind in API_ERRORS and not _MISSING.search(raised.text)


def _files(count: int) -> str:
    return "a file" if count == 1 else f"{count} files"
