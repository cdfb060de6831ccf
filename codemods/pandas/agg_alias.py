"""``agg(np.sum)`` ran pandas' own sum; since 3.0 it calls numpy's. The name ``"sum"`` keeps what it did.

pandas has a table of functions that it took for the names of its methods. With further arguments for the function the
table was never asked, so those calls stay. In a list the function's name becomes a label: ``nansum`` stays there, since
its label would change, and so do ``np.max`` and ``np.min``, which older numpy calls ``amax`` and ``amin``. Compared for
every function and place under 2.0 and 2.2: equal results.
"""

from __future__ import annotations

from tree_sitter import Node

from apimig import Argument, Edit, Site

NAMES = ("sum", "mean", "std", "var", "median", "max", "min", "prod", "all", "any", "cumsum", "cumprod")
UNLABELLED = {f"numpy.{name}": name for name in NAMES} | {
    f"numpy.nan{name}": name for name in NAMES if name not in ("all", "any")
}
ALIASES = UNLABELLED | {f"builtins.{name}": name for name in ("sum", "max", "min")}
LABELLED = {function: name for function, name in ALIASES.items() if function.endswith(f".{name}")}
LABELLED = {function: name for function, name in LABELLED.items() if function not in ("numpy.max", "numpy.min")}

# The parameter that takes the function, its place, and the other arguments with which pandas still asks its table.
PLACES = {
    "agg": ("func", 0, ("axis",)),
    "aggregate": ("func", 0, ("axis",)),
    "apply": ("func", 0, ()),
    "transform": ("func", 0, ()),
    "pandas.pivot_table": ("aggfunc", 4, None),
    "pivot_table": ("aggfunc", 3, None),
    "crosstab": ("aggfunc", 5, None),
}
NAMED = ("agg", "aggregate")


def rewrite(site: Site) -> Edit | None:
    """The edit for one call that takes an aggregation; None where it takes none of pandas' table."""
    if site.call is None or any(a.star for a in site.call.arguments):
        return None
    name = site.member or site.use.symbol
    short = name.rpartition(".")[2]
    parameter, place, others = PLACES.get(name) or PLACES[short]
    arguments = site.call.arguments
    found = [a for i, a in enumerate(arguments) if a.keyword == parameter or (a.keyword is None and i == place)]
    nodes = [node for a in found for node in _functions(site, site.node_at(a.value), labelled=False)]
    if found and others is not None and any(a not in found and a.keyword not in others for a in arguments):
        return None  # they are arguments for the function
    if not found and short in NAMED:
        nodes = [node for a in arguments for node in _named(site, a)]
    edits = [site.replace(node, f'"{new}"') for node, new in nodes]
    return site.together(*edits) if edits else None


def _functions(site: Site, node: Node, *, labelled: bool) -> list[tuple[Node, str]]:
    """The functions of the table in an argument, each with its name: alone, in a list, or by column in a dict."""
    if node.type in ("list", "tuple"):
        return [pair for child in node.named_children for pair in _functions(site, child, labelled=True)]
    if node.type == "dictionary":
        values = [child.child_by_field_name("value") for child in node.named_children]
        return [pair for value in values if value is not None for pair in _functions(site, value, labelled=labelled)]
    new = (LABELLED if labelled else ALIASES).get(site.object(node))
    return [(node, new)] if new is not None else []


def _named(site: Site, argument: Argument) -> list[tuple[Node, str]]:
    """The function of ``total=("price", np.sum)``."""
    node = site.node_at(argument.value)
    if argument.keyword is None or node.type != "tuple" or len(node.named_children) != 2:
        return []
    return _functions(site, node.named_children[1], labelled=False)
