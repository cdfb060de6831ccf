"""What the parts of the interpreter know of each other: its state, and the operations they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tree_sitter import Node, Tree

from apimig.records import SourceFile, Type, Value
from apimig.resolve.flow import Flow
from apimig.resolve.scopes import ImportedName, Lexical, Scope

if TYPE_CHECKING:
    from apimig.resolve.definitions import FunctionDef, Parameter
    from apimig.resolve.project import Project
    from apimig.resolve.tables import Tables
    from apimig.resolve.traces import Trace, Traces


@dataclass(slots=True, eq=False)
class Frame:
    """A running scope. ``live`` is the frame it runs inside of (class bodies, comprehensions)."""

    scope: Scope
    flow: Flow
    name: str  # qualified, "" for the module
    live: Frame | None = None
    owner: str = ""  # qualified name of the class, in its body and its methods
    function: FunctionDef | None = None
    returns: list[Value] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    breaks: list[Flow] = field(default_factory=list)
    continues: list[Flow] = field(default_factory=list)


class Core(ABC):
    """State and shared operations; each method is implemented in the part its comment names."""

    project: Project
    tables: Tables
    source: SourceFile
    key: str
    tree: Tree
    lexical: Lexical
    values: dict[tuple[int, int], Value]
    handlers: dict[int, Callable[[Node, Frame], Value]]  # of expressions, by the kind of node
    executors: dict[int, Callable[[Node, Frame], object]]  # of statements
    traces: Traces
    later: list[tuple[Node, Frame, Trace | None]]
    deferred: list[tuple[FunctionDef, Frame]]
    defined: dict[int, FunctionDef]
    frame: Frame
    has_type_comments: bool

    # ---- interpreter

    @abstractmethod
    def read(self, name: str, frame: Frame) -> Value:
        """What a name means here."""

    @abstractmethod
    def bind(self, name: str, value: Value, frame: Frame, at: int) -> None:
        """Bind a name in the scope that Python would."""

    @abstractmethod
    def path(self, node: Node) -> str | None:
        """``self.df`` as text when it is made of names and literal keys only."""

    @abstractmethod
    def frame_of(self, node: Node, outer: Frame) -> Frame:
        """A frame for a comprehension, running inside ``outer``."""

    @abstractmethod
    def quoted_annotation(self, node: Node, frame: Frame) -> Value:
        """The value of an annotation in quotes."""

    @abstractmethod
    def typed_text(self, text: str, frame: Frame) -> Value:
        """The value of an annotation in a comment."""

    @abstractmethod
    def imported(self, one: ImportedName) -> Value:
        """What the name bound by an import stands for."""

    @abstractmethod
    def run_import(self, node: Node, frame: Frame) -> None:
        """Bind the names of an import statement."""

    @abstractmethod
    def run_function(self, definition: FunctionDef, outer: Frame) -> None:
        """Interpret a function's body and remember its result."""

    # ---- expressions

    @abstractmethod
    def evaluate(self, node: Node, frame: Frame) -> Value:
        """The value of an expression."""

    @abstractmethod
    def member(self, owner: Value, name: str) -> Value:
        """``owner.name``."""

    @abstractmethod
    def library_member(self, one: Type, name: str, reason: str) -> Value:
        """A member of an instance of a library or builtin class."""

    @abstractmethod
    def operate(self, left: Value, right: Value) -> Value:
        """The result of an arithmetic operator."""

    @abstractmethod
    def iterate(self, value: Value) -> Value:
        """What ``for x in value`` gives."""

    @abstractmethod
    def annotation(self, node: Node | None, frame: Frame) -> Value:
        """The value of what is annotated so."""

    # ---- calls

    @abstractmethod
    def call(self, node: Node, frame: Frame) -> Value:
        """The value of a call."""

    @abstractmethod
    def is_class(self, name: str) -> bool:
        """Whether a qualified name is a class."""

    @abstractmethod
    def import_value(self, module: str, reason: str) -> Value:
        """The module object of a dotted name."""

    # ---- statements

    @abstractmethod
    def block(self, node: Node, frame: Frame) -> None:
        """Run the statements of a block."""

    @abstractmethod
    def assign(self, target: Node, value: Value, frame: Frame, *, declared: bool = False) -> None:
        """Bind a target to a value."""

    @abstractmethod
    def store(self, path: str, node: Node, value: Value, frame: Frame) -> None:
        """Remember a value under a name or a path."""

    @abstractmethod
    def holder_flow(self, path: str, frame: Frame) -> Flow:
        """The flow that holds what a path begins with."""

    @abstractmethod
    def parameters(self, node: Node | None) -> list[Parameter]:
        """The parameters of a definition."""

    @abstractmethod
    def self_value(self, definition: FunctionDef) -> Value:
        """What the first parameter of a method is."""

    # ---- narrowing

    @abstractmethod
    def narrow(self, test: Node, frame: Frame, *, outcome: bool) -> None:
        """Change the flow to what it is when ``test`` came out so."""
