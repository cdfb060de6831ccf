"""What a decorator's wrapper asks of calls that the signature of the function inside does not show."""

from __future__ import annotations

import ast


def takes_first_by_place(node: ast.AST) -> bool:
    """Whether a decorator's wrapper reads ``args[0]`` first of all: what it wraps then needs a positional argument.

    ``def wrapper(*args, **kwargs): graph = args[0]; …`` raises IndexError where the first argument is given by name.
    """
    if not isinstance(node, ast.FunctionDef):
        return False
    returned = {
        each.value.id for each in node.body if isinstance(each, ast.Return) and isinstance(each.value, ast.Name)
    }
    return any(isinstance(each, ast.FunctionDef) and each.name in returned and _reads_first(each) for each in node.body)


def _reads_first(wrapper: ast.FunctionDef) -> bool:
    taken = wrapper.args
    if taken.vararg is None or taken.args or taken.posonlyargs:
        return False
    body = wrapper.body[1:] if ast.get_docstring(wrapper, clean=False) is not None else wrapper.body
    first = body[0] if body else None
    if not isinstance(first, ast.Assign | ast.AnnAssign | ast.Expr) or first.value is None:
        return False
    return any(_is_first_of(each, taken.vararg.arg) for each in _always(first.value))


def _always(node: ast.expr) -> list[ast.AST]:
    """The parts of an expression that are evaluated whatever the values are, as far as that is plain."""
    if isinstance(
        node, ast.IfExp | ast.BoolOp | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
    ):
        return []
    inner = [each for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) for each in _always(child)]
    return [node, *inner]


def _is_first_of(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == 0
    )
