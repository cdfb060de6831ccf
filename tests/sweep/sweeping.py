"""Upgrades a copy of a whole tree of code that nobody here wrote, and collects what does not hold."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import apimig
from apimig.records import Applicability, FileChange, NeedsPerson, Rewritten, RunResult, Skipped
from tests.sweep import properties
from tests.sweep.programs import book

KNOWN_REASONS = re.compile(
    r"does not parse: .+|is not UTF-8|holds NUL bytes: .+|is larger than \d+ MB|.*codec.*|names the unknown encoding .+"
)

ALL = {
    "lib": [f"{library.distribution}=={library.releases[-1]}" for library in book().libraries],
    "from_": [f"{library.distribution}=={library.oldest}" for library in book().libraries],
}
"""The longest migration: every shipped rule takes part."""
REACHING = frozenset({"pandas/dataframe_append", "pandas/to_datetime_message"})
"""Rules whose edits go beyond the statement of their site, to others of the same function."""


@dataclass
class Swept:
    """What a sweep saw, and ``wrong``: each file with what does not hold for it."""

    files: int = 0
    with_sites: int = 0
    changed: int = 0
    edits: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """The counts in one line."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.outcomes.items()))
        return f"{self.files} files, {self.with_sites} with sites, {self.changed} changed; {kinds}; {len(self.skipped)} skipped"


def package(requirement: str, name: str) -> Path:
    """The folder of an unpacked wheel's package; nothing of it is run. Skips where there is no index to get it from."""
    root = Path(os.environ.get("APIMIG_TEST_ENVS") or Path(tempfile.gettempdir()) / "apimig-test-envs")
    folder = root / "wheels" / requirement.replace("==", "-")
    if not (folder / "ready").exists():
        uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
        if uv is None:
            # It builds what is looked at, and is no part of the test.
            pytest.skip("uv is not installed: pip install uv")
        wheel = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.9", "--python-platform", "linux"]
        done = subprocess.run(
            [uv, "pip", "install", "-q", "--target", str(folder), *wheel, requirement],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:  # no index: there is no code to sweep over
            pytest.skip(f"no wheel of {requirement}: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "ready").touch()
    return folder / name


def copy_python(
    source: Path,
    target: Path,
    *,
    wanted: Callable[[Path], bool] = lambda relative: True,
    change: Callable[[bytes], bytes] = lambda raw: raw,
) -> int:
    """Copy the Python files below a folder; how many they are."""
    number = 0
    for path in sorted(source.rglob("*.py")):
        relative = path.relative_to(source)
        if path.is_symlink() or not path.is_file() or "site-packages" in relative.parts or not wanted(relative):
            continue
        place = target / relative
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(change(path.read_bytes()))
        number += 1
    return number


def sweep(tree: Path, number: int, *, reaching: Collection[str] = (), **options: object) -> Swept:
    """Upgrade all files of a project in place, as a user does it, and hold the result against the properties.

    Sites that wait for ``--unsafe`` are then rewritten too, in the files that have them.
    """
    (tree / "pyproject.toml").touch()  # a project of its own
    options |= {"include": ["**/*.py"], "pins": False, "settings": False, "jobs": 2}
    found = Swept()
    result = apimig.upgrade(tree, **options)
    if result.files_seen != number:
        found.wrong.append(f"{number} files are there, {result.files_seen} were seen")
    _hold(result, found, reaching, options)
    waiting = {o.location.path for o in result.outcomes if _waits(o)}
    if waiting:
        widened = options | {"unsafe": True}
        _hold(apimig.upgrade([tree / name for name in sorted(waiting)], **widened), found, reaching, widened)
    shutil.rmtree(tree / ".apimig", ignore_errors=True)
    return found


def _waits(outcome: object) -> bool:
    return isinstance(outcome, NeedsPerson) and outcome.applicability is Applicability.UNSAFE


def _hold(result: RunResult, found: Swept, reaching: Collection[str], options: dict[str, object]) -> None:
    _account(result, found)
    rewritten = defaultdict(list)
    for outcome in result.outcomes:
        if isinstance(outcome, Rewritten):
            rewritten[outcome.location.path].append(outcome)
    for change in result.changes:
        found.wrong += (
            f"{change.name}: {what}"
            for what in properties.wrong(change, rewritten.pop(change.name, []), reaching=reaching)
        )
        if change.path.read_bytes() != change.after:
            found.wrong.append(f"{change.name}: not what was said is written")
    found.wrong += (f"{name}: a site is said to be rewritten, and nothing changed" for name in rewritten)
    if result.changes:
        again = apimig.check([change.path for change in result.changes], **options)
        found.wrong += (f"{change.name}: a second run changes it:\n{_diff(change)}" for change in again.changes)
        found.wrong += (f"{skipped}: skipped in a second run" for skipped in _new(again.skipped, result.skipped))


def _account(result: RunResult, found: Swept) -> None:
    found.files += result.files_seen
    found.with_sites += len({outcome.location.path for outcome in result.outcomes})
    found.changed += len(result.changes)
    found.outcomes += Counter(type(outcome).__name__ for outcome in result.outcomes)
    found.edits = found.outcomes["Rewritten"]
    found.skipped += result.skipped
    found.wrong += (f"{s.name}:{s.line}: {s.reason}" for s in result.skipped if not KNOWN_REASONS.fullmatch(s.reason))


def _new(skipped: Iterable[Skipped], known: Iterable[Skipped]) -> set[Skipped]:
    return set(skipped) - set(known)


def _diff(change: FileChange) -> str:
    old, new = (raw.decode("latin-1").splitlines(keepends=True) for raw in (change.before, change.after))
    return "".join(difflib.unified_diff(old, new, n=1))
