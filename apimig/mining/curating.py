"""Candidates beside the rules that exist: new, known already, wider than one, or in contradiction to one.

Rules are compared by what they state, name by name: that ``a.f`` became ``a.g``, that its argument ``x`` is gone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apimig.mining.calls import same
from apimig.mining.candidate import Candidate
from apimig.rulebook.rule import (
    Advise,
    ChangeCall,
    Codemod,
    FunctionToMethod,
    Library,
    MethodToFunction,
    MethodToProperty,
    PropertyToMethod,
    Rename,
    RenameMember,
    Rewrite,
    Rule,
)

_NAME = re.compile(r"(?<![\w$.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_MEMBER = re.compile(r"^\$(\w+)\.([A-Za-z_]\w*)")
_ANY = ""  # an outcome that this module cannot compare: a codemod, a pattern


class Standing(StrEnum):
    """How a candidate stands to the rules that exist."""

    NEW = "new"
    KNOWN = "known"
    WIDER = "wider"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standing of a candidate, and the rules that it is about."""

    candidate: Candidate
    standing: Standing
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a rule says: ``about`` a name, or a name and what of its arguments; ``becomes`` what."""

    name: str
    about: str
    becomes: str


def curate(
    candidates: Sequence[tuple[Candidate, Rule]], rules: Sequence[Rule], libraries: Sequence[Library]
) -> tuple[Verdict, ...]:
    """What the existing rules say of each candidate."""
    known = _Known(rules, libraries)
    return tuple(known.verdict(candidate, rule) for candidate, rule in candidates)


class _Known:
    def __init__(self, rules: Sequence[Rule], libraries: Sequence[Library]) -> None:
        self.aliases = {old: new for library in libraries for old, new in library.aliases.items()}
        self.bases = {name: types.bases for library in libraries for name, types in library.classes.items()}
        self.by_name: defaultdict[str, list[tuple[Statement, str]]] = defaultdict(list)
        for rule in rules:
            for statement in statements(rule):
                self.by_name[self._canonical(statement.name)].append((statement, rule.id))

    def _canonical(self, name: str) -> str:
        head, rest = name, ""
        while head:
            if head in self.aliases:
                return f"{self.aliases[head]}{rest}"
            head, _, last = head.rpartition(".")
            rest = f".{last}{rest}"
        return name

    def verdict(self, candidate: Candidate, rule: Rule) -> Verdict:
        covered, against, rest = list[str](), list[str](), 0
        for statement in statements(rule):
            said = self._said(statement)
            others = [(each, id_) for each, id_ in said if _comparable(each, statement)]
            agree = [id_ for each, id_ in others if self._agree(each, statement)]
            covered += agree[:1]
            if not agree:
                against += [id_ for _, id_ in others][:1]
                rest += not others
        if against:
            return Verdict(candidate, Standing.CONTRADICTS, _once(against))
        if covered:
            return Verdict(candidate, Standing.WIDER if rest else Standing.KNOWN, _once(covered))
        return Verdict(candidate, Standing.NEW)

    def _said(self, statement: Statement) -> Iterator[tuple[Statement, str]]:
        """What is stated of the name, for its class or one that this derives from, or of what contains it."""
        owner, _, last = self._canonical(statement.name).rpartition(".")
        for each in self._line(owner):
            yield from self.by_name.get(f"{each}.{last}", ())
        while owner:  # a rule may be about the whole module or class
            known = self.by_name.get(owner, ())
            yield from ((Statement(owner, "name", _ANY), id_) for each, id_ in known if each.about == "name")
            owner = owner.rpartition(".")[0]

    def _line(self, owner: str) -> Iterator[str]:
        waiting, seen = [owner], set[str]()
        while waiting:
            name = waiting.pop(0)
            if name not in seen:
                seen.add(name)
                yield name
                waiting += [self._canonical(base) for base in self.bases.get(name, ())]

    def _agree(self, known: Statement, said: Statement) -> bool:
        if _ANY in (known.becomes, said.becomes):
            return True  # advice, and bodies that this does not compare: the name has been seen to
        return self._canonical(known.becomes).rpartition(".")[2] == self._canonical(said.becomes).rpartition(".")[2]


def _comparable(known: Statement, said: Statement) -> bool:
    """Whether the one speaks of what the other speaks of; a rule on a whole name speaks of its arguments too."""
    return known.about in (said.about, "name", "calls") or (said.about == "name" and known.becomes == _ANY)


def _once(rules: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rules))


def statements(rule: Rule) -> Iterator[Statement]:
    """What a rule states, name by name."""
    match rule.body:
        case Rename(pairs=pairs) | RenameMember(pairs=pairs) | MethodToFunction(pairs=pairs):
            yield from (Statement(old, "name", new) for old, new in pairs)
        case FunctionToMethod(pairs=pairs):
            yield from (Statement(old, "name", new) for old, new in pairs)
        case PropertyToMethod(api=api) | MethodToProperty(api=api):
            yield from (Statement(name, "form", type(rule.body).__name__) for name in api)
        case Codemod(api=api):
            yield from (Statement(name, "calls", _ANY) for name in api)
        case ChangeCall():
            yield from _of_calls(rule.body)
        case Advise(api=api) if api:
            about = f"argument {rule.when[0].argument}" if rule.when else "name"
            yield from (Statement(name, about, _ANY) for name in api)
        case Advise(templates=templates, where=where) | Rewrite(templates=templates, where=where):
            for template in templates:
                yield from (Statement(name, "calls", _ANY) for name in _matched(template.match, where))


def _of_calls(body: ChangeCall) -> Iterator[Statement]:
    for name in body.api:
        for op in body.ops:
            if op.op in ("keyword_only", "order"):
                yield Statement(name, "places", f"by keyword after {op.count}")
            elif op.op == "rename":
                yield Statement(name, f"argument {op.name}", op.new)
            elif op.op in ("add", "explicit"):
                yield Statement(name, f"default {op.name}", same(op.value))
            else:
                yield Statement(name, f"argument {op.name}", _ANY)


def _matched(pattern: str, where: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The names that a pattern is about."""
    if found := _MEMBER.match(pattern):
        yield from (f"{owner}.{found[2]}" for owner in where.get(found[1], ()))
    elif names := _NAME.findall(pattern):
        yield names[0]
