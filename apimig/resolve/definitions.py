"""The repository's own functions and classes, and what the analysis learned of them so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, Value
from apimig.resolve.values import at_most, join, opened

if TYPE_CHECKING:
    from apimig.resolve.core import Core
    from apimig.resolve.scopes import Scope

# decorators after which a call still gives what the body returns
TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "wraps", "lru_cache", "cache", "overload", "override", "final",
     "fixture", "njit", "jit", "singledispatch", "deprecated", "skip", "skipif", "parametrize", "mark", "typechecked"}
)  # fmt: skip
ACCESSORS = frozenset({"setter", "deleter"})
PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})


@dataclass(slots=True, eq=False)
class Parameter:
    """One parameter: name, annotation and default nodes, and how it takes arguments."""

    name: str
    kind: str  # "normal", "*", "**", "keyword"
    annotation: Node | None
    default: Node | None


Identity = tuple["Core", int]


@dataclass(slots=True, eq=False)
class FunctionDef:
    """A function or method of the repository. ``owner`` is the qualified name of its class."""

    name: str
    node: Node
    scope: Scope
    module: Core
    parameters: list[Parameter]
    decorators: tuple[str, ...]
    owner: str = ""
    result: Value = UNKNOWN_VALUE
    busy: bool = False
    known: bool = False
    documented: dict[str, tuple[str, ...]] | None = None
    documented_result: tuple[str, ...] | None = None

    @property
    def identity(self) -> Identity:
        """What stays the same when a pass over the module makes the definition anew."""
        return self.module, self.node.start_byte

    @property
    def is_property(self) -> bool:
        """Whether reading the attribute calls it."""
        return any(name in PROPERTIES for name in self.decorators)

    @property
    def is_accessor(self) -> bool:
        """Whether it stores or deletes what the property of the same name gives."""
        return any(name in ACCESSORS for name in self.decorators)

    @property
    def is_fixture(self) -> bool:
        """Whether pytest passes its result to tests by name."""
        return "fixture" in self.decorators

    @property
    def is_static(self) -> bool:
        """Whether there is no self."""
        return "staticmethod" in self.decorators

    @property
    def is_opaque(self) -> bool:
        """Whether a decorator may change what a call gives."""
        return any(name not in TRANSPARENT and name not in PROPERTIES for name in self.decorators)


@dataclass(slots=True, eq=False)
class Attribute:
    """What is assigned to ``self.name`` or in the class body."""

    values: dict[int, Value] = field(default_factory=dict)  # by position of the assignment
    elsewhere: bool = False  # assigned outside __init__ and the class body
    declared: Value = UNKNOWN_VALUE

    def value(self) -> Value:
        """Declared type, else the join of what is assigned; proven only when all of that is in __init__."""
        if not self.declared.is_unknown:
            return self.declared
        found = join(self.values.values())
        return at_most(found, Certainty.INFERRED) if self.elsewhere or found.open else found


@dataclass(slots=True, eq=False)
class ClassDef:
    """A class of the repository: its bases by qualified name ("" where unknown), methods and attributes."""

    name: str
    node: Node
    module: Core
    bases: tuple[str, ...] = ()
    methods: dict[str, FunctionDef] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    is_record: bool = False  # dataclass, NamedTuple: the fields are the constructor's parameters


@dataclass(slots=True, eq=False)
class CallSites:
    """What the repository passes for one parameter."""

    values: dict[tuple[str, int], Value] = field(default_factory=dict)

    def value(self) -> Value:
        """The join over all call sites, at most inferred."""
        found = join(self.values.values())
        if any(value.is_unknown for value in self.values.values()):
            found = opened(found)
        return at_most(found, Certainty.INFERRED, f"passed by callers: {found.reason}" if found.reason else "")
