"""``Series`` and ``DataFrame`` keep the unit of numpy's datetimes since 2.0, as far as it is one of theirs.

Before, they had nanoseconds always: ``numpy.datetime64("2020-01-01")``, which counts days, has seconds now. An array of
pandas with nanoseconds is what they made of it before.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from apimig import Edit, Site, syntax

MOMENT, SPAN = "numpy.datetime64", "numpy.timedelta64"
ARRAYS = ("numpy.array", "numpy.asarray")
ARGUMENT = {"pandas.Series": "data", "pandas.DataFrame": "data"}
SIGNATURE = "(data=None, index=None, columns=None, dtype=None, name=None, copy=None)"
# A name's value is certain through these: what is in them is run before what follows.
THROUGH = ("block", "module", "try_statement", "finally_clause", "with_statement")


def rewrite(site: Site) -> Edit | None:
    """The edit for one call of a constructor."""
    if site.call is None:
        return None
    bound = site.bind(SIGNATURE)
    data = bound.given.get("data")
    if data is None or "dtype" in bound.given or "dtype" in bound.maybe:
        return None
    edits = [
        site.replace(value, "pandas.array($value, dtype='datetime64[ns]')", value=value)
        for value in _values(site.node_at(data))
        if _has_moments(site, value)
    ]
    return site.together(*edits) if edits else None


def _values(data: Node) -> Iterator[Node]:
    """What becomes columns: the values of a dict, or all of it."""
    if data.type != "dictionary":
        yield data
        return
    for pair in data.named_children:
        value = pair.child_by_field_name("value") if pair.type == "pair" else None
        if value is not None:
            yield value


def _has_moments(site: Site, node: Node) -> bool:
    """Whether an expression is a list or an array of datetimes that count something coarser than nanoseconds."""
    if node.type == "identifier":
        value = _assigned(site, node)
        return value is not None and value.type != "identifier" and _has_moments(site, value)
    if node.type == "list":
        elements = [child for child in node.named_children if child.type != "comment"]
        return bool(elements) and all(_is_moment(site, element) for element in elements)
    if node.type == "list_comprehension":
        body = node.child_by_field_name("body")
        return body is not None and _is_moment(site, body)
    if node.type == "call" and _called(site, node) in ARRAYS:
        arguments = _arguments(node)
        return len(arguments) == 1 and _has_moments(site, arguments[0])
    return False


def _is_moment(site: Site, node: Node) -> bool:
    """``numpy.datetime64(x)``, with something added or not; with a unit it is the author who chose."""
    if node.type == "call":
        return _called(site, node) == MOMENT and len(_arguments(node)) == 1
    if node.type == "binary_operator":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        steps = right is not None and right.type == "call" and _called(site, right) == SPAN
        return left is not None and steps and _is_moment(site, left)
    return False


def _called(site: Site, call: Node) -> str:
    function = call.child_by_field_name("function")
    return "" if function is None else site.object(function) or site.symbol(function)


def _arguments(call: Node) -> list[Node]:
    arguments = call.child_by_field_name("arguments")
    return [] if arguments is None else [each for each in arguments.named_children if each.type != "comment"]


def _assigned(site: Site, name: Node) -> Node | None:
    """What a variable was given last before its use, where that is certain and only elements were set since."""
    # What a statement gives a name is not yet what the name is in it: `days = array(days)`.
    begin = site.statement_of(name).start_byte
    references = site.references(site.text(name))
    if site.loop is not None and any(each.kind != "read" and each.node.start_byte > begin for each in references):
        return None  # it may come round again
    earlier = [each for each in references if each.node.end_byte <= begin]
    writes = [each for each in earlier if each.kind != "read"]
    if not writes or writes[-1].kind != "write" or writes[-1].nested:
        return None
    last = writes[-1].node
    assignment = last.parent
    if assignment is None or assignment.type != "assignment" or assignment.child_by_field_name("left") != last:
        return None
    since = [each.node for each in earlier if each.node.start_byte > last.start_byte]
    if any(node.parent is not None and node.parent.type == "attribute" for node in since):
        return None  # a method may have changed it
    return assignment.child_by_field_name("right") if _is_certain(assignment, name) else None


def _is_certain(assignment: Node, use: Node) -> bool:
    """Whether a statement was run whenever its use is."""
    node = assignment.parent
    while node is not None:
        if node.start_byte <= use.start_byte and use.end_byte <= node.end_byte and node.type in ("block", "module"):
            return True
        if node.type not in (*THROUGH, "expression_statement") or _catches(node):
            return False
        node = node.parent
    return False


def _catches(node: Node) -> bool:
    return node.type == "try_statement" and any(child.type == "except_clause" for child in syntax.parts(node))
