"""What the room hands out: what a repository needs, the environments that have it, and how its tests are run."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class Why(enum.StrEnum):
    """What a requirement is there for, in the order in which they are given up when they cannot be had together."""

    ASKED = "asked"  # on the command line
    RUN = "run"  # the repository's code imports it
    TEST = "test"  # its tests do, as its lists of that name say
    SOFT = "soft"  # a developer's list, a second list of what is listed already, or a guess


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement, and where it was read: ``setup.py: install_requires``."""

    requirement: Requirement
    place: str
    why: Why

    @property
    def name(self) -> str:
        """The normalised name of the distribution."""
        return canonicalize_name(self.requirement.name)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a repository says about itself, read as text.

    ``names`` are those of the distributions that it makes itself; ``layout`` the folders (relative, ``""`` is the root)
    from which its packages are imported; ``groups`` the extras and groups there are, chosen or not.
    """

    needs: tuple[Need, ...] = ()
    names: frozenset[str] = frozenset()
    version: str = ""
    layout: tuple[str, ...] = ("",)
    requires_python: str = ""
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may say about the environments; empty means that apimig chooses.

    ``python`` is a version (``3.10``) or a path. ``exclude_newer`` (``2023-06-01``) takes packages as they were on that
    day, ``"none"`` takes the newest; ``first`` is such a choice that is tried before those that are made without it.
    ``extras`` are extras or groups, ``test_deps`` requirements beside them, ``leave_out`` distributions that are never
    installed. Without ``builds`` only wheels are installed. With ``downloads`` uv may fetch a Python.
    """

    python: str = ""
    exclude_newer: str = ""
    first: str = ""
    extras: tuple[str, ...] = ()
    test_deps: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    builds: bool = True
    downloads: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Environments for the repository in ``root``, one for each version of the library, as alike as can be.

    ``beside`` has for each version what other libraries are pinned to in the same environment, by name.
    """

    root: Path
    library: str
    versions: tuple[str, ...]
    needs: Needs
    choices: Choices = Choices()
    beside: tuple[Mapping[str, str], ...] = ()

    def pins(self, version: str) -> tuple[str, ...]:
        """The exact requirements of one version's environment, the library first."""
        others = self.beside[self.versions.index(version)] if self.beside else {}
        return (f"{self.library}=={version}", *(f"{name}=={other}" for name, other in others.items()))

    @property
    def pinned(self) -> tuple[str, ...]:
        """The names of all libraries that have exact versions."""
        return (self.library, *(self.beside[0] if self.beside else ()))


@dataclass(frozen=True, slots=True)
class Environment:
    """An installed environment.

    ``python`` is its interpreter, ``site`` its packages, ``interpreter`` the version of CPython. ``installed`` maps
    normalised names to versions. ``key`` names exactly this set of packages under this Python. ``attempt`` says in
    words which of the tried ways led here, ``notes`` what had to be given up or was built from source. ``others`` are
    choices of ``exclude_newer`` that are worth a try where nothing can be imported in this one.
    """

    python: Path
    site: Path
    interpreter: str
    installed: Mapping[str, str]
    key: str
    attempt: str = ""
    notes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"CPython {self.interpreter}, {len(self.installed)} packages"


class Runner(enum.StrEnum):
    """Who runs the tests, which decides how their results are read."""

    PYTEST = "pytest"
    UNITTEST = "unittest"
    COMMAND = "command"  # only its exit code says something
    IMPORTS = "imports"  # there are no tests: every module is imported


@dataclass(frozen=True, slots=True)
class Plan:
    """How the tests are run: ``command`` with ``{python}`` for the interpreter, in ``folder`` below the root.

    ``why`` says where the command comes from. For imports the command ends in the names of modules. ``variables`` are
    those that the repository sets for its tests, by name.
    """

    command: tuple[str, ...]
    runner: Runner
    folder: str = ""
    why: str = ""
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """What follows the runner: options of pytest or unittest, names of modules, or the whole command."""
        known = {Runner.PYTEST: 3, Runner.UNITTEST: 3, Runner.IMPORTS: 3, Runner.COMMAND: 0}
        return self.command[known[self.runner] :]

    def command_for(self, python: Path) -> tuple[str, ...]:
        """The command for one environment."""
        return tuple(part.replace("{python}", str(python)) for part in self.command)
