"""A surface as what the resolver knows of a library: its names, its classes, and what its calls give."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache

from apimig.rulebook.rule import ClassTypes, Library, Returns
from apimig.surface.model import Kind, Surface, Symbol

UNKNOWN = "unknown"
_PLAIN = frozenset(
    ("str", "int", "float", "bool", "bytes", "complex", "list", "dict", "set", "frozenset", "tuple", "range", "slice")
)
_LISTS = frozenset(("list", "List"))
_DICTS = frozenset(("dict", "Dict", "DefaultDict", "OrderedDict", "defaultdict"))
_TUPLES = frozenset(("tuple", "Tuple"))
_SETS = frozenset(("set", "Set", "frozenset", "FrozenSet"))
_ITERATORS = frozenset(("Iterator", "Generator"))
_CALLED = (Kind.METHOD, Kind.CLASS_METHOD, Kind.STATIC_METHOD)
_HELD = (Kind.PROPERTY, Kind.ATTRIBUTE, Kind.ENUM_MEMBER)
_ARITHMETIC = ("__add__", "__mul__", "__sub__", "__truediv__")


def library_of(surface: Surface, *, oldest: str = "", releases: Sequence[str] = ()) -> Library:
    """What the surface says of the library, in the form in which rule packs say it.

    Types from annotations, stubs and introspection are proven, those from docstrings inferred. A type that is not
    understood is unknown, and so is one that may be something else beside.
    """
    work = _Types(surface)
    symbols = [symbol for symbol in map(surface.find, surface.entries) if symbol is not None]
    return Library(
        distribution=surface.distribution,
        imports=surface.roots,
        oldest=oldest,
        releases=tuple(releases),
        aliases={**surface.implicit, **surface.homes, **surface.aliases},
        functions={s.name: Returns(work.given(s)) for s in symbols if s.kind is Kind.FUNCTION},
        objects={s.name: given for s in symbols if s.kind in _HELD and (given := work.given(s)) != UNKNOWN},
        classes={s.name: work.class_types(s) for s in symbols if s.kind is Kind.CLASS},
        homes={s.home: s.name for s in symbols if s.kind is Kind.CLASS and s.home != s.name},
        modules=tuple(s.name for s in symbols if s.kind is Kind.MODULE and s.name.rpartition(".")[2][:1].isupper()),
    )


class _Types:
    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.expression = lru_cache(maxsize=None)(self._expression)

    def class_types(self, symbol: Symbol) -> ClassTypes:
        own = self._own(symbol.name)
        given = {last: expression for last, each in own.items() if (expression := self.given(each)) != UNKNOWN}
        result = {last: given[last] for last, each in own.items() if each.kind in _CALLED and last in given}
        item = result.get("__getitem__", UNKNOWN)
        return ClassTypes(
            symbol.name,
            bases=tuple(self.surface.canonical(base) or base for base in symbol.bases),
            attributes={last: given[last] for last, each in own.items() if each.kind in _HELD and last in given},
            returns={n: Returns(text) for n, text in result.items() if not n.startswith("__") or n == "__call__"},
            items={} if item == UNKNOWN else {"other": item},
            iterates=_element(result.get("__iter__", UNKNOWN)),
            operators=_common([result[name] for name in _ARITHMETIC if name in result]),
            enters=result.get("__enter__", "self"),
            listed=tuple(last for last in own if last not in given and not last.startswith("__")),
        )

    def _own(self, name: str) -> Mapping[str, Symbol]:
        found = ((last, self.surface.find(f"{name}.{last}")) for last in self.surface.entries[name].get("m", {}))
        return {last: each for last, each in found if each is not None}

    def given(self, symbol: Symbol) -> str:
        """What a call, or an attribute, gives, as a type expression of a rule pack."""
        if not symbol.returns:
            return UNKNOWN
        expression = self.expression(symbol.returns)
        likely = symbol.returns_from in ("docstring", "body") and expression != UNKNOWN
        return f"~{expression}" if likely else expression

    def _expression(self, text: str) -> str:
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return UNKNOWN
        return self._of(tree)

    def _of(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=None):
                return "None"
            case ast.Constant(value=str() as quoted):
                return self.expression(quoted)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return f"{self._of(left)} | {self._of(right)}"
            case ast.Subscript(value=head, slice=inside):
                return self._subscript(_dotted(head), inside)
            case ast.Name() | ast.Attribute():
                return self._named(_dotted(node))
        return UNKNOWN

    def _subscript(self, head: str, inside: ast.expr) -> str:
        last = head.rpartition(".")[2]
        parts = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
        match last:
            case "Optional":
                return f"{self._of(inside)} | None"
            case "Union":
                return " | ".join(self._of(part) for part in parts)
            case "Literal":
                return _common([_kind_of(part) for part in parts])
            case "NDArray":
                return "numpy.ndarray"
            case "Final" | "ClassVar" | "Annotated":
                return self._of(parts[0])
        if last in _TUPLES:
            ellipsis = any(isinstance(part, ast.Constant) and part.value is ... for part in parts)
            return "tuple" if ellipsis else f"tuple[{', '.join(self._of(part) for part in parts)}]"
        if last in _LISTS or last in _SETS or last in _ITERATORS:
            kind = "list" if last in _LISTS else "iterator" if last in _ITERATORS else last.lower()
            return f"{kind}[{self._of(parts[0])}]"
        if last in _DICTS and len(parts) == 2:
            return f"dict[{self._of(parts[0])}, {self._of(parts[1])}]"
        return self._named(head)

    def _named(self, name: str) -> str:
        last = name.rpartition(".")[2]
        if last == "Self":
            return "self"
        if name in _PLAIN:
            return name
        if last in _LISTS | _TUPLES | _DICTS | _SETS and name.partition(".")[0] in (last, "typing"):
            return last.lower() if last.lower() in _PLAIN else "dict"
        known = self.surface.canonical(name)
        if known is not None:
            return known if self.surface.entries.get(known, {}).get("k") == "c" else UNKNOWN
        return name if self._is_foreign_class(name) else UNKNOWN

    def _is_foreign_class(self, name: str) -> bool:
        """Whether a class of another library is meant, not an alias, a protocol or a type variable."""
        root, dot, rest = name.partition(".")
        if not dot or root in self.surface.roots or root in ("typing", "typing_extensions", "collections", "_typeshed"):
            return False
        last = rest.rpartition(".")[2]
        return "typing" not in rest and (last[:1].isupper() or name == "numpy.ndarray")


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node)


def _kind_of(node: ast.expr) -> str:
    name = type(node.value).__name__ if isinstance(node, ast.Constant) else ""
    return name if name in _PLAIN else "None" if name == "NoneType" else UNKNOWN


def _common(expressions: Sequence[str]) -> str:
    """The one expression that all of them are."""
    found = set(expressions)
    return found.pop() if len(found) == 1 else UNKNOWN


def _element(expression: str) -> str:
    text = expression.removeprefix("~")
    if text.startswith("iterator[") and text.endswith("]"):
        return text[len("iterator[") : -1]
    return UNKNOWN
