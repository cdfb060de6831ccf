"""Signatures of a library's callables, and calls bound by them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from apimig.records import Argument

ParameterKind = Literal["positional", "either", "keyword", "*", "**"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``default`` is its source text, None when it must be given."""

    name: str
    kind: ParameterKind
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Which argument each parameter gets.

    ``given`` are certain. ``maybe`` names the parameters that a ``*args`` or ``**kwargs`` of the call
    may fill. ``extra`` are positional arguments beyond the signature, and what comes after ``*args``.
    """

    given: Mapping[str, Argument]
    maybe: frozenset[str] = frozenset()
    extra: tuple[Argument, ...] = ()

    def name_of(self, argument: Argument) -> str | None:
        """The parameter that gets this argument."""
        return next((name for name, found in self.given.items() if found == argument), None)


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters in order, without ``self`` or ``cls``; ``receiver`` keeps which of the two was written."""

    parameters: tuple[Parameter, ...]
    receiver: str = ""
    names: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """Parameters that take positional arguments, in order (``*args`` not among them)."""
        return tuple(p for p in self.parameters if p.kind in ("positional", "either"))

    def bind(self, arguments: Sequence[Argument]) -> Binding:
        """Bind a call's arguments as far as that is certain; never raises."""
        places = iter(self.positional)
        given: dict[str, Argument] = {}
        extra: list[Argument] = []
        starred = doubly = False
        for argument in arguments:
            if argument.star:
                starred, doubly = starred or argument.star == "*", doubly or argument.star == "**"
            elif argument.keyword is not None:
                given[argument.keyword] = argument
            elif starred or (place := next(places, None)) is None:
                extra.append(argument)
            else:
                given[place.name] = argument
        maybe = {p.name for p in places} if starred else set()
        if doubly:
            maybe |= {p.name for p in self.parameters if p.kind in ("either", "keyword")}
        return Binding(given, frozenset(maybe - given.keys()), tuple(extra))


class SignatureError(ValueError):
    """A text that is not a parameter list."""


@lru_cache(maxsize=4096)
def parse_signature(text: str) -> Signature:
    """The signature in ``(path, sep=',', *, header=0)``; an empty text takes anything by keyword."""
    if not text.strip():
        return Signature((Parameter("kwargs", "**"),))
    source = f"def f{text.strip()}: pass"
    try:
        function = ast.parse(source).body[0]
    except SyntaxError as error:
        raise SignatureError(f"not a parameter list: {text!r} ({error.msg})") from error
    if not isinstance(function, ast.FunctionDef) or len(function.body) != 1:
        raise SignatureError(f"not a parameter list: {text!r}")
    parameters = _parameters(function.args, source)
    receiver = parameters[0].name if parameters and parameters[0].name in ("self", "cls") else ""
    kept = tuple(parameters[1:] if receiver else parameters)
    return Signature(kept, receiver, {p.name: p for p in kept})


def _parameters(args: ast.arguments, source: str) -> list[Parameter]:
    def text(default: ast.expr | None) -> str | None:
        return None if default is None else ast.get_source_segment(source, default)

    places = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(places) - len(args.defaults)) + list(args.defaults)
    found = [
        Parameter(place.arg, "positional" if index < len(args.posonlyargs) else "either", text(default))
        for index, (place, default) in enumerate(zip(places, defaults, strict=True))
    ]
    if args.vararg is not None:
        found.append(Parameter(args.vararg.arg, "*"))
    found += [
        Parameter(place.arg, "keyword", text(default))
        for place, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    if args.kwarg is not None:
        found.append(Parameter(args.kwarg.arg, "**"))
    return found
