"""The methods of a categorical no longer change it: ``s.cat.m(x, inplace=True)`` became ``s = s.cat.m(x)``."""

from __future__ import annotations

from apimig import Edit, Refusal, Site

TARGETS = ("identifier", "attribute", "subscript")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of such a method with inplace=True."""
    if site.call is None or site.receiver is None:
        return None
    inplace = next((a for a in site.call.arguments if a.keyword == "inplace"), None)
    if inplace is None or site.holds(inplace, "False") is True:
        return None
    if site.holds(inplace, "True") is not True:
        return Refusal("whether it changes the object itself cannot be told")
    if site.statement.type != "expression_statement" or site.statement.named_children[0] != site.call.node:
        return Refusal("its result, which is None, is used")
    owner = site.receiver
    if not site.is_a(site.receiver, "pandas.Categorical"):
        inner = site.receiver.child_by_field_name("object")
        if inner is None:
            return Refusal("the Series that it belongs to has no name here")
        owner = inner
    if owner.type not in TARGETS:
        return Refusal("what it changes is an expression that cannot be assigned to")
    rest = [a for a in site.call.arguments if a != inplace]
    return site.replace_statements(
        site.statement, site.statement, "$owner = $method($*rest)", owner=owner, method=site.node, rest=rest
    )
