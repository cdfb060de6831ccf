"""Sessions have no autocommit mode any more: what was asked of ``session.autocommit`` is never so."""

from __future__ import annotations

from tree_sitter import Node

from apimig import Edit, Refusal, Site


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of the attribute."""
    if site.receiver is None or site.call is not None or _is_target(site.node):
        return Refusal('autocommit cannot be set any more; isolation_level="AUTOCOMMIT" of the engine is like it')
    negation = site.node.parent
    if negation is None or negation.type != "not_operator":
        return site.replace(site.node, "False")
    return _unwrapped(site, negation) or site.replace(negation, "True")


def _is_target(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    return parent.type in ("assignment", "augmented_assignment") and parent.child_by_field_name("left") == node


def _unwrapped(site: Site, condition: Node) -> Edit | None:
    """``if not session.autocommit:`` without an else, around expressions alone: what it guards always happens."""
    guard = condition.parent
    if guard is None or guard.type != "if_statement" or guard.child_by_field_name("condition") != condition:
        return None
    body = guard.child_by_field_name("consequence")
    if body is None or guard.children_by_field_name("alternative") or guard.start_point[0] == body.start_point[0]:
        return None
    lines = [child for child in body.named_children if child.type == "expression_statement"]
    plain = all(child.named_child_count == 1 and child.named_children[0].type == "call" for child in lines)
    if len(lines) != len(body.named_children) or not plain:
        return None
    template = "\n".join(f"$line{index}" for index in range(len(lines)))
    fillings = {f"line{index}": line.named_children[0] for index, line in enumerate(lines)}
    return site.replace_statements(guard, guard, template, **fillings)
