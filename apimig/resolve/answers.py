"""What somebody else, who was asked, says of expressions that the inference knows nothing of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from apimig.records import UNKNOWN_VALUE, Certainty, SourceFile, Span, Type, TypeKind, Value
from apimig.resolve.values import in_order

if TYPE_CHECKING:
    from apimig.resolve.project import Project

# The qualified names of the classes that an expression is an instance of, the reason in words and how sure that is; no
# names: unknown.
Answered = Callable[[SourceFile, Span], tuple[frozenset[str], str, Certainty]]


def no_answer(_source: SourceFile, _span: Span) -> tuple[frozenset[str], str, Certainty]:
    """Nobody was asked."""
    return frozenset(), "", Certainty.UNKNOWN


def completed(value: Value, project: Project, source: SourceFile, span: Span) -> Value:
    """What was inferred, or the answer where that is nothing, or may be something else that no library has to do with.

    ``None`` is returned here and there, and what else is returned nothing tells: such a receiver is asked about, too.
    """
    if value.types and (not value.open or any(project.tables.is_library(one.name) for one in value.types)):
        return value
    answer = value_of(project, source, span)
    return answer if answer.types else value


def value_of(project: Project, source: SourceFile, span: Span) -> Value:
    """The answer as a value, as certain as whoever answered is.

    Unknown as well where one of the classes cannot be judged: one of another library, or one that the packs do not
    name, may derive from a class that a rule is about.
    """
    names, reason, certainty = project.answered(source, span)
    types = [_type(project, name) for name in names]
    known = [one for one in types if one is not None]
    if not known or len(known) < len(types):
        return UNKNOWN_VALUE
    return Value(frozenset(in_order(known)), certainty, reason)


def _type(project: Project, name: str) -> Type | None:
    if project.tables.is_library(name):
        tables = project.tables
        names = map(tables.canonical, (name, tables.homes.get(name, name)))
        public = next((each for each in names if each in tables.classes), "")
        return Type(TypeKind.INSTANCE, public) if public else None
    module, _, last = name.rpartition(".")
    if module and project.knows_module(module):
        local = f"{module}:{last}"
        return Type(TypeKind.INSTANCE, local) if local in project.classes else None
    return Type(TypeKind.INSTANCE, name) if name.partition(".")[0] in sys.stdlib_module_names else None
