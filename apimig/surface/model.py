"""The public surface of a release: records, and lookups over them.

A surface holds plain entries, as they lie in its file, and makes a ``Symbol`` of one when it is asked for: loading
costs what reading names costs, whatever the size of the library.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apimig.rulebook.signature import Signature
from apimig.surface.linear import linearise
from apimig.surface.parameters import read_signature

Entry = dict[str, Any]


class Kind(enum.StrEnum):
    """What a name stands for."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    METHOD = "method"
    CLASS_METHOD = "class method"
    STATIC_METHOD = "static method"
    PROPERTY = "property"
    ATTRIBUTE = "attribute"
    ENUM_MEMBER = "enum member"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What the library says of a name or parameter that is to go; ``since`` and ``replacement`` where it says them."""

    text: str
    since: str = ""
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One object of a surface.

    ``name`` is its preferred public name, ``paths`` are its other public names, ``home`` where it is defined.
    ``public`` is false for classes that nothing publishes but that public objects derive from or, when ``held``,
    return.
    ``signature`` is without the receiver; a class has that of its constructor. ``overloads`` are texts as
    ``(a, b=1) -> pandas.DataFrame``. ``returns`` is an annotation with qualified names, for properties and
    attributes their type; ``returns_from`` says who says so: annotation, stub, docstring, body or runtime.
    ``documentation`` maps parameters ("" the object itself) to a hash of what is written of them. ``generated``
    marks what only introspection sees. ``stands_for`` has the documented defaults of parameters whose default in the
    code only says that they were not given. ``hands_on`` is where the function is defined that it only hands its
    arguments on to, one for one.
    """

    name: str
    kind: Kind
    home: str = ""
    paths: tuple[str, ...] = ()
    public: bool = True
    held: bool = True
    signature: Signature | None = None
    overloads: tuple[str, ...] = ()
    returns: str = ""
    returns_from: str = ""
    bases: tuple[str, ...] = ()
    deprecated: Deprecation | None = None
    parameters_deprecated: Mapping[str, Deprecation] = field(default_factory=dict)
    documentation: Mapping[str, str] = field(default_factory=dict)
    generated: bool = False
    stands_for: Mapping[str, str] = field(default_factory=dict)
    hands_on: str = ""

    @property
    def last(self) -> str:
        """The name without what contains it."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Surface:
    """What one release of a library offers.

    ``entries`` maps preferred names of modules, classes, functions and attributes of modules to entries (see
    ``store``); a class's own members lie in its entry. ``aliases`` maps every other public path, ``implicit``
    paths that work without being meant (an import in a module that names no exports), to those names.
    """

    distribution: str
    version: str
    roots: tuple[str, ...]
    entries: Mapping[str, Entry]
    aliases: Mapping[str, str]
    implicit: Mapping[str, str] = field(default_factory=dict)
    probed: bool = False
    digest: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"

    def __len__(self) -> int:
        return sum(1 + len(entry.get("m", ())) for entry in self.entries.values())

    def offers(self, path: str) -> str | None:
        """The preferred name of what a public path leads to; unlike ``canonical`` it knows no private places."""
        if path in self.entries:
            return None if "i" in self.entries[path] else path
        return self.aliases.get(path) or self.implicit.get(path)

    def canonical(self, path: str) -> str | None:
        """The preferred name of what ``path`` leads to, members of classes included; None when nothing is there."""
        if path in self.entries:
            return path
        if target := self.aliases.get(path) or self.implicit.get(path) or self.homes.get(path):
            return target
        owner, _, last = path.rpartition(".")
        if not owner or (within := self.canonical(owner)) is None:
            return None
        if within in self.entries and self.entries[within]["k"] == "c":
            return self._member(within, last)
        inner = f"{within}.{last}"
        return self.canonical(inner) if inner != path else None

    def _member(self, owner: str, last: str) -> str | None:
        return next((f"{base}.{last}" for base in self.mro(owner) if last in self._own(base)), None)

    def _own(self, owner: str) -> Mapping[str, Entry]:
        members: Mapping[str, Entry] = self.entries.get(owner, {}).get("m", {})
        return members

    def find(self, path: str) -> Symbol | None:
        """The symbol that ``path`` leads to; for a member, as the class that defines it has it."""
        name = self.canonical(path)
        if name is None:
            return None
        if name in self.entries:
            return self._symbol(name, self.entries[name])
        owner, _, last = name.rpartition(".")
        return self._symbol(name, self._own(owner)[last])

    def mro(self, name: str) -> tuple[str, ...]:
        """The class and its bases, in the order of lookup; bases outside the library are left out."""
        if name not in self._mros:
            self._mros[name] = tuple(linearise(name, lambda each: self.entries.get(each, {}).get("b", ())))
        return tuple(each for each in self._mros[name] if each in self.entries)

    def foreign_bases(self, name: str) -> tuple[str, ...]:
        """Bases of the class, direct or not, that lie outside the library."""
        self.mro(name)
        return tuple(each for each in self._mros[name] if each not in self.entries)

    def members(self, name: str) -> dict[str, str]:
        """The names of a class's members, inherited ones included, and the class of the library that defines each."""
        found: dict[str, str] = {}
        for base in self.mro(name):
            for member in self._own(base):
                found.setdefault(member, base)
        return found

    def member(self, owner: str, last: str) -> Symbol | None:
        """The member as the class has it, inherited or its own."""
        name = self._member(owner, last)
        return None if name is None else self.find(name)

    def symbols(self) -> Iterator[Symbol]:
        """Every symbol, each once, members after their class."""
        for name, entry in self.entries.items():
            yield self._symbol(name, entry)
            for last, member in entry.get("m", {}).items():
                yield self._symbol(f"{name}.{last}", member)

    def constructor(self, name: str) -> Signature | None:
        """How the class is called: by its ``__init__``, or by ``__new__`` where that comes first."""
        text = self.constructor_of(name)[1]
        return read_signature(text) if text else None

    def constructor_of(self, name: str) -> tuple[str, str]:
        """The class that defines how ``name`` is called, and its signature as text; empty when that is not known."""
        for base in self.mro(name):
            own = self._own(base)
            for special in ("__init__", "__new__"):
                if text := own.get(special, {}).get("s"):
                    return base, text
        return ("", "") if set(self.foreign_bases(name)) - _WITHOUT_CONSTRUCTOR else (name, "()")

    def _symbol(self, name: str, entry: Entry) -> Symbol:
        kind = KINDS[entry["k"]]
        text = entry.get("s")
        signature = read_signature(text) if text else self.constructor(name) if kind is Kind.CLASS else None
        return Symbol(
            name,
            kind,
            home=entry.get("h", name),
            paths=self._paths.get(name, ()),
            public="i" not in entry,
            held=entry.get("i", "h") == "h",
            signature=signature,
            overloads=tuple(entry.get("o", ())),
            returns=entry.get("r", ""),
            returns_from=SOURCES.get(entry.get("f", "a"), "") if entry.get("r") else "",
            bases=tuple(entry.get("b", ())),
            deprecated=Deprecation(*entry["d"]) if "d" in entry else None,
            parameters_deprecated={key: Deprecation(*value) for key, value in entry.get("p", {}).items()},
            documentation=entry.get("x", {}),
            generated="g" in entry,
            stands_for=entry.get("v", {}),
            hands_on=entry.get("w", ""),
        )

    @cached_property
    def homes(self) -> dict[str, str]:
        """Where objects are defined, and their preferred names."""
        return {entry["h"]: name for name, entry in self.entries.items() if "h" in entry}

    @cached_property
    def _mros(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path, name in self.aliases.items():
            found.setdefault(name, []).append(path)
        return {name: tuple(sorted(paths)) for name, paths in found.items()}


_WITHOUT_CONSTRUCTOR = frozenset({"object", "abc.ABC", "Generic", "Protocol", "ABC"})

KINDS = {
    "M": Kind.MODULE,
    "c": Kind.CLASS,
    "f": Kind.FUNCTION,
    "m": Kind.METHOD,
    "t": Kind.CLASS_METHOD,
    "s": Kind.STATIC_METHOD,
    "p": Kind.PROPERTY,
    "a": Kind.ATTRIBUTE,
    "e": Kind.ENUM_MEMBER,
}
SOURCES = {"a": "annotation", "s": "stub", "d": "docstring", "b": "body", "r": "runtime"}
