"""Whether a call binds differently under the signatures of two releases. Pure: signatures come from ``inspecting``.

A callable has several signatures where decorators wrap it: a wrapper may announce what will be accepted while the
function inside still accepts more. The outermost that accepts a call binds it.
"""

from __future__ import annotations

import ast
import enum
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Described = list[list[Any]]  # [name, kind, default] of each parameter


@dataclass(frozen=True)
class Default:
    """A default as its release spells it; only ``plain`` ones compare by their text."""

    text: str
    plain: bool
    value: bool


@dataclass(frozen=True)
class Call:
    """The arguments of a call: so many by position, and these by name."""

    positional: int
    keywords: tuple[str, ...]


class Difference(enum.StrEnum):
    """How a call binds under the new signatures, seen from the old ones."""

    NONE = "binds equally"
    REFUSED = "refused"
    OTHERWISE = "other parameters"
    DEFAULT = "another default"
    UNSTATED = "another default, not stated"
    UNKNOWN = "not known"


def signature(described: Described) -> inspect.Signature:
    parameters = []
    for name, kind, default in described:
        given = inspect.Parameter.empty if default is None else Default(**default)
        parameters.append(inspect.Parameter(name, inspect._ParameterKind[kind], default=given))
    return inspect.Signature(parameters, __validate_parameters__=False)


def accepting(signatures: Sequence[inspect.Signature], call: Call) -> inspect.Signature | None:
    """The outermost signature that accepts the call."""
    for each in signatures:
        try:
            each.bind(*range(call.positional), **dict.fromkeys(call.keywords, 0))
        except TypeError:
            continue
        return each
    return None


def bound(accepts: inspect.Signature, call: Call) -> dict[int | str, str]:
    """The parameter that each argument reaches; ``*0`` is the first of what ``*args`` takes."""
    found: dict[int | str, str] = {name: name for name in call.keywords}
    places = [p.name for p in accepts.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    for at in range(call.positional):
        found[at] = places[at] if at < len(places) else f"*{at - len(places)}"
    return found


def difference(old: Sequence[inspect.Signature], new: Sequence[inspect.Signature], call: Call) -> Difference:
    """How the call's binding differs; ``old`` or ``new`` empty means that the release tells nothing of it."""
    if not old or not new:
        return Difference.UNKNOWN
    was, now = accepting(old, call), accepting(new, call)
    if was is None:
        return Difference.UNKNOWN
    if now is None:
        return Difference.REFUSED
    if _moved(was, now, bound(was, call), bound(now, call)):
        return Difference.OTHERWISE
    return _defaults(was, now, call)


def _moved(
    was: inspect.Signature, now: inspect.Signature, before: Mapping[int | str, str], after: Mapping[int | str, str]
) -> bool:
    """Whether an argument reaches another parameter; one that only has a new name in its place is the same.

    So it is where the old name is still taken, at the end, with a default that says it is not to be given.
    """
    for argument, name in before.items():
        there = after[argument]
        if name == there or name.startswith("*") or there.startswith("*"):
            continue
        kept = now.parameters.get(name)
        withdrawn = kept is not None and isinstance(kept.default, Default) and not kept.default.plain
        if (kept is not None and not withdrawn) or there in was.parameters:
            return True
    return False


def _defaults(was: inspect.Signature, now: inspect.Signature, call: Call) -> Difference:
    """Whether a parameter that the call leaves out has another default.

    None, and objects and words that stand for "not given", state no behaviour: only running tells whether it changed.
    """
    given = set(bound(was, call).values()) | set(bound(now, call).values())
    found = Difference.NONE
    for name in set(was.parameters) & set(now.parameters) - given:
        one, other = was.parameters[name].default, now.parameters[name].default
        if not isinstance(one, Default) or not isinstance(other, Default) or _equal(one, other):
            continue
        if _stated(one) and _stated(other):
            return Difference.DEFAULT
        found = Difference.UNSTATED
    return found


def _stated(default: Default) -> bool:
    return default.plain and default.text != "None"


def _equal(one: Default, other: Default) -> bool:
    if one.text == other.text or not (one.value and other.value):
        return one.text == other.text
    try:
        return bool(ast.literal_eval(one.text) == ast.literal_eval(other.text))
    except (ValueError, SyntaxError):
        return False  # inf, which is spelt in one way
