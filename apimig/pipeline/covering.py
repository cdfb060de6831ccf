"""What the chosen rules say already of what a release changed: a derived rule speaks only of the rest."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from apimig.match import index
from apimig.match.index import Target
from apimig.records import Applicability
from apimig.rulebook.rule import (
    Advise,
    Body,
    ChangeCall,
    Library,
    MethodToProperty,
    ParameterOp,
    PropertyToMethod,
    Rename,
    RenameMember,
    Rewrite,
    Rule,
)
from apimig.rulebook.signature import parse_signature

_WORDS = re.compile(r"[A-Za-z_]\w*")
_BY_PLACE = ("keyword_only", "order")


def uncovered(derived: Iterable[Rule], chosen: Sequence[Rule], libraries: Sequence[Library]) -> tuple[Rule, ...]:
    """The derived rules without the names and parameters that a chosen rule, or a pack's account, speaks of.

    A name counts for subclasses that inherit it. Of a callable that a chosen rule rewrites call by call, what its
    patterns or its other parameters leave open stays.
    """
    covers = _Covers(chosen, libraries)
    return tuple(kept for rule in derived for kept in covers.rest(rule))


def beside_pack(derived: Iterable[Rule]) -> tuple[Rule, ...]:
    """Derived rules of a library whose pack people wrote after the release notes: what that leaves out is reported.

    What it says nothing of is seldom what a caller must change: so no safe edit, and no word of defaults and
    deprecations.
    """
    kept = (rule for rule in derived if ":" not in rule.id and not _is_undecided(rule.body))
    return tuple(replace(rule, applicability=_beside(rule.body)) for rule in kept)


def _is_undecided(body: Body) -> bool:
    return isinstance(body, ChangeCall) and any(op.op == "undecided" for op in body.ops)


def _beside(body: Body) -> Applicability:
    return Applicability.UNSAFE if isinstance(body, ChangeCall) else Applicability.MANUAL


def distinguished(library: Library, rules: Iterable[Rule]) -> Library:
    """The library without the aliases that would hide what a rule is about.

    Where a rule says that ``a.old.f`` became something else and ``a.f`` stays, ``a.old.f`` is no other name of ``a.f``.
    """
    roots = frozenset(library.imports)
    speakers: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        calls = isinstance(rule.body, ChangeCall)  # of what is called so, under any name
        for target in () if calls else index.targets_of(rule, 0, roots):
            speakers[target.spelled].add(rule.id)

    def of(name: str) -> set[str]:
        return {rule for part in index.beginnings(name) for rule in speakers.get(part, ())}

    aliases = {k: v for k, v in library.aliases.items() if of(k) == of(v)}
    return replace(library, aliases=aliases)


class _Covers:
    def __init__(self, chosen: Sequence[Rule], libraries: Sequence[Library]) -> None:
        self.index = index.build(chosen, libraries)
        self.canonical = index.canonical(libraries)
        self.accounted = {self.canonical(name) for library in libraries for name in library.no_rule}
        self.bases = {name: types.bases for library in libraries for name, types in library.classes.items()}

    def rest(self, rule: Rule) -> Iterator[Rule]:
        """The rule as far as nothing covers it; several, where its names need different operations."""
        body = rule.body
        if isinstance(body, ChangeCall):
            yield from self._calls(rule, body)
            return
        kept = [name for name in _names(body) if not self._is_covered(name)]
        if kept:
            yield replace(rule, body=_only(body, kept))

    def _is_covered(self, name: str) -> bool:
        known = self.canonical(name)
        return known in self.accounted or any(not isinstance(t.rule.body, Rewrite) for t in self._targets(known))

    def _targets(self, name: str) -> list[Target]:
        owner, _, last = name.rpartition(".")
        found = list(self.index.symbols.get(name, ()))
        lines = self._line(owner)
        members = self.index.members.get(last, ())
        return found + [t for t in members if any(self.canonical(each) in lines for each in t.owners)]

    def _line(self, owner: str) -> set[str]:
        """The class and all that it derives from."""
        found, waiting = set[str](), [owner]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [self.canonical(base) for base in self.bases.get(name, ())]
        return found

    def _calls(self, rule: Rule, body: ChangeCall) -> Iterator[Rule]:
        grouped: defaultdict[tuple[ParameterOp, ...], list[str]] = defaultdict(list)
        for name in body.api:
            if self.canonical(name) in self.accounted:
                continue
            targets = self._targets(self.canonical(name))
            if ops := _unspoken(body, [target.rule for target in targets]):
                grouped[ops].append(name)
        aspect = rule.id.partition(":")[2]
        for ops, names in grouped.items():
            own = f"{rule.library}/{names[0]}{':' + aspect if aspect else ''}"
            yield replace(rule, id=own, body=replace(body, api=tuple(names), ops=ops))


def _unspoken(body: ChangeCall, rules: Collection[Rule]) -> tuple[ParameterOp, ...]:
    if any(not isinstance(rule.body, (ChangeCall, Rewrite, Advise)) for rule in rules):
        return ()  # the whole name goes, or a codemod sees to its calls
    if any(isinstance(rule.body, Advise) and rule.body.api and not rule.when for rule in rules):
        return ()
    words = {word for rule in rules for word in _spoken(rule)}
    by_place = any(_by_place(rule) or _mentions_later(rule, body) for rule in rules)
    return tuple(op for op in body.ops if not (by_place if op.op in _BY_PLACE else op.name.lstrip("*") in words))


def _mentions_later(rule: Rule, body: ChangeCall) -> bool:
    """Whether a pattern names a parameter that would be passed by keyword: its author knows what became of that."""
    if not isinstance(rule.body, Rewrite | Advise):
        return False
    count = min((op.count for op in body.ops if op.op == "keyword_only"), default=0)
    later = {each.name for each in parse_signature(body.signature).positional[count:]}
    return any(later & set(_WORDS.findall(template.match)) for template in rule.body.templates)


def _by_place(rule: Rule) -> bool:
    return isinstance(rule.body, ChangeCall) and any(op.op in _BY_PLACE for op in rule.body.ops)


def _spoken(rule: Rule) -> Iterator[str]:
    """The parameters that a rule means; a pattern means some calls alone, and of those a derived rule is silent."""
    if isinstance(rule.body, ChangeCall):
        yield from (condition.argument for condition in rule.when)
        for op in (op for op in rule.body.ops if op.op != "omit"):
            yield from (op.name, op.new, *op.names)


def _names(body: Body) -> tuple[str, ...]:
    match body:
        case Rename(pairs=pairs) | RenameMember(pairs=pairs):
            return tuple(old for old, _ in pairs)
        case PropertyToMethod(api=api) | MethodToProperty(api=api) | Advise(api=api):
            return api
    return ()


def _only(body: Body, names: Collection[str]) -> Body:
    match body:
        case Rename(pairs=pairs) | RenameMember(pairs=pairs):
            return replace(body, pairs=tuple(pair for pair in pairs if pair[0] in names))
        case PropertyToMethod(api=api) | MethodToProperty(api=api) | Advise(api=api):
            return replace(body, api=tuple(name for name in api if name in names))
    return body
