"""What the names of a file mean through its imports."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from apimig.mining.diffs.tree import Builder, Tree, Types, no_types

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class _Scope:
    parent: _Scope | None = None
    is_class: bool = False
    imported: dict[str, str] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)


class Names:
    """The qualified names of the dotted names of one module.

    ``conventional`` are the aliases that count as imported in code without any import line. A name that is bound by
    anything but an import means nothing here.
    """

    def __init__(self, module: ast.Module, roots: Collection[str], conventional: Mapping[str, str]) -> None:
        self._roots = roots
        self._scopes: dict[int, _Scope] = {}
        top = _Scope()
        self._read(module.body, top)
        if not _has_imports(module):
            top.imported.update({name: meant for name, meant in conventional.items() if name not in top.bound})

    def meaning(self, node: ast.expr) -> str:
        """The qualified name that a name or a chain of attributes stands for, or ""."""
        attributes: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            attributes.append(inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return ""
        found = self._lookup(inner)
        if not found or (attributes and not self._reaches(found)):
            return ""
        return ".".join([found, *reversed(attributes)])

    def _reaches(self, found: str) -> bool:
        """Whether attributes of the name belong to it: those of a library's do, those of an object need not."""
        return found.partition(".")[0] in self._roots or "." not in found

    def _lookup(self, name: ast.Name) -> str:
        scope: _Scope | None = self._scopes.get(id(name))
        inner = True
        while scope is not None:
            if inner or not scope.is_class:
                if name.id in scope.bound:
                    return ""
                if name.id in scope.imported:
                    return scope.imported[name.id]
            inner, scope = False, scope.parent
        return f"builtins.{name.id}" if name.id in _BUILTINS else ""

    # ---- scopes

    def _read(self, nodes: Iterable[ast.AST], scope: _Scope) -> None:
        queue = list(nodes)
        while queue:
            node = queue.pop(0)
            self._bind(node, scope)
            if isinstance(node, _NESTED):
                scope.bound.add(node.name)
                queue = [*node.decorator_list, *_defaults(node), *queue]
            if isinstance(node, ast.ClassDef):
                queue = [*node.bases, *node.keywords, *queue]
                self._read(node.body, _Scope(scope, is_class=True))
            elif isinstance(node, _FUNCTIONS):
                self._function(node, scope)
            elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                self._read(ast.iter_child_nodes(node), _Scope(scope))
            else:
                queue = [*ast.iter_child_nodes(node), *queue]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope) -> None:
        inner = _Scope(scope)
        inner.bound |= {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        body = node.body if isinstance(node.body, list) else [node.body]
        annotations = [one.annotation for one in ast.walk(node.args) if isinstance(one, ast.arg) and one.annotation]
        returns = [node.returns] if not isinstance(node, ast.Lambda) and node.returns is not None else []
        self._read([*annotations, *returns], scope)
        self._read(body, inner)

    def _bind(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Name):
            self._scopes[id(node)] = scope
            if not isinstance(node.ctx, ast.Load):
                scope.bound.add(node.id)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            scope.bound.add(node.name)
        elif isinstance(node, ast.Import):
            for one in node.names:
                scope.imported[one.asname or one.name.partition(".")[0]] = (
                    one.name if one.asname else one.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                scope.imported[one.asname or one.name] = f"{node.module}.{one.name}"
        elif isinstance(node, ast.ImportFrom):
            scope.bound |= {one.asname or one.name for one in node.names}


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    if isinstance(node, ast.ClassDef):
        return []
    return [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]


def _has_imports(module: ast.Module) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(module))


@dataclass(frozen=True, slots=True)
class Language:
    """What is to be known of a library to read code: its import names, and the aliases that everybody uses.

    ``public`` gives the public name of what code of the library itself takes from a private place, "" for none.
    """

    roots: frozenset[str]
    conventional: Mapping[str, str] = field(default_factory=dict)
    public: Callable[[str], str] = lambda _name: ""


def is_private(name: str) -> bool:
    """Whether a qualified name leads through something with an underscore, so that users do not write it."""
    return any(part.startswith("_") and not part.endswith("__") for part in name.split("."))


def read(code: str, language: Language, ask: Types = no_types) -> Tree:
    """The tree of a module; SyntaxError or ValueError where it is no Python."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is none of our business
        module = ast.parse(code)
    names = Names(module, language.roots, language.conventional)

    def meaning(node: ast.expr) -> str:
        name = names.meaning(node)
        return (language.public(name) or name) if name and is_private(name) else name

    return _with_symbols_in_imports(Builder(code, meaning, ask).tree(module), language)


def _symbol(name: str, language: Language) -> Tree:
    return Tree("Symbol", ((language.public(name) or name) if is_private(name) else name,))


def _with_symbols_in_imports(tree: Tree, language: Language) -> Tree:
    """The tree whose imports name what they bring as symbols, so that a change of them is a change of symbols."""
    if tree.kind == "ImportFrom" and tree.values[1] == 0:
        module, names = tree.values[0], tree.children[0]
        brought = tuple(
            Tree("brought", (alias.values[1] or alias.values[0],), (_symbol(f"{module}.{alias.values[0]}", language),))
            for alias in names.children
        )
        return Tree("Imports", (), (names.with_children(brought),), tree.span, tree.ask)
    if tree.kind == "Import":
        brought = tuple(
            Tree("brought", (alias.values[1] or alias.values[0],), (Tree("Symbol", (alias.values[0],)),))
            for alias in tree.children[0].children
        )
        return Tree("Imports", ("whole",), (tree.children[0].with_children(brought),), tree.span, tree.ask)
    return tree.with_children(tuple(_with_symbols_in_imports(child, language) for child in tree.children))
