"""Runs a repository's tests once, in the sandbox, and says how each ended and what was seen on the way."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from apimig import sandbox
from apimig.validation import events, marks
from apimig.validation.events import Observed
from apimig.validation.marks import Mark
from apimig.verdicts import OneTest, Status, SuiteRun

PYTEST, UNITTEST, IMPORTS, COMMAND = "pytest", "unittest", "imports", "command"
PROBE = Path(__file__).with_name("probe")
_DEAD = 128  # exit codes from here on are those of processes that a signal ended


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run, and where.

    ``python`` is the interpreter of an environment, ``tree`` a copy of the repository, ``runner`` one of the constants
    of this module. ``arguments`` follow the runner: those of pytest or unittest, the names of modules, or a whole
    command, in which "python" is that of the environment. ``paths`` come before the environment's packages,
    ``readable`` are folders that the run may see beside its own. ``libraries`` are import names whose deprecations are
    recorded. ``folder`` is the place in the tree where the command is run, ``variables`` are set for it.
    """

    title: str
    environment: str
    python: Path
    tree: Path
    runner: str
    arguments: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    libraries: frozenset[str] = frozenset()
    limits: sandbox.Limits = sandbox.DEFAULT
    require: bool = False
    folder: str = ""

    @property
    def place(self) -> Path:
        """The folder in which the command is run."""
        return self.tree / self.folder

    @property
    def command(self) -> str:
        """The command as a person would write it."""
        before = {PYTEST: ("python", "-m", "pytest"), UNITTEST: ("python", "-m", "unittest"), COMMAND: ()}
        if self.runner == IMPORTS:
            return f"import of {len(self.arguments)} modules"
        set_ = (f"{name}={shlex.quote(value)}" for name, value in self.variables.items())
        return " ".join((*set_, *before[self.runner], *self.arguments))


@dataclass(frozen=True, slots=True)
class Record:
    """A run, what it observed, and the end of what it printed."""

    suite: SuiteRun
    observed: Observed
    output: str = ""


def run(
    job: Job, *, only: Sequence[str] = (), watch: Sequence[Mark] = (), texts: Mapping[str, bytes] | None = None
) -> Record:
    """Run the job's tests, all or those named ``only``; the marks to ``watch`` are numbered by their place in the list.

    ``texts`` has the contents of the marked files, as UTF-8. Whatever the tests do becomes part of the record.
    """
    with tempfile.TemporaryDirectory(prefix="apimig-run-") as name:
        told = Path(name).resolve()
        (told / "events").mkdir()
        marks.save(enumerate(watch), dict(texts or {}), job.tree, told / "marks.json")
        if only:
            (told / "only.json").write_text(json.dumps(list(only)), encoding="utf-8")
        ran = sandbox.run(
            _command(job, told, only),
            folder=job.place,
            writable=(told / "events", job.tree),
            readable=(told, PROBE, *job.readable),
            environment=_environment(job, told, chosen=bool(only)),
            limits=job.limits,
            require=job.require,
        )
        observed = events.read(told / "events", cut_short=bool(ran.cut_short))
    output = (ran.stdout + b"\n" + ran.stderr).decode("utf-8", "replace")
    return Record(_suite(job, ran, observed, output), observed, output)


def _command(job: Job, told: Path, only: Sequence[str]) -> list[str]:
    if job.runner == PYTEST:
        return [str(job.python), "-m", "pytest", *job.arguments, *_narrowed(job, only)]
    if job.runner == UNITTEST:
        return [str(job.python), str(PROBE / "apimig_unittest.py"), *job.arguments]
    if job.runner == IMPORTS:
        modules = told / "modules.json"
        modules.write_text(json.dumps(list(only or job.arguments)), encoding="utf-8")
        return [str(job.python), str(PROBE / "apimig_import.py"), str(modules)]
    return [str(job.python) if word in ("python", "python3") else word for word in job.arguments]


def _narrowed(job: Job, only: Sequence[str]) -> list[str]:
    """The files of the tests that are to run, where nothing else is named that pytest would collect."""
    named = any(not each.startswith("-") and (job.place / each.partition("::")[0]).exists() for each in job.arguments)
    if named:
        return []
    files = dict.fromkeys(name.partition("::")[0] for name in only)
    # Names are relative to the folder with pytest's configuration, which may be the repository's.
    found = (next((base / each for base in (job.place, job.tree) if (base / each).is_file()), None) for each in files)
    return [os.path.relpath(path, job.place) for path in found if path is not None]


def _environment(job: Job, told: Path, *, chosen: bool) -> dict[str, str]:
    found = {
        "APIMIG_EVENTS": str(told / "events"),
        "APIMIG_MARKS": str(told / "marks.json"),
        "APIMIG_LIBRARIES": ",".join(sorted(job.libraries)),
        "APIMIG_ROOT": str(job.tree.resolve()),
        "PYTHONPATH": os.pathsep.join(map(str, (PROBE, *job.paths))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "VIRTUAL_ENV": str(job.python.parent.parent),
        "PATH": os.pathsep.join((str(job.python.parent), os.defpath)),
        **job.variables,
    }
    if job.runner in (PYTEST, COMMAND):
        found["PYTEST_PLUGINS"] = "apimig_pytest"
    if chosen:
        found["APIMIG_ONLY"] = str(told / "only.json")
    return found


def _suite(job: Job, ran: sandbox.Ran, observed: Observed, output: str) -> SuiteRun:
    run_ = SuiteRun(
        job.title, job.environment, job.command, observed.tests, ran.exit_code, ran.cut_short, seconds=ran.seconds
    )
    if not run_.tests and (observed.finished is None or job.runner == COMMAND):
        return replace(run_, tests=(_whole(job, ran, output),))
    if observed.finished is None and not ran.cut_short:
        how = f"signal {ran.exit_code - _DEAD}" if ran.exit_code > _DEAD else f"exit code {ran.exit_code}"
        return replace(run_, cut_short=f"the process died ({how})")
    return run_


def _whole(job: Job, ran: sandbox.Ran, output: str) -> OneTest:
    """The run as a single test: a command that tells nothing of its tests, or a runner that could not start."""
    lines = output.strip().splitlines()
    if ran.cut_short:
        return OneTest(job.command, Status.TIMEOUT, ran.seconds, ran.cut_short, output[-20_000:])
    if ran.exit_code == 0:
        return OneTest(job.command, Status.PASSED, ran.seconds)
    return OneTest(job.command, Status.ERROR, ran.seconds, lines[-1][:300] if lines else "", output[-20_000:])
