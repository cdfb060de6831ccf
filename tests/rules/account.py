"""What a library's releases really hold, against what its pack says: the account of removed names.

Environments with both releases are built with uv (and whatever index it is set up for) in a folder that stays, so
that the second run is quick; pytest skips with the reason where that is not possible.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from apimig.resolve.tables import Tables
from apimig.rulebook import Rulebook
from apimig.rulebook.pattern import anchors, dotted, library_names, parse_template
from apimig.rulebook.rule import FunctionToMethod, Library, MethodToFunction, Rename, RenameMember, Rewrite, Rule

WALK = Path(__file__).with_name("surface_walk.py")
SAME = Path(__file__).with_name("same_objects.py")


@dataclass(frozen=True)
class Release:
    """A release and the Python that it runs on."""

    requirement: str  # numpy==1.26.4
    python: str  # 3.11
    extra: tuple[str, ...] = ()  # what must be installed beside it

    def __str__(self) -> str:
        return self.requirement


def environment(release: Release) -> Path:
    """The interpreter of an environment that holds the release; built when it is not there."""
    root = Path(os.environ.get("APIMIG_TEST_ENVS") or Path(tempfile.gettempdir()) / "apimig-test-envs")
    folder = root / "-".join([release.requirement.replace("==", "-"), "py" + release.python])
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
        if uv is None:
            # It builds what is looked at, and is no part of the test.
            pytest.skip("uv is not installed: pip install uv")
        _call([uv, "venv", "-q", "--clear", "--python", interpreter(release.python), str(folder)], release)
        _call([uv, "pip", "install", "-q", "--python", str(python), release.requirement, *release.extra], release)
        (folder / "ready").touch()
    return python


def interpreter(version: str) -> str:
    """An installed Python of this version where pyenv has one, else the version for uv to find."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = sorted(versions.glob(f"{version}.*/bin/python"))
    return str(found[-1]) if found else version


def _call(command: list[str], release: Release) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:  # no index, or no interpreter that old: what the release holds cannot be asked here
        pytest.skip(f"no environment with {release}: {done.stderr.strip().splitlines()[-1:]}")


@dataclass(frozen=True)
class Surface:
    """Names of a release and the texts of the warnings that they give; ``other`` can be reached but is not public."""

    public: dict[str, str]
    other: dict[str, str]

    def has(self, name: str) -> bool:
        """Whether the name can be reached without a warning."""
        return self.public.get(name, self.other.get(name, "absent")) == ""


@cache
def surface(release: Release) -> Surface:
    """What a release holds."""
    package = release.requirement.partition("==")[0]
    command = [str(environment(release)), "-I", str(WALK), package]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Surface(**json.loads(done.stdout.rpartition("\n")[2]))


def different_objects(release: Release, pairs: dict[str, str]) -> dict[str, str]:
    """The pairs whose two names are different objects in a release; those it does not have are left out."""
    command = [str(environment(release)), "-I", str(SAME)]
    asked = json.dumps(pairs)
    done = subprocess.run(command, check=False, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.rpartition("\n")[2])
    return found


def removed_names(old: Surface, new: Surface) -> list[str]:
    """Public names that are gone, or give a deprecation warning now."""
    return sorted(name for name in old.public if not new.has(name))


class Account:
    """Which names a pack speaks about."""

    def __init__(self, book: Rulebook, library: str) -> None:
        self.library: Library = next(one for one in book.libraries if one.distribution == library)
        self.rules = [rule for rule in book.rules if rule.library == library]
        self.tables = Tables(book.libraries)
        self.names = {name for rule in self.rules for name in self._old_names(rule)} | set(self.library.no_rule)

    def missing(self, removed: Iterable[str]) -> list[str]:
        """The names that no rule and no line of ``no_rule`` covers; what lies below a missing name is left out."""
        found = [name for name in removed if not self.covers(name)]
        return [name for name in found if name.rpartition(".")[0] not in found]

    def covers(self, name: str) -> bool:
        """Whether a rule speaks about the name, about a module or class it lies in, or about the base's member."""
        name = self.tables.canonical(name)
        owner, _, member = name.rpartition(".")
        if any(f"{base}.{member}" in self.names for base in self.tables.mro(owner)):
            return True
        return any(prefix in self.names for prefix in _prefixes(name))

    def _old_names(self, rule: Rule) -> Iterator[str]:
        body = rule.body
        if isinstance(body, Rename | RenameMember | FunctionToMethod | MethodToFunction):
            yield from (old for old, _ in body.pairs)
        yield from getattr(body, "api", ())
        for template in getattr(body, "templates", ()):
            found = anchors(template.match, self.library.imports, tuple(body.where))
            yield from found.symbols
            yield from (f"{one}.{name}" for types in body.where.values() for one in types for name in found.members)

    def moves(self) -> dict[str, str]:
        """Old and new qualified names of everything that rules call moved: it keeps its own name."""
        renames = [rule.body for rule in self.rules if isinstance(rule.body, Rename)]
        pairs = [(old, new) for body in renames for old, new in body.pairs]
        return {old: new for old, new in pairs if old.rpartition(".")[2] == new.rpartition(".")[2]}

    def written_names(self) -> dict[str, str]:
        """Qualified names of the library that rules write, with a rule that does."""
        found = {}
        for rule in self.rules:
            body = rule.body
            if isinstance(body, Rename | MethodToFunction):
                found.update({new: rule.id for _, new in body.pairs})
            for template in body.templates if isinstance(body, Rewrite) else ():
                if template.rewrite:
                    parts = parse_template(template.rewrite).body
                    nodes = [node for part in parts for node in library_names(part, self.library.imports)]
                    found.update({dotted(node): rule.id for node in nodes})
        return {name: rule for name, rule in found.items() if name.partition(".")[0] in self.library.imports}


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
