"""``ix`` with a key that may be a label or a position: ``loc`` is right for labels, ``iloc`` for positions."""

from __future__ import annotations

from tree_sitter import Node

from apimig import Edit, Refusal, Site

CONDITIONS = ("comparison_operator", "boolean_operator", "not_operator")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The (unsafe) edit for one use of ix that ``ix_label`` leaves."""
    subscript = site.node.parent
    if site.receiver is None or subscript is None or subscript.type != "subscript":
        return Refusal("it is passed on; say whether it is loc or iloc")
    keys = subscript.children_by_field_name("subscript")
    if all(_is_label(site, key) for key in keys):
        return None
    if any(_has_number(site, key) for key in keys):
        return Refusal("a number is a label where the index holds integers, else a position: loc or iloc")
    return site.replace(site.node, "$frame.loc", frame=site.receiver)


def _has_number(site: Site, key: Node) -> bool:
    if key.type in ("slice", "list", "tuple", "parenthesized_expression", "unary_operator"):
        return any(_has_number(site, one) for one in key.named_children)
    return key.type == "integer" or bool(site.is_a(key, "builtins.int"))


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
