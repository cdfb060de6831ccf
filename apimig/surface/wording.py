"""What the words of a deprecation say: since when, and what to use instead.

The phrases are data (``data/wording/phrases.yaml``), read when the first text is: an upgrade with known surfaces never
reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from apimig.shipped import folder

_ROLE = r"(?::[\w:+.]+:)?[`'\"~!@]*\.?(?:_[a-z]+\.(?=[A-Z]\w*|[a-z_]+\b))?"
_NAME = r"(?P<open>[`'\"]*)(?P<name>[A-Za-z_][\w.]*)"
_NEXT = re.compile(
    rf"[`'\"]*(?:\([^()]*\))?[`'\"]*\s*(?:,\s*(?:or|and)?|\bor\b|\band\b)\s+(?:the\s+)?(?P<quote>{_ROLE}){_NAME}"
)
_SINCE = re.compile(r"(?:since|in|as of|from)\s+(?:version\s+)?[A-Za-z]*\s?v?(\d+\.\d[\w.]*)", re.IGNORECASE)
_TO_COME = re.compile(
    r"(?:remov\w+|disappear|gone|error|change[sd]?|become|default|renamed)(?:\s+\S+){0,3}\s+$", re.IGNORECASE
)
_REMOVED = re.compile(
    r"\b(?:removed|removal|gone|disappear)\s+(?:in|from|with)\s*(?:version\s+)?[A-Za-z]*\s?v?(\d+\.\d[\w.]*)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)\s?=\s?(?P<value>'[^']*'|\"[^\"]*\"|[\w.]+)")
_CALLED_ON = re.compile(r"\([^()]*\)\.(?=\w)")
_COMPARED = re.compile(r"(?:\([^()]*\))?\s*(?:==|!=|\bif\b|\bis\b)|\[")
_MOST = 2000  # characters of a text that are read


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument to pass instead: ``assume_a`` and ``'pos'``, both as source."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Values:
    """A value that an argument no longer takes, and the new one; ``same``: the text says that they mean the same."""

    old: str
    new: str
    same: bool


@dataclass(frozen=True, slots=True)
class _Grammar:
    phrases: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...]
    modules: tuple[re.Pattern[str], ...]
    imports: tuple[re.Pattern[str], ...]
    arguments: tuple[re.Pattern[str], ...]
    values: tuple[re.Pattern[str], ...]
    same: re.Pattern[str]
    no_names: frozenset[str]
    builtins: frozenset[str]
    not_after: re.Pattern[str]


def replacement_in(text: str) -> str:
    """The one name that the text says to use instead; empty when it names none, or leaves the choice to a person."""
    found = successors_in(text)
    return found[0] if len(found) == 1 else ""


def successors_in(text: str) -> tuple[str, ...]:
    """All names of which the text says that one is to be used instead."""
    text, grammar = text[:_MOST], _grammar()
    for pattern in grammar.imports:
        if match := pattern.search(text):
            return (f"{match['module']}.{match['name']}",)
    for phrase, then in grammar.phrases:
        for match in phrase.finditer(text):
            if then is not None and not then.match(text, match.end()):
                continue
            if not grammar.not_after.search(text, 0, match.start()) and (names := tuple(_names(text, match, grammar))):
                return names
    return ()


def module_in(text: str) -> str:
    """The module of which the text says that the thing is there now, under its old name."""
    return next((found["module"] for each in _grammar().modules if (found := each.search(text[:_MOST]))), "")


def argument_in(text: str) -> Argument | None:
    """The argument with its value that the text says to pass instead."""
    for phrase in _grammar().arguments:
        if match := phrase.search(text[:_MOST]):
            return Argument(match["name"], match["value"])
    return None


def values_in(text: str) -> Values | None:
    """The value that an argument no longer takes, and the one that stands for it."""
    grammar = _grammar()
    for pattern in grammar.values:
        if match := pattern.search(text[:_MOST]):
            return Values(match["old"], match["new"], grammar.same.search(text) is not None)
    return None


def since_in(text: str) -> str:
    """The version from which the text says the thing is deprecated; empty when it does not."""
    found = (each for each in _SINCE.finditer(text) if not _TO_COME.search(text, 0, each.start()))
    return next((each.group(1).rstrip(".") for each in found), "")


def removed_in(text: str) -> str:
    """The version in which the text says that the thing will be gone; empty when it does not."""
    match = _REMOVED.search(text)
    return match.group(1).rstrip(".") if match else ""


# --------------------------------------------------------------------------- names


def _names(text: str, match: re.Match[str], grammar: _Grammar) -> Iterator[str]:
    """The name that a phrase is followed by, and those that are joined to it by "or" and "and"."""
    seen: set[str] = set()
    found: re.Match[str] | None = match
    while found is not None:
        name = found["name"].rstrip(".")
        end = found.start("name") + len(name)
        if name in seen or not _is_name(name, text, found, end, grammar):
            return
        seen.add(name)
        yield name
        found = _NEXT.match(text, end)


def _is_name(name: str, text: str, found: re.Match[str], end: int, grammar: _Grammar) -> bool:
    quoted = any(sign in f"{found['quote']}{found['open']}" for sign in "`'\":")
    rest = text[end:]
    if name in grammar.builtins and rest.lstrip("`").startswith("("):
        return False
    if name.lower() in grammar.no_names and not (quoted and "`" in f"{found['quote']}{found['open']}"):
        return False
    if _ASSIGNED.match(text, found.start("name")) or _CALLED_ON.match(rest) or _COMPARED.match(rest):
        return False  # an argument, or the beginning of an expression
    if rest[:1] == "{" or text[found.start("name") - 1 : found.start("name")] == "{":
        return False
    return quoted or _is_telling(name, rest)


def _is_telling(name: str, rest: str) -> bool:
    """Whether a bare word is a name: with dots, brackets, underscores or capitals within; an English word is none."""
    called = rest.startswith(("(", "=", " instead", " parameter", " keyword", " argument"))
    return called or "." in name or "_" in name.strip("_") or any(c.isupper() for c in name[1:])


# --------------------------------------------------------------------------- the grammar


@cache
def _grammar() -> _Grammar:
    data = phrases()
    fillers = "|".join(_spaced(each) for each in sorted(data["fillers"], key=len, reverse=True))
    name = rf"(?::(?=\s))?(?:\s+|(?=[`'\":.]))(?:(?:{fillers})\s*:?\s+)*(?P<quote>{_ROLE}){_NAME}"
    return _Grammar(
        tuple(_phrase(each, name) for each in data["phrases"] if not each.get("module")),
        tuple(_compiled(each["pattern"]) for each in data["modules"]),
        tuple(_compiled(each["pattern"]) for each in data["imports"]),
        tuple(_argument(each["words"], fillers) for each in data["arguments"]),
        tuple(_compiled(each["pattern"]) for each in data["values"]),
        _compiled(data["same"]),
        frozenset(each.lower() for each in data["no_names"]),
        frozenset(data["builtins"]),
        _compiled(rf"(?:{'|'.join(map(_spaced, data['not_after']))})\s+$"),
    )


def _phrase(each: Mapping[str, Any], name: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    return _compiled(rf"\b{each['words']}{name}"), _compiled(each["then"]) if "then" in each else None


def _argument(words: str, fillers: str) -> re.Pattern[str]:
    return _compiled(rf"\b{words}\s+(?:(?:{fillers})\s+)*[`]*{_ASSIGNED.pattern}")


def _spaced(text: str) -> str:
    return text.replace(" ", r"\s+")


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(_spaced(text), re.IGNORECASE | re.DOTALL)


@cache
def phrases() -> dict[str, Any]:
    """The content of ``data/wording/phrases.yaml``."""
    import yaml

    text = (folder("data") / "wording" / "phrases.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe one
    return loaded
