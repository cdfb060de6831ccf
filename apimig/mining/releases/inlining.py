"""A shim's expression -> a pattern and a template: ``match`` and ``rewrite`` of a rule."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

from apimig.mining.releases.shims import Shim
from apimig.rulebook.signature import Signature
from apimig.surface.model import Kind, Surface, Symbol
from apimig.surface.signatures import same_default

_ONE, _OPTIONAL, _REST = "apimigone_", "apimigoptional_", "apimigrest"
_SIGILS = ((_ONE, "$"), (_OPTIONAL, "$?"), (_REST, "$*rest"))


@dataclass(frozen=True, slots=True)
class Inlined:
    """``match`` and ``rewrite``, the successor's name where the call goes to one, and what must be imported.

    ``renamed``: the arguments stay as they are, so that a new name says it all.
    """

    match: str
    rewrite: str
    target: str
    renamed: bool
    imports: tuple[str, ...] = field(default=())


class _Refused(Exception):
    """What a shim does cannot be written as a template."""


def inlined(shim: Shim, was: Symbol, name: str, variable: str, surfaces: tuple[Surface, Surface]) -> Inlined | None:
    """The rewrite that a shim stands for, for the public name of it; None where templates cannot say it.

    ``surfaces``: of the release in which the shim stands, and of the new one.
    """
    try:
        return _Inliner(shim, was, name, variable, *surfaces).run()
    except _Refused:
        return None


class _Inliner:
    def __init__(self, shim: Shim, was: Symbol, name: str, variable: str, there: Surface, new: Surface) -> None:
        self.shim, self.was, self.name, self.variable, self.there, self.new = shim, was, name, variable, there, new
        self.owner = name.rpartition(".")[0]
        if shim.arguments.posonlyargs:
            raise _Refused
        self.optional = dict(_optional(shim.arguments))
        self.imports: list[str] = []
        self.used: list[str] = []

    def run(self) -> Inlined:
        expression = self._visit(self.shim.expression)
        if len(set(self.used)) != len(self.used):
            raise _Refused  # an argument would be evaluated twice
        template = _with_sigils(ast.unparse(expression))
        pattern = self._pattern()
        target = self._target(expression)
        renamed = bool(target) and pattern.partition("(")[2] == template.partition("(")[2]
        if "$" in pattern and "$" not in template:
            raise _Refused  # a constant, whatever the object is: the old name meant nothing any more
        if template == pattern:
            raise _Refused
        return Inlined(pattern, template, target, renamed, tuple(self.imports))

    # ----------------------------------------------------------------- the pattern

    def _pattern(self) -> str:
        instance = self.was.kind in (Kind.METHOD, Kind.PROPERTY, Kind.ATTRIBUTE)
        called = f"${self.variable}.{self.name.rpartition('.')[2]}" if instance and self.shim.receiver else self.name
        if not self.shim.called:
            return called
        return f"{called}({', '.join(self._holes())})"

    def _holes(self) -> Iterator[str]:
        given = self.shim.arguments
        places = [each.arg for each in given.args if each.arg != self.shim.receiver]
        yield from (f"${name}" for name in places if name not in self.optional)
        if given.vararg or given.kwarg:
            yield "$*rest"  # before what goes by keyword, as Python wants it
        yield from (f"{name}=$?{name}" for name in places if name in self.optional)
        for each in given.kwonlyargs:
            yield f"{each.arg}=${'?' if each.arg in self.optional else ''}{each.arg}"

    # ----------------------------------------------------------------- the template

    def _visit(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise _Refused  # what only the library may touch
        match node:
            case ast.Call():
                return self._call(node)
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Starred():
                raise _Refused
        for key, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, key, self._visit(value))
            elif isinstance(value, list):
                setattr(node, key, [self._visit(each) if isinstance(each, ast.expr) else each for each in value])
        return node

    def _named(self, node: ast.Name | ast.Attribute) -> ast.expr:
        head = node
        while isinstance(head, ast.Attribute) and isinstance(head.value, ast.Name | ast.Attribute):
            head = head.value
        if isinstance(head, ast.Attribute):  # of an expression
            head.value = self._visit(head.value)
            return node
        if head.id in self._parameters():
            return self._parameter(node, head)
        return self._qualified(ast.unparse(node))

    def _parameter(self, node: ast.Name | ast.Attribute, head: ast.Name) -> ast.expr:
        if head.id == self.shim.receiver:
            if self.was.kind is Kind.CLASS_METHOD:
                return self._qualified(f"{self.owner}{ast.unparse(node).removeprefix(head.id)}")
            head.id = f"{_ONE}{self.variable}"
            return node
        if head.id in self.optional:
            raise _Refused  # what would stand there where it is not given
        self.used.append(head.id)
        head.id = f"{_ONE}{head.id}"
        return node

    def _parameters(self) -> set[str]:
        given = self.shim.arguments
        starred = {each.arg for each in (given.vararg, given.kwarg) if each is not None}
        return {each.arg for each in [*given.args, *given.kwonlyargs]} | starred

    def _qualified(self, dotted: str) -> ast.expr:
        root, dot, _ = dotted.partition(".")
        if root in self.new.roots:
            dotted = self._public(dotted)
        elif dot:
            self.imports.append(dotted.rpartition(".")[0])
        elif not hasattr(builtins, dotted):
            raise _Refused
        return ast.parse(dotted, mode="eval").body

    def _public(self, dotted: str) -> str:
        known = self._known(dotted)
        if known is None:
            raise _Refused
        owner, _, last = known.rpartition(".")
        if known in self.new.entries:
            found = self.new.find(known)
            if "i" in self.new.entries[known] or (found is not None and found.deprecated is not None):
                raise _Refused  # not for users, or to be left as well
            return known
        if "i" in self.new.entries.get(owner, {"i": ""}) or last.startswith("_"):
            raise _Refused
        return known

    def _known(self, dotted: str) -> str | None:
        """The new release's name of what the release with the shim knows by this path."""
        return self.new.canonical(self.there.canonical(dotted) or dotted)

    def _call(self, node: ast.Call) -> ast.expr:
        signature, by_name = self._called(node), []
        func = self._visit(node.func)
        args: list[ast.expr] = []
        for place, each in enumerate(node.args):
            if isinstance(each, ast.Starred):
                self._check_rest(each.value, self.shim.arguments.vararg)
                args.append(ast.Name(_REST))
            elif isinstance(each, ast.Name) and each.id in self.optional:
                by_name.append(ast.keyword(self._name_at(signature, place), self._hole(each.id, signature, place)))
            elif by_name:
                by_name.append(ast.keyword(self._name_at(signature, place), self._visit(each)))
            else:
                args.append(self._visit(each))
        keywords = [found for each in node.keywords if (found := self._keyword(each, signature, args)) is not None]
        return ast.Call(func, args, [*by_name, *keywords])

    def _keyword(self, each: ast.keyword, signature: Signature | None, args: list[ast.expr]) -> ast.keyword | None:
        if each.arg is None:
            self._check_rest(each.value, self.shim.arguments.kwarg)
            if not (args and isinstance(args[-1], ast.Name) and args[-1].id == _REST):
                args.append(ast.Name(_REST))  # before what goes by keyword, as Python wants it
            return None
        if isinstance(each.value, ast.Name) and each.value.id in self.optional:
            self._check_default(each.value.id, each.arg, signature)
            self.used.append(each.value.id)
            return ast.keyword(each.arg, ast.Name(f"{_OPTIONAL}{each.value.id}"))
        return ast.keyword(each.arg, self._visit(each.value))

    @staticmethod
    def _check_rest(value: ast.expr, star: ast.arg | None) -> None:
        if not (isinstance(value, ast.Name) and star is not None and value.id == star.arg):
            raise _Refused

    def _hole(self, name: str, signature: Signature | None, place: int) -> ast.expr:
        self._check_default(name, self._name_at(signature, place), signature)
        self.used.append(name)
        return ast.Name(f"{_OPTIONAL}{name}")

    @staticmethod
    def _name_at(signature: Signature | None, place: int) -> str:
        """The name by which an argument that the shim passes by place can be given."""
        positional = signature.positional if signature else ()
        if place >= len(positional) or positional[place].kind != "either":
            raise _Refused
        return positional[place].name

    def _check_default(self, name: str, parameter: str, signature: Signature | None) -> None:
        """An argument that is not given has the same default in the new call."""
        known = signature.names.get(parameter) if signature else None
        if known is None or known.default is None or not same_default(self.optional[name], known.default):
            raise _Refused

    def _called(self, node: ast.Call) -> Signature | None:
        found = self._symbol(node.func)
        return found.signature if found is not None else None

    def _symbol(self, node: ast.expr) -> Symbol | None:
        text = ast.unparse(node)
        head, dot, rest = text.partition(".")
        if dot and head == self.shim.receiver and rest.isidentifier():
            known = self.new.canonical(self.owner)
            return None if known is None else self.new.member(known, rest)
        known = self._known(text)
        return None if known is None else self.new.find(known)

    def _target(self, node: ast.expr) -> str:
        """The name that the whole expression is a call or a reference of."""
        func = node.func if isinstance(node, ast.Call) else node
        text = ast.unparse(func)
        own = f"{_ONE}{self.variable}."
        if text.startswith(own) and self.shim.receiver:
            rest = text.removeprefix(own)
            return f"{self.owner}.{rest}" if rest.isidentifier() else ""
        return text if self.new.canonical(text) is not None else ""


def _optional(given: ast.arguments) -> Iterator[tuple[str, str]]:
    last = given.args[len(given.args) - len(given.defaults) :] if given.defaults else []
    yield from ((each.arg, ast.unparse(default)) for each, default in zip(last, given.defaults, strict=True))
    for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if value is not None:
            yield each.arg, ast.unparse(value)


def _with_sigils(text: str) -> str:
    for name, sigil in _SIGILS:
        text = text.replace(name, sigil)
    return text
