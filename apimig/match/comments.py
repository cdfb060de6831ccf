"""``# apimig: ignore`` and ``# apimig: ignore[rule-id, other]``: sites left alone on purpose."""

from __future__ import annotations

import re
from functools import cached_property

from tree_sitter import Node, Tree

from apimig import syntax

_IGNORE = re.compile(r"#\s*apimig:\s*ignore(?:\s*\[(?P<rules>[^\]]*)\])?", re.IGNORECASE)
_MARK = re.compile(rb"apimig:", re.IGNORECASE)


class Ignores:
    """The ignore comments of one file."""

    def __init__(self, tree: Tree, text: bytes) -> None:
        self._tree, self._text = tree, text

    @cached_property
    def _lines(self) -> dict[int, frozenset[str]]:
        """Ignored rules by 0-based line; an empty set means all."""
        if not _MARK.search(self._text):
            return {}
        found: dict[int, frozenset[str]] = {}
        for node in syntax.walk(self._tree.root_node):
            if node.type == "comment" and (match := _IGNORE.search(syntax.text_of(node))):
                rules = (match["rules"] or "").split(",")
                found[node.start_point.row] = frozenset(filter(None, (rule.strip() for rule in rules)))
        return found

    def reason(self, node: Node, rule: str) -> str:
        """Why a site is left alone, "" when it is not: a comment on its lines, or at the end of its statement."""
        if not self._lines:
            return ""
        rows = {*range(node.start_point.row, node.end_point.row + 1), *_statement_rows(node)}
        for row in sorted(rows & self._lines.keys()):
            rules = self._lines[row]
            if not rules or rule in rules or rule.rpartition("/")[2] in rules:
                return f"ignored by the comment in line {row + 1}"
        return ""


def _statement_rows(node: Node) -> tuple[int, ...]:
    """The first and the last line of a simple statement."""
    while node.parent is not None and node.parent.type not in ("block", "module"):
        node = node.parent
    simple = not any(child.type == "block" for child in node.children) and node.type != "decorated_definition"
    return (node.start_point.row, node.end_point.row) if simple else ()
