"""Patterns and templates: Python with metavariables, parsed once.

``$x`` is any expression, ``$?x`` an argument that may be missing, ``$*xs`` any run of arguments,
``$_`` any expression that nothing speaks of again. A pattern is one expression or one statement; a
template is one expression or any number of statements. Metavariables inside strings and comments
are text. Both are parsed as ordinary Python after every metavariable became a placeholder name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from tree_sitter import Node, Tree

from apimig import syntax

Kind = Literal["one", "optional", "variadic", "any"]

_PREFIX: dict[Kind, str] = {"one": "mv1__", "optional": "mvo__", "variadic": "mvs__", "any": "mva__"}
_SIGILS: dict[str, Kind] = {"": "one", "?": "optional", "*": "variadic"}
_TOKEN = re.compile(
    r"""(?P<text>(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\#[^\n]*))"""
    r"""|(?P<meta>\$(?P<sigil>[?*]?)(?P<name>[A-Za-z_]\w*)?)""",
    re.DOTALL,
)
_STATEMENT_PARTS = ("assignment", "augmented_assignment")


class PatternError(ValueError):
    """A pattern that cannot be used; ``column`` is 1-based in the pattern's text, 0 when it has none."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(f"{message} (column {column})" if column else message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Metavariable:
    """One ``$name`` of a pattern."""

    name: str
    kind: Kind

    def __str__(self) -> str:
        return {"one": "$", "optional": "$?", "variadic": "$*", "any": "$"}[self.kind] + self.name


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern or template.

    ``code`` is the text with placeholders. ``body`` holds the one expression, or the statements;
    ``is_expression`` says which. ``names`` lists the metavariables in order of appearance.
    """

    text: str
    code: bytes
    tree: Tree
    body: tuple[Node, ...]
    is_expression: bool
    names: tuple[Metavariable, ...] = field(default=())

    @property
    def root(self) -> Node:
        """The expression, or the only (or first) statement."""
        return self.body[0]


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a use must be for a pattern to be tried on it."""

    symbols: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.symbols or self.members or self.operators)


def metavariable(node: Node) -> Metavariable | None:
    """The metavariable that a node of a pattern's tree stands for, or None."""
    if node.type != "identifier":
        return None
    text = syntax.text_of(node)
    for kind, prefix in _PREFIX.items():
        if text.startswith(prefix):
            return Metavariable(text.removeprefix(prefix), kind)
    return None


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Pattern:
    """Parse a pattern: one expression or one statement; PatternError says what is wrong."""
    pattern = parse_template(text)
    if len(pattern.body) != 1:
        raise PatternError("a pattern is one expression or one statement")
    return pattern


@lru_cache(maxsize=4096)
def parse_template(text: str) -> Pattern:
    """Parse a template: one expression or some statements; PatternError says what is wrong."""
    code, names, columns = _substitute(text.strip())
    tree = syntax.parse(code.encode())
    _check_syntax(code, tree, columns)
    statements = syntax.parts(tree.root_node)
    if not statements:
        raise PatternError("empty")
    expression = _sole_expression(statements)
    _check_places(tree.root_node)
    body = (expression,) if expression is not None else tuple(statements)
    return Pattern(text, code.encode(), tree, body, expression is not None, names)


def _substitute(text: str) -> tuple[str, tuple[Metavariable, ...], list[tuple[int, int]]]:
    """The text with placeholders, its metavariables, and (offset, original offset) pairs to map columns back."""
    pieces: list[str] = []
    names: dict[str, Metavariable] = {}
    columns = [(0, 0)]
    end = length = 0
    for token in _TOKEN.finditer(text):
        if token["meta"] is None:
            continue
        if not token["name"]:
            raise PatternError("a metavariable is $name, $?name, $*name or $_", token.start() + 1)
        found = _named(token["sigil"], token["name"], token.start() + 1)
        earlier = names.setdefault(found.name, found)
        if earlier.kind != found.kind:
            raise PatternError(f"{found} is also written {earlier}", token.start() + 1)
        pieces += [text[end : token.start()], _PREFIX[found.kind] + found.name]
        length += token.start() - end + len(pieces[-1])
        end = token.end()
        columns.append((length, end))
    names.pop("_", None)
    return "".join([*pieces, text[end:]]), tuple(names.values()), columns


def _named(sigil: str, name: str, column: int) -> Metavariable:
    if name == "_":
        if sigil:
            raise PatternError(f"$_ is one expression; write ${sigil}rest for more", column)
        return Metavariable("_", "any")
    return Metavariable(name, _SIGILS[sigil])


def _check_syntax(code: str, tree: Tree, columns: list[tuple[int, int]]) -> None:
    try:
        ast.parse(code)
    except SyntaxError as error:
        offset = len("".join(code.splitlines(keepends=True)[: (error.lineno or 1) - 1])) + (error.offset or 1) - 1
        raise PatternError(f"not Python: {error.msg}", _column(columns, offset)) from error
    if syntax.first_error(tree) is not None:
        raise PatternError("not Python")


def _column(columns: list[tuple[int, int]], offset: int) -> int:
    placed, original = max(pair for pair in columns if pair[0] <= offset)
    return original + offset - placed + 1


def _sole_expression(statements: list[Node]) -> Node | None:
    if len(statements) != 1 or statements[0].type != "expression_statement":
        return None
    parts = statements[0].named_children
    return parts[0] if len(parts) == 1 and parts[0].type not in _STATEMENT_PARTS else None


_LISTS = ("argument_list", "list", "tuple", "set", "expression_list", "subscript")


def _check_places(root: Node) -> None:
    """Variadic and optional metavariables stand only where something can be left out."""
    for node in syntax.walk(root):
        found = metavariable(node)
        parent = node.parent
        if found is None or parent is None or found.kind not in ("optional", "variadic"):
            continue
        keyword_value = parent.type == "keyword_argument" and found.kind == "optional"
        if parent.type not in _LISTS and not keyword_value:
            raise PatternError(f"{found} stands for arguments, so it must stand among arguments")


# ------------------------------------------------------------------------ checks for the loader


def check_pattern(text: str, *, roots: Collection[str] = (), where: Collection[str] = ()) -> list[str]:
    """What is wrong with a pattern, one sentence each.

    With ``roots`` (import names of the library) it must have an anchor too: a library name, or a
    member or operator of a metavariable that ``where`` types.
    """
    try:
        pattern = parse_pattern(text)
    except PatternError as error:
        return [str(error)]
    known = {found.name for found in pattern.names}
    problems = [f"where speaks of ${name}, which the pattern does not have" for name in where if name not in known]
    if roots and not anchors(text, roots, where):
        problems.append(
            f"{text!r} has no anchor: name something of {' or '.join(sorted(roots))}, "
            "or type the receiver of a member with where"
        )
    return problems


def check_template(text: str, pattern: str) -> list[str]:
    """What is wrong with a template for this pattern, one sentence each."""
    if not text.strip():
        return []
    try:
        template, matched = parse_template(text), parse_pattern(pattern)
    except PatternError as error:
        return [str(error)]
    known = {found.name: found for found in matched.names}
    problems = []
    for found in template.names:
        if found.name not in known:
            problems.append(f"{found} is not in the pattern, which has {_listed(known.values())}")
        elif found.kind == "one" and known[found.name].kind != "one":
            problems.append(f"{found} is {known[found.name]} in the pattern: write it so in the template too")
    if matched.is_expression and not template.is_expression:
        problems.append("the pattern is an expression, so the template must be one too")
    return problems


def _listed(names: Collection[Metavariable]) -> str:
    return ", ".join(str(name) for name in names) or "none"


# ------------------------------------------------------------------------ anchors


def dotted(node: Node) -> str:
    """The dotted name that an identifier or a chain of attributes spells, or ""."""
    if node.type == "identifier" and metavariable(node) is None:
        return syntax.text_of(node)
    if node.type == "attribute":
        left, right = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if left is not None and right is not None and metavariable(right) is None and (prefix := dotted(left)):
            return f"{prefix}.{syntax.text_of(right)}"
    return ""


def library_names(root: Node, roots: Collection[str]) -> Iterator[Node]:
    """The outermost nodes below ``root`` that spell a dotted name of one of ``roots``, in source order."""
    name = dotted(root)
    if name and name.partition(".")[0] in roots and not _is_label(root):
        yield root
        return
    for child in root.named_children:
        yield from library_names(child, roots)


def _is_label(node: Node) -> bool:
    """Whether an identifier is a keyword's or an attribute's name rather than a reference."""
    parent = node.parent
    if parent is None:
        return False
    field_name = {"keyword_argument": "name", "attribute": "attribute"}.get(parent.type)
    return field_name is not None and parent.child_by_field_name(field_name) == node


def anchor_nodes(pattern: Pattern, roots: Collection[str], where: Collection[str]) -> tuple[Node, ...]:
    """Nodes of the pattern's tree at which uses can be found, best first.

    Library names first; then members and operators whose receiver is a typed metavariable, and
    members of what a library call returns.
    """
    named = [node for part in pattern.body for node in library_names(part, roots)]
    typed = [node for part in pattern.body for node in syntax.walk(part) if _typed_receiver(node, where)]
    return (*named, *typed)


def _typed_receiver(node: Node, where: Collection[str]) -> bool:
    receiver = receiver_of(node)
    if receiver is None:
        return False
    found = metavariable(receiver)
    return found is not None and found.name in where


def receiver_of(node: Node) -> Node | None:
    """The operand whose type decides what a member, an operator or a subscript means."""
    match node.type:
        case "attribute":
            return node.child_by_field_name("object")
        case "binary_operator":
            return node.child_by_field_name("left")
        case "subscript":
            return node.child_by_field_name("value")
        case "unary_operator":
            return node.child_by_field_name("argument")
        case "comparison_operator":
            return node.named_children[0]
    return None


def operator_of(node: Node) -> str:
    """The token of an operator expression: ``&``, ``[]``, ``in``; "" for other nodes."""
    if node.type == "subscript":
        return "[]"
    if node.type in ("binary_operator", "unary_operator"):
        operator = node.child_by_field_name("operator")
        return "" if operator is None else syntax.text_of(operator)
    if node.type == "comparison_operator":
        return " ".join(syntax.text_of(child) for child in node.children_by_field_name("operators"))
    return ""


def anchors(text: str, libraries: Collection[str], where: Collection[str] = ()) -> Anchors:
    """The symbols, member names and operators by which uses for a pattern are found.

    ``libraries`` are import names, ``where`` the metavariables with a type.
    """
    pattern = parse_pattern(text)
    symbols, members, operators = set(), set(), set()
    for node in anchor_nodes(pattern, libraries, where):
        if name := dotted(node):
            symbols.add(name)
        elif node.type == "attribute":
            attribute = node.child_by_field_name("attribute")
            if attribute is not None and metavariable(attribute) is None:
                members.add(syntax.text_of(attribute))
        elif token := operator_of(node):
            operators.add(token)
    return Anchors(frozenset(symbols), frozenset(members), frozenset(operators))


def placeholders(pattern: Pattern) -> Mapping[str, Metavariable]:
    """Metavariables by name."""
    return {found.name: found for found in pattern.names}
