"""Calls written and changed by hand, so to speak: what operations on parameters make of one, apart from the engine.

A case of a learned rule has as ``after`` what this module makes; that the engine makes the same of ``before`` is
checked, so that neither is taken at its word.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Operation = Mapping[str, Any]  # an entry of ``parameters`` in a rule file


@dataclass(frozen=True, slots=True)
class Given:
    """One argument: the parameter it reaches, its source, and whether it is passed by keyword."""

    name: str
    value: str
    keyword: bool = False

    def __str__(self) -> str:
        return f"{self.name}={self.value}" if self.keyword else self.value


def written(called: str, arguments: Sequence[Given]) -> str:
    """The call as text."""
    return f"{called}({', '.join(map(str, arguments))})"


def changed(arguments: Sequence[Given], operations: Sequence[Operation]) -> tuple[Given, ...]:
    """What the operations make of the arguments of a call, in order."""
    found = tuple(arguments)
    for operation in operations:
        for kind, said in operation.items():
            found = _OPERATIONS[kind](found, said)
    return found


def _rename(arguments: tuple[Given, ...], said: Mapping[str, str]) -> tuple[Given, ...]:
    return tuple(replace(each, name=said.get(each.name, each.name)) for each in arguments)


def _remove(arguments: tuple[Given, ...], said: Mapping[str, Any] | str) -> tuple[Given, ...]:
    name, holds = (said, ()) if isinstance(said, str) else (said["name"], said.get("holds", ()))
    return _without(arguments, name, holds)


def _without(arguments: tuple[Given, ...], name: str, holds: Sequence[str]) -> tuple[Given, ...]:
    at = next((index for index, each in enumerate(arguments) if each.name == name), None)
    if at is None or (holds and same(arguments[at].value) not in map(same, holds)):
        return arguments
    after = arguments[at + 1 :]
    if not arguments[at].keyword:
        after = tuple(replace(each, keyword=True) for each in after)
    return (*arguments[:at], *after)


def _add(arguments: tuple[Given, ...], said: Mapping[str, str]) -> tuple[Given, ...]:
    there = {each.name for each in arguments}
    return (*arguments, *(Given(name, value, keyword=True) for name, value in said.items() if name not in there))


def _keyword_only(arguments: tuple[Given, ...], said: int) -> tuple[Given, ...]:
    return tuple(replace(each, keyword=each.keyword or at >= said) for at, each in enumerate(arguments))


def _values(arguments: tuple[Given, ...], said: Mapping[str, Any]) -> tuple[Given, ...]:
    new = {same(old): value for old, value in said["map"].items()}
    return tuple(
        replace(each, value=new.get(same(each.value), each.value)) if each.name == said["name"] else each
        for each in arguments
    )


def _replace(arguments: tuple[Given, ...], said: Mapping[str, Any]) -> tuple[Given, ...]:
    found: list[Given] = []
    for each in arguments:
        value = next((new for old, new in said["values"].items() if same(old) == same(each.value)), None)
        if each.name != said["name"] or value is None:
            found.append(each)
        elif value:
            name, _, text = value.partition("=")
            found.append(Given(name.strip(), text.strip(), keyword=True))
    return tuple(found)


def same(text: str) -> str:
    """Source in one spelling: ``"a"`` and ``'a'`` are equal."""
    try:
        return ast.unparse(ast.parse(text.strip(), mode="eval"))
    except (SyntaxError, ValueError):
        return text.strip()


_OPERATIONS: Mapping[str, Any] = {
    "rename": _rename,
    "remove": _remove,
    "omit": _remove,
    "add": _add,
    "explicit": _add,
    "keyword_only": _keyword_only,
    "values": _values,
    "replace": _replace,
}
