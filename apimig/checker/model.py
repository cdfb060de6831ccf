"""What is asked of a type checker, what it answers, and what there is to know about each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from apimig.records import Certainty, Span


@dataclass(frozen=True, slots=True)
class Question:
    """The question what the expression at ``span`` of a module is.

    ``text`` is the module's in UTF-8; the file at ``path`` may hold something else, or not be there.
    """

    path: Path
    text: bytes
    span: Span


@dataclass(frozen=True, slots=True)
class Answer:
    """The qualified names of the classes that the expression is an instance of, and who says so.

    No names: the checker does not know, or it is a module, a class or a function. ``open``: it may be something else as
    well. Names are those of the places where the classes are defined: ``pandas.core.frame.DataFrame``.
    """

    names: frozenset[str] = frozenset()
    reason: str = ""
    open: bool = False
    certainty: Certainty = Certainty.INFERRED  # whoever infers may be wrong; what a run showed is proven


UNKNOWN = Answer()


@dataclass(frozen=True, slots=True)
class Release:
    """A library's old release: its distribution, its version, and the folders that hold its unpacked packages."""

    name: str
    version: str
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Where code finds what it imports. Nothing there is ever run.

    ``sources`` are the folders from which the project imports its own modules, ``packages`` those with further
    packages, such as the site-packages of its environment. ``state`` changes when a file of the project does: answers
    are kept for as long as it stays. Where it is empty, none are.
    """

    sources: tuple[Path, ...]
    releases: tuple[Release, ...] = ()
    packages: tuple[Path, ...] = ()
    state: str = ""

    @property
    def search(self) -> tuple[Path, ...]:
        """The folders in the order in which modules are looked for."""
        return (*self.sources, *(folder for each in self.releases for folder in each.folders), *self.packages)


class Checker(Protocol):
    """A type checker with a language server."""

    name: str
    distribution: str

    def command(self) -> Sequence[str] | None:
        """How its language server is started, None where it is not installed."""

    def prepare(self, world: World, folder: Path) -> Mapping[str, object]:
        """Write the settings into an empty folder, the server's workspace; returns the initialisation options."""

    def settings(self, section: str, world: World, folder: Path) -> object:
        """The answer to the server's question for a section of the settings."""

    def read(self, hover: str) -> str:
        """The type in the text that is shown for a variable: ``DataFrame | None``."""
