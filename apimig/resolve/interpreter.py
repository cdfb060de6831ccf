"""The abstract interpreter of one module: statements, names, and the frames they run in.

The module's body runs first, then every function body with the joined bindings of the scopes around
it; twice, so that what the first pass learned (results, attributes, call sites) reaches all readers.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from tree_sitter import Node, Tree

from apimig import syntax
from apimig.records import UNKNOWN_VALUE, Certainty, SourceFile, TypeKind, Value
from apimig.resolve.calls import Calls
from apimig.resolve.core import Frame
from apimig.resolve.definitions import FunctionDef
from apimig.resolve.expressions import Expressions
from apimig.resolve.flow import Flow
from apimig.resolve.narrowing import Narrowing
from apimig.resolve.scopes import ImportedName, Scope, analyse, imported_names
from apimig.resolve.statements import Statements
from apimig.resolve.traces import Trace, question
from apimig.resolve.values import at_most, builtin, join, thing
from apimig.syntax import text_of

if TYPE_CHECKING:
    from apimig.resolve.project import Project
    from apimig.resolve.tables import Tables

_BUILTIN_NAMES = frozenset(dir(builtins)) | {"unicode", "xrange", "basestring", "long", "reduce"}
_ANNOTATION_NODES = frozenset(
    {"expression_statement", "identifier", "attribute", "subscript", "binary_operator", "none", "tuple", "list",
     "ellipsis", "string", "string_start", "string_content", "string_end", "integer"}
)  # fmt: skip
_PASSES = 2


class Interpreter(Statements, Expressions, Calls, Narrowing):
    """What one module's code does with types. ``values`` maps spans of expressions to their values."""

    def __init__(self, project: Project, source: SourceFile) -> None:
        self.project = project
        self.tables: Tables = project.tables
        self.source = source
        self.key = source.module or source.name
        self.tree: Tree = syntax.parse(source.text)
        self.lexical = analyse(self.tree.root_node)
        self.values: dict[tuple[int, int], Value] = {}
        self.handlers: dict[int, Callable[[Node, Frame], Value]] = {}
        self.executors: dict[int, Callable[[Node, Frame], object]] = {}
        self.joined: dict[tuple[int, str], dict[int, Value]] = {}
        self.traces = project.traces
        self.bodies: dict[int, Trace] = {}  # by node: what each function's body did when it ran last
        self.later: list[tuple[Node, Frame, Trace | None]] = []
        self.deferred: list[tuple[FunctionDef, Frame]] = []
        self.defined: dict[int, FunctionDef] = {}  # by the offset of the definition
        self.quoted: dict[int, Tree] = {}  # trees of string annotations, by the offset of their text
        self.frame = Frame(self.lexical.scopes[0], Flow(), "")
        self.has_type_comments = b"type:" in source.text
        self.started = False
        self.finished = False

    # ---- running

    def run(self) -> None:
        """Interpret the module; at most once, and safely from inside its own run (import cycles)."""
        if self.started:
            return
        self.started = True
        for _ in range(_PASSES):
            self.run_once()
        self.finished = True

    def run_once(self) -> None:
        """One pass over the whole module."""
        self.frame.flow = Flow(self._beforehand())
        self.deferred.clear()
        self.block(self.tree.root_node, self.frame)
        self._drain()

    def _beforehand(self) -> dict[str, Value]:
        """What names mean that the module binds later: ``df = df.dropna()`` where ``df`` is given, or a convention."""
        meant = self.project
        known = {name: meant.given.get(name) or meant.conventional(name) for name in self.frame.scope.bound}
        return {name: value for name, value in known.items() if not value.is_unknown}

    def _drain(self) -> None:
        done: set[int] = set()
        while self.deferred or self.later:
            while self.later:
                node, frame, trace = self.later.pop()
                with self.traces.into(trace):
                    self._run_lambda(node, frame)
            if self.deferred:
                definition, frame = self.deferred.pop(0)
                if definition.node.id not in done:
                    done.add(definition.node.id)
                    self.run_function(definition, frame)

    def run_function(self, definition: FunctionDef, outer: Frame) -> None:
        """Interpret a function's body and remember its result."""
        if definition.busy:
            return
        definition.busy = True
        frame = Frame(definition.scope, Flow(), definition.name, owner=definition.owner, function=definition)
        with self.traces.into(None):
            parameters = self.project.parameters.values(definition, self, outer)
            for name, value in parameters.items():
                self.bind(name, value, frame, definition.node.start_byte)
            trace = self.bodies.get(definition.node.id)
            if trace is not None and trace.holds(parameters):
                self._as_before(frame, trace)
            else:
                self._run_body(definition.node, frame, Trace(parameters))
            definition.result = self._result(definition, frame, outer)
        definition.known = True
        definition.busy = False

    def _run_body(self, node: Node, frame: Frame, trace: Trace) -> None:
        self.bodies[node.id] = trace
        body = node.child_by_field_name("body")
        if body is not None:
            with self.traces.into(trace):
                self.block(body, frame)
        trace.finish(frame.returns, frame.yields, dead=frame.flow.dead)
        if self.bodies[node.id] is not trace:  # it was defined twice, and ran inside itself: `values` are of both
            self.bodies[node.id].give_up()

    def _as_before(self, frame: Frame, trace: Trace) -> None:
        """What running the body left behind the last time."""
        self.deferred += trace.deferred
        frame.returns, frame.yields, frame.flow.dead = trace.returns, trace.yields, trace.dead

    def _result(self, definition: FunctionDef, frame: Frame, outer: Frame) -> Value:
        declared = self.annotation(definition.node.child_by_field_name("return_type"), outer)
        if not declared.is_unknown:
            return declared
        if frame.yields:
            return builtin("iterator", join(frame.yields))
        if not frame.returns:
            return builtin("NoneType")
        return join(frame.returns if frame.flow.dead else [*frame.returns, builtin("NoneType")])

    def _run_lambda(self, node: Node, outer: Frame) -> None:
        frame = Frame(self.lexical.by_node[node.id], Flow(), outer.name, live=outer, owner=outer.owner)
        body = node.child_by_field_name("body")
        parameters = node.child_by_field_name("parameters")
        for parameter in self.parameters(parameters):
            if parameter.default is not None:
                self.evaluate(parameter.default, outer)
            frame.flow.put(parameter.name, UNKNOWN_VALUE)
        if body is not None:
            self.evaluate(body, frame)

    def frame_of(self, node: Node, outer: Frame) -> Frame:
        """A frame for a comprehension, running inside ``outer``."""
        scope = self.lexical.by_node[node.id]
        return Frame(scope, Flow(), outer.name, live=outer, owner=outer.owner, yields=outer.yields)

    # ---- names

    def read(self, name: str, frame: Frame) -> Value:
        """What a name means here: the flow of the scope that binds it, or all its bindings together."""
        target = frame.scope.lookup(name)
        if target is None:
            return self.free_name(name)
        holder: Frame | None = frame
        while holder is not None and holder.scope is not target:
            holder = holder.live
        if holder is not None:
            found = holder.flow.get(name)
            if found is not None:
                return found
        return self._bound(name, target)

    @question
    def _bound(self, name: str, target: Scope) -> Value:
        """What all the bindings of a name in a scope together are."""
        bindings = self.joined.get((target.id, name))
        if bindings is not None:
            return join(bindings.values())
        if target.kind == "class" and target.parent is not None:
            outer = target.parent.lookup(name)
            return self.free_name(name) if outer is None else join(self.joined.get((outer.id, name), {}).values())
        return UNKNOWN_VALUE

    def free_name(self, name: str) -> Value:
        """A name that nothing in the file binds: given, from a star import, a builtin, or a convention."""
        if name in self.project.given:
            return self.project.given[name]
        for star in self.lexical.stars:
            module = self.absolute(star.module)
            if self.project.knows_module(module):
                found = self.project.export(module, name)
                if found is not None:
                    return found
        if name in _BUILTIN_NAMES:
            return thing(f"builtins.{name}", reason="a builtin")
        stars = [self.absolute(star.module) for star in self.lexical.stars]
        libraries = [module for module in stars if self.tables.is_library(module)]
        for module in libraries:
            qualified = self.tables.canonical(f"{module}.{name}")
            if self.project.knows_symbol(qualified) or len(stars) == 1:
                return at_most(thing(qualified, reason=f"from {module} import *"), Certainty.INFERRED)
        return self.project.conventional(name)

    def bind(self, name: str, value: Value, frame: Frame, at: int) -> None:
        """Bind a name in the scope that Python would."""
        holder = frame
        while holder.scope.kind in ("comprehension", "lambda") and name not in holder.scope.bound and holder.live:
            holder = holder.live
        outer = holder.scope.outer.get(name)
        if outer is None:
            scope: Scope | None = holder.scope
            holder.flow.set(name, value)
        else:
            parent = holder.scope.parent
            scope = holder.scope.module() if outer == "global" else parent.lookup(name) if parent else None
            holder.flow.set(name, value)
        if scope is not None:
            self.joined.setdefault((scope.id, name), {})[at] = value
            if outer is not None:
                self.traces.wrote(value, self._binding, scope, name, at)

    def _binding(self, scope: Scope, name: str, at: int) -> Value | None:
        return self.joined.get((scope.id, name), {}).get(at)

    def path(self, node: Node) -> str | None:
        """``self.df`` or ``frames["a"]`` as text when it is made of names and literal keys only."""
        parts: list[str] = []
        while True:
            if node.type == "identifier":
                parts.append(text_of(node))
                return "".join(reversed(parts))
            if node.type == "attribute":
                name, inner = node.child_by_field_name("attribute"), node.child_by_field_name("object")
                parts.append(f".{text_of(name)}" if name is not None else "")
            elif node.type == "subscript":
                key, inner = node.child_by_field_name("subscript"), node.child_by_field_name("value")
                if key is None or key.type not in ("string", "integer"):
                    return None
                parts.append(f"[{text_of(key)}]")
            else:
                return None
            if inner is None:
                return None
            node = inner

    def imports_any(self, roots: frozenset[str]) -> bool:
        """Whether the file imports any of these top-level modules."""
        return not roots.isdisjoint(self._imported_roots)

    @cached_property
    def _imported_roots(self) -> frozenset[str]:
        modules = [one.module for scope in self.lexical.scopes for items in scope.imported.values() for one in items]
        modules += [star.module for star in self.lexical.stars]
        return frozenset(module.partition(".")[0] for module in modules)

    # ---- annotations in strings and comments

    def quoted_annotation(self, node: Node, frame: Frame) -> Value:
        """The value of ``x: "pd.DataFrame"``; the names inside are recorded at their place in the file."""
        content = [child for child in node.named_children if child.type == "string_content"]
        if len(content) != 1 or node.named_child_count != 3 or content[0].named_child_count:
            return UNKNOWN_VALUE
        offset = content[0].start_byte
        saved, self.values = self.values, {}
        try:
            value = self._typed_tree(text_of(content[0]), frame, offset)
        finally:
            inner, self.values = self.values, saved
        self.values.update({(start + offset, end + offset): found for (start, end), found in inner.items()})
        return value

    def typed_text(self, text: str, frame: Frame) -> Value:
        """The value that an annotation in a comment gives; nothing is recorded."""
        saved, self.values = self.values, {}
        try:
            return self._typed_tree(text, frame, None)
        finally:
            self.values = saved

    def _typed_tree(self, text: str, frame: Frame, offset: int | None) -> Value:
        tree = syntax.parse(text.encode())
        statement = syntax.first_part(tree.root_node)
        if tree.root_node.has_error or statement is None or statement.type != "expression_statement":
            return UNKNOWN_VALUE
        if any(node.type not in _ANNOTATION_NODES for node in syntax.walk(statement)):
            return UNKNOWN_VALUE
        if offset is not None:
            self.quoted[offset] = tree
        return self.annotation(statement.named_child(0), frame)

    # ---- imports

    def absolute(self, module: str) -> str:
        """The absolute name of a module as an import statement of this file writes it."""
        if not module.startswith("."):
            return module
        level = len(module) - len(module.lstrip("."))
        parts = self.source.module.split(".") if self.source.module else []
        keep = len(parts) - level + (1 if self.source.is_package else 0)
        base = ".".join(parts[: max(keep, 0)])
        rest = module.lstrip(".")
        if not base:  # a relative import of a file in no package: never somebody else's module
            return f".{rest}"
        return f"{base}.{rest}" if rest else base

    def imported(self, one: ImportedName) -> Value:
        """What the name bound by an import stands for."""
        line = one.statement.start_point[0] + 1
        module = self.absolute(one.module)
        if not one.name:
            bound = module if one.item.type == "aliased_import" else module.partition(".")[0]
            return self.import_value(bound, f"import (line {line})")
        if self.project.knows_module(module):
            found = self.project.export(module, one.name)
            if found is not None:
                return found
        if self.project.knows_module(f"{module}.{one.name}"):
            return thing(f"{module}.{one.name}:", TypeKind.MODULE, f"import (line {line})")
        if self.project.knows_module(module):
            return UNKNOWN_VALUE
        return thing(self.tables.canonical(f"{module}.{one.name}"), reason=f"imported from {module} (line {line})")

    def run_import(self, node: Node, frame: Frame) -> None:
        """Bind the names of an import statement."""
        for one in imported_names(node):
            if one.name != "*":
                self.bind(one.bound, self.imported(one), frame, one.item.start_byte)
