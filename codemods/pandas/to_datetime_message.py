"""What ``to_datetime`` says of a string that it cannot read is said in other words since 2.0.

Code that looks for the old words around the call gets the new ones beside them, so it works with both.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from apimig import Edit, Refusal, Site, syntax

WORDS = {
    "Unknown string format": "Unknown datetime string format",
    "does not match format": "doesn't match format",
}
PATTERNS = {
    "Unknown string format": "Unknown (datetime )?string format",
    "does not match format": "(does not|doesn't) match format",
}
REPEATABLE = ("identifier", "attribute", "subscript")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for what is around one call: the handlers of its try statement, and ``pytest.raises(match=...)``."""
    if site.call is None:
        return None
    edits = [edit for guard, places in _guards(site) for place in places if (edit := _edit(site, guard, place))]
    return site.together(*edits) if edits else None


def _guards(site: Site) -> Iterator[tuple[Node, list[Node]]]:
    """The statements that wait for an exception of the call, with the strings in which they may name its words."""
    inner = site.node
    guard = site.enclosing("try_statement", "with_statement")
    while guard is not None:
        body = guard.child_by_field_name("body")
        if body is not None and _holds(body, inner) and not _is_earlier(site, body):
            heads = [child for child in guard.named_children if child != body and child.type in _HEADS[guard.type]]
            yield guard, [node for head in heads for node in syntax.walk(head) if node.type == "string"]
        inner = guard
        guard = site.enclosing("try_statement", "with_statement", of=guard)


_HEADS = {"try_statement": ("except_clause",), "with_statement": ("with_clause",)}


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _is_earlier(site: Site, body: Node) -> bool:
    """Whether another call before this one is guarded, too: it is there that the guard is looked at."""
    before = (node for node in syntax.walk(body) if node.type == "call" and node.start_byte < site.node.start_byte)
    functions = (node.child_by_field_name("function") for node in before)
    return any(function is not None and site.symbol(function) == "pandas.to_datetime" for function in functions)


def _edit(site: Site, guard: Node, text: Node) -> Edit | None:
    """The edit for one string."""
    old = next((words for words in WORDS if words in site.text(text)), None)
    if old is None or any(new in site.text(guard) for new in (WORDS[old], PATTERNS[old])):
        return None
    if _content(site, text).rstrip(": ") != old:
        raise Refusal(f"what to_datetime says is {WORDS[old]!r} now, and what follows is other, too")
    parent = text.parent
    if parent is not None and parent.type == "keyword_argument" and guard.type == "with_statement":
        return site.replace(text, f'"{PATTERNS[old]}"')
    if parent is None or parent.type != "comparison_operator" or len(parent.named_children) != 2:
        raise Refusal(f"what to_datetime says is {WORDS[old]!r} now")
    message = parent.named_children[1]
    if [child.type for child in parent.children if not child.is_named] != ["in"] or not _is_repeatable(message):
        raise Refusal(f"what to_datetime says is {WORDS[old]!r} now")
    also = site.text(message)  # it may be evaluated twice
    return site.replace(parent, f'$old in $message or "{WORDS[old]}" in {also}', old=text, message=message)


def _content(site: Site, text: Node) -> str:
    return "".join(site.text(child) for child in text.named_children if child.type == "string_content")


def _is_repeatable(message: Node) -> bool:
    """Whether an expression may be written twice: a name, an attribute, or ``str`` of it."""
    if message.type != "call":
        return message.type in REPEATABLE
    function, arguments = message.child_by_field_name("function"), message.child_by_field_name("arguments")
    given = [] if arguments is None else arguments.named_children
    return function is not None and function.text == b"str" and len(given) == 1 and given[0].type in REPEATABLE
