"""Calls in the documentation of a callable, with the statements that they need: fixtures from the release itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.binding.programs import free_names

_USUAL = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "nx": "networkx",
    "mpl": "matplotlib",
    "sp": "scipy",
}


@dataclass(frozen=True)
class Example:
    """A documented call: what it needs, the receiver of a method, its arguments by position and by name."""

    setup: tuple[str, ...]
    receiver: str
    positional: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]


def examples(sources: Sequence[str], path: str, *, method: bool) -> list[Example]:
    """Calls of ``path`` in a documentation's examples, as far as they can be cut out."""
    statements: list[ast.stmt] = []
    aliases = dict(_USUAL)
    found: list[Example] = []
    for source in sources:
        try:
            parsed = ast.parse(source).body
        except SyntaxError:
            continue
        for statement in parsed:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                aliases.update(_imported(statement))
                continue
            whole = _Full(aliases).visit(statement)
            calls = [node for node in ast.walk(whole) if isinstance(node, ast.Call)]
            cut = [_example(node, statements, path, method=method) for node in calls]
            found += [each for each in cut if each is not None]
            statements.append(whole)
    return found[:8]


def _imported(statement: ast.Import | ast.ImportFrom) -> dict[str, str]:
    if isinstance(statement, ast.Import):
        return {each.asname: each.name for each in statement.names if each.asname}
    return {each.asname or each.name: f"{statement.module}.{each.name}" for each in statement.names}


class _Full(ast.NodeTransformer):
    """Writes imported names in full."""

    def __init__(self, aliases: dict[str, str]) -> None:
        self.aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and (full := self.aliases.get(node.id)):
            return ast.parse(full, mode="eval").body
        return node


def _example(node: ast.Call, before: Sequence[ast.stmt], path: str, *, method: bool) -> Example | None:
    last = path.rpartition(".")[2]
    text = ast.unparse(node.func)
    if method:
        if not isinstance(node.func, ast.Attribute) or node.func.attr != last:
            return None
    elif text.rpartition(".")[2] != last or text.split(".")[0] != path.split(".", maxsplit=1)[0]:
        return None
    if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
        return None
    receiver = ast.unparse(node.func.value) if method and isinstance(node.func, ast.Attribute) else ""
    positional = tuple(ast.unparse(each) for each in node.args)
    keywords = tuple((each.arg or "", ast.unparse(each.value)) for each in node.keywords)
    texts = [receiver, *positional, *(value for _, value in keywords)]
    setup = _slice(before, {name for each in texts if each for name in free_names(each)})
    return Example(setup, receiver, positional, keywords) if len(setup) <= 12 else None


def _slice(statements: Sequence[ast.stmt], wanted: set[str]) -> tuple[str, ...]:
    """The statements that make or change the wanted variables."""
    kept: list[str] = []
    for statement in reversed(statements):
        stored = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        changed = _changed(statement)
        if (stored | changed) & wanted:
            text = ast.unparse(statement)
            kept.append(text)
            wanted = wanted | free_names(text)
    return tuple(reversed(kept))


def _changed(statement: ast.stmt) -> set[str]:
    """Variables on which a statement calls something or sets an item."""
    target = statement
    if isinstance(statement, ast.Assign):
        return {
            n.value.id
            for n in statement.targets
            if isinstance(n, ast.Subscript | ast.Attribute) and isinstance(n.value, ast.Name)
        }
    if (
        isinstance(target, ast.Expr)
        and isinstance(target.value, ast.Call)
        and isinstance(target.value.func, ast.Attribute)
    ):
        inner = target.value.func.value
        return {inner.id} if isinstance(inner, ast.Name) else set()
    return set()
