"""What learned rules say of themselves: names of files, summaries, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apimig.mining.diffs.changes import Change
from apimig.mining.diffs.parameters import Operation
from apimig.mining.diffs.tree import Unwritable, text_of


def stem_of(api: str) -> str:
    """The file name for a change of an API, without its suffix."""
    parts = [part for part in api.split(".") if part]
    last = parts[-1] if parts else "operator"
    return word(last) or "operator"


def word(name: str) -> str:
    """A name as part of a file name."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return re.sub(r"[^a-z0-9_]+", "_", spaced).strip("_")


def said(name: str) -> str:
    """A qualified name as people write it."""
    return name.removeprefix("builtins.")


def listed(owners: Sequence[str], member: str) -> str:
    """A member of several classes, as people list them."""
    names = [f"{owner.rpartition('.')[2]}.{member}" for owner in owners]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def said_of(done: Sequence[Operation]) -> str:
    """What became of an argument."""
    one = done[0]
    value = next((each.old_value for each in done if each.old_value), "")
    return {
        "rename": f"{one.name} became {one.new}",
        "remove": f"{one.name} is gone",
        "add": f"{one.name}={one.new_value} has to be said",
        "values": f"{one.name}={value} became {one.new_value}",
        "replace": f"{one.name}={value} became {one.new}={one.new_value}",
        "keyword": f"{one.new} is passed by keyword",
    }[one.op]


def short(change: Change) -> str:
    """Where a change is, and how its old code begins."""
    try:
        text = text_of(change.old)
    except Unwritable:
        text = change.api.name
    first = text.splitlines()[0]
    return f"{change.place}: {first if len(first) < 80 else first[:77] + '...'}".removeprefix(": ")
