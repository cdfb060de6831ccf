"""What a function makes: the class that it calls for everything that it returns, where its body alone tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def made_by(node: ast.FunctionDef) -> str:
    """The dotted name that is called for each returned value: ``return Divider(axes)``, or a variable that holds it.

    Empty where returns differ, something else is returned, or the end is reached without a return.
    """
    if node.decorator_list or not isinstance(node.body[-1], ast.Return | ast.Raise):
        return ""
    inside = list(_inside(node))
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in inside):
        return ""
    made = {_called(each.value, node, inside) for each in inside if isinstance(each, ast.Return)}
    return made.pop() if len(made) == 1 else ""


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the function does."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _INNER):
            yield from _inside(child)


def _called(value: ast.expr | None, node: ast.FunctionDef, inside: list[ast.AST]) -> str:
    if isinstance(value, ast.Name):
        value = _assigned(value.id, node, inside)
    return _dotted(value.func) if isinstance(value, ast.Call) else ""


def _assigned(name: str, node: ast.FunctionDef, inside: list[ast.AST]) -> ast.expr | None:
    """What a variable of the function holds, where it is assigned once and nothing else binds it."""
    given = [each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)]
    bound = [each for each in inside if isinstance(each, ast.Name) and each.id == name and not _reads(each)]
    plain = [
        each.value
        for each in inside
        if isinstance(each, ast.Assign) and len(each.targets) == 1 and each.targets[0] in bound
    ]
    return plain[0] if len(bound) == len(plain) == 1 and name not in given else None


def _reads(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            owner = _dotted(value)
            return f"{owner}.{attribute}" if owner else ""
    return ""
