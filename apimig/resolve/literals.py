"""String literals that reach the library through the repository's own functions: uses that no name gives away."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Span, TypeKind, Use, UseKind, Value
from apimig.resolve.definitions import FunctionDef
from apimig.resolve.forwarding import End, Forwarding
from apimig.resolve.guards import Guards
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.project import Project
from apimig.syntax import text_of


class Literals:
    """The uses of one file, asked for node by node."""

    def __init__(self, project: Project, interpreter: Interpreter, guards: Guards) -> None:
        self._forwarding = Forwarding(project)
        self._interpreter = interpreter
        self._guards = guards
        self._followed = project.interest.followed

    def of_call(self, node: Node) -> Iterator[Use]:
        """Literals among the arguments of a call of the repository's own function."""
        function, brackets = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if not self._followed or function is None or brackets is None or brackets.type != "argument_list":
            return
        callee = self._interpreter.values.get((function.start_byte, function.end_byte), UNKNOWN_VALUE)
        if not _is_local(callee):
            return
        for argument in brackets.named_children:
            value = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
            if value is not None and value.type == "string":
                end = self._forwarding.of_argument(callee, node, argument)
                yield from self._uses(value, end, text_of(function))

    def of_function(self, node: Node) -> Iterator[Use]:
        """Literals that are defaults of a function's parameters."""
        definition = self._interpreter.defined.get(node.start_byte) if self._followed else None
        for parameter in definition.parameters if definition is not None else ():
            if definition is not None and parameter.default is not None and parameter.default.type == "string":
                end = self._forwarding.end(definition, parameter.name)
                yield from self._uses(parameter.default, end, _short(definition))

    def _uses(self, literal: Node, end: End | None, through: str) -> Iterator[Use]:
        if end is None or not any(sink.symbol in self._followed for sink in end.sinks):
            return
        sinks = tuple(
            sorted(end.sinks, key=lambda sink: (sink.symbol not in self._followed, sink.symbol, sink.argument))
        )
        span = Span(literal.start_byte, literal.end_byte)
        reason = f"passed on to {sinks[0].symbol} by {through}"
        guard = self._guards.at(literal, UseKind.ARGUMENT)
        yield Use(UseKind.ARGUMENT, span, sinks[0].symbol, end.certainty, reason, guard=guard, sinks=sinks)


def _is_local(callee: Value) -> bool:
    kinds = (TypeKind.OBJECT, TypeKind.MEMBER)
    return bool(callee.types) and all(one.is_local and one.kind in kinds for one in callee.types)


def _short(definition: FunctionDef) -> str:
    return definition.name.rpartition(":")[2]
