"""``frame.set_axis(labels, inplace=True)`` assigned the labels; so does ``frame.index = labels``."""

from __future__ import annotations

from apimig import Edit, Refusal, Site

SIGNATURE = "(labels, axis=0, inplace=False)"


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of set_axis with inplace=True."""
    if site.call is None or site.receiver is None:
        return None
    bound = site.bind(SIGNATURE)
    inplace, labels, axis = (bound.given.get(name) for name in ("inplace", "labels", "axis"))
    if inplace is None or site.holds(inplace, "False") is True:
        return None
    if site.holds(inplace, "True") is not True or labels is None or bound.extra or bound.maybe:
        return Refusal("whether it changes the object itself cannot be told")
    if site.statement.type != "expression_statement" or site.statement.named_children[0] != site.call.node:
        return Refusal("its result, which is None, is used")
    if axis is None or site.holds(axis, "0", "'index'", "'rows'"):
        name = "index"
    elif site.holds(axis, "1", "'columns'"):
        name = "columns"
    else:
        return Refusal("which axis it sets cannot be told")
    return site.replace_statements(
        site.statement, site.statement, f"$frame.{name} = $labels", frame=site.receiver, labels=labels
    )
