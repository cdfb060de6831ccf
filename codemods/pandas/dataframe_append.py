"""``frame.append(other)`` became ``pandas.concat([frame, other])``; what ``other`` is decides how it is wrapped.

append turned a dict or a Series into one row and gave new rows the name of the frame's index; a list
of them became rows, a list of frames was concatenated. Only what is known to be one of these is rewritten. A
dict's row keeps the type of each value, where append made integers beside floats to floats; the values are
equal. A frame that grows in a loop is collected in a list and joined once after it, where nothing
else in the loop looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tree_sitter import Node

from apimig import Argument, Code, Edit, Refusal, Site, Span

FRAME, SERIES = "pandas.DataFrame", "pandas.Series"
PARAMETERS = ("other", "ignore_index", "verify_integrity", "sort")
FLAGS = "ignore_index=$?ignore_index, verify_integrity=$?verify_integrity, sort=$?sort"
LOOPS = ("for_statement", "while_statement")
NEW = ("list", "dictionary", "tuple", "list_comprehension", "dictionary_comprehension")


@dataclass(frozen=True)
class Append:
    """One call of append: what grows, how a second mention of it reads, the arguments by parameter."""

    frame: Node
    call: Node
    given: dict[str, Argument]

    @property
    def other(self) -> Argument:
        """What is added."""
        return self.given["other"]


@dataclass(frozen=True)
class Part:
    """An element of concat's list; ``star`` spreads a list of them."""

    code: Code
    star: bool = False


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of append."""
    if site.call is None or site.receiver is None:
        return Refusal("it is passed on without being called; pandas.concat takes a list of frames instead")
    append = Append(site.receiver, site.call.node, _given(site, site.call.arguments))
    collected = _collect(site, append)
    if collected is not None:
        return collected
    links = _chain(site, append)
    parts = [part for link in links for part in _added(site, link)]
    places = "".join(f", {'*' if part.star else ''}$part{index}" for index, part in enumerate(parts))
    codes: dict[str, Any] = {f"part{index}": part.code for index, part in enumerate(parts)}
    template = f"pandas.concat([$frame{places}], {FLAGS})"
    return site.replace(append.call, template, frame=links[0].frame, **codes, **_flags(append))


def _given(site: Site, arguments: tuple[Argument, ...]) -> dict[str, Argument]:
    """The arguments by parameter; sort=None, which concat refuses, is left out."""
    given: dict[str, Argument] = {}
    for position, argument in enumerate(arguments):
        if argument.star or (argument.keyword is None and position >= len(PARAMETERS)):
            raise Refusal("its arguments cannot be told apart")
        name = argument.keyword or PARAMETERS[position]
        given["other" if name == "to_append" else name] = argument
    if "other" not in given or set(given) - set(PARAMETERS):
        raise Refusal("its arguments cannot be told apart")
    return {name: a for name, a in given.items() if name == "other" or site.holds(a, "None") is not True}


def _flags(append: Append) -> dict[str, Any]:
    return {name: append.given.get(name) for name in PARAMETERS[1:]}


# ---------------------------------------------------------------------- what is added


def _renumbered(site: Site, append: Append) -> bool:
    flag = append.given.get("ignore_index")
    return flag is not None and site.holds(flag, "True") is True


def _added(site: Site, append: Append) -> list[Part]:
    """The new elements of concat's list."""
    other = append.other
    if site.is_a(other, FRAME) or _same_columns(site, append):
        return [Part(site.code("$other", other=other))]
    if site.is_a(other, SERIES):
        return [Part(_series(site, append))]
    if site.is_a(other, "builtins.dict"):
        if not _renumbered(site, append):
            raise Refusal("append takes a dict only together with ignore_index=True")
        return [Part(site.code("pandas.DataFrame([$other])", other=other))]
    if site.is_a(other, "builtins.list", "builtins.tuple"):
        return _listed(site, append)
    raise Refusal(f"`{site.text(other)}` may be a frame, a Series, a dict or a list, and each is written differently")


def _same_columns(site: Site, append: Append) -> bool:
    """Whether the same key of two frames is joined, ``x[by].append(y[by])``: both are frames, or both are Series."""
    one, other = append.frame, site.node_at(append.other)
    if one.type != "subscript" or other.type != "subscript":
        return False
    owners = [node.child_by_field_name("value") for node in (one, other)]
    keys = [[site.text(key) for key in node.children_by_field_name("subscript")] for node in (one, other)]
    return keys[0] == keys[1] and all(owner is not None and site.is_a(owner, FRAME) is True for owner in owners)


def _series(site: Site, append: Append) -> Code:
    """A Series is more values for a Series, and one row for a frame."""
    if site.is_a(append.frame, SERIES):
        return site.code("$other", other=append.other)
    if not site.is_a(append.frame, FRAME):
        raise Refusal("a Series is one row for a frame and more values for a Series, and the receiver may be either")
    if _renumbered(site, append):
        return site.code("pandas.DataFrame([$other])", other=append.other)
    return site.code("pandas.DataFrame([$row]).rename_axis($frame.index.names)", row=append.other, frame=_again(append))


def _again(append: Append) -> str:
    """The frame's name, for a second mention of it."""
    if append.frame.type != "identifier" or append.frame.text is None:
        raise Refusal("the new row's index takes its name from the frame, which would be evaluated twice")
    return append.frame.text.decode()


def _listed(site: Site, append: Append) -> list[Part]:
    """A list of frames is joined one by one; a list of dicts or Series is a frame of rows."""
    node = site.node_at(append.other)
    elements = [child for child in node.named_children if child.type != "comment"]
    literal = node.type in ("list", "tuple") and all(e.type != "list_splat" for e in elements)
    kinds = {_kind(site, e) for e in elements} if literal else {_inner(site, append.other)}
    own = SERIES if site.is_a(append.frame, SERIES) else FRAME
    if kinds <= {own} and literal:
        return [Part(site.code("$element", element=element)) for element in elements]
    if kinds == {own}:
        return [Part(site.code("$other", other=append.other), star=True)]
    if own == FRAME and site.is_a(append.frame, FRAME) and kinds in ({"builtins.dict"}, {SERIES}):
        return [Part(_rows(site, append))]
    raise Refusal(f"`{site.text(append.other)}` may hold frames or rows, and they are written differently")


def _rows(site: Site, append: Append) -> Code:
    if _renumbered(site, append):
        return site.code("pandas.DataFrame($rows)", rows=append.other)
    return site.code("pandas.DataFrame($rows).rename_axis($frame.index.name)", rows=append.other, frame=_again(append))


def _kind(site: Site, place: Node) -> str:
    return next((kind for kind in (FRAME, SERIES, "builtins.dict") if site.is_a(place, kind)), "")


def _inner(site: Site, place: Argument) -> str:
    """The one class of a list's elements, or ""."""
    value = site.types(place)
    if value.open or value.is_unknown:
        return ""
    elements = [t.args[0] for t in value.types if t.args]
    if len(elements) != len(value.types) or any(e.open for e in elements):
        return ""
    names = {name for element in elements for name in element.instance_names()}
    return names.pop() if len(names) == 1 else ""


# ---------------------------------------------------------------------- a.append(b).append(c)


def _chain(site: Site, append: Append) -> list[Append]:
    """The calls that become one concat, innermost first."""
    inner = _inner_append(site, append.frame)
    if inner is None or not _mergeable(site, inner, append):
        return [append]
    try:
        links = _chain(site, inner)
        for link in links:
            _added(site, link)
        joined = replace(append, frame=links[0].frame)
        _added(site, joined)
    except Refusal:
        return [append]
    return [*links, joined]


def _inner_append(site: Site, node: Node) -> Append | None:
    """The call of append that the receiver is, or None."""
    while node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    function, brackets = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call" or function is None or brackets is None or function.type != "attribute":
        return None
    target, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    if target is None or name is None or name.text != b"append" or not site.is_a(target, FRAME, SERIES):
        return None
    try:
        return Append(target, node, _given(site, tuple(_argument(a) for a in brackets.named_children)))
    except Refusal:
        return None


def _argument(node: Node) -> Argument:
    """An argument of a call that is not the site's own."""
    span = Span(node.start_byte, node.end_byte)
    if node.type == "keyword_argument":
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and name.text is not None and value is not None:
            return Argument(span, Span(value.start_byte, value.end_byte), name.text.decode())
    if node.type in ("list_splat", "dictionary_splat", "comment"):
        raise Refusal("its arguments cannot be told apart")
    return Argument(span, span)


def _mergeable(site: Site, inner: Append, outer: Append) -> bool:
    """Whether one concat with the outer call's flags does what both calls did."""
    if "verify_integrity" in inner.given or "verify_integrity" in outer.given:
        return False
    sorts = [site.text(one.given["sort"]) if "sort" in one.given else "" for one in (inner, outer)]
    if sorts[0] != sorts[1]:
        return False
    return "ignore_index" not in inner.given or _renumbered(site, outer)


# ---------------------------------------------------------------------- a frame that grows in a loop


def _collect(site: Site, append: Append) -> Edit | None:
    """``frame = frame.append(x)`` in a loop: collect in a list, join once after it; None where that is not provable."""
    name = _grown(site, append)
    loop = None if name is None else _loop(site, name)
    if name is None or loop is None or not _starts_fresh(site, append, name, loop) or not _is_new(site, append.other):
        return None
    if any(site.node_at(a).type not in ("true", "false") for n, a in append.given.items() if n != "other"):
        return None
    if not site.is_a(append.frame, FRAME) or not (site.is_a(append.other, FRAME) or _renumbered(site, append)):
        return None
    try:
        parts = _added(site, append)
    except Refusal:
        return None
    if len(parts) != 1 or parts[0].star:
        return None
    frames = site.fresh("frames", f"{name}_frames")
    template = f"{name} = pandas.concat({frames}, {FLAGS})"
    return site.together(
        site.insert_before(loop, f"{frames} = [{name}]"),
        site.replace(append.call.parent or append.call, f"{frames}.append($part)", part=parts[0].code),
        site.insert_after(loop, template, **_flags(append)),
    )


def _grown(site: Site, append: Append) -> str | None:
    """The variable of ``name = name.append(...)``."""
    assignment = append.call.parent
    if assignment is None or assignment.type != "assignment" or assignment.child_by_field_name("type") is not None:
        return None
    left = assignment.child_by_field_name("left")
    same = left is not None and left.type == "identifier" and append.frame.type == "identifier"
    if not same or left is None or left.text != append.frame.text or assignment.parent != site.statement:
        return None
    return site.text(left)


def _loop(site: Site, name: str) -> Node | None:
    """The outermost loop in which the variable is only grown, if nothing else can see it meanwhile."""
    every = site.references(name)
    if any(one.nested or one.kind in ("declare", "delete", "update") for one in every):
        return None
    found, node = None, site.node
    while node.parent is not None and node.parent != site.scope:
        node = node.parent
        if node.type in ("try_statement", "with_statement"):
            return None
        if node.type in LOOPS and len(site.references(name, node)) == 2:
            found = node
    return found


def _starts_fresh(site: Site, append: Append, name: str, loop: Node) -> bool:
    """Whether the variable is a new frame before the loop, so that no iteration at all gives the same."""
    for statement in reversed(site.preceding(loop)):
        references = site.references(name, statement)
        if not references:
            continue
        assignment = statement.named_children[0] if statement.type == "expression_statement" else None
        right = assignment.child_by_field_name("right") if assignment is not None else None
        left = assignment.child_by_field_name("left") if assignment is not None else None
        if right is None or left is None or site.text(left) != name or right.type != "call" or len(references) != 1:
            return False
        function = right.child_by_field_name("function")
        made = function is not None and site.symbol(function) == FRAME
        return made and ("ignore_index" not in append.given or "index=" not in site.text(right))
    return False


def _is_new(site: Site, other: Argument) -> bool:
    """Whether nothing changes what is added afterwards: it is made here, or in a variable last used here."""
    node = site.node_at(other)
    if node.type == "identifier":
        name = site.text(node)
        loop = site.loop
        references = () if loop is None else site.references(name, loop)
        writes = [r for r in references if r.kind == "write"]
        if len(writes) != 1 or any(r.nested or r.kind not in ("read", "write") for r in references):
            return False
        if references[-1].node != node:
            return False
        assignment = writes[0].node.parent
        right = assignment.child_by_field_name("right") if assignment is not None else None
        return right is not None and assignment is not None and assignment.type == "assignment" and _makes(site, right)
    return _makes(site, node)


def _makes(site: Site, node: Node) -> bool:
    """Whether the expression makes a new object each time."""
    if node.type in NEW:
        return True
    function = node.child_by_field_name("function") if node.type == "call" else None
    if function is None:
        return False
    if site.symbol(function).startswith("pandas."):
        return True
    target = function.child_by_field_name("object")
    return target is not None and bool(site.is_a(target, FRAME, SERIES)) and "inplace" not in site.text(node)
