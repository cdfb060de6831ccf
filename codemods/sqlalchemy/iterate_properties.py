"""``mapper.iterate_properties`` no longer completes the mappings first, so backrefs are missing: ``attrs`` does."""

from __future__ import annotations

from apimig import Edit, Refusal, Site

TAKE_ALL = ("list", "tuple", "set", "frozenset", "sorted", "len", "enumerate", "any", "all")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of iterate_properties."""
    if site.receiver is None or site.call is not None:
        return Refusal("it is no plain attribute here")
    template = "$mapper.attrs" if _is_iterated(site) else "iter($mapper.attrs)"
    return site.replace(site.node, template, mapper=site.receiver)


def _is_iterated(site: Site) -> bool:
    """Whether it stands where anything that can be iterated may stand."""
    parent = site.node.parent
    if parent is None:
        return False
    if parent.type in ("for_statement", "for_in_clause"):
        return parent.child_by_field_name("right") == site.node
    call = parent.parent if parent.type == "argument_list" else None
    function = None if call is None else call.child_by_field_name("function")
    return function is not None and site.object(function).removeprefix("builtins.") in TAKE_ALL
