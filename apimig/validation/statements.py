"""The lines of statements: a warning and a finding may stand on different lines of the same one."""

from __future__ import annotations

import ast
import warnings


class Statements:
    """The innermost statements of a text, without what is nested in them; of a text that no parser takes, its lines."""

    def __init__(self, text: str) -> None:
        self.ranges: list[tuple[int, int]] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt):
                self.ranges.append((_first(node), _last(node)))

    def around(self, line: int) -> range:
        """The lines (from 1) of the statement on which a line lies; a block's are those of its head."""
        within = [(last - first, first, last) for first, last in self.ranges if first <= line <= last]
        _, first, last = min(within, default=(0, line, line))
        return range(first, last + 1)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _last(node: ast.stmt) -> int:
    body: list[ast.stmt] = getattr(node, "body", []) or getattr(node, "cases", [])
    if body and hasattr(body[0], "lineno"):
        return max(_first(body[0]) - 1, node.lineno)
    return node.end_lineno or node.lineno
