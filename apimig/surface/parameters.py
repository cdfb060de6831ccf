"""Signatures as text, ``(a, /, b=1, *, c=None, **kwargs)``, and back.

The text is what a surface's file holds; the receiver is not in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from apimig.rulebook.signature import Parameter, ParameterKind, Signature

_UNREADABLE = "..."  # a default that is no Python, such as `<no value>`: the parameter may be left out


@lru_cache(maxsize=8192)
def read_signature(text: str) -> Signature:
    """The signature that ``write_signature`` wrote; any parameter list in brackets without annotations."""
    function = ast.parse(f"def f{text}: 0").body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - what the line above is
    parameters = tuple(_parameters(function.args))
    return Signature(parameters, "", {p.name: p for p in parameters})


def _parameters(args: ast.arguments) -> Iterable[Parameter]:
    places = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [*[None] * (len(places) - len(args.defaults)), *args.defaults]
    for index, (place, default) in enumerate(zip(places, defaults, strict=True)):
        kind: ParameterKind = "positional" if index < len(args.posonlyargs) else "either"
        yield Parameter(place.arg, kind, _text(default))
    if args.vararg is not None:
        yield Parameter(args.vararg.arg, "*")
    for place, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield Parameter(place.arg, "keyword", _text(default))
    if args.kwarg is not None:
        yield Parameter(args.kwarg.arg, "**")


def _text(default: ast.expr | None) -> str | None:
    return None if default is None else ast.unparse(default)


def write_signature(parameters: Iterable[Parameter]) -> str:
    """The parameters as text; defaults are spelt as ``ast.unparse`` does."""
    pieces: list[str] = []
    last: ParameterKind | None = None
    starred = False
    for parameter in parameters:
        if last == "positional" and parameter.kind != "positional":
            pieces.append("/")
        if parameter.kind == "keyword" and not starred:
            pieces.append("*")
        starred = starred or parameter.kind in ("*", "keyword")
        star = parameter.kind if parameter.kind in ("*", "**") else ""
        default = "" if parameter.default is None else f"={spell(parameter.default)}"
        pieces.append(f"{star}{parameter.name}{default}")
        last = parameter.kind
    if last == "positional":
        pieces.append("/")
    return f"({', '.join(pieces)})"


@lru_cache(maxsize=8192)
def spell(default: str) -> str:
    """The default in one spelling: quotes and spaces do not make two of it."""
    try:
        return ast.unparse(_WorkedOut().visit(ast.parse(default.strip(), mode="eval")))
    except (SyntaxError, ValueError):
        return _UNREADABLE


class _WorkedOut(ast.NodeTransformer):
    """Writes ``int(1e5)`` as the number that it is."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="int"), args=[ast.Constant(value=int() | float() as number)], keywords=[]):
                return ast.Constant(int(number)) if abs(number) < 1e15 else node
        return self.generic_visit(node)


def write_loose(parameters: Iterable[Parameter]) -> str:
    """As ``write_signature``, for parameters read from prose: an order that Python would refuse is mended."""
    kept: list[Parameter] = []
    seen: set[str] = set()
    optional = False
    for each in parameters:
        if each.name in seen or not each.name.isidentifier():
            continue
        seen.add(each.name)
        needs_default = each.kind in ("positional", "either") and optional and each.default is None
        optional = optional or (each.kind in ("positional", "either") and each.default is not None)
        kept.append(Parameter(each.name, each.kind, _UNREADABLE) if needs_default else each)
    return write_signature(kept)
