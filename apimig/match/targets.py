"""Places that something is stored to or deleted from: they are no values, and no calls."""

from __future__ import annotations

from tree_sitter import Node

_CONTAINERS = frozenset(("pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "expression_list"))
_LEFT = frozenset(("assignment", "augmented_assignment", "for_statement", "for_in_clause"))


def target_of(node: Node) -> str:
    """What a target is for ("assigned to", "deleted"), "" for an expression that is read."""
    child, parent = node, node.parent
    while parent is not None and (parent.type in _CONTAINERS or parent.type == "parenthesized_expression"):
        child, parent = parent, parent.parent
    if parent is None:
        return ""
    if parent.type in _LEFT and parent.child_by_field_name("left") == child:
        return "assigned to"
    if parent.type == "delete_statement":
        return "deleted"
    return "assigned to" if parent.type == "as_pattern_target" else ""
