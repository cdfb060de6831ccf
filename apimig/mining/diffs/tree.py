"""Python as trees that can be compared, hashed, generalised and written back.

A tree is made from the interpreter's own: one node for each of its nodes, one for each list in it. Two things differ.
A dotted name that imports give a meaning is one leaf, a *symbol* (``np.linalg.norm`` -> ``numpy.linalg.norm``), so
aliases make no difference. And a call has one list of arguments, so that keywords can stand in any order.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SYMBOL, HOLE, LIST, NONE, CALL, KEYWORD = "Symbol", "Hole", "[]", "None", "Call", "keyword"
_SCALARS = frozenset(
    {"id", "attr", "arg", "name", "asname", "module", "level", "is_async", "conversion", "simple", "rest"}
)
_LEFT_OUT = frozenset({"ctx", "type_comment", "type_ignores"})
BODIES = frozenset({"body", "orelse", "finalbody"})
CLAUSES = frozenset({"handlers", "cases"})

Types = Callable[[int, int], frozenset[str]]
"""The classes of which the expression with this byte span is an instance; empty where that is not known."""


def no_types(_start: int, _end: int) -> frozenset[str]:
    """Nothing is known."""
    return frozenset()


class Tree:
    """A node: equal to every other of the same kind, values and children, wherever they stand.

    ``span`` are its bytes in the source, (-1, -1) where it has none; ``ask`` tells the types of spans of that source.
    """

    _digest: int
    __slots__ = ("_digest", "ask", "children", "kind", "size", "span", "values")

    def __init__(
        self,
        kind: str,
        values: tuple[object, ...] = (),
        children: tuple[Tree, ...] = (),
        span: tuple[int, int] = (-1, -1),
        ask: Types = no_types,
    ) -> None:
        self.kind, self.values, self.children, self.span, self.ask = kind, values, children, span, ask
        self._digest = hash((kind, values, tuple(child._digest for child in children)))
        self.size: int = 1 + sum(child.size for child in children)

    def __hash__(self) -> int:
        return self._digest

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Tree)
            and self._digest == other._digest
            and self.kind == other.kind
            and self.values == other.values
            and self.children == other.children
        )

    def __repr__(self) -> str:
        values = ", ".join(map(str, self.values))
        return f"{self.kind}({values}{': ' if values and self.children else ''}{', '.join(map(repr, self.children))})"

    @property
    def types(self) -> frozenset[str]:
        """The classes of which it is an instance; empty where that is not known."""
        return self.ask(*self.span) if self.span[0] >= 0 else frozenset()

    @property
    def name(self) -> str:
        """Its first value as text: the identifier, the attribute, the symbol, the keyword."""
        return str(self.values[0]) if self.values else ""

    def with_children(self, children: tuple[Tree, ...]) -> Tree:
        """The same node with other children."""
        return self if children == self.children else Tree(self.kind, self.values, children, self.span, self.ask)

    def walk(self) -> Iterator[Tree]:
        """The node and all below it, in source order."""
        stack = [self]
        while stack:
            top = stack.pop()
            yield top
            stack.extend(reversed(top.children))


def symbol(name: str) -> Tree:
    """The leaf for a qualified name."""
    return Tree(SYMBOL, (name,))


def hole(name: str, sigil: str = "") -> Tree:
    """The leaf for a metavariable; ``sigil`` is "", "?" or "*"."""
    return Tree(HOLE, (name, sigil))


def is_expression(tree: Tree) -> bool:
    """Whether it can stand where an expression does."""
    return tree.kind in (SYMBOL, HOLE) or issubclass(getattr(ast, tree.kind, ast.AST), ast.expr)


def is_statement(tree: Tree) -> bool:
    """Whether it is a statement."""
    return issubclass(getattr(ast, tree.kind, ast.AST), ast.stmt)


def replaced(tree: Tree, new: Mapping[Tree, Tree]) -> Tree:
    """The tree with whole subtrees replaced, the outermost first."""
    if tree in new:
        return new[tree]
    return tree.with_children(tuple(replaced(child, new) for child in tree.children))


def local_names(tree: Tree) -> set[str]:
    """The variables in it: names that no import and no builtin gives a meaning."""
    bound = {node.name for node in tree.walk() if node.kind == "arg"}
    bound |= {
        name.name
        for node in tree.walk()
        if node.kind == "comprehension"
        for name in node.children[0].walk()
        if name.kind == "Name"
    }
    return {node.name for node in tree.walk() if node.kind == "Name"} - bound


# ------------------------------------------------------------------------ from Python and back


class Builder:
    """Makes trees of the nodes of one source. ``meaning`` gives the qualified name of a dotted one, or ""."""

    def __init__(self, code: str, meaning: Callable[[ast.expr], str], ask: Types = no_types) -> None:
        self._meaning = meaning
        self._ask = ask
        self._starts = [0]
        for line in code.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def tree(self, node: ast.AST) -> Tree:
        """The tree of a node."""
        span = self._span(node)
        if isinstance(node, ast.Name | ast.Attribute) and (name := self._meaning(node)):
            return Tree(SYMBOL, (name,), (), span, self._ask)
        if isinstance(node, ast.Constant):
            return Tree("Constant", (type(node.value).__name__, repr(node.value)), (), span, self._ask)
        if isinstance(node, ast.Call):
            arguments = self._list("arguments", [*node.args, *node.keywords])
            return Tree(CALL, (), (self.tree(node.func), arguments), span, self._ask)
        values: list[object] = []
        children: list[Tree] = []
        for name in node._fields:
            if name in _LEFT_OUT or (name == "kind" and isinstance(node, ast.Constant)):
                continue
            value = getattr(node, name, None)
            if name in _SCALARS and not isinstance(value, ast.AST):
                values.append(value)
            else:
                children.append(self._field(name, value))
        return Tree(type(node).__name__, tuple(values), tuple(children), span, self._ask)

    def _field(self, name: str, value: object) -> Tree:
        if value is None:
            return Tree(NONE)
        if isinstance(value, list):
            return self._list(name, value)
        return self.tree(value) if isinstance(value, ast.AST) else Tree("text", (value,))

    def _list(self, name: str, items: list[Any]) -> Tree:
        return Tree(LIST, (name,), tuple(self._field("", item) for item in items))

    def _span(self, node: ast.AST) -> tuple[int, int]:
        if not isinstance(node, ast.expr | ast.stmt) or node.end_lineno is None or node.end_col_offset is None:
            return (-1, -1)
        start = self._starts[node.lineno - 1] + node.col_offset
        return (start, self._starts[node.end_lineno - 1] + node.end_col_offset)


class Unwritable(ValueError):
    """A tree that no Python text stands for."""


def node_of(tree: Tree, spell: Callable[[str], str]) -> Any:  # noqa: ANN401 - a node, a list of nodes, or a text
    """The interpreter's node again; ``spell`` writes a symbol."""
    if tree.kind == SYMBOL:
        return ast.parse(spell(tree.name), mode="eval").body
    if tree.kind == HOLE:
        return ast.Name(_placeholder(tree), ast.Load())
    if tree.kind == "Constant":
        return ast.Constant(_constant(tree))
    if tree.kind == NONE:
        return None
    if tree.kind == "text":
        return tree.values[0]
    if tree.kind == LIST:
        return [node_of(child, spell) for child in tree.children]
    if tree.kind == CALL:
        items = [node_of(child, spell) for child in tree.children[1].children]
        keywords = [item for item in items if isinstance(item, ast.keyword)]
        return ast.Call(node_of(tree.children[0], spell), [i for i in items if i not in keywords], keywords)
    return _other_node(tree, spell)


def _other_node(tree: Tree, spell: Callable[[str], str]) -> ast.AST:
    made: type[ast.AST] | None = getattr(ast, tree.kind, None)
    if made is None:
        raise Unwritable(tree.kind)
    values, children = iter(tree.values), iter(tree.children)
    node = made()
    for name in made._fields:
        if name in _LEFT_OUT:
            setattr(node, name, [] if name == "type_ignores" else ast.Load() if name == "ctx" else None)
        elif name in _SCALARS and not (made.__name__ == "TypeAlias" and name == "name"):
            setattr(node, name, next(values))
        else:
            child = next(children)
            if made in (ast.JoinedStr, ast.FormattedValue) and any(part.kind == HOLE for part in child.walk()):
                raise Unwritable("a metavariable within a string")
            setattr(node, name, node_of(child, spell))
    return node


def _constant(tree: Tree) -> Any:  # noqa: ANN401 - whatever a literal stands for
    kind, text = tree.values
    if kind == "ellipsis":
        return ...
    if kind in ("float", "complex") and any(word in str(text) for word in ("inf", "nan")):
        return math.inf if str(text) == "inf" else complex(str(text))
    return ast.literal_eval(str(text))


_MARKS = {"": "hole1__", "?": "hole2__", "*": "hole3__"}


def _placeholder(tree: Tree) -> str:
    name, sigil = tree.values
    return f"{_MARKS[str(sigil)]}{name}"


def plainly(name: str) -> str:
    """A qualified name as it stands in patterns."""
    return name.removeprefix("builtins.")


def text_of(tree: Tree, spell: Callable[[str], str] = plainly) -> str:
    """Python for a tree, with ``$x`` for metavariables; Unwritable where there is none."""
    try:
        node = node_of(tree, spell)
        written = ast.unparse(ast.fix_missing_locations(node))
    except (RecursionError, AttributeError, TypeError, StopIteration, SyntaxError) as error:
        raise Unwritable(tree.kind) from error
    for sigil, mark in _MARKS.items():
        written = written.replace(mark, f"${sigil}")
    return in_double_quotes(written)


def in_double_quotes(code: str) -> str:
    """Code with the quotes that people prefer, where that changes no string."""
    import io
    import tokenize

    if "'" not in code or "$" in code:
        return _quoted(code) if "'" in code else code
    lines = code.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return code
    for token in reversed(tokens):
        if token.type == tokenize.STRING and token.start[0] == token.end[0]:
            line = lines[token.start[0] - 1]
            new = _quoted(token.string)
            lines[token.start[0] - 1] = line[: token.start[1]] + new + line[token.end[1] :]
    return "".join(lines)


def _quoted(text: str) -> str:
    """``'a'`` as ``"a"``; text that is no such literal, or holds what would need a backslash, as it is."""
    simple = text.startswith("'") and text.endswith("'") and not text.startswith("'''") and len(text) > 1
    if not simple or '"' in text or "\\" in text or "'" in text[1:-1]:
        return text
    return f'"{text[1:-1]}"'
