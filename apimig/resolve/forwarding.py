"""Where a parameter of a repository's function ends: which arguments of the library's calls it is passed on to.

``def span(t="0H"): return pandas.Timedelta(t)`` makes the literal of every call ``span("6H")`` an argument of
``pandas.Timedelta``. That holds only where nothing else is done with the parameter: a comparison, a print or a store
would see the literal too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, Sink, Type, TypeKind, Value
from apimig.resolve.definitions import FunctionDef
from apimig.resolve.project import Project
from apimig.resolve.values import weaker
from apimig.syntax import text_of, walk

_TRUTH = frozenset({"if_statement", "elif_clause", "while_statement", "not_operator"})


@dataclass(frozen=True, slots=True)
class End:
    """The arguments of library calls that a value reaches, and how sure that is."""

    sinks: frozenset[Sink]
    certainty: Certainty = Certainty.PROVEN


NOTHING = End(frozenset())


class Forwarding:
    """Answers for one project; what was found is kept."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, str], End | None] = {}

    def end(self, definition: FunctionDef, parameter: str) -> End | None:
        """Where all uses of a parameter end; None where something else is, or may be, done with it."""
        key = definition.name, parameter
        if key not in self._known:
            self._known[key] = NOTHING  # a function that calls itself adds nothing to what it does
            self._known[key] = self._find(definition, parameter)
        return self._known[key]

    def of_argument(self, callee: Value, call: Node, argument: Node) -> End | None:
        """Where an argument of a call ends: in the library, or where the repository's function leads it."""
        if callee.is_unknown or callee.open:
            return None
        end = _joined([self._of_one(one, call, argument) for one in callee.types])
        return None if end is None else End(end.sinks, weaker(end.certainty, callee.certainty))

    # ---- functions

    def _find(self, definition: FunctionDef, parameter: str) -> End | None:
        body = definition.node.child_by_field_name("body")
        known = any(one.name == parameter and one.kind in ("normal", "keyword") for one in definition.parameters)
        if body is None or not known or definition.is_opaque or self._project.overriding(definition):
            return None
        return _joined([self._of_reference(definition, node) for node in _references(body, parameter)])

    def _of_reference(self, definition: FunctionDef, node: Node) -> End | None:
        parent = node.parent
        if parent is None:
            return None
        if _is_test(parent):
            return NOTHING
        argument = parent if parent.type == "keyword_argument" else node
        brackets = argument.parent
        call = brackets.parent if brackets is not None and brackets.type == "argument_list" else None
        function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
        if call is None or function is None:
            return None
        values = definition.module.values
        return self.of_argument(values.get((function.start_byte, function.end_byte), UNKNOWN_VALUE), call, argument)

    # ---- calls

    def _of_one(self, one: Type, call: Node, argument: Node) -> End | None:
        place = _place(call, argument)
        if place is None or one.kind not in (TypeKind.OBJECT, TypeKind.MEMBER):
            return None
        if not one.is_local:
            if one.name == "builtins.isinstance":
                return NOTHING
            is_library = self._project.tables.is_library(one.name)
            return End(frozenset({Sink(self._project.tables.canonical(one.name), place)})) if is_library else None
        definition, skip = self._callee(one)
        name = None if definition is None else _parameter(definition, place, skip)
        return None if definition is None or name is None else self.end(definition, name)

    def _callee(self, one: Type) -> tuple[FunctionDef | None, int]:
        """The function that a call runs, and how many of its parameters are bound already."""
        definition = self._project.functions.get(one.name)
        if definition is not None:
            bound = one.kind is TypeKind.MEMBER or (definition.owner and "classmethod" in definition.decorators)
            return definition, 1 if bound and not definition.is_static else 0
        for base in self._project.local_mro(one.name):
            found = self._project.classes.get(base)
            if found is None:
                return None, 0
            if "__init__" in found.methods:
                return found.methods["__init__"], 1
        return None, 0


def _joined(ends: Sequence[End | None]) -> End | None:
    found = [end for end in ends if end is not None]
    if len(found) < len(ends):
        return None
    certainty = weaker(Certainty.PROVEN, *(end.certainty for end in found))
    return End(frozenset().union(*(end.sinks for end in found)), certainty)


def _references(body: Node, name: str) -> Iterator[Node]:
    """The places that read a parameter before a statement of the function's own block gives its name another value.

    A binding in a branch or a loop leaves later reads of the parameter possible.
    """
    for statement in body.named_children:
        for node in walk(statement):
            if node.type == "identifier" and text_of(node) == name and not _names_something_else(node):
                yield node
        if _assigns(statement, name):
            return


def _names_something_else(node: Node) -> bool:
    """Whether an identifier is an attribute, the name of a keyword, or the target of a plain assignment."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") == node
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") == node
    return parent.type == "assignment" and parent.child_by_field_name("left") == node


def _assigns(statement: Node, name: str) -> bool:
    inner = statement.named_child(0) if statement.type == "expression_statement" else None
    left = inner.child_by_field_name("left") if inner is not None and inner.type == "assignment" else None
    return left is not None and left.type == "identifier" and text_of(left) == name


def _is_test(parent: Node) -> bool:
    """``x is None``, ``if x:``: a string is not None, and true, by any name."""
    if parent.type == "comparison_operator":
        signs = {child.type for child in parent.children if not child.is_named}
        return signs <= {"is", "is not"} and any(child.type == "none" for child in parent.named_children)
    return parent.type in _TRUTH


def _place(call: Node, argument: Node) -> str | None:
    """The keyword of an argument, or its place as a number; None where a star before it makes that uncertain."""
    if argument.type == "keyword_argument":
        name = argument.child_by_field_name("name")
        return None if name is None else text_of(name)
    brackets = call.child_by_field_name("arguments")
    listed = [child for child in brackets.named_children if child.type != "comment"] if brackets is not None else []
    for place, child in enumerate(listed):
        if child == argument:
            return str(place)
        if child.type in ("list_splat", "dictionary_splat", "keyword_argument"):
            return None
    return None


def _parameter(definition: FunctionDef, place: str, skip: int) -> str | None:
    """The name of the parameter that takes an argument."""
    if not place.isdigit():
        return place
    names = [one.name for one in definition.parameters if one.kind == "normal"][skip:]
    return names[int(place)] if int(place) < len(names) else None
