"""``__all__`` as a module states it: literals, sums, ``extend`` and ``append``, and other modules' ``__all__``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

EVERYTHING = "*"  # `[name for name in dir() if ...]`: whatever the module holds without an underscore


@dataclass
class Exports:
    """``names`` in order; ``modules`` are those whose own ``__all__`` is part of it. None of both: not stated."""

    names: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    stated: bool = False
    understood: bool = True


def stated_exports(module: ast.Module) -> Exports:
    """Follow the statements of a module that make ``__all__``; ``understood`` is false when one cannot be followed."""
    found = Exports()
    lists: dict[str, ast.expr] = {}
    for statement, otherwise in _statements(module.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                found = found if otherwise else Exports(stated=True)
                _add(value, found, lists)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() as value):
                lists[name] = value
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=value) if value is not None:
                found = Exports(stated=True)
                _add(value, found, lists)
            case ast.AugAssign(target=ast.Name(id="__all__"), op=ast.Add(), value=value):
                found.stated = True
                _add(value, found, lists)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"), attr=method), args=[argument])
            ):
                found.stated = True
                _called(method, argument, found, lists)
    return found


def _statements(body: list[ast.stmt], *, otherwise: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that may run when the module is imported, and whether each stands in an ``else``."""
    for statement in body:
        yield statement, otherwise
        if isinstance(statement, ast.If | ast.Try):
            yield from _statements(statement.body, otherwise=otherwise)
            yield from _statements(statement.orelse, otherwise=otherwise or isinstance(statement, ast.If))


def _called(method: str, argument: ast.expr, found: Exports, lists: dict[str, ast.expr]) -> None:
    if method == "extend":
        _add(argument, found, lists)
    elif method == "append":
        _add(ast.List([argument], ast.Load()), found, lists)
    elif method == "remove" and isinstance(argument, ast.Constant):
        found.names = [name for name in found.names if name != argument.value]
    else:
        found.understood = False


def _add(value: ast.expr, found: Exports, lists: dict[str, ast.expr]) -> None:
    match value:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            for item in items:
                _add_item(item, found, lists)
        case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
            _add(left, found, lists)
            _add(right, found, lists)
        case ast.Attribute(value=module, attr="__all__"):
            found.modules.append(ast.unparse(module))
        case ast.Call(func=ast.Name(id="list" | "sorted" | "tuple" | "set"), args=[inner]):
            _add(inner, found, lists)
        case ast.Call(func=ast.Attribute(value=inner, attr="copy" | "keys"), args=[]):
            _add(inner, found, lists)
        case ast.Dict(keys=keys):
            for key in keys:
                _add_item(key, found, lists)
        case ast.Name(id=name) if name in lists:
            _add(lists.pop(name), found, lists)
        case ast.ListComp() if "dir()" in ast.unparse(value) or "globals()" in ast.unparse(value):
            found.names.append(EVERYTHING)
        case _:
            found.understood = False


def _add_item(item: ast.expr | None, found: Exports, lists: dict[str, ast.expr]) -> None:
    match item:
        case ast.Constant(value=str(name)):
            found.names.append(name)
        case ast.Starred(value=value):
            _add(value, found, lists)
        case ast.Attribute(attr="__name__", value=ast.Name(id=name)):
            found.names.append(name)
        case _:
            found.understood = False


def published_by_stub(module: ast.Module) -> Iterator[str]:
    """What a stub without ``__all__`` publishes: its definitions, and imports spelt ``X as X``."""
    for statement, _ in _statements(module.body):
        match statement:
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (each.asname for each in names if each.asname and each.asname == each.name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name


def answers_for_names(module: ast.Module) -> bool:
    """Whether the module has a ``__getattr__``, so that names may exist which nothing binds."""
    return any(isinstance(each, ast.FunctionDef) and each.name == "__getattr__" for each, _ in _statements(module.body))
