"""Reading requirements and specifiers where they stand, in the three dialects, without losing a position.

Nothing here is thrown away and rebuilt: a clause knows its offsets, so that an edit touches its version alone.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from packaging.specifiers import InvalidSpecifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from apimig.pins.model import Clause, Dialect, Entry, Op, PinStyle
from apimig.pins.versions import limits

# A backslash at the end of a line continues a requirement; inside a specifier it is space.
_GAP = r"(?:[ \t\r\n\f]|\\\r?\n)*"
_SPACE = re.compile(_GAP)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_EXTRAS = re.compile(rf"{_GAP}\[[^\]\n]*\]")
_CHANNEL = re.compile(r"[\w./:-]+?::")
_COMMA = re.compile(rf"{_GAP},{_GAP}")
_TAIL = re.compile(rf"{_GAP}(?:;|(?<=[\s;])--|(?<=\s)#|\Z)")
_MARKER = re.compile(r"\s*;\s*(.*?)\s*(?:(?:\s#|\s--|\\?\r?\n).*)?\Z", re.DOTALL)

_VERSION = r"[A-Za-z0-9*][A-Za-z0-9.*+!_-]*"
_CLAUSE = {
    Dialect.PEP440: re.compile(rf"(===|==|~=|!=|<=|>=|<|>)({_GAP})({_VERSION})"),
    Dialect.POETRY: re.compile(rf"(\^|~=|~|===|==|=|!=|<=|>=|<|>|)({_GAP})({_VERSION})"),
    Dialect.CONDA: re.compile(rf"(~=|==|=|!=|<=|>=|<|>|)({_GAP})({_VERSION})"),
}
_OPS = {
    "": Op.EXACT,
    "=": Op.EXACT,
    "==": Op.EXACT,
    "===": Op.EXACT,
    "~=": Op.COMPATIBLE,
    "^": Op.CARET,
    "~": Op.TILDE,
    "<": Op.BELOW,
    "<=": Op.UP_TO,
    ">": Op.ABOVE,
    ">=": Op.FROM,
    "!=": Op.NOT,
}


@dataclass(frozen=True, slots=True)
class _Specifier:
    """What was read from a place on: where it ends, and what stands in the way of an edit."""

    alternatives: tuple[tuple[Clause, ...], ...]
    end: int
    hold: str = ""


def read_requirement(text: str, start: int, end: int, names: AbstractSet[str]) -> Entry | None:
    """The requirement of PEP 508 in ``text[start:end]``, when it is one of ``names`` (normalised); else None.

    Prose that begins with the name is no requirement; one whose specifier cannot be read is an entry
    with ``hold``.
    """
    name = _NAME.match(text, _after_space(text, start, end), end)
    if name is None or canonicalize_name(name.group()) not in names:
        return None
    at = name.end()
    if extras := _EXTRAS.match(text, at, end):
        at = extras.end()
    body = _after_space(text, at, end)
    if text[body : body + 1] == "@":
        return Entry(body, _stripped(text, body, end), style=PinStyle.DIRECT, hold="it is installed from an address")
    parenthesis = text[body : body + 1] == "("
    found = _clauses(text, _after_space(text, body + parenthesis, end), end, Dialect.PEP440)
    close = _after_space(text, found.end, end)
    if parenthesis and text[close : close + 1] == ")":
        found = replace(found, end=close + 1)
        parenthesis = False
    if parenthesis or found.hold or not _TAIL.match(text, found.end, end):
        return _unreadable(text, at, end)
    return Entry(
        body if found.alternatives else at,
        found.end if found.alternatives else at,
        found.alternatives,
        marker=_marker(text, found.end, end),
    )


def _unreadable(text: str, at: int, end: int) -> Entry | None:
    body = _after_space(text, at, end)
    if text[body : min(body + 1, end)] not in set("=<>!~^(@$%{["):
        return None  # `pandas is needed`
    stop = _stripped(text, body, end)
    return Entry(body, stop, style=PinStyle.UNREADABLE, hold=f"`{text[body:stop]}` is not a version specifier")


def read_value(text: str, start: int, end: int, dialect: Dialect) -> Entry:
    """The specifier that is all of ``text[start:end]``, as in `pandas = "^1.5"`."""
    found = _specifier(text, start, end, dialect)
    return _whole(text, found, start, end, dialect)


def read_match(text: str, start: int, end: int, names: AbstractSet[str]) -> Entry | None:
    """The conda match specification in ``text[start:end]`` (`conda-forge::pandas=1.5.3`), when it is of ``names``."""
    at = _after_space(text, start, end)
    if channel := _CHANNEL.match(text, at, end):
        at = channel.end()
    name = _NAME.match(text, at, end)
    if name is None or canonicalize_name(name.group()) not in names:
        return None
    body = _after_space(text, name.end(), end)
    if body == name.end() and body < end and text[body] not in "=<>!~[":
        return None
    return _whole(text, _specifier(text, body, end, Dialect.CONDA), body, end, Dialect.CONDA)


def _whole(text: str, found: _Specifier, start: int, end: int, dialect: Dialect) -> Entry:
    stop = _stripped(text, start, end)
    entry = Entry(start, stop, found.alternatives, dialect, hold=found.hold)
    rest = text[found.end : stop].strip()
    if rest and dialect is Dialect.CONDA and found.alternatives and not rest.startswith(("[", ",", "|")):
        build = rest.lstrip("= ")
        hold = f"it names the build `{build}`, and that of another version is not known"
        return replace(entry, style=PinStyle.EXACT, hold=hold)
    if rest or (found.hold and not found.alternatives):
        hold = f"`{text[start:stop]}` is not a version specifier"
        return replace(entry, alternatives=(), hold=hold, style=PinStyle.UNREADABLE)
    return entry


def _specifier(text: str, start: int, end: int, dialect: Dialect) -> _Specifier:
    """Clauses with alternatives (`^1.5 || ^2.0`, conda's `1.5|1.6`)."""
    at = _after_space(text, start, end)
    alternatives: list[tuple[Clause, ...]] = []
    while True:
        found = _clauses(text, at, end, dialect)
        alternatives.extend(found.alternatives)
        bar = _after_space(text, found.end, end)
        if found.hold or text[bar : bar + 1] != "|":
            break
        at = _after_space(text, bar + (2 if text[bar : bar + 2] == "||" else 1), end)
    hold = found.hold or ("which of its alternatives to move is a choice" if len(alternatives) > 1 else "")
    return _Specifier(tuple(alternatives), found.end, hold)


def _clauses(text: str, at: int, end: int, dialect: Dialect) -> _Specifier:
    """Clauses joined by commas (poetry: or spaces), up to the first thing that is none."""
    clauses: list[Clause] = []
    stop = at
    while (match := _CLAUSE[dialect].match(text, at, end)) is not None:
        clause = _clause(match, dialect)
        if clause is None:
            return _Specifier((), stop, f"`{match.group()}` is not a version specifier")
        clauses.append(clause)
        stop = match.end()
        comma = _COMMA.match(text, stop, end)
        if comma is None and dialect is not Dialect.POETRY:
            break
        at = comma.end() if comma else _after_space(text, stop, end)
        stop = at if comma else stop
    return _Specifier((tuple(clauses),) if clauses else (), stop)


def _clause(match: re.Match[str], dialect: Dialect) -> Clause | None:
    symbol, gap, numbered = match.groups()
    version = numbered.removesuffix(".*") if numbered.endswith(".*") else numbered.removesuffix("*")
    clause = Clause(_op(symbol, numbered, dialect), symbol, gap, version, numbered[len(version) :], *match.span())
    return clause if _is_sound(clause) else None


def _op(symbol: str, numbered: str, dialect: Dialect) -> Op:
    op = _OPS[symbol]
    if numbered == "*":
        return Op.ANY
    if op is Op.EXACT and (numbered.endswith("*") or (dialect is Dialect.CONDA and symbol == "=")):
        return Op.WILDCARD
    return op


def _is_sound(clause: Clause) -> bool:
    """Whether the versions are versions, so that no later step can stumble over them."""
    if clause.op is Op.ANY:
        return not clause.version
    if clause.symbol == "===" and clause.suffix:
        return False
    try:
        limits(clause)
        return Version(clause.version).epoch == 0
    except (InvalidVersion, InvalidSpecifier):
        return False


def _marker(text: str, start: int, end: int) -> str:
    match = _MARKER.match(text[start:end])
    return match.group(1) if match else ""


def _after_space(text: str, at: int, end: int) -> int:
    match = _SPACE.match(text, at, end)
    return match.end() if match else at


def _stripped(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip(" \t\r\n\f\\"))
