"""``case([(condition, value)], else_=x)`` became ``case((condition, value), else_=x)``: conditions stand by place."""

from __future__ import annotations

from tree_sitter import Node

from apimig import Argument, Edit, Refusal, Site

LISTS = ("list", "tuple")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of case."""
    if site.call is None or site.call.node.type != "call" or not site.call.arguments:
        return None
    first, *rest = site.call.arguments
    if first.star or (first.keyword not in (None, "whens") and not any(a.keyword == "whens" for a in rest)):
        return None
    if first.keyword not in (None, "whens"):
        return Refusal("whens is no keyword any more; put the conditions first")
    node = site.node_at(first)
    if node.type == "dictionary" or site.is_a(first, "builtins.dict") is True:
        return None if first.keyword is None else _positional(site, site.call.node, site.call.arguments)
    whens = _whens(site, first)
    if whens is None:
        return None if first.keyword is None else _positional(site, site.call.node, site.call.arguments)
    if any(argument.keyword is None for argument in rest):
        return Refusal("value and else_ are keywords now")
    return site.replace(site.call.node, f"$function({whens[0]}, $*rest)", function=site.node, rest=rest, **whens[1])


def _whens(site: Site, argument: Argument) -> tuple[str, dict[str, Node]] | None:
    """The conditions as a template of arguments with what fills it; None where they are no list for sure."""
    node = site.node_at(argument)
    if node.type == "list" or (node.type == "tuple" and node.named_children and _holds_tuples(node.named_children)):
        if any(child.type == "comment" for child in node.named_children):
            raise Refusal("a comment stands among its conditions")
        stars = ["*" if child.type == "list_splat" else "" for child in node.named_children]
        parts = [c.named_children[0] if s else c for c, s in zip(node.named_children, stars, strict=True)]
        places = ", ".join(f"{star}$part{index}" for index, star in enumerate(stars))
        return places, {f"part{index}": part for index, part in enumerate(parts)}
    if node.type == "list_comprehension" or site.is_a(argument, "builtins.list") is True:
        return "*$whens", {"whens": node}
    return None


def _holds_tuples(children: list[Node]) -> bool:
    return all(child.type == "tuple" for child in children)


def _positional(site: Site, call: Node, arguments: tuple[Argument, ...]) -> Edit:
    first, *rest = arguments
    if site.node_at(first).type != "dictionary" and site.is_a(first, "builtins.dict") is not True:
        raise Refusal("whether its conditions are a list is not known; a list is spread: case(*whens)")
    return site.replace(call, "$function($whens, $*rest)", function=site.node, whens=site.node_at(first), rest=rest)
