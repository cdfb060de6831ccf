"""Calls in user code: their arguments, and what is certain about the values they pass."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tree_sitter import Node

from apimig import syntax
from apimig.records import Argument, Resolution, Span, TypeKind, Use, UseKind, Value
from apimig.rulebook.pattern import dotted

_SCALARS = (str, bytes, int, float, complex, bool, type(None))
_DISPLAYS = frozenset(
    (
        "list",
        "tuple",
        "dictionary",
        "set",
        "lambda",
        "list_comprehension",
        "dictionary_comprehension",
        "set_comprehension",
        "generator_expression",
    )
)


_WRAPPERS = frozenset(("module", "block", "expression_statement", "type", "case_pattern"))


@dataclass(frozen=True, slots=True)
class Call:
    """A call: ``node`` as a whole, the called ``function``, the brackets with the ``arguments``.

    ``partial`` marks ``functools.partial(f, ...)``: then ``function`` is ``f``, ``arguments`` are those
    after it, and more may be given later.
    """

    node: Node
    function: Node
    brackets: Node
    arguments: tuple[Argument, ...]
    partial: bool = False


def call_of(node: Node) -> Call | None:
    """The call that calls ``node``, looking through parentheses around it."""
    function, call = node, node.parent
    while call is not None and call.type == "parenthesized_expression":
        function, call = call, call.parent
    if call is None or call.type != "call" or call.child_by_field_name("function") != function:
        return None
    brackets = call.child_by_field_name("arguments")
    return None if brackets is None else Call(call, node, brackets, arguments(brackets))


def partial_of(node: Node) -> Call | None:
    """The ``functools.partial(node, ...)`` around ``node``."""
    brackets = node.parent
    if brackets is None or brackets.type != "argument_list" or brackets.named_children[0] != node:
        return None
    call = brackets.parent
    function = None if call is None or call.type != "call" else call.child_by_field_name("function")
    if call is None or function is None or dotted(function) not in ("partial", "functools.partial"):
        return None
    return Call(call, node, brackets, arguments(brackets)[1:], partial=True)


def arguments(brackets: Node) -> tuple[Argument, ...]:
    """The arguments between the brackets of a call; a bare generator is one argument."""
    if brackets.type == "generator_expression":
        return (Argument(syntax.span_of(brackets), syntax.span_of(brackets)),)
    return tuple(_argument(child) for child in syntax.parts(brackets))


def _argument(node: Node) -> Argument:
    span = syntax.span_of(node)
    if node.type == "keyword_argument":
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and value is not None:
            return Argument(span, syntax.span_of(value), syntax.text_of(name))
    if node.type in ("list_splat", "dictionary_splat"):
        star = "*" if node.type == "list_splat" else "**"
        return Argument(span, syntax.span_of(node.named_children[-1]), star=star)
    return Argument(span, span)


@lru_cache(maxsize=8192)
def normalised(text: str) -> str:
    """The text of an expression in one spelling: ``'a'`` and ``"a"`` are equal. Other text is kept."""
    try:
        return ast.unparse(ast.parse(text.strip(), mode="eval"))
    except (SyntaxError, ValueError):
        return text.strip()


@lru_cache(maxsize=8192)
def _literal(text: str) -> tuple[bool, object]:
    try:
        return True, ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError):
        return False, None


class Facts:
    """What a file's resolution says about values, indexed once per file."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self._uses: dict[Span, Use] = {use.span: use for use in resolution.uses if use.kind is not UseKind.IMPORT}

    def text(self, span: Span) -> str:
        """The source of a span."""
        return self.resolution.source.text[span.start : span.end].decode("utf-8")

    def node(self, span: Span) -> Node | None:
        """The outermost expression (or statement that is more than one) with this span."""
        node = syntax.node_at(self.resolution.tree, span)
        while node is not None and node.type in _WRAPPERS and node.named_child_count == 1:
            inside = node.named_children[0]
            if syntax.span_of(inside) != span:
                break
            node = inside
        return node

    def use(self, span: Span) -> Use | None:
        """The use with this span."""
        return self._uses.get(span)

    @cached_property
    def _symbols(self) -> dict[Span, tuple[str, Use]]:
        """Library names by span, those that begin a longer chain among them: ``np.inf`` in ``np.inf.real``."""
        found: dict[Span, tuple[str, Use]] = {}
        for use in self.resolution.uses:
            if use.kind is UseKind.NAME:
                found.update((syntax.span_of(node), (name, use)) for name, node in self.prefixes(use))
        return found

    def prefixes(self, use: Use) -> Iterator[tuple[str, Node]]:
        """The names that a NAME use spells with their nodes, the longest first, as far as the text has them."""
        name, node = use.symbol, self.node(use.span)
        while node is not None:
            yield name, node
            head, _, last = name.rpartition(".")
            attribute = node.child_by_field_name("attribute") if node.type == "attribute" else None
            if not head or attribute is None or syntax.text_of(attribute) != last:
                return
            name, node = head, node.child_by_field_name("object")

    def symbol(self, span: Span) -> str:
        """The canonical library name that the expression spells, or ""."""
        return self._symbols[span][0] if span in self._symbols else ""

    def name_use(self, span: Span) -> Use | None:
        """The NAME use whose chain the expression is, or begins."""
        return self._symbols[span][1] if span in self._symbols else None

    def holds(self, span: Span, texts: Iterable[str]) -> bool | None:
        """Whether the expression has one of these values; None when that cannot be told."""
        texts = tuple(texts)
        text = self.text(span)
        if normalised(text) in {normalised(each) for each in texts}:
            return True
        if symbol := self.symbol(span):
            return symbol in {self.resolution.canonical(each.strip()) for each in texts}
        if _literal(text)[0]:
            return False
        if objects := self._objects(span):
            found = objects & {self.resolution.canonical(each.strip()) for each in texts}
            return None if found and found != objects else bool(found)
        return False if self._excluded(span, texts) else None

    def is_instance(self, value: Value, classes: Iterable[str]) -> bool | None:
        """Whether a value is an instance of one of the classes for sure; None when that cannot be told.

        ``None`` among its types does not count: whoever uses it as an instance relies on that already.
        """
        classes = tuple(classes)
        kinds = [t for t in value.types if _none(t.name) != "builtins.NoneType"]
        fits = [t.kind is TypeKind.INSTANCE and self.is_class(t.name, classes) for t in kinds]
        if fits and not any(fits):
            return None if value.open else False
        return True if fits and all(fits) and not value.open else None

    def is_class(self, name: str, classes: Iterable[str]) -> bool:
        """Whether a class is one of others or derives from it."""
        return any(name == each or self.resolution.is_subtype(name, each) for each in classes)

    def object(self, span: Span) -> str:
        """The one function or class itself that an expression is for sure, whosever it is, or ""."""
        names = self._objects(span)
        return next(iter(names)) if len(names) == 1 else ""

    def _objects(self, span: Span) -> frozenset[str]:
        """The functions and classes themselves that an expression can be (``float``), if it can be nothing else."""
        value = self.resolution.value_at(span)
        names = frozenset(one.name for one in value.types if one.kind is TypeKind.OBJECT)
        return names if len(names) == len(value.types) and not value.open else frozenset()

    def _excluded(self, span: Span, texts: tuple[str, ...]) -> bool:
        """Whether the kind of expression or its type rules all the values out."""
        values = [_literal(each) for each in texts]
        if not all(known and isinstance(value, _SCALARS) for known, value in values):
            return False
        node = self.node(span)
        if node is not None and node.type in _DISPLAYS:
            return True
        value = self.resolution.value_at(span)
        names = {_type_name(each) for _, each in values}
        return not value.is_unknown and not value.open and not names & {_none(t.name) for t in value.types}


def _type_name(value: object) -> str:
    return f"builtins.{type(value).__name__}"


def _none(name: str) -> str:
    return "builtins.NoneType" if name in ("None", "builtins.None") else name
