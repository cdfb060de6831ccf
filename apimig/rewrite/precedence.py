"""When an expression needs parentheses at a place, by Python's operator precedence."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from apimig import syntax

# Strength: how tightly an expression holds together; a place demands a least strength.
_LOOSE, _LAMBDA, _TERNARY, _OR, _AND, _NOT, _COMPARE, _BITOR, _UNARY, _AWAIT, _PRIMARY, _ATOM = (
    0, 2, 3, 4, 5, 6, 7, 8, 14, 16, 17, 18,
)  # fmt: skip
_BINARY = {
    "|": 8,
    "^": 9,
    "&": 10,
    "<<": 11,
    ">>": 11,
    "+": 12,
    "-": 12,
    "*": 13,
    "/": 13,
    "//": 13,
    "%": 13,
    "@": 13,
    "**": 15,
}
_STRENGTH = {
    "expression_list": _LOOSE,
    "yield": _LOOSE,
    "named_expression": 1,
    "lambda": _LAMBDA,
    "conditional_expression": _TERNARY,
    "not_operator": _NOT,
    "comparison_operator": _COMPARE,
    "unary_operator": _UNARY,
    "await": _AWAIT,
    "attribute": _PRIMARY,
    "subscript": _PRIMARY,
    "call": _PRIMARY,
    "list_splat": -1,
    "dictionary_splat": -1,
    "print_statement": -1,
}
_BARE_ALLOWED = frozenset(
    (kind, parent)
    for parent in ("assignment", "augmented_assignment", "expression_statement")
    for kind in ("expression_list", "yield")
) | frozenset(
    (("expression_list", "return_statement"), ("expression_list", "for_statement"), ("expression_list", "yield"))
)
_BRACKETS = frozenset(
    (
        "argument_list",
        "parenthesized_expression",
        "list",
        "tuple",
        "set",
        "dictionary",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
        "interpolation",
        "parameters",
        "list_pattern",
        "tuple_pattern",
    )
)


def strength(node: Node) -> int:
    """How tightly an expression holds together: 18 for an atom, 0 for a bare tuple."""
    if node.type == "binary_operator":
        return _BINARY.get(_operator(node), _BITOR)
    if node.type == "boolean_operator":
        return _OR if _operator(node) == "or" else _AND
    if node.type in ("type", "case_pattern") and node.named_child_count == 1:
        return strength(node.named_children[0])
    return _STRENGTH.get(node.type, _ATOM)


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return "" if operator is None else syntax.text_of(operator)


# What each kind of parent demands of any child; those that depend on the child have a function below.
_DEMANDS = {
    "attribute": _PRIMARY,
    "call": _PRIMARY,
    "await": _PRIMARY,
    "decorator": _PRIMARY,
    "unary_operator": _UNARY,
    "not_operator": _NOT,
    "comparison_operator": _BITOR,
    "list_splat": _BITOR,
    "dictionary_splat": _BITOR,
    "for_in_clause": _OR,
    "if_clause": _OR,
    "interpolation": _TERNARY,
    "as_pattern": _TERNARY,
    "parenthesized_expression": _LOOSE,
}


def demand(node: Node) -> int:
    """The least strength of an expression that can stand, without parentheses, where ``node`` stands."""
    parent = node.parent
    if parent is None:
        return _LAMBDA
    special = _BY_CHILD.get(parent.type)
    return _DEMANDS.get(parent.type, _LAMBDA) if special is None else special(parent, node)


def _subscript_demand(parent: Node, node: Node) -> int:
    return _PRIMARY if parent.child_by_field_name("value") == node else _LAMBDA


def _boolean_demand(parent: Node, node: Node) -> int:
    own = _OR if _operator(parent) == "or" else _AND
    return own + (parent.child_by_field_name("right") == node)


def _ternary_demand(parent: Node, node: Node) -> int:
    return _LAMBDA if parent.named_children[-1] == node else _OR


def _operand_demand(parent: Node, node: Node) -> int:
    operator = _operator(parent)
    left = parent.child_by_field_name("left") == node
    if operator == "**":
        return _AWAIT if left else _UNARY
    return _BINARY.get(operator, _BITOR) + (0 if left else 1)


_BY_CHILD: dict[str, Callable[[Node, Node], int]] = {
    "subscript": _subscript_demand,
    "binary_operator": _operand_demand,
    "boolean_operator": _boolean_demand,
    "conditional_expression": _ternary_demand,
}


def needs_parentheses(power: int, kind: str, place: Node) -> bool:
    """Whether an expression of this strength and node type must be parenthesised where ``place`` stands."""
    parent = "" if place.parent is None else place.parent.type
    if kind == "integer" and parent == "attribute":
        return True
    if (kind, parent) in _BARE_ALLOWED:
        return False
    return power < demand(place)


def in_brackets(node: Node) -> bool:
    """Whether a newline at this node would be inside brackets, and so harmless."""
    parent = node.parent
    while parent is not None and not parent.type.endswith("_statement"):
        if parent.type in _BRACKETS:
            return True
        if parent.type == "subscript" and parent.child_by_field_name("value") != node:
            return True
        node, parent = parent, parent.parent
    return False


def breaks_line(node: Node) -> bool:
    """Whether the text of an expression has a newline that only brackets around it make harmless."""
    if node.type in _BRACKETS or node.type == "string" or b"\n" not in (node.text or b""):
        return False
    end = node.start_byte
    text = node.text or b""
    for child in node.children:
        gap = text[end - node.start_byte : child.start_byte - node.start_byte]
        if b"\n" in gap.replace(b"\\\r\n", b"").replace(b"\\\n", b""):
            return True
        subscripted = node.type == "subscript" and child != node.children[0]
        if not subscripted and breaks_line(child):
            return True
        end = child.end_byte
    return False
