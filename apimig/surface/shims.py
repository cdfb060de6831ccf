"""Functions that only hand their arguments on to another one: ``def trapz(y, x=None): return trapezoid(y, x=x)``."""

from __future__ import annotations

import ast
from collections.abc import Sequence

_WARNS = frozenset({"warn", "warn_deprecated", "deprecate", "issue_deprecation_warning"})


def handed_on(node: ast.FunctionDef) -> str:
    """What the function calls with its own arguments, each once and under its name, and nothing else; else "".

    Before that it may warn. Of a method it is what lies behind ``self``: ``self.successor``.
    """
    given = node.args
    if given.vararg or given.kwarg or given.posonlyargs or not all(map(_says_deprecated, node.decorator_list)):
        return ""
    call = _returned(node.body)
    if call is None or not isinstance(call.func, ast.Name | ast.Attribute):
        return ""
    target = ast.unparse(call.func)
    names = [each.arg for each in given.args]
    owner = target.partition(".")[0] if "." in target else ""
    if names and owner == names[0] == "self":
        names = names[1:]
    return target if _passes(call, [*names, *(each.arg for each in given.kwonlyargs)]) else ""


def _says_deprecated(decorator: ast.expr) -> bool:
    return "deprecat" in ast.unparse(decorator).lower()


def _returned(body: Sequence[ast.stmt]) -> ast.Call | None:
    """The call that a body returns, of which the rest is its documentation and a warning."""
    *first, last = body
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Call):
        return None
    return last.value if all(map(_is_silent, first)) else None


def _is_silent(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Constant(value=str()) | ast.JoinedStr()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in _WARNS
    return False


def _passes(call: ast.Call, names: Sequence[str]) -> bool:
    """Whether the call passes exactly the names: the first ones by position, in order, the others by keyword."""
    by_place = [each.id if isinstance(each, ast.Name) else "" for each in call.args]
    by_name = {each.arg: each.value.id if isinstance(each.value, ast.Name) else "" for each in call.keywords}
    if any(key != value for key, value in by_name.items()):
        return False
    return by_place == list(names[: len(by_place)]) and sorted(map(str, by_name)) == sorted(names[len(by_place) :])
