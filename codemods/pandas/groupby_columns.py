"""``frame.groupby(..., axis=1).sum()`` became the same on the transposed frame, transposed back."""

from __future__ import annotations

from apimig import Edit, Refusal, Site

SIGNATURE = "(by=None, axis=0, level=None, as_index=True, sort=True, group_keys=True, observed=False, dropna=True)"
AGGREGATIONS = (
    b"sum",
    b"mean",
    b"median",
    b"min",
    b"max",
    b"std",
    b"var",
    b"prod",
    b"first",
    b"last",
    b"count",
    b"any",
    b"all",
)


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of groupby along the columns."""
    if site.call is None or site.receiver is None:
        return None
    bound = site.bind(SIGNATURE)
    axis = bound.given.get("axis")
    if axis is None or site.holds(axis, "0", "'index'", "'rows'") is True:
        return None
    if site.holds(axis, "1", "'columns'") is not True or bound.extra or bound.maybe:
        return Refusal("which axis it groups along cannot be told")
    if site.is_a(site.receiver, "pandas.DataFrame") is not True:
        return Refusal("it may be a Series")
    method = site.call.node.parent
    outer = None if method is None or method.type != "attribute" else method.parent
    name = None if method is None else method.child_by_field_name("attribute")
    if outer is None or outer.type != "call" or name is None or name.text not in AGGREGATIONS:
        return Refusal("what is done with the groups has to be done on the transposed frame")
    brackets = outer.child_by_field_name("arguments")
    if brackets is None or brackets.named_children:
        return Refusal("the arguments of the aggregation have to be looked at")
    rest = [a for a in site.call.arguments if a != axis]
    if any(a.keyword is None for a in rest[1:]):
        return Refusal("its arguments are passed by position")
    template = f"$frame.T.groupby($*rest).{name.text.decode()}().T"
    return site.replace(outer, template, frame=site.receiver, rest=rest)
