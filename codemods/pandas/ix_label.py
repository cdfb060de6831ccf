"""``ix`` looked at labels first; where a key can only be a label, or a condition, ``loc`` does the same."""

from __future__ import annotations

from tree_sitter import Node

from apimig import Edit, Refusal, Site

CONDITIONS = ("comparison_operator", "boolean_operator", "not_operator")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of ix with labels; None where another rule speaks."""
    subscript = site.node.parent
    if site.receiver is None or subscript is None or subscript.type != "subscript":
        return None
    if subscript.child_by_field_name("value") != site.node:
        return None
    if not all(_is_label(site, key) for key in subscript.children_by_field_name("subscript")):
        return None
    return site.replace(site.node, "$frame.loc", frame=site.receiver)


def _is_label(site: Site, key: Node) -> bool:
    if key.type == "parenthesized_expression" and len(key.named_children) == 1:
        return _is_label(site, key.named_children[0])
    if key.type == "slice":
        return all(_is_label(site, bound) for bound in key.named_children)
    if key.type in ("list", "tuple"):
        return bool(key.named_children) and all(_is_label(site, one) for one in key.named_children)
    if key.type in CONDITIONS or site.is_a(key, "pandas.Series", "pandas.Index", "pandas.Timestamp"):
        return True
    return bool(site.is_a(key, "builtins.str"))
