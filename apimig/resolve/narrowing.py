"""What a test says of the types in its branches: ``isinstance``, ``is None``, truth."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, TypeKind, Value
from apimig.resolve.core import Core, Frame
from apimig.resolve.values import NONE, NONE_VALUE, instance, join, opened, without_none
from apimig.syntax import parts, text_of


class Narrowing(Core):
    """``narrow``; mixed into the interpreter."""

    def narrow(self, test: Node, frame: Frame, *, outcome: bool) -> None:
        """Change the flow to what it is when ``test`` came out so."""
        if test.type == "parenthesized_expression":
            for inner in parts(test):
                self.narrow(inner, frame, outcome=outcome)
        elif test.type == "not_operator":
            argument = test.child_by_field_name("argument")
            if argument is not None:
                self.narrow(argument, frame, outcome=not outcome)
        elif test.type == "boolean_operator":
            is_and = any(child.type == "and" for child in test.children)
            if is_and == outcome:
                for side in ("left", "right"):
                    child = test.child_by_field_name(side)
                    if child is not None:
                        self.narrow(child, frame, outcome=outcome)
        elif test.type == "call":
            self._narrow_isinstance(test, frame, outcome=outcome)
        elif test.type == "comparison_operator":
            self._narrow_none(test, frame, outcome=outcome)
        elif test.type in ("identifier", "attribute") and outcome:
            self._narrow_to(test, frame, without_none)

    def _narrow_to(self, node: Node, frame: Frame, change: Callable[[Value], Value]) -> None:
        """Change what is known of a name or path; a ``change`` that gives what it is given changes nothing."""
        old = self.values.get((node.start_byte, node.end_byte), UNKNOWN_VALUE)
        new = change(old)
        if new is not old:
            self._know(node, frame, new)

    def _know(self, node: Node, frame: Frame, value: Value) -> None:
        path = self.path(node)
        if path is not None:
            self.holder_flow(path, frame).set(path, value)

    def _narrow_isinstance(self, test: Node, frame: Frame, *, outcome: bool) -> None:
        function, listed = test.child_by_field_name("function"), test.child_by_field_name("arguments")
        if function is None or listed is None or text_of(function) != "isinstance" or len(parts(listed)) != 2:
            return
        subject, classes = parts(listed)
        wanted = self._classes(classes)
        if not wanted:
            if outcome:
                self._narrow_to(subject, frame, opened)
            return
        if outcome:
            line = test.start_point[0] + 1
            made = [instance(name, reason=f"isinstance (line {line})") for name in wanted]
            self._narrow_to(subject, frame, lambda old: self._kept(old, wanted) or join(made))
        else:
            self._narrow_to(subject, frame, lambda old: _without(old, wanted))

    def _kept(self, old: Value, wanted: list[str]) -> Value | None:
        """The types of ``old`` that are already instances of ``wanted``, if it is a closed union."""
        kept = frozenset(
            one for one in old.types
            if one.kind is TypeKind.INSTANCE and any(self.project.is_subtype(one.name, name) for name in wanted)
        )  # fmt: skip
        return Value(kept, old.certainty, old.reason) if kept and not old.open else None

    def _classes(self, node: Node) -> list[str]:
        nodes = parts(node) if node.type == "tuple" else [node]
        names: list[str] = []
        for one in nodes:
            named = _class_names(self.values.get((one.start_byte, one.end_byte), UNKNOWN_VALUE))
            if not named:
                return []
            names += named
        return names

    def _narrow_none(self, test: Node, frame: Frame, *, outcome: bool) -> None:
        children = parts(test)
        operators = [child.type for child in test.children if not child.is_named]
        if len(children) != 2 or children[1].type != "none" or len(operators) != 1:
            return
        is_none = (operators[0] in ("is", "==")) == outcome
        if operators[0] not in ("is", "is not", "==", "!="):
            return
        if is_none:  # known from here on even if it was known before: what follows may change it
            self._know(children[0], frame, NONE_VALUE)
        else:
            self._narrow_to(children[0], frame, _not_none)


def _class_names(value: Value) -> list[str]:
    """The classes that ``isinstance`` is given, or a tuple of them under a name; none where any is not known."""
    if len(value.types) != 1 or value.open:
        return []
    (found,) = value.types
    if found.name != "builtins.tuple":
        return [found.name] if found.kind is TypeKind.OBJECT else []
    inner = [_class_names(item) for item in found.args]
    return [name for names in inner for name in names] if all(inner) else []


def _not_none(old: Value) -> Value:
    return UNKNOWN_VALUE if old.types == {NONE} else without_none(old)


def _without(old: Value, names: list[str]) -> Value:
    kept = frozenset(one for one in old.types if one.name not in names)
    return old if kept == old.types else Value(kept, old.certainty, old.reason, old.open) if kept else UNKNOWN_VALUE
