"""``when``: requirements on the arguments of a call, on captures, and on the use of the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from apimig.records import Capture, Span
from apimig.rulebook.calls import Call, Facts, normalised
from apimig.rulebook.hiding import may_hold
from apimig.rulebook.rule import Condition
from apimig.rulebook.signature import Binding, Signature


@dataclass(frozen=True, slots=True)
class Subject:
    """What conditions are asked about: captures by name, and a call bound by a signature."""

    facts: Facts
    node: Node
    captures: Mapping[str, Capture]
    binding: Binding | None = None
    signature: Signature | None = None
    call: Call | None = None

    def given(self, name: str) -> Span | None:
        """The expression for an argument or a metavariable, None when it is absent."""
        if name in self.captures and len(self.captures[name].spans) == 1:
            return self.captures[name].spans[0]
        if self.binding is not None and name in self.binding.given:
            return self.binding.given[name].value
        return None

    def default(self, name: str) -> str | None:
        """The source of the default that an absent argument has."""
        parameter = None if self.signature is None else self.signature.names.get(name)
        return None if parameter is None else parameter.default

    def doubt(self, name: str) -> str:
        """Why it cannot be told whether an argument is given, or ""."""
        if self.call is None or self.binding is None:
            return ""
        if self.call.partial:
            return f"`{name}` may be given where the partial is called"
        stars = [a for a in self.call.arguments if a.star]
        known = self.signature is not None and name in self.signature.names
        if name in self.binding.maybe or (stars and not known):
            return may_hold([self.facts.text(a.span) for a in stars], f"`{name}`")
        return ""


def check(conditions: Sequence[Condition], subject: Subject) -> bool | str:
    """True when all hold, False when one certainly fails, else a sentence that says what to look at."""
    verdicts = [_check(condition, subject) for condition in conditions]
    if any(verdict is False for verdict in verdicts):
        return False
    return next((verdict for verdict in verdicts if isinstance(verdict, str)), True)


def _check(condition: Condition, subject: Subject) -> bool | str:
    if condition.result_used is not None:
        return is_result_used(subject.node) == condition.result_used
    span = subject.given(condition.argument)
    if condition.present is not None:
        present = span is not None
        return (not present and subject.doubt(condition.argument)) or present == condition.present
    if span is None:
        return _absent(condition, subject)
    if condition.types:
        return _typed(condition, subject, span)
    return _valued(condition, subject, span)


def _absent(condition: Condition, subject: Subject) -> bool | str:
    if doubt := subject.doubt(condition.argument):
        return doubt
    default = subject.default(condition.argument)
    if default is None or condition.types:
        return condition.negated
    listed = normalised(default) in {normalised(text) for text in condition.values}
    return listed != condition.negated


def _valued(condition: Condition, subject: Subject, span: Span) -> bool | str:
    listed = subject.facts.holds(span, condition.values)
    if listed is None and condition.certain:
        return False
    if listed is None:
        values = " or ".join(condition.values)
        return f"`{condition.argument}` is `{subject.facts.text(span)}` here: check whether it is {values}"
    return listed != condition.negated


def _typed(condition: Condition, subject: Subject, span: Span) -> bool | str:
    value = subject.facts.resolution.value_at(span)
    fits = subject.facts.is_instance(value, condition.types)
    if fits is None and condition.certain:
        return False
    if fits is None:
        types = " or ".join(condition.types)
        return f"`{condition.argument}` is `{subject.facts.text(span)}` here: check whether it is {types}"
    return fits != condition.negated


def is_result_used(node: Node) -> bool:
    """Whether anything is done with the value of an expression."""
    parent = node.parent
    while parent is not None and parent.type in ("parenthesized_expression", "await"):
        parent = parent.parent
    return parent is None or parent.type != "expression_statement"
