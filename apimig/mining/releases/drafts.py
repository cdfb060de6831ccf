"""Rules before they have cases and a name: several of them that are one change become one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apimig.mining.candidate import Evidence, Kind

_MOST_EVIDENCE = 6


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule's body with its reasons.

    ``body`` has the keys of a rule file that say what is done, ``versions`` those that say since when. ``stem`` is
    what the file is called if no other is, ``owner`` what comes before that where one is. Drafts of one ``group``
    are one change.
    """

    body: Mapping[str, Any]
    summary: str
    kind: Kind
    versions: Mapping[str, str]
    stem: str
    owner: str = ""
    applicability: str = "safe"
    advise: str = ""
    evidence: tuple[Evidence, ...] = ()
    group: tuple[object, ...] = ()
    support: int = 1
    names: tuple[str, ...] = field(default=())


def grouped(drafts: Iterable[Draft]) -> list[Draft]:
    """The drafts, those of one group joined."""
    found: dict[tuple[object, ...], Draft] = {}
    for number, draft in enumerate(drafts):
        key = (draft.group or number, draft.kind, draft.applicability, tuple(sorted(draft.versions.items())))
        found[key] = _joined(found[key], draft) if key in found else draft
    return [_moved(each) for each in found.values()]


def _joined(one: Draft, other: Draft) -> Draft:
    body = {key: _both(value, other.body.get(key)) for key, value in one.body.items()}
    known = {(each.kind, each.text) for each in one.evidence}
    evidence = (*one.evidence, *(each for each in other.evidence if (each.kind, each.text) not in known))
    return replace(
        one,
        body=body,
        evidence=evidence[:_MOST_EVIDENCE],
        support=one.support + other.support,
        names=tuple(dict.fromkeys((*one.names, *other.names))),
    )


def _both(one: object, other: object) -> object:
    """Two parts of bodies as one: names of both; what is no collection is the same in both."""
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {key: _both(value, other[key]) for key, value in one.items() if key in other}
        return {**one, **other, **shared}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(each for each in other if each not in one)]
    return one


def _moved(draft: Draft) -> Draft:
    """Several names that left one module for another and kept their own are written as ``move``."""
    pairs: Mapping[str, str] = draft.body.get("rename", {})
    owners = {(old.rpartition(".")[0], new.rpartition(".")[0]) for old, new in pairs.items()}
    kept = all(old.rpartition(".")[2] == new.rpartition(".")[2] for old, new in pairs.items())
    if len(pairs) < 2 or len(owners) != 1 or not kept:
        return draft
    (old, new), *_ = owners
    names = [name.rpartition(".")[2] for name in pairs]
    return replace(
        draft,
        body={"move": [{"from": old, "to": new, "names": names}]},
        summary=f"{len(names)} names of {old} are in {new} now",
        stem=f"{old.rpartition('.')[2]}_moved",
        kind=Kind.MOVE,
    )


def snake(text: str) -> str:
    """A name as it stands in a file's name: ``DataFrame.to_csv`` is ``dataframe_to_csv``."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "rule"


def named(drafts: Iterable[Draft]) -> list[tuple[str, Draft]]:
    """Each draft with a file name of its own: short ones first come, then with what the change is in."""
    taken: set[str] = set()
    found = []
    for draft in drafts:
        stem, owner = snake(draft.stem), snake(draft.owner.replace(".", "_")) if draft.owner else ""
        tries = [stem, f"{owner}_{stem}" if owner else stem, *(f"{stem}_{number}" for number in range(2, 10_000))]
        name = next(each for each in tries if each not in taken)
        taken.add(name)
        found.append((name, draft))
    return found
