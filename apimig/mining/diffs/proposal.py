"""A rule that changes of one API make, before it has cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apimig.mining.candidate import Kind
from apimig.mining.diffs.antiunify import Form
from apimig.mining.diffs.changes import Change


@dataclass(frozen=True, slots=True)
class Proposal:
    """The body of a rule, and the changes that it is made from.

    ``forms`` are what its examples are written with; empty for bodies that speak of names alone. ``doubt`` says why the
    rule may be wrong, which makes it unsafe.
    """

    body: Mapping[str, Any]
    kind: Kind
    stem: str
    summary: str
    changes: tuple[Change, ...]
    forms: tuple[Form, ...] = ()
    against: int = 0
    doubt: str = ""
    owners: tuple[str, ...] = ()  # of a member: the classes of its receiver
    instead: Callable[[Sequence[Change]], list[Proposal]] | None = None  # other ways to say it, if this one fails

    @property
    def support(self) -> int:
        """How many different pairs of code show it."""
        return len({(change.source, change.old, change.new) for change in self.changes})


@dataclass(slots=True)
class Proposed:
    """The proposals, and what could not be one, in words for people."""

    proposals: list[Proposal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def old_names(proposal: Proposal) -> tuple[str, ...]:
    """The qualified names of what changed; of a member, those in the classes of its receivers."""
    body = proposal.body
    for key in ("rename", "rename_member"):
        if key in body:
            return tuple(body[key])
    if "move" in body:
        return tuple(f"{each['from']}.{name}" for each in body["move"] for name in each["names"])
    api = proposal.changes[0].api.name
    return tuple(f"{owner}{api}" for owner in proposal.owners) if api.startswith(".") else (api,)
