"""Iterating over ``groupby([key])`` gives tuples of one since 2.0; ``groupby(key)`` gives the keys, as before."""

from __future__ import annotations

from tree_sitter import Node

from apimig import Edit, Refusal, Site

SIGNATURE = "(by=None, axis=0, level=None, as_index=True, sort=True, group_keys=True, observed=False, dropna=True)"
KEYS = ("string", "integer", "attribute", "subscript", "identifier")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of groupby with a list of one key, iterated over where it stands."""
    if site.call is None or not _iterated(site.call.node):
        return None
    by = site.bind(SIGNATURE).given.get("by")
    if by is None:
        return None
    node = site.node_at(by)
    elements = [child for child in node.named_children if child.type != "comment"]
    if node.type != "list" or len(elements) != 1:
        return None
    key = elements[0]
    if key.type not in KEYS or site.is_a(key, "builtins.list", "builtins.tuple"):
        return Refusal("its keys are tuples of one now; take the first item of each where the key itself is meant")
    return site.replace(by, "$key", key=key)


def _iterated(call: Node) -> bool:
    parent = call.parent
    if parent is None or parent.type not in ("for_statement", "for_in_clause"):
        return False
    return parent.child_by_field_name("right") == call
