"""Reads types as checkers write them: ``DataFrame | Series[int] | None``, ``type[Own]``, ``Module("pandas")``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNKNOWN = re.compile(
    r"(?:Unknown|Any|Unbound|Never|NoReturn|object|Todo|@Todo.*|\.\.\.|<.*Error.*>|Divergent)(?:\(.*\))?$"
)
_NOT_AN_INSTANCE = re.compile(
    r"<(?!subclass of |.*Error)|type\[|type$|Module[\[(]|(?:async )?def\b|bound method\b|Overload\[|Callable\["
    r"|BoundMethod\["
)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_LITERALS = (
    (re.compile(r"[uUrR]?[\"']"), "str"), (re.compile(r"[bB][\"']"), "bytes"), (re.compile(r"-?\d"), "int"),
    (re.compile(r"(?:True|False)$"), "bool"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """``classes`` are the names of instances' classes as written; ``unknown``: a part is not known.

    ``other``: a part is no instance but a class, a module or a function.
    """

    classes: tuple[str, ...] = ()
    unknown: bool = False
    other: bool = False


def parse(text: str) -> Shape:
    """What a type's text says. What cannot be read counts as unknown."""
    classes: dict[str, None] = {}
    unknown = other = False
    for part in _parts(text):
        if _NOT_AN_INSTANCE.match(part) or _is_callable(part):
            other = True
        elif (name := _class(part)) is None:
            unknown = True
        else:
            classes[name] = None
    return Shape(tuple(classes), unknown or not (classes or other), other)


def _parts(text: str) -> Iterator[str]:
    """The members of a union; parentheses around one are taken off."""
    for part in _split(text.strip(), "|"):
        inner = part[1:-1] if part.startswith("(") and part.endswith(")") and _closes_at_end(part) else ""
        if inner and "," not in inner and "->" not in inner:
            yield from _parts(inner)
        elif part.startswith("Literal["):
            yield from (f"Literal[{value}]" for value in _split(part[8:-1], ","))
        else:
            yield part


def _class(part: str) -> str | None:
    """The name of the class of instances; None where nothing is known."""
    if part == "None":
        return "NoneType"
    if part.startswith("Literal["):
        return _class_of_literal(part[8:-1])
    if part == "LiteralString":
        return "str"
    if part.startswith("<subclass of "):
        part = part.removeprefix("<subclass of ").rstrip(">").split(" and ")[0]
    positive = [each for each in _split(part, "&") if not each.startswith("~")]
    part = (positive or [""])[0].removesuffix("*").removesuffix(" (invariant)")
    if "@" in part:  # a type variable: of `Self@Own` it is known what it stands for at least
        variable, _, owner = part.partition("@")
        part = owner if variable == "Self" else ""
    name = _NAME.match(part)
    if name is None or _UNKNOWN.match(part):
        return None
    rest = part[name.end() :]
    return name[0] if not rest or rest[0] == "[" else None


def _class_of_literal(text: str) -> str | None:
    for pattern, name in _LITERALS:
        if pattern.match(text):
            return name
    return text.rpartition(".")[0] or None  # a member of an enumeration


def _is_callable(part: str) -> bool:
    return part.startswith("(") and "->" in part


def _split(text: str, at: str) -> list[str]:
    """Split at a sign outside brackets and quotes."""
    parts, depth, start, quote = [], 0, 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[index - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == at and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [part for part in [*parts, text[start:].strip()] if part]


def _closes_at_end(text: str) -> bool:
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return index == len(text) - 1
    return False
