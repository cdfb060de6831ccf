"""Compares the tree of a pattern with the tree of user code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from apimig import syntax
from apimig.records import Argument, Capture, Use
from apimig.rulebook import calls
from apimig.rulebook.calls import Facts, normalised
from apimig.rulebook.hiding import may_hold
from apimig.rulebook.pattern import Metavariable, Pattern, dotted, metavariable
from apimig.rulebook.signature import Signature, parse_signature


class Undecided(Exception):
    """The code may match, and the text says what keeps that from being certain."""


@dataclass(slots=True)
class Match:
    """A match: the node, what the metavariables stand for, and the library names in it."""

    node: Node
    captures: dict[str, Capture] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)


def match_at(
    pattern: Pattern, anchor: Node, node: Node, facts: Facts, signature: str, roots: frozenset[str]
) -> Match | None:
    """Match the pattern where its anchor meets a node of the code; Undecided when that cannot be told."""
    root = _root(pattern, anchor, node)
    if root is None:
        return None
    found = Match(root)
    work = _Comparison(facts, roots, parse_signature(signature) if signature else None, found)
    return found if work.same(pattern.root, root) else None


def _root(pattern: Pattern, anchor: Node, node: Node) -> Node | None:
    """The node of the code that stands to ``node`` as the pattern's root stands to its anchor."""
    here = anchor
    found: Node | None = node
    while here != pattern.root and found is not None:
        above = here.parent
        if above is None:
            return None
        here, found = above, _parent(found, above)
    return found


def _parent(node: Node, like: Node) -> Node | None:
    """The parent of a node, past parentheses that the pattern does not have."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression" and like.type != parent.type:
        parent = parent.parent
    return parent


class _Comparison:
    def __init__(self, facts: Facts, roots: frozenset[str], signature: Signature | None, found: Match) -> None:
        self.facts, self.roots, self.signature, self.found = facts, roots, signature, found

    def same(self, pattern: Node, code: Node) -> bool:
        """Whether the code has the form of the pattern; captures are noted on the way."""
        variable = metavariable(pattern)
        if variable is not None:
            return self._capture(variable, code)
        while code.type == "parenthesized_expression" and pattern.type != code.type:
            code = syntax.parts(code)[0]
        name = dotted(pattern)
        if name and name.partition(".")[0] in self.roots:
            return self._is_symbol(name, code)
        if pattern.type != code.type:
            return False
        if pattern.type == "call":
            return self._calls(pattern, code)
        if pattern.type in ("string", "integer", "float", "concatenated_string"):
            return normalised(syntax.text_of(pattern)) == normalised(syntax.text_of(code))
        return self._children(pattern, code)

    def _capture(self, variable: Metavariable, code: Node) -> bool:
        if variable.kind == "any":
            return True
        capture = Capture((syntax.span_of(code),))
        earlier = self.found.captures.setdefault(variable.name, capture)
        if earlier is capture or earlier == capture:
            return True
        return len(earlier.spans) == 1 and normalised(self.facts.text(earlier.spans[0])) == normalised(
            syntax.text_of(code)
        )

    def _is_symbol(self, name: str, code: Node) -> bool:
        span = syntax.span_of(code)
        symbol = self.facts.symbol(span)
        if not symbol or symbol not in (name, self.facts.resolution.canonical(name)):
            return False
        use = self.facts.name_use(span)
        if use is not None:
            self.found.uses.append(use)
        return True

    def _children(self, pattern: Node, code: Node) -> bool:
        ours, theirs = _children(pattern), _children(code)
        if not ours and not theirs:
            return pattern.text == code.text
        if any(_kind(child) == "variadic" for child in ours):
            return self._list(ours, theirs)
        return len(ours) == len(theirs) and all(self.same(a, b) for a, b in zip(ours, theirs, strict=True))

    def _list(self, ours: Sequence[Node], theirs: Sequence[Node]) -> bool:
        """A display with a ``$*run`` in it."""
        ours = [n for n in ours if n.is_named]
        at = next(i for i, child in enumerate(ours) if _kind(child) == "variadic")
        items = [n for n in theirs if n.is_named]
        tail = len(ours) - at - 1
        if len(items) < at + tail:
            return False
        run, last = items[at : len(items) - tail], items[len(items) - tail :]
        variable = metavariable(ours[at])
        arguments = tuple(Argument(syntax.span_of(n), syntax.span_of(n)) for n in run)
        if variable is not None:
            self.found.captures[variable.name] = Capture(tuple(a.span for a in arguments), arguments)
        pairs = [*zip(ours[:at], items[:at], strict=True), *zip(ours[at + 1 :], last, strict=True)]
        return all(self.same(a, b) for a, b in pairs)

    # ---- calls

    def _calls(self, pattern: Node, code: Node) -> bool:
        ours, theirs = pattern.child_by_field_name("arguments"), code.child_by_field_name("arguments")
        function, called = pattern.child_by_field_name("function"), code.child_by_field_name("function")
        if ours is None or theirs is None or function is None or called is None:
            return False
        return self.same(function, called) and self._arguments(ours, theirs)

    def _arguments(self, ours: Node, theirs: Node) -> bool:
        wanted = _wanted(ours, self.signature)
        given = _given(calls.arguments(theirs), self.signature)
        undecided = ""
        for key, item in wanted.items.items():
            argument = given.named.pop(key, None)
            if argument is None:
                if key in given.maybe or given.anything(key):
                    undecided = undecided or _doubt(key, given.stars, self.facts)
                elif item.optional:
                    continue
                else:
                    return False
            elif not self._argument(item.value, argument):
                return False
        rest = sorted([*given.named.values(), *given.rest], key=lambda a: a.span)
        if wanted.variadic is None and any(not a.star for a in rest):
            return False
        if undecided or (wanted.variadic is None and rest):
            raise Undecided(undecided or may_hold([self.facts.text(rest[0].span)], "arguments that matter here"))
        if wanted.variadic is not None:
            named = tuple(given.by_keyword(a) for a in rest)
            self.found.captures[wanted.variadic.name] = Capture(tuple(a.span for a in rest), named)
        return True

    def _argument(self, pattern: Node, argument: Argument) -> bool:
        node = self.facts.node(argument.value)
        return node is not None and self.same(pattern, node)


def _doubt(key: str | int, stars: Sequence[Argument], facts: Facts) -> str:
    what = f"`{key}`" if isinstance(key, str) else "the arguments that matter here"
    return may_hold([facts.text(a.span) for a in stars], what)


@dataclass(frozen=True, slots=True)
class _Item:
    value: Node
    optional: bool


@dataclass(slots=True)
class _Wanted:
    """What a pattern asks of a call: by parameter name, or by place where no signature is known."""

    items: dict[str | int, _Item] = field(default_factory=dict)
    variadic: Metavariable | None = None


@dataclass(slots=True)
class _Given:
    """What a call gives, under the same keys."""

    named: dict[str | int, Argument]
    rest: list[Argument]
    stars: list[Argument]
    maybe: frozenset[str]
    signature: Signature | None
    names: Mapping[Argument, str] = field(default_factory=dict)

    def anything(self, key: str | int) -> bool:
        """Whether a star may fill a place of which no signature tells."""
        if self.signature is not None:
            return False
        star = "**" if isinstance(key, str) else "*"
        return any(a.star == star for a in self.stars)

    def by_keyword(self, argument: Argument) -> Argument:
        """A positional argument with the keyword that it can be passed by, where the signature names it."""
        name = self.names.get(argument)
        if name is None:
            return argument
        if self.signature is not None and self.signature.names[name].kind == "either":
            return replace(argument, keyword=name)
        raise Undecided(f"`{name}` can only be passed by position")


def _wanted(brackets: Node, signature: Signature | None) -> _Wanted:
    wanted = _Wanted()
    places = 0
    for child in brackets.named_children:
        if child.is_extra:
            continue
        value = child.child_by_field_name("value") if child.type == "keyword_argument" else child
        name = child.child_by_field_name("name") if child.type == "keyword_argument" else None
        if value is None:
            continue
        kind = _kind(value)
        if kind == "variadic":
            wanted.variadic = metavariable(value)
            continue
        key: str | int = places if name is None else syntax.text_of(name)
        if name is None:
            key = _parameter(signature, places)
            places += 1
        wanted.items[key] = _Item(value, kind == "optional")
    return wanted


def _parameter(signature: Signature | None, place: int) -> str | int:
    if signature is None or place >= len(signature.positional):
        return place
    return signature.positional[place].name


def _given(arguments: Sequence[Argument], signature: Signature | None) -> _Given:
    stars = [a for a in arguments if a.star]
    if signature is not None:
        bound = signature.bind(arguments)
        names = {a: name for name, a in bound.given.items() if a.keyword is None}
        by_name: dict[str | int, Argument] = {name: a for name, a in bound.given.items()}  # noqa: C416 - widens the key
        return _Given(by_name, [*bound.extra, *stars], stars, bound.maybe, signature, names)
    named: dict[str | int, Argument] = {}
    rest: list[Argument] = list(stars)
    starred = False
    for argument in arguments:
        starred = starred or argument.star == "*"
        if argument.star:
            continue
        if argument.keyword is not None:
            named[argument.keyword] = argument
        elif starred:
            rest.append(argument)
        else:
            named[sum(isinstance(key, int) for key in named)] = argument
    return _Given(named, rest, stars, frozenset(), None)


def _children(node: Node) -> list[Node]:
    """Children that matter: all but comments and trailing commas."""
    found = [child for child in node.children if not child.is_extra]
    return [c for i, c in enumerate(found) if not (c.type == "," and i + 2 == len(found) and found[-1].type in ")]}")]


def _kind(node: Node) -> str:
    variable = metavariable(node)
    return "" if variable is None else variable.kind
