"""``select([a, b], condition)`` became ``select(a, b).where(condition)``: columns by place, the rest by methods."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from apimig import Argument, Code, Edit, Refusal, Site

SIGNATURE = (
    "(columns=None, whereclause=None, from_obj=None, distinct=False, having=None, correlate=True, prefixes=None, "
    "suffixes=None, *, group_by=None, order_by=None, limit=None, offset=None, use_labels=False)"
)
METHODS = {  # keyword -> the method that says it, in the order of SQL
    "from_obj": "select_from",
    "whereclause": "where",
    "group_by": "group_by",
    "having": "having",
    "order_by": "order_by",
    "limit": "limit",
    "offset": "offset",
}
ONE = ("whereclause", "having", "limit", "offset")  # these take one thing, the others one or a list
LISTS = ("list", "tuple")
COMPREHENSIONS = ("list_comprehension",)


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of select."""
    if site.call is None or site.call.node.type != "call":
        return None  # passed on: how it is called is not known
    arguments = site.call.arguments
    named = [a for a in arguments if a.keyword]
    first = arguments[0] if arguments and not arguments[0].keyword and not arguments[0].star else None
    if not named and (first is None or not _is_list(site, first)):
        return None  # columns by place, as they are now
    bound = site.bind(SIGNATURE)
    if bound.extra or bound.maybe or any(a.keyword and f"{a.keyword}=" not in SIGNATURE for a in named):
        return Refusal("its arguments cannot be told apart")
    given = {name: a for name, a in bound.given.items() if site.holds(a, "None") is not True}
    columns = given.pop("columns", None)
    if columns is not None and not _is_list(site, columns):
        return Refusal(f"whether `{site.text(columns)}` is a list is not known; a list is spread: select(*columns)")
    code = _selected(site, columns)
    for template, fillings in _said(site, given):
        code = site.code(f"$select.{template}", None, select=code, **fillings)
    return site.replace(site.call.node, code)


def _is_list(site: Site, argument: Argument) -> bool:
    node = site.node_at(argument)
    if node.type in (*LISTS, *COMPREHENSIONS):
        return True
    return site.is_a(argument, "builtins.list", "builtins.tuple") is True


def _selected(site: Site, columns: Argument | None) -> Code:
    if columns is None:
        return site.code("$function()", function=site.node)
    node = site.node_at(columns)
    elements = _elements(node)
    if elements is None:
        return site.code("$function(*$columns)", function=site.node, columns=node)
    return _called(site, "$function", {"function": site.node}, elements)


def _elements(node: Node) -> list[Node] | None:
    """The elements of a list in brackets; None where it is another expression."""
    if node.type not in LISTS:
        return None
    found = [child for child in node.named_children if child.type != "comment"]
    if len(found) != len(node.named_children):
        raise Refusal("a comment stands among its columns")
    return found


def _called(site: Site, function: str, fillings: dict[str, Node], elements: list[Node]) -> Code:
    """A call with these elements as its arguments; a spread one stays spread."""
    places, filled = [], dict(fillings)
    for index, element in enumerate(elements):
        star = "*" if element.type == "list_splat" else ""
        filled[f"part{index}"] = element.named_children[0] if star else element
        places.append(f"{star}$part{index}")
    return site.code(f"{function}({', '.join(places)})", None, **filled)


def _said(site: Site, given: dict[str, Argument]) -> Iterator[tuple[str, dict[str, Argument | Node]]]:
    """The method calls, as templates with what fills them."""
    for name, method in METHODS.items():
        if name in given:
            yield _method(site, name, method, given[name])
    if "distinct" in given:
        if site.holds(given["distinct"], "True") is not True:
            raise Refusal("distinct is not plainly True; call .distinct() where it is meant")
        yield "distinct()", {}
    rest = set(given) - set(METHODS) - {"distinct"}
    if rest:
        raise Refusal(f"{min(rest)}= is a method of the statement now")


def _method(site: Site, name: str, method: str, argument: Argument) -> tuple[str, dict[str, Argument | Node]]:
    node = site.node_at(argument)
    if name in ONE:
        return f"{method}($value)", {"value": node}
    elements = _elements(node)
    if elements is None:
        several = site.is_a(argument, "builtins.list", "builtins.tuple")
        if several or (several is None and node.type not in ("call", "attribute", "string")):
            raise Refusal(f"whether `{site.text(node)}` is a list is not known; a list is spread: .{method}(*{name})")
        return f"{method}($value)", {"value": node}
    if any(element.type == "list_splat" for element in elements) or not elements:
        raise Refusal(f"its {name} is spread; call .{method}()")
    places = ", ".join(f"$part{index}" for index in range(len(elements)))
    return f"{method}({places})", {f"part{index}": element for index, element in enumerate(elements)}
