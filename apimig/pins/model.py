"""What the rooms around the pins see of them: a pin, a change of a file's pins, and the terms both use."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from packaging.version import Version

from apimig.records import Location, Skipped


class Dialect(enum.StrEnum):
    """The language a specifier is written in."""

    PEP440 = "pep440"  # `pandas>=1.5,<2`
    POETRY = "poetry"  # `^1.5`, `~1.5`, a bare `1.5.3` is exact
    CONDA = "conda"  # `pandas=1.5` is fuzzy


class PinStyle(enum.StrEnum):
    """How a pin constrains its library; an upgrade keeps it."""

    ANY = "any"  # no version at all, or `*`
    EXACT = "exact"  # `==1.5.3`
    WILDCARD = "wildcard"  # `==1.5.*`, conda's `=1.5`
    COMPATIBLE = "compatible"  # `~=1.5.3`
    CARET = "caret"  # `^1.5`
    TILDE = "tilde"  # `~1.5`
    RANGE = "range"  # bounds, and everything composed of several clauses
    LOCKED = "locked"  # written by a resolver into a lock file
    DIRECT = "direct"  # a URL, a repository, a path: there is no version to change
    UNREADABLE = "unreadable"  # computed, templated, or in no known form


class Role(enum.StrEnum):
    """What the pin is there for, as far as its surroundings say."""

    RUN = "run"
    BUILD = "build"  # needed to build the project: says nothing about what its code runs on
    FLOOR = "floor"  # the oldest supported versions, kept for a test run of their own
    MATRIX = "matrix"  # one of several versions that are tested side by side


class Op(enum.StrEnum):
    """What one clause of a specifier demands, in whatever dialect it is spelled."""

    ANY = "*"
    EXACT = "=="
    WILDCARD = "==.*"
    COMPATIBLE = "~="
    CARET = "^"
    TILDE = "~"
    BELOW = "<"
    UP_TO = "<="
    ABOVE = ">"
    FROM = ">="
    NOT = "!="


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause and where it stands: ``symbol``, ``gap``, ``version`` and ``suffix`` in a row are its text.

    ``start`` and ``end`` are character offsets into the text of the file.
    """

    op: Op
    symbol: str
    gap: str
    version: str
    suffix: str  # "", ".*" or "*"
    start: int
    end: int

    @property
    def text(self) -> str:
        """The clause as it is written."""
        return self.symbol + self.gap + self.version + self.suffix

    def written(self, version: str, *, symbol: str | None = None, suffix: str | None = None) -> Clause:
        """The same clause with another version; spacing and position stay."""
        return replace(
            self,
            version=version,
            symbol=self.symbol if symbol is None else symbol,
            suffix=self.suffix if suffix is None else suffix,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One mention of the library in a dependency file.

    ``alternatives`` are joined by "or", the clauses in each by "and"; nothing is constrained when
    it is empty. ``hold`` says why the entry must not be edited ("" when it may be);
    ``style`` is given where the clauses do not tell it. Offsets are in characters of the text.
    """

    start: int
    end: int
    alternatives: tuple[tuple[Clause, ...], ...] = ()
    dialect: Dialect = Dialect.PEP440
    marker: str = ""
    section: str = ""
    role: Role = Role.RUN
    hold: str = ""
    style: PinStyle | None = None
    hashed: bool = False

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses of all alternatives."""
        return tuple(clause for clauses in self.alternatives for clause in clauses)


@dataclass(frozen=True, slots=True)
class Pin:
    """What one line of a dependency file, or one entry of a lock, says about the library.

    ``specifier`` is its text as written. ``version`` is the exact version when there is one, else the
    lowest that the specifier admits, else None. ``section`` names the list it stands in
    (`project.dependencies`), where the file has sections.
    """

    location: Location
    specifier: str
    style: PinStyle
    version: Version | None = None
    dialect: Dialect = Dialect.PEP440
    marker: str = ""
    section: str = ""
    role: Role = Role.RUN


@dataclass(frozen=True, slots=True)
class PinEdit:
    """One specifier, before and after."""

    location: Location
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PinChange:
    """The pins of one file, before and after.

    ``notes`` are sentences for people, each with its place: what was left and why, stale hashes,
    lock files with the command that refreshes them. ``skipped`` is set when the file could not be read
    as what it should be; ``after`` is ``before`` then.
    """

    name: str
    before: bytes
    after: bytes
    edits: tuple[PinEdit, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: Skipped | None = None

    @property
    def changed(self) -> bool:
        """Whether any byte differs."""
        return self.before != self.after


class UnreadableFileError(Exception):
    """The file is not valid in its format; stays inside this room and becomes a ``Skipped``."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
