"""What the packs say of their libraries' objects, asked by qualified name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from apimig.records import UNKNOWN_VALUE, Certainty, Value
from apimig.resolve.values import NONE_VALUE, at_most, instance, join
from apimig.rulebook.rule import ClassTypes, Library, Returns

_BUILTINS = frozenset(
    (
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "complex",
        "object",
        "list",
        "dict",
        "set",
        "frozenset",
        "tuple",
        "range",
        "slice",
        "bytearray",
        "type",
    )
)
_TUPLES = ("block", "line", "cell")  # kinds of a key of two, where a class says more than "tuple" of it
_CONTAINERS = {"iterator": "builtins.iterator", "Iterator": "builtins.iterator", "Iterable": "builtins.iterator"}


class Tables:
    """The libraries' classes, functions and objects under their canonical names."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self.roots = frozenset(name for library in libraries for name in library.imports)
        self.conventional = {k: v for library in libraries for k, v in library.conventional.items()}
        self.modules = frozenset(name for library in libraries for name in library.modules)
        self.names = {k: v for library in libraries for k, v in library.names.items()}
        self.evidence = tuple(sign for library in libraries for sign in library.evidence)
        self.rivals = frozenset(name for library in libraries for name in library.rivals)
        self._aliases = {k: v for library in libraries for k, v in library.aliases.items()}
        self.homes = {k: v for library in libraries for k, v in library.homes.items()}
        self.classes: dict[str, ClassTypes] = {k: v for library in libraries for k, v in library.classes.items()}
        self.owners: dict[str, set[str]] = {}  # member -> first names of the libraries that have it
        for name, types in self.classes.items():
            for member in (*types.attributes, *types.returns, *types.listed):
                self.owners.setdefault(member, set()).add(name.partition(".")[0])
        self.functions: dict[str, Returns] = {k: v for library in libraries for k, v in library.functions.items()}
        self.objects: dict[str, str] = {k: v for library in libraries for k, v in library.objects.items()}
        self.words = self._words()
        self.canonical = lru_cache(maxsize=None)(self._canonical)
        self.typed = lru_cache(maxsize=None)(self._typed)
        self.mro = lru_cache(maxsize=None)(self._mro)

    def _words(self) -> dict[str, str]:
        """How people write the classes in prose, in lower case; a short name of two classes means neither."""
        spelled: dict[str, set[str]] = {}
        aliases = {target: alias for alias, target in self.conventional.items()}
        for name in self.classes:
            root, _, rest = name.partition(".")
            if name.rpartition(".")[2][:1].isupper() or name.endswith(".ndarray"):
                last = name.rpartition(".")[2]
                for text in (name, f"{aliases.get(root, root)}.{rest}", last, f"{root} {last}"):
                    spelled.setdefault(text.lower(), set()).add(name)
        return {text: min(names) for text, names in spelled.items() if len(names) == 1}

    def _canonical(self, name: str) -> str:
        """The preferred public name: the longest alias that is ``name`` or a prefix of it."""
        if name in self._aliases:
            return self._aliases[name]
        head = name
        while "." in head:
            head = head.rpartition(".")[0]
            if head in self._aliases:
                return self._aliases[head] + name[len(head) :]
        return name

    def is_library(self, name: str) -> bool:
        """Whether a qualified name lies in one of the libraries."""
        return ":" not in name and name.partition(".")[0] in self.roots

    def _mro(self, name: str) -> tuple[str, ...]:
        """The class and its bases, nearest first."""
        found: list[str] = []
        queue = [name]
        while queue:
            top = queue.pop(0)
            if top not in found:
                found.append(top)
                queue.extend(self.classes[top].bases if top in self.classes else ())
        return tuple(found)

    def class_types(self, name: str) -> Iterator[ClassTypes]:
        """What the packs say of the class and its bases, nearest first."""
        for base in self.mro(name):
            if base in self.classes:
                yield self.classes[base]

    def attribute(self, owner: str, name: str) -> str | None:
        """The type expression of an attribute of instances."""
        return next((types.attributes[name] for types in self.class_types(owner) if name in types.attributes), None)

    def method(self, owner: str, name: str) -> Returns | None:
        """The result of a method of instances."""
        return next((types.returns[name] for types in self.class_types(owner) if name in types.returns), None)

    def item(self, owner: str, kind: str) -> str:
        """The type expression of ``x[key]`` for a kind of key."""
        for types in self.class_types(owner):
            if types.items:
                other = types.items.get("other", "unknown")
                return types.items.get(kind, types.items.get("tuple", other) if kind in _TUPLES else other)
        return "unknown"

    def is_array(self, owner: str) -> bool:
        """Whether instances, as keys, choose several elements: what has masks is one itself."""
        return any("mask" in types.items for types in self.class_types(owner))

    def trait(self, owner: str, name: str) -> str:
        """``iterates``, ``operators`` or ``enters`` of a class; "unknown" where nothing is said."""
        for types in self.class_types(owner):
            said: str = getattr(types, name)
            if said != "unknown":
                return said
        return "unknown"

    def result(self, returns: Returns, holds: Callable[[str], bool]) -> str:
        """The type expression of a call, given what its arguments say."""
        for condition, expression in returns.alternatives:
            if holds(condition):
                return expression
        return returns.default

    def _typed(self, expression: str, own: str, reason: str) -> Value:
        """The value that a type expression of a pack describes; ``own`` is what ``self`` means."""
        text = expression.strip()
        if text.startswith("~"):
            return at_most(self._typed(text[1:], own, reason), Certainty.INFERRED)
        parts = _split(text, "|")
        if len(parts) > 1:
            return join(self._typed(part, own, reason) for part in parts)
        if text in ("unknown", "", "Any"):
            return UNKNOWN_VALUE
        if text == "None":
            return NONE_VALUE
        if text == "self":
            return instance(own, reason=reason) if own else UNKNOWN_VALUE
        head, bracket, rest = text.partition("[")
        args = tuple(self._typed(part, own, reason) for part in _split(rest[:-1], ",")) if bracket else ()
        name = _CONTAINERS.get(head, f"builtins.{head}" if head in _BUILTINS else head)
        return instance(self.canonical(name), *args, reason=reason)


def _split(text: str, at: str) -> list[str]:
    """Split at a character outside brackets."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == at and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()]
