"""Annotations as text with qualified names: ``pandas.DataFrame | None``."""

from __future__ import annotations

import re

import griffe

from apimig.surface.linear import linearise
from apimig.surface.reading import Tree
from apimig.surface.unions import split_union, union

_NAMED = griffe.ExprName | griffe.ExprAttribute
_SELF = ("typing.Self", "typing_extensions.Self", "_typeshed.Self")
_BARE = ("typing.", "typing_extensions.", "builtins.")
_DEEP = 6
_FEW = 4  # alternatives up to which an alias of types is written out
_A_TYPE = re.compile(r"^[A-Za-z_][\w.]*(\[.*\])?$")


class Names:
    """Says where the names of a release lead, imports followed, each asked for once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._homes: dict[str, str] = {}
        self._expanded: dict[str, str] = {}

    def home(self, path: str) -> str:
        """Where what ``path`` leads to is defined; the path itself when it is not the release's."""
        if path not in self._homes:
            found = self.tree.get(path)
            self._homes[path] = path if found is None else _home(found, path)
        return self._homes[path]

    def object(self, path: str) -> griffe.Object | None:
        """What ``path`` leads to, imports and plain assignments (``row_stack = vstack``) followed; None if not ours."""
        found = self._followed(path)
        for _ in range(_DEEP):
            value = getattr(found, "value", None)
            if not isinstance(value, _NAMED):
                break
            further = self._followed(self.path(value))
            if further is None or further is found or further.is_attribute or further.is_module:
                break
            found = further
        return found

    def beside(self, path: str, last: str) -> str:
        """Where a module that names a method of an instance (``path``) names another method of it; else empty."""
        found = self._followed(path)
        value = getattr(found, "value", None)
        if found is None or found.parent is None or not isinstance(value, griffe.ExprAttribute):
            return ""
        wanted = f"{self.path(value).rpartition('.')[0]}.{last}"
        for member in found.parent.members.values():
            other = None if member.is_alias else getattr(member, "value", None)
            if isinstance(other, griffe.ExprAttribute) and self.path(other) == wanted:
                return member.path
        return ""

    def of_instance(self, found: griffe.Object) -> griffe.Function | None:
        """The method behind ``encode = codec.encode``, where ``codec`` is what a call of a class of ours made."""
        value = getattr(found, "value", None)
        owner, _, last = self.path(value).rpartition(".") if isinstance(value, griffe.ExprAttribute) else ("", "", "")
        value = getattr(self._followed(owner) if owner else None, "value", None)
        if not isinstance(value, griffe.ExprCall) or not isinstance(value.function, _NAMED):
            return None
        made = self.object(self.path(value.function))
        if not isinstance(made, griffe.Class):
            return None
        members = (self._followed(f"{each}.{last}") for each in linearise(made.path, self._bases))
        method = next((each for each in members if each is not None), None)
        return method if isinstance(method, griffe.Function) and not method.decorators else None

    def _bases(self, name: str) -> list[str]:
        found = self._followed(name)
        bases = found.bases if isinstance(found, griffe.Class) else []
        return [self.home(self.path(base)) for base in bases if isinstance(base, _NAMED)]

    def _followed(self, path: str) -> griffe.Object | None:
        found = self.tree.get(path)
        if found is not None and found.is_alias:
            found = self.tree.get(_home(found, path))
        if found is None or isinstance(found, griffe.Alias):
            return self._stubbed(path)
        return found

    def _stubbed(self, path: str) -> griffe.Object | None:
        """What a stub says of a name that the module itself takes from compiled code."""
        module, _, name = path.rpartition(".")
        stub = self.tree.stubs.get(module)
        member = stub.members.get(name) if stub is not None else None
        if isinstance(member, griffe.Alias):
            target = member.target_path
            return self._stubbed(target) or self._followed(target) if target != path else None
        return member

    def path(self, value: griffe.ExprName | griffe.ExprAttribute) -> str:
        """The dotted path that a name in the code stands for; empty when nothing binds it."""
        try:
            return value.canonical_path
        except (griffe.NameResolutionError, griffe.AliasResolutionError, griffe.CyclicAliasError, KeyError):
            return ""

    def expanded(self, home: str) -> str:
        """What an alias of a few types stands for (``AxisInt = int``); empty for other names and long unions."""
        if home not in self._expanded:
            self._expanded[home] = ""  # an alias that leads to itself is not expanded
            found = self.tree.get(home)
            value = getattr(found, "value", None) if found is not None and not found.is_alias else None
            if isinstance(value, griffe.ExprBinOp | griffe.ExprSubscript | griffe.ExprName | griffe.ExprAttribute):
                text = _spell(value, self, 0)
                parts = split_union(text)
                self._expanded[home] = text if len(parts) <= _FEW and all(_A_TYPE.match(part) for part in parts) else ""
        return self._expanded[home]

    def typevar(self, path: str) -> bool:
        """Whether the name stands for a type variable."""
        found = self.tree.get(path)
        if found is None or found.is_alias:
            return False
        value = getattr(found, "value", None)
        return isinstance(value, griffe.ExprCall) and str(value.function).rpartition(".")[2] in ("TypeVar", "ParamSpec")


def _home(found: griffe.Object | griffe.Alias, path: str) -> str:
    if not found.is_alias:
        return found.path
    try:
        return found.final_target.path  # type: ignore[union-attr]
    except griffe.AliasResolutionError as error:
        return error.alias.target_path
    except griffe.CyclicAliasError:
        return path


def spell(expression: str | griffe.Expr | None, names: Names, *, itself: str = "") -> str:
    """The annotation as text; empty when it says nothing (``Any``, a type variable alone).

    ``itself`` is how the receiver is annotated: where the annotation is the same name, it means ``Self``.
    """
    if expression is None:
        return ""
    if itself and str(expression) == itself:
        return "Self"
    text = _spell(expression, names, 0)
    return "" if text in ("Any", "object") or text.startswith("~") else text


def _spell(expression: str | griffe.Expr, names: Names, depth: int) -> str:
    if isinstance(expression, str):
        return expression if depth < _DEEP else "Any"
    if isinstance(expression, griffe.ExprName | griffe.ExprAttribute):
        return _name(expression, names)
    if isinstance(expression, griffe.ExprBinOp) and expression.operator == "|":
        return union([_spell(expression.left, names, depth + 1), _spell(expression.right, names, depth + 1)])
    if isinstance(expression, griffe.ExprSubscript):
        return _subscript(expression, names, depth)
    if isinstance(expression, griffe.ExprList | griffe.ExprTuple):
        inner = ", ".join(_spell(each, names, depth + 1) for each in expression.elements)
        return f"[{inner}]" if isinstance(expression, griffe.ExprList) else inner
    return str(expression) if depth < _DEEP else "Any"


def _name(expression: griffe.ExprName | griffe.ExprAttribute, names: Names) -> str:
    home = names.home(names.path(expression) or str(expression))
    if expanded := names.expanded(home):
        return expanded
    if home in _SELF:
        return "Self"
    if names.typevar(home):
        return "~" + home.rpartition(".")[2]
    bare = next((home.removeprefix(prefix) for prefix in _BARE if home.startswith(prefix)), home)
    return bare if "." not in bare else home


def _subscript(expression: griffe.ExprSubscript, names: Names, depth: int) -> str:
    left = _name(expression.left, names) if isinstance(expression.left, griffe.ExprName | griffe.ExprAttribute) else ""
    inside = expression.slice
    parts = inside.elements if isinstance(inside, griffe.ExprTuple) else [inside]
    if left == "Literal":
        return f"Literal[{', '.join(str(part) for part in parts)}]"
    spelled = [_spell(part, names, depth + 1) for part in parts]
    if left == "Union":
        return union(spelled)
    if left == "Optional":
        return union([*spelled, "None"])
    if left in ("Annotated", "Final", "ClassVar", "Required"):
        return spelled[0]
    return f"{left or str(expression.left)}[{', '.join(spelled)}]"
