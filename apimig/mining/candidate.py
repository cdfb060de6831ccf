"""What mining finds: rules that nobody has vouched for yet, with all that speaks for them and against them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Kind(enum.StrEnum):
    """How the code is transformed."""

    RENAME = "rename"  # another name in the same place
    MOVE = "move"  # the same thing in another module or class
    PARAMETER = "parameter"  # arguments renamed, removed, reordered, or given by keyword
    WRAP = "argument wrap"  # an argument, or the result, within another expression
    STRUCTURE = "structure"  # another expression altogether
    CONTEXT = "context"  # several statements, or imports
    ADVICE = "advice"  # not at all: it is told what the library says, for a person


class Status(enum.StrEnum):
    """What running the cases under both releases showed."""

    VERIFIED = "verified"  # the old code under the old release and the new code under the new one give the same
    DIFFERS = "differs"  # they run, and give something else
    UNRUN = "unrun"  # they could not be run, or there is no case


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a rule.

    ``kind`` is "deprecation", "directive", "shim", "documentation", "signature", "definition", "pair" or "test";
    ``text`` the words, or the code before and after with " -> " between; ``place`` where they stand: a file and a
    line of a release ("scikit-learn 1.1.3: sklearn/utils/fixes.py:12"), or of a commit.
    """

    kind: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that may become a file.

    ``name`` is the file's stem, ``rule`` its content as data: what :class:`apimig.rulebook.schema.RuleFile` takes, but
    for ``provenance``, which is made of the rest. ``support`` counts the independent pairs or statements that agree,
    ``against`` those that contradict it, ``examples`` are (before, after) of real code.
    """

    name: str
    rule: Mapping[str, Any]
    kind: Kind
    evidence: tuple[Evidence, ...] = ()
    support: int = 1
    against: int = 0
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """The rule's id: ``scikit-learn/plot_roc_curve``."""
        return f"{self.rule['library']}/{self.name}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What one case did; ``reason`` is what differs or kept it from running, in words for people.

    ``needed`` is what the old code does under the new release ("fails", "warns", "differs", or nothing), ``earlier``
    what the new code does under the old one ("works", "fails", "differs"); both are empty where nothing could be run.
    ``allowed``: the case says that it may differ.
    """

    case: str
    status: Status
    reason: str = ""
    needed: str = ""
    earlier: str = ""
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a rule's cases under two releases ("pandas 1.5.3", "pandas 2.0.3")."""

    status: Status
    old: str
    new: str
    tried: tuple[Tried, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """The candidates of one source, best first, and what people should know of the rest."""

    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
