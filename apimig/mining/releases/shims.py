"""Functions that are kept only for old callers -> the expression that they stand for.

``def old(a, b=1): warn(...); return new(b, key=a)`` is ``new(b, key=a)``. Before that may stand documentation, a
warning, and imports; anything else, and every name that only the library's inside knows, makes it no shim.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apimig.mining.releases.sources import Definition, Function, Sources, meanings

_WARNS = re.compile(r"warn|deprecat", re.IGNORECASE)
# Decorators that leave a call as it is: they warn, document, or say of what kind it is.
_HARMLESS = re.compile(
    r"deprecat|classmethod|staticmethod|property|cache_readonly|doc|substitution|appender|final|override|wraps|set_module"
    r"|dispatch|versionadded|became_legacy|experimental|typing|export|no_type_check|not_implemented_for|memoized",
    re.IGNORECASE,
)


_WITH_NAMES_OF_ITS_OWN = (
    ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Await, ast.Yield, ast.NamedExpr
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shim:
    """What a definition stands for: an expression of its parameters, in which other names are qualified.

    ``receiver`` is the name of ``self`` or ``cls`` in it. ``called`` is false for properties.
    """

    expression: ast.expr
    arguments: ast.arguments
    receiver: str
    called: bool
    text: str


def shim_of(found: Definition, sources: Sources) -> Shim | None:
    """What a function or method only hands on; None where it does anything of its own."""
    node = found.node
    if not isinstance(node, ast.FunctionDef) or not all(_HARMLESS.search(ast.unparse(d)) for d in node.decorator_list):
        return None
    expression = _returned(node.body)
    if expression is None or isinstance(expression, ast.Constant):
        return None
    receiver = _receiver(node, found)
    qualified = _qualified(expression, node, receiver, found, sources)
    called = not any(re.search(r"propert|cache_readonly", ast.unparse(d)) for d in node.decorator_list)
    return Shim(qualified, node.args, receiver, called, ast.unparse(expression)) if qualified is not None else None


def subclassed(found: Definition, sources: Sources) -> str:
    """The one base of a class that only warns and is its base otherwise, as a dotted path; else nothing."""
    node = found.node
    if not isinstance(node, ast.ClassDef) or len(node.bases) != 1 or node.keywords:
        return ""
    if not all(_is_silent(each) or _only_warns_and_makes(each) for each in node.body):
        return ""
    if not (
        any(map(_only_warns_and_makes, node.body)) or any(_WARNS.search(ast.unparse(d)) for d in node.decorator_list)
    ):
        return ""
    module = sources.module(found.module)
    return "" if module is None else _dotted(node.bases[0], module.names)


def _only_warns_and_makes(statement: ast.stmt) -> bool:
    """``def __init__(self, *args, **kwargs): warn(...); super().__init__(*args, **kwargs)``."""
    if not isinstance(statement, ast.FunctionDef) or statement.name not in ("__init__", "__new__"):
        return False
    *first, last = statement.body
    text = ast.unparse(last)
    passed = text.endswith("(*args, **kwargs)") and "super()" in text
    return all(map(_is_silent, first)) and passed and any(_WARNS.search(ast.unparse(each)) for each in first)


# --------------------------------------------------------------------------- bodies


def _returned(body: Sequence[ast.stmt]) -> ast.expr | None:
    *first, last = body
    if not all(map(_is_silent, first)):
        return None
    if isinstance(last, ast.With) and all("catch_warnings" in ast.unparse(item) for item in last.items):
        return _returned(last.body)
    return last.value if isinstance(last, ast.Return) else None


def _is_silent(statement: ast.stmt) -> bool:
    """Whether a statement does nothing that a caller needs: documentation, warnings, imports, texts for a warning."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name in ("msg", "message", "__doc__", "text") or isinstance(value, ast.Constant | ast.JoinedStr)
        case ast.Expr(value=ast.Call(func=func)):
            return _WARNS.search(ast.unparse(func)) is not None
    return False


def _receiver(node: Function, found: Definition) -> str:
    if not found.owner or any("staticmethod" in ast.unparse(each) for each in node.decorator_list):
        return ""
    places = [*node.args.posonlyargs, *node.args.args]
    return places[0].arg if places else ""


# --------------------------------------------------------------------------- names


class _Unknown(Exception):
    """A name that means nothing outside the function."""


def _qualified(
    expression: ast.expr, node: Function, receiver: str, found: Definition, sources: Sources
) -> ast.expr | None:
    module = sources.module(found.module)
    if module is None:
        return None
    names = dict(module.names)
    for statement in ast.walk(node):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            names.update(meanings(statement, module.name, package=module.package))
    given = node.args
    bound = {each.arg for each in [*given.posonlyargs, *given.args, *given.kwonlyargs]}
    bound |= {each.arg for each in (given.vararg, given.kwarg) if each is not None}
    local = _assigned(node)
    try:
        renamed = _Qualify(names, bound, receiver, local).visit(_copied(expression))
    except _Unknown:
        return None
    assert isinstance(renamed, ast.expr)  # noqa: S101 - what an expression becomes
    return renamed


def _assigned(node: Function) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _copied(expression: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(expression), mode="eval").body


class _Qualify(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str], bound: set[str], receiver: str, local: set[str]) -> None:
        self.names, self.bound, self.receiver, self.local = names, bound, receiver, local

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.local or node.id == "super":
            raise _Unknown(node.id)
        if node.id in self.bound:
            return node
        if node.id in self.names:
            return ast.parse(self.names[node.id], mode="eval").body
        if hasattr(builtins, node.id):
            return node
        raise _Unknown(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == self.receiver and node.attr.startswith("_"):
            raise _Unknown(node.attr)
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, _WITH_NAMES_OF_ITS_OWN):
            raise _Unknown(ast.unparse(node))
        return super().visit(node)  # type: ignore[no-any-return]


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str:
    head, dot, rest = ast.unparse(node).partition(".")
    return f"{names[head]}{dot}{rest}" if head in names else ""
