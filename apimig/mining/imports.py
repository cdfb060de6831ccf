"""The names that import statements bind, with what they mean."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def imported(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """What each name means: ``import a.b as c`` binds ``c`` to "a.b", ``import a.b`` binds ``a``.

    Relative imports are left out: what they mean depends on where the code stands.
    """
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            brought = ((each, each.name if each.asname else each.name.partition(".")[0]) for each in node.names)
            found.update({each.asname or meant: meant for each, meant in brought})
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
    return found
