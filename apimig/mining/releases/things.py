"""The names that callers have to leave: those that are gone, and those that warn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apimig.mining.releases.migration import Migration
from apimig.mining.releases.release import MEMBERS
from apimig.mining.releases.tables import stated_in_tables
from apimig.surface.changes import Change, ChangeKind
from apimig.surface.model import Deprecation, Symbol
from apimig.surface.model import Kind as What

_RENAMES = (ChangeKind.RENAMED, ChangeKind.MOVED)
_OF_AN_ARGUMENT = re.compile(
    r"(?:the |use of the )?(?::[\w:]+:)?`*[~!]?[\w.]+`* (?:parameter|argument|keyword|flag|option)\b", re.IGNORECASE
)
_GONE = (ChangeKind.REMOVED, *_RENAMES)


@dataclass(frozen=True, slots=True)
class Thing:
    """A name that is gone or warns: ``now`` where the new release still has it, ``target`` where a surface has one."""

    name: str
    names: tuple[str, ...]
    was: Symbol
    now: Symbol | None
    said: Deprecation | None
    gone: bool
    target: str = ""
    sure: bool = False


def things(migration: Migration, changes: Sequence[Change]) -> list[Thing]:
    """All of them, each name once."""
    return [*_changed(migration, changes), *_still_deprecated(migration, changes)]


def _changed(migration: Migration, changes: Sequence[Change]) -> Iterator[Thing]:
    """What is gone, or warns where it did not."""
    moved = [each.name for each in changes if each.kind in _RENAMES]
    copies = migration.copies()
    told = stated_in_tables(migration.last)
    for change in changes:
        if change.kind not in (*_GONE, ChangeKind.DEPRECATED):
            continue
        if change.symbol is What.MODULE and any(name.startswith(f"{change.name}.") for name in moved):
            continue  # what was in it is spoken of name by name
        was = migration.old(change.name)
        if was is None:
            continue
        now = migration.new(change.name)
        gone = change.kind in _GONE
        if now is not None and now.deprecated is not None and _OF_AN_ARGUMENT.match(now.deprecated.text):
            continue
        said = was.deprecated or (now.deprecated if now is not None else None)
        said = said or migration.said_between(change.name) or told.get(change.name)
        names = migration.reduced(change.names or (change.name,))
        after = migration.new(change.after) if change.kind in _RENAMES else None
        copied = ".".join(change.after.split(".")[:2]) in copies
        target = "" if after is None or after.deprecated is not None or copied else change.after
        yield Thing(names[0], names, was, now, said, gone, target, bool(target) and migration.is_same(was, target))


def _still_deprecated(migration: Migration, changes: Sequence[Change]) -> Iterator[Thing]:
    """What warned before already, and still does."""
    known = {name for change in changes if change.kind in (*_GONE, ChangeKind.DEPRECATED) for name in change.names}
    shared: dict[tuple[str, str], Thing] = {}
    for was in migration.first.surface.symbols():
        if was.deprecated is None or was.name in known:
            continue
        if not (public := public_names(migration, was)):
            continue
        now = migration.new(public[0])
        if now is None or now.deprecated is None or not (now.deprecated.text or now.deprecated.replacement):
            continue  # a decorator that copies deprecations says nothing of what it copies
        if _OF_AN_ARGUMENT.match(now.deprecated.text):
            continue
        key = (was.name.rpartition(".")[2], now.deprecated.text)
        before = shared.get(key)
        names = migration.reduced((*(before.names if before else ()), *public))
        shared[key] = Thing(names[0], names, before.was if before else was, now, now.deprecated, gone=False)
    yield from shared.values()


def public_names(migration: Migration, was: Symbol) -> Sequence[str]:
    """The names that users have for it: a member of a class for the inside alone is one of the classes made of that."""
    surface = migration.first.surface
    owner, _, last = was.name.rpartition(".")
    if "i" not in surface.entries.get(owner if was.kind in MEMBERS else was.name, {"i": ""}):
        return (was.name,)
    if was.kind not in MEMBERS or surface.entries.get(owner, {}).get("k") != "c":
        return ()
    made = (n for n, entry in surface.entries.items() if entry["k"] == "c" and "i" not in entry and "b" in entry)
    return [f"{name}.{last}" for name in made if owner in surface.mro(name)]
