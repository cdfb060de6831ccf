"""Which rules speak about a use: by qualified name, by member, by operator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from tree_sitter import Node

from apimig import syntax
from apimig.records import Interest
from apimig.rulebook import pattern
from apimig.rulebook.pattern import Pattern
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
    Template,
)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a rule speaks about: a qualified name, or a pattern with the node where uses anchor it."""

    rule: Rule
    order: int
    step: int
    name: str = ""
    becomes: str = ""
    is_member: bool = False  # instances have it
    pattern: Pattern | None = None
    anchor: Node | None = None

    @property
    def owner(self) -> str:
        """The class of a member's qualified name."""
        return self.name.rpartition(".")[0]

    @property
    def owners(self) -> tuple[str, ...]:
        """The classes whose member it is about, where the rule says so."""
        if self.pattern is None:
            return (self.owner,)
        receiver = None if self.anchor is None else pattern.receiver_of(self.anchor)
        found = None if receiver is None else pattern.metavariable(receiver)
        where = getattr(self.rule.body, "where", {})
        return () if found is None else tuple(where.get(found.name, ()))

    @property
    def spelled(self) -> str:
        """The qualified name that it is about as the rule writes it; empty for a member of a metavariable."""
        return self.name if self.anchor is None else pattern.dotted(self.anchor) or ""

    @property
    def member(self) -> str:
        """The last part of the qualified name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Index:
    """All targets of the rules, by what a use must be."""

    symbols: Mapping[str, tuple[Target, ...]]
    members: Mapping[str, tuple[Target, ...]]
    operators: Mapping[str, tuple[Target, ...]]
    interest: Interest
    words: syntax.Words


def build(rules: Sequence[Rule], libraries: Sequence[Library], *, accounted: Collection[str] = ()) -> Index:
    """Index the rules; the order of rules is kept among the targets of a name.

    Of libraries with the import names ``accounted`` every use is of interest, and every file that names one.
    """
    work = _Builder(libraries, frozenset(accounted))
    for order, rule in enumerate(rules):
        for target in targets_of(rule, order, work.roots):
            work.add(target)
    return work.index()


def targets_of(rule: Rule, order: int, roots: frozenset[str]) -> list[Target]:
    """What a rule speaks about, in the order of its steps; ``order`` is its own place among the rules."""
    body = rule.body
    match body:
        case Rename() | RenameMember() | FunctionToMethod() | MethodToFunction():
            return [Target(rule, order, step, old, new) for step, (old, new) in enumerate(body.pairs)]
        case ChangeCall() | PropertyToMethod() | MethodToProperty() | Codemod():
            return [Target(rule, order, step, name) for step, name in enumerate(body.api)]
        case Rewrite():
            return _patterns(rule, order, body.templates, tuple(body.where), roots)
        case Advise():
            named = [Target(rule, order, step, name) for step, name in enumerate(body.api)]
            return [*named, *_patterns(rule, order, body.templates, tuple(body.where), roots)]


def _patterns(
    rule: Rule, order: int, templates: tuple[Template, ...], where: tuple[str, ...], roots: frozenset[str]
) -> list[Target]:
    found = []
    for step, template in enumerate(templates):
        parsed = pattern.parse_pattern(template.match)
        nodes = pattern.anchor_nodes(parsed, roots, where)
        if nodes:
            found.append(Target(rule, order, step, becomes=template.rewrite, pattern=parsed, anchor=nodes[0]))
    return found


class _Builder:
    def __init__(self, libraries: Sequence[Library], accounted: frozenset[str]) -> None:
        self.libraries = libraries
        self.accounted = accounted
        self.roots = frozenset(name for library in libraries for name in library.imports)
        self.conventional = frozenset(name for library in libraries for name in library.conventional)
        self.modules = frozenset(name for library in libraries for name in library.modules)
        self.canonical = canonical(libraries)
        self.classes = frozenset(self.canonical(name) for library in libraries for name in library.classes)
        self.symbols: dict[str, list[Target]] = {}
        self.members: dict[str, list[Target]] = {}
        self.operators: dict[str, list[Target]] = {}
        self.followed: set[str] = set()

    def add(self, target: Target) -> None:
        if target.anchor is not None:
            self._add_pattern(target, target.anchor)
            return
        target = replace(target, is_member=self._is_member(target))
        follows = isinstance(target.rule.body, Codemod) and target.rule.body.follow
        for name in dict.fromkeys((target.name, self._safe_canonical(target.name))):
            self.symbols.setdefault(name, []).append(target)
            self.followed.update([name] if follows else ())
        if target.is_member:
            self.members.setdefault(target.member, []).append(target)

    def _add_pattern(self, target: Target, anchor: Node) -> None:
        if name := pattern.dotted(anchor):
            for each in dict.fromkeys((name, self.canonical(name))):
                self.symbols.setdefault(each, []).append(target)
        elif token := pattern.operator_of(anchor):
            self.operators.setdefault(token, []).append(target)
        elif (attribute := anchor.child_by_field_name("attribute")) is not None:
            self.members.setdefault(syntax.text_of(attribute), []).append(target)

    def _safe_canonical(self, name: str) -> str:
        """The canonical name, unless it is a bare import name: a moved module is not its whole library."""
        canonical = self.canonical(name)
        return name if canonical in self.roots else canonical

    def _is_member(self, target: Target) -> bool:
        """Whether instances have it: a method or attribute that keeps its class."""
        owner = target.owner
        renamed_away = isinstance(target.rule.body, Rename) and target.becomes.rpartition(".")[0] != owner
        if renamed_away or isinstance(target.rule.body, FunctionToMethod):
            return False
        if self.canonical(owner) in self.classes:
            return True
        return owner not in self.roots and owner not in self.modules and owner.rpartition(".")[2][:1].isupper()

    def index(self) -> Index:
        interest = Interest(
            self.roots,
            frozenset(self.members),
            frozenset(self.operators),
            frozenset(self.followed),
            self.accounted,
        )
        return Index(
            _frozen(self.symbols),
            _frozen(self.members),
            _frozen(self.operators),
            interest,
            self._words(),
        )

    def _words(self) -> syntax.Words:
        """A file in which none of these words occurs has no site."""
        words = {name.rpartition(".")[2] for name in self.symbols} | set(self.members) | self.accounted
        if self.operators:  # an operator has no word of its own: its file names the library, or a class of it
            words |= self.roots | self.conventional | {name.rpartition(".")[2] for name in self.classes}
        return syntax.Words(words)


def _frozen(found: Mapping[str, Iterable[Target]]) -> dict[str, tuple[Target, ...]]:
    return {name: tuple(targets) for name, targets in found.items()}


def beginnings(name: str) -> Iterator[str]:
    """A qualified name and all that it lies in, the longest first."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def canonical(libraries: Sequence[Library]) -> Callable[[str], str]:
    """What gives the preferred name of an object: the longest alias that is its name or begins it, again and again."""
    aliases = {old: new for library in libraries for old, new in library.aliases.items()}

    @cache
    def preferred(name: str) -> str:
        head, rest = name, ""
        while head:
            # A function in a module of its name has the module's path for an alias: `a.f` of `a.f.f`.
            if head in aliases and not f"{aliases[head]}.".startswith(f"{head}."):
                return preferred(aliases[head] + rest)
            head, _, last = head.rpartition(".")
            rest = f".{last}{rest}"
        return name

    return preferred
