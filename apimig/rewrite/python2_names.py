"""What the names of a Python 2 file stand for, as far as that is certain.

A name counts only if every binding of it in the file is an import of one and the same thing,
outside of any ``try`` or ``if``. Python 2 files are edited by name alone, so in doubt: nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fissix.pgen2 import token
from fissix.pygram import python_symbols as symbols

Tree = Any  # fissix's Node or Leaf, which have no type hints

_CONTAINERS = {symbols.atom, symbols.testlist_gexp, symbols.listmaker, symbols.exprlist, symbols.testlist_star_expr}
_PARAMETERS = {symbols.parameters, symbols.typedargslist, symbols.varargslist}
_PARAMETERS |= {symbols.tfpdef, symbols.tfplist, symbols.vfpdef, symbols.vfplist}
_LOOPS = {symbols.for_stmt, symbols.comp_for}
_IMPORTS = {symbols.import_name, symbols.import_from}
_CONDITIONAL = {symbols.try_stmt, symbols.if_stmt, symbols.while_stmt, symbols.for_stmt, symbols.with_stmt}
_COMPATIBILITY = re.compile(r"\b(?:hasattr|getattr)\b|version|PY[23]\b", re.IGNORECASE)
_FALLBACK = re.compile(r"\b(?:ImportError|AttributeError|NameError)\b|^\s*except\s*$")


@dataclass(frozen=True, slots=True)
class Imported:
    """A name bound by an import. ``path`` holds the leaves of what is imported, ``statement`` is the whole import.

    ``module`` is set for from-imports. ``bare`` says that there is no ``as``: ``import a.b`` binds ``a``.
    """

    name: str
    target: str
    statement: Tree
    path: tuple[Tree, ...]
    bare: bool
    module: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A reference: a name, the attributes looked up on it, and the calls' trailers that follow."""

    first: Tree
    attributes: tuple[Tree, ...] = ()
    trailers: tuple[Tree, ...] = ()

    @property
    def spelled(self) -> str:
        """The dotted name as it stands in the file."""
        return ".".join(leaf.value for leaf in (self.first, *self.attributes))


class Names:
    """The imports of a file and the references that certainly mean them."""

    def __init__(self, root: Tree) -> None:
        self.imports = [found for statement in _statements(root) for found in _imported(statement)]
        self._leaves = [leaf for leaf in root.leaves() if leaf.type == token.NAME and not _is_member(leaf)]
        self._used = {leaf.value for leaf in self._leaves}
        self._by_name: dict[str, list[Imported]] = defaultdict(list)
        for found in self.imports:
            self._by_name[found.name].append(found)
        self._stars = [s.get_lineno() for s in _statements(root) if s.children[-1].type == token.STAR]
        self._rebound = {leaf.value for leaf in self._leaves if _binds(leaf)}
        self.is_dynamic = any(node.type == symbols.exec_stmt and len(node.children) == 2 for node in root.pre_order())

    def is_free(self, name: str) -> bool:
        """Whether the file does not use the name at all."""
        return name not in self._used and not self._stars

    def references(self) -> Iterator[Chain]:
        """All references by name, in order."""
        for leaf in self._leaves:
            if not _binds(leaf) and not _inside(leaf, _IMPORTS):
                yield _chain(leaf)

    def certain(self, found: Imported) -> bool:
        """Whether an import's name means that import wherever it is in scope."""
        same = self._by_name[found.name]
        return (
            not self.is_dynamic
            and found.name not in self._rebound
            and all(other.target == found.target and _is_plain(other.statement) for other in same)
            and not any(star > found.statement.get_lineno() for star in self._stars)
        )

    def target(self, leaf: Tree) -> str | None:
        """What a reference certainly stands for."""
        for found in self._by_name.get(leaf.value, ()):
            scope = _scope(found.statement)
            below = leaf.get_lineno() > found.statement.get_lineno()
            if below and self.certain(found) and (scope is None or _is_below(leaf, scope)):
                return found.target
        return None


def is_guarded(leaf: Tree) -> bool:
    """Whether the place is compat code: a fallback for a missing name, or behind a look at versions."""
    node = leaf.parent
    while node is not None:
        if node.type == symbols.try_stmt and any(_FALLBACK.search(_head(child)) for child in node.children):
            return True
        if node.type in {symbols.if_stmt, symbols.test} and any(map(_COMPATIBILITY.search, map(_head, node.children))):
            return True
        node = node.parent
    return False


def is_target(chain: Chain) -> bool:
    """Whether the dotted name is assigned to or deleted."""
    last = chain.attributes[-1] if chain.attributes else chain.first
    holder = chain.first.parent if chain.attributes else last
    if chain.attributes and last.parent is not holder.children[-1]:
        return False
    return _is_assigned(holder) or (holder.parent is not None and holder.parent.type == symbols.del_stmt)


# --------------------------------------------------------------------------- reading imports


def _statements(root: Tree) -> Iterator[Tree]:
    return (node for node in root.pre_order() if node.type in _IMPORTS)


def _imported(statement: Tree) -> Iterator[Imported]:
    if statement.type == symbols.import_name:
        for item in _items(statement.children[1], symbols.dotted_as_names):
            source, alias = _split_as(item, symbols.dotted_as_name)
            path = _path(source)
            dotted = ".".join(leaf.value for leaf in path)
            yield Imported(alias or path[0].value, dotted if alias else path[0].value, statement, path, not alias)
        return
    start = next(
        i for i, child in enumerate(statement.children) if child.type == token.NAME and child.value == "import"
    )
    module = "".join(str(child).strip() for child in statement.children[1:start])
    for child in statement.children[start + 1 :]:
        for item in _items(child, symbols.import_as_names):
            source, alias = _split_as(item, symbols.import_as_name)
            if source.type == token.NAME:
                target = f"{module}.{source.value}"
                yield Imported(alias or source.value, target, statement, (source,), not alias, module)


def module_path(statement: Tree) -> tuple[Tree, ...]:
    """The leaves of the module that a from-import names; empty for a relative one."""
    module = statement.children[1]
    return _path(module) if module.type in {token.NAME, symbols.dotted_name} else ()


def _items(node: Tree, several: int) -> list[Tree]:
    return node.children[::2] if node.type == several else [node]


def _split_as(item: Tree, kind: int) -> tuple[Tree, str]:
    return (item.children[0], item.children[2].value) if item.type == kind else (item, "")


def _path(node: Tree) -> tuple[Tree, ...]:
    return tuple(node.children[::2]) if node.type == symbols.dotted_name else (node,)


# --------------------------------------------------------------------------- reading references


def _is_member(leaf: Tree) -> bool:
    """Whether the leaf is no reference by itself: ``x`` in ``a.x``, in ``f(x=1)``."""
    previous, following = leaf.prev_sibling, leaf.next_sibling
    if (
        leaf.parent.type in {symbols.trailer, symbols.dotted_name}
        and previous is not None
        and previous.type == token.DOT
    ):
        return True
    return leaf.parent.type == symbols.argument and following is not None and following.type == token.EQUAL


def _chain(leaf: Tree) -> Chain:
    parent = leaf.parent
    if parent.type == symbols.dotted_name and parent.children[0] is leaf:
        return Chain(leaf, tuple(parent.children[2::2]))
    if parent.type != symbols.power or parent.children[0] is not leaf:
        return Chain(leaf)
    trailers = [child for child in parent.children[1:] if child.type == symbols.trailer]
    attributes: list[Tree] = []
    for trailer in trailers:
        if trailer.children[0].type != token.DOT:
            break
        attributes.append(trailer.children[1])
    return Chain(leaf, tuple(attributes), tuple(trailers[len(attributes) :]))


def _binds(leaf: Tree) -> bool:
    """Whether the leaf gives its name a value otherwise than by an import."""
    parent, previous = leaf.parent, leaf.prev_sibling
    if parent.type in {symbols.funcdef, symbols.classdef} and previous is parent.children[0]:
        return True
    if parent.type in _PARAMETERS:
        return previous is None or previous.type != token.EQUAL
    if parent.type == symbols.lambdef:
        return leaf is parent.children[1]
    return parent.type in {symbols.global_stmt, symbols.del_stmt} or _is_assigned(leaf)


def _is_assigned(node: Tree) -> bool:
    """Whether a statement or a clause assigns to the expression."""
    while node.parent is not None and node.parent.type in _CONTAINERS:
        node = node.parent
    parent, previous, following = node.parent, node.prev_sibling, node.next_sibling
    if parent is None:
        return False
    if parent.type == symbols.expr_stmt:
        return following is not None and (following.type == token.EQUAL or str(following).strip().endswith("="))
    if parent.type in _LOOPS:
        return previous is not None and str(previous).strip() == "for"
    if parent.type in {symbols.with_item, symbols.with_stmt, symbols.except_clause}:
        return previous is not None and str(previous).strip() in {"as", ","}
    return False


# --------------------------------------------------------------------------- where things stand


def _inside(leaf: Tree, kinds: set[int]) -> bool:
    node = leaf.parent
    while node is not None and node.type not in kinds:
        node = node.parent
    return node is not None


def _is_below(leaf: Tree, node: Tree) -> bool:
    while leaf is not None and leaf is not node:
        leaf = leaf.parent
    return leaf is not None


def _is_plain(statement: Tree) -> bool:
    """Whether the import always happens, and not in a class."""
    return not _inside(statement, _CONDITIONAL | {symbols.classdef})


def _scope(statement: Tree) -> Tree | None:
    """The function that holds an import, None for the module."""
    node = statement.parent
    while node is not None and node.type != symbols.funcdef:
        node = node.parent
    return node


def _head(node: Tree) -> str:
    """The text of an except clause or a test; nothing of a block."""
    return "" if node.type in {symbols.suite, symbols.simple_stmt} else str(node).strip()
