"""Generalising changes: what several have in common, with metavariables for what they do not.

A *form* is an old tree and the new ones that it became, in which holes stand for anything. Two forms are
generalised together: where they differ in the same way, they get the same hole, on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apimig.mining.diffs.changes import names_api
from apimig.mining.diffs.tree import CALL, HOLE, KEYWORD, LIST, SYMBOL, Tree, hole, is_expression, replaced

_SMALL = frozenset(map(str, range(-3, 4)))
_TELLING = frozenset({"True", "False", "None", "Ellipsis"})  # carried along by chance: both sides hold them anyway


@dataclass(frozen=True, slots=True)
class Form:
    """An old tree, and the new ones that it became; ``types`` are those that each hole's contents had.

    A hole whose content nothing was known of has an empty set of types: it may be anything.
    """

    old: Tree
    new: tuple[Tree, ...]
    types: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Tree, tuple[Tree, ...]]:
        """What makes two equal, whatever their holes are called."""
        names: dict[str, str] = {}
        for node in self.old.walk():
            if node.kind == HOLE:
                names.setdefault(node.name, str(len(names)))
        return renamed(self.old, names), tuple(renamed(one, names) for one in self.new)


def renamed(tree: Tree, names: Mapping[str, str]) -> Tree:
    """The tree with its holes named otherwise."""
    if tree.kind == HOLE:
        return hole(names.get(tree.name, tree.name), str(tree.values[1]))
    return tree.with_children(tuple(renamed(child, names) for child in tree.children))


def holes(tree: Tree) -> set[str]:
    """The names of the holes."""
    return {node.name for node in tree.walk() if node.kind == HOLE}


# ------------------------------------------------------------------------ one change


def abstracted(old: Tree, new: Sequence[Tree], api: str = "", kept: Collection[Tree] = ()) -> Form:
    """One change as a form: what the new code takes over from the old is a hole, all else stays as it is.

    What names the API is never taken over, and of what is ``kept`` only its parts are.
    """
    often = Counter(old.walk())
    parts = {
        part
        for part in old.walk()
        if part is not old
        and part not in kept
        and _can_be_carried(part)
        and not (api and names_api(part, api))
        and not _by_chance(part, often[part])
    }
    carried = list(dict.fromkeys(part for one in new for part in _carried(one, parts)))
    carried = [part for part in carried if not any(part is not other and _holds(other, part) for other in carried)]
    names = _Namer(old)
    given = {part: hole(names.name(part)) for part in carried}
    left = replaced_below(old, given)
    lost = _targets(left)  # what is not assigned any more has to be the very variable: one that nobody reads
    for part in _variables(left):  # a variable that is not taken over means nothing elsewhere
        if part not in lost:
            given[part] = hole(names.name(part))
    known = {part: part.types for part in old.walk() if part.types}  # the new code was not asked for types
    types = {given[part].name: known.get(part, frozenset()) for part in given}
    return Form(replaced_below(old, given), tuple(replaced(one, given) for one in new), types)


def replaced_below(tree: Tree, new: Mapping[Tree, Tree]) -> Tree:
    """As :func:`~apimig.mining.diffs.tree.replaced`, but for the root."""
    return tree.with_children(tuple(replaced(child, new) for child in tree.children))


def _targets(tree: Tree) -> set[Tree]:
    """What an assignment assigns to, in parts; none for other trees."""
    return set(tree.children[0].walk()) if tree.kind == "Assign" else set()


def _can_be_carried(part: Tree) -> bool:
    if not is_expression(part) or part.kind in (SYMBOL, "Starred"):
        return False
    return not (part.kind == "Constant" and part.values[1] in _TELLING)


def _by_chance(part: Tree, times: int) -> bool:
    """Whether a literal may be on both sides for different reasons: a small number, or one that stands there twice."""
    return part.kind == "Constant" and (times > 1 or part.values[1] in _SMALL)


def _carried(tree: Tree, parts: set[Tree]) -> list[Tree]:
    """The largest subtrees of a new tree that the old one has too."""
    if tree in parts:
        return [tree]
    return [part for child in tree.children for part in _carried(child, parts)]


def _holds(outer: Tree, inner: Tree) -> bool:
    return inner.size < outer.size and any(node == inner for node in outer.walk())


def _variables(tree: Tree) -> list[Tree]:
    bound = {node.name for node in tree.walk() if node.kind == "arg"}
    names = [node for node in tree.walk() if node.kind == "Name" and node.name not in bound]
    return list(dict.fromkeys(names))


class _Namer:
    """Names for holes, as a person would give them: of the variable, of the keyword, of the class."""

    def __init__(self, old: Tree) -> None:
        self._roles: dict[Tree, str] = {}
        self._taken: set[str] = set()
        for node in old.walk():
            if node.kind == KEYWORD and node.name:
                self._roles.setdefault(node.children[0], node.name)
            if node.kind == "Attribute" and len(node.children[0].types) >= 1:
                self._roles.setdefault(node.children[0], min(node.children[0].types).rpartition(".")[2].lower())

    def name(self, part: Tree) -> str:
        """A name that no other hole has."""
        wanted = self._roles.get(part, "")
        if not wanted and part.kind == "Name" and len(part.name) <= 12:
            wanted = part.name.strip("_")
        if not wanted and part.kind == "Attribute" and len(part.name) <= 12:
            wanted = part.name.strip("_")
        wanted = wanted.lower() if wanted.isidentifier() else "x"
        unique, number = wanted, 2
        while unique in self._taken:
            unique, number = f"{wanted}{number}", number + 1
        self._taken.add(unique)
        return unique


# ------------------------------------------------------------------------ two changes


@dataclass(slots=True)
class _Lgg:
    """The holes for pairs of contents that differ, the same on both sides of both forms."""

    first: Form
    second: Form
    names: dict[tuple[object, object], Tree] = field(default_factory=dict)
    types: dict[str, frozenset[str]] = field(default_factory=dict)

    def trees(self, one: Tree, other: Tree) -> Tree | None:
        """The common form of two trees; None where nothing can stand for both."""
        if one == other and not holes(one):
            return one
        if one.kind == CALL == other.kind:
            return self._calls(one, other)
        same = one.kind == other.kind and one.values == other.values and len(one.children) == len(other.children)
        if same and one.kind != HOLE:
            children = [self.trees(a, b) for a, b in zip(one.children, other.children, strict=True)]
            if None not in children:
                return one.with_children(tuple(child for child in children if child is not None))
        return self.hole(one, other) if is_expression(one) and is_expression(other) else None

    def hole(self, one: Tree, other: Tree, sigil: str = "", wanted: str = "") -> Tree:
        """The hole that stands for ``one`` in the first form and for ``other`` in the second."""
        found = self.names.get((one, other))
        if found is None:
            sigils = [str(tree.values[1]) for tree in (one, other) if tree.kind == HOLE]
            sigil = max([sigil, *sigils], key=["", "?", "*"].index)
            found = self.names[one, other] = hole(self._fresh(one, other, wanted), sigil)
            known = [self._types(one, self.first), self._types(other, self.second)]
            self.types[found.name] = known[0] | known[1] if all(known) else frozenset()
        return found

    def _types(self, tree: Tree, mapping: Form) -> frozenset[str]:
        return mapping.types.get(tree.name, frozenset()) if tree.kind == HOLE else tree.types

    def _fresh(self, one: Tree, other: Tree, wanted: str = "") -> str:
        named = [tree.name.rstrip("0123456789") for tree in (one, other) if tree.kind in (HOLE, "Name")]
        wanted = wanted or min(named, key=lambda name: (name == "x", len(name)), default="x").lower()
        wanted = wanted if wanted.isidentifier() else "x"
        taken = {found.name for found in self.names.values()}
        unique, number = wanted, 2
        while unique in taken:
            unique, number = f"{wanted}{number}", number + 1
        return unique

    def _calls(self, one: Tree, other: Tree) -> Tree | None:
        function = self.trees(one.children[0], other.children[0])
        listed = self._arguments(one.children[1].children, other.children[1].children)
        if function is None or listed is None:
            return self.hole(one, other)
        return one.with_children((function, one.children[1].with_children(tuple(listed))))

    def _arguments(self, one: Sequence[Tree], other: Sequence[Tree]) -> list[Tree] | None:
        """Arguments that both have, and one hole for those that only one has."""
        places = [[a for a in side if a.kind != KEYWORD and not _is_run(a)] for side in (one, other)]
        words = [{a.name: a for a in side if a.kind == KEYWORD and a.name} for side in (one, other)]
        rest = [[a for a in side if _is_run(a) or (a.kind == KEYWORD and not a.name)] for side in (one, other)]
        count = min(map(len, places))
        common = [name for name in words[0] if name in words[1]]
        pairs = [*zip(places[0][:count], places[1][:count], strict=True), *((words[0][n], words[1][n]) for n in common)]
        made = [self.trees(a, b) for a, b in pairs]
        if None in made:
            return None
        left = [
            [*places[side][count:], *(a for name, a in words[side].items() if name not in common), *rest[side]]
            for side in (0, 1)
        ]
        return [tree for tree in made if tree is not None] + self._left_over(left[0], left[1])

    def _left_over(self, one: Sequence[Tree], other: Sequence[Tree]) -> list[Tree]:
        if not one and not other:
            return []
        both = [*one, *other]
        if len(both) == 1 and both[0].kind == KEYWORD and both[0].name:
            value, absent = both[0].children[0], Tree("absent")
            pair = (value, absent) if one else (absent, value)
            found = self.hole(*pair, "?", both[0].name)
            return [Tree(KEYWORD, both[0].values, (found,))]
        key = (_run_key(one), _run_key(other))
        if key not in self.names:
            self.names[key] = hole(self._fresh(both[0], both[0], "options"), "*")
        return [self.names[key]]


def _is_run(tree: Tree) -> bool:
    return tree.kind == HOLE and tree.values[1] == "*"


def _run_key(items: Sequence[Tree]) -> object:
    return items[0] if len(items) == 1 and _is_run(items[0]) else ("run", *items)


def generalised(first: Form, second: Form) -> Form | None:
    """The most specific form that gives both; None where the new code could not be made from the old any more."""
    if len(first.new) != len(second.new):
        return None
    lgg = _Lgg(first, second)
    old = lgg.trees(first.old, second.old)
    new = [lgg.trees(a, b) for a, b in zip(first.new, second.new, strict=True)]
    if old is None or old.kind == HOLE or None in new:
        return None
    made = tuple(one for one in new if one is not None)
    known = holes(old)
    taken = {name for one in made for name in holes(one)}
    if not known >= taken or _lost_optional(old, made):
        return None
    if {node.name for node in _targets(old) if node.kind == HOLE} - taken:
        return None
    return Form(old, made, {name: types for name, types in lgg.types.items() if name in known})


def _lost_optional(old: Tree, new: Iterable[Tree]) -> bool:
    """Whether an argument that may be missing is needed, as something else than an argument."""
    optional = {node.name for node in old.walk() if node.kind == HOLE and node.values[1]}
    return any(_needs(one, optional) for one in new)


def _needs(tree: Tree, optional: set[str], parent: Tree | None = None) -> bool:
    if tree.kind == HOLE and tree.name in optional:
        return (
            parent is None or parent.kind not in (KEYWORD, LIST) or (parent.kind == LIST and parent.name != "arguments")
        )
    return any(_needs(child, optional, tree) for child in tree.children)


# ------------------------------------------------------------------------ using a form


def matched(pattern: Tree, tree: Tree, found: dict[str, object] | None = None) -> dict[str, object] | None:
    """What the holes of a pattern stand for in a tree; None where it does not match."""
    found = {} if found is None else found
    return found if _matches(pattern, tree, found) else None


def _matches(pattern: Tree, tree: Tree, found: dict[str, object]) -> bool:
    if pattern.kind == HOLE:
        return is_expression(tree) and found.setdefault(pattern.name, tree) == tree
    if pattern.kind == CALL == tree.kind:
        return _matches(pattern.children[0], tree.children[0], found) and _match_arguments(
            pattern.children[1].children, tree.children[1].children, found
        )
    if pattern.kind != tree.kind or pattern.values != tree.values or len(pattern.children) != len(tree.children):
        return False
    return all(_matches(a, b, found) for a, b in zip(pattern.children, tree.children, strict=True))


def _match_arguments(patterns: Sequence[Tree], items: Sequence[Tree], found: dict[str, object]) -> bool:
    places = [p for p in patterns if p.kind != KEYWORD and not _is_run(p)]
    words = {p.name: p for p in patterns if p.kind == KEYWORD}
    run = next((p for p in patterns if _is_run(p)), None)
    given = [item for item in items if item.kind != KEYWORD]
    named = {item.name: item for item in items if item.kind == KEYWORD}
    if len(given) < len(places) or not all(_matches(p, g, found) for p, g in zip(places, given, strict=False)):
        return False
    for name, pattern in words.items():
        value = pattern.children[0]
        if name in named:
            if not _matches(value, named[name].children[0], found):
                return False
        elif not (value.kind == HOLE and value.values[1] == "?"):
            return False
        else:
            found.setdefault(value.name, None)
    left = [*given[len(places) :], *(item for item in items if item.kind == KEYWORD and item.name not in words)]
    if run is None:
        return not left
    return found.setdefault(run.name, tuple(left)) == tuple(left)


def filled(template: Tree, found: Mapping[str, object]) -> Tree:
    """The template with what its holes stand for."""
    if template.kind == HOLE:
        content = found[template.name]
        if not isinstance(content, Tree):
            raise ValueError(f"${template.name} stands for no single expression")
        return content
    children: list[Tree] = []
    for child in template.children:
        value = child.children[0] if child.kind == KEYWORD else child
        content = found.get(value.name) if value.kind == HOLE else value
        if isinstance(content, tuple):
            children += content
        elif content is not None or value.kind != HOLE:
            children.append(filled(child, found))
    return template.with_children(_in_call_order(template, children))


def _in_call_order(template: Tree, children: list[Tree]) -> tuple[Tree, ...]:
    """Arguments as a call may have them: keywords after the others."""
    if template.kind == LIST and template.name == "arguments":
        children = sorted(children, key=lambda child: child.kind == KEYWORD)
    return tuple(children)
