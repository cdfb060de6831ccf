"""Python as a tree-sitter tree: parsing and the few node queries that several rooms need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Tree

from apimig.records import Span


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_python.language()))


def parse(text: bytes) -> Tree:
    """Parse UTF-8 Python source; never raises, errors are nodes of the tree."""
    return _parser().parse(text)


def span_of(node: Node) -> Span:
    """The byte span of a node."""
    return Span(node.start_byte, node.end_byte)


def text_of(node: Node) -> str:
    """The source of a node."""
    text = node.text
    return "" if text is None else text.decode("utf-8")


def node_at(tree: Tree, span: Span) -> Node | None:
    """The outermost named node that has exactly this span."""
    node = tree.root_node.named_descendant_for_byte_range(span.start, span.end)
    if node is None or span_of(node) != span:
        return None
    while node.parent is not None and span_of(node.parent) == span and node.parent.is_named:
        node = node.parent
    return node


def walk(node: Node) -> Iterator[Node]:
    """All named nodes below and including ``node``, in source order."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(top.named_children))


def first_error(tree: Tree) -> Node | None:
    """The first ERROR or missing node, or None."""
    if not tree.root_node.has_error:
        return None
    stack = [tree.root_node]
    while stack:
        top = stack.pop()
        if top.is_error or top.is_missing:
            return top
        stack.extend(child for child in reversed(top.children) if child.has_error or child.is_missing)
    return None
