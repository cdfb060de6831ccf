"""Calls that a release's own tests, examples and documentation make, with the statements that they need."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apimig.mining.imports import imported
from apimig.mining.trials.unbound import unbound
from apimig.mining.usage.pairing import absolute
from apimig.mining.usage.texts import Text
from apimig.mining.usage.watched import Watched, words_of

MOST = 6  # calls of a name
_MOST_BEFORE = 12  # statements that a call needs
_LONGEST = 2_000  # characters of these
_USUAL = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "mpl": "matplotlib", "nx": "networkx"}
Wanted = Callable[[str], bool]
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_COMMON = ast.Import | ast.ImportFrom | ast.Assign | ast.ClassDef | _FUNCTIONS
_SIMPLE = ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Assert | ast.Return


@dataclass(frozen=True, slots=True)
class Call:
    """A call of something: ``name`` is its preferred name, of a member of instances the member with a dot before it.

    ``setup`` are the statements that make what its arguments name, imports included.
    """

    name: str
    text: str
    setup: str
    place: str


class Calls:
    """Collects calls of what is watched; ``conventional`` are the aliases that code without imports may use."""

    def __init__(self, watched: Watched, conventional: Mapping[str, str]) -> None:
        self._watched = watched
        self._conventional = {**_USUAL, **conventional}
        self._members = frozenset(name.rpartition(".")[2] for name in watched.parameters)
        self._found: defaultdict[str, dict[str, Call]] = defaultdict(dict)

    def read(self, text: Text, module: ast.Module) -> None:
        """Take the calls of one more text, as many as are wanted."""
        reader = _Reader(text, module, self._watched, self._members, self._conventional)
        for call in reader.calls(lambda name: len(self._found[name]) < 3 * MOST):
            self._found[call.name].setdefault(call.text, call)

    def by_name(self) -> dict[str, tuple[Call, ...]]:
        """The calls by the names of what is called, those that need the least first."""
        return {name: tuple(sorted(them.values(), key=_size)[:MOST]) for name, them in self._found.items() if them}


def _size(call: Call) -> int:
    return len(call.setup) + len(call.text)


class _Reader:
    """Finds the calls of one text."""

    def __init__(
        self,
        text: Text,
        module: ast.Module,
        watched: Watched,
        members: frozenset[str],
        conventional: Mapping[str, str],
    ) -> None:
        self.text, self.watched, self.members, self.conventional = text, watched, members, conventional
        self.lines = text.code.split("\n")
        self.body = [absolute(each, text.path, watched.surface.roots) for each in module.body]
        self.aliases = {} if any(map(_imports, self.body)) else dict(conventional)
        self.aliases.update(imported(self.body))

    def calls(self, is_wanted: Wanted) -> Iterator[Call]:
        """The calls that stand in statements of their own, in the module and in tests that take nothing."""
        yield from self._in([], self.body, is_wanted)
        common = [each for each in self.body if isinstance(each, _COMMON)]
        for function in _tests(self.body):
            if self._names(function):
                self.aliases.update(imported(function.body))
                yield from self._in(common, function.body, is_wanted)

    def _names(self, node: ast.stmt) -> bool:
        """Whether its lines name what is watched, or an alias of it."""
        said = words_of("\n".join(self.lines[node.lineno - 1 : node.end_lineno]))
        words = self.watched.words
        return not words.isdisjoint(said) or any(self.aliases.get(w, "").rpartition(".")[2] in words for w in said)

    def _in(self, common: Sequence[ast.stmt], body: Sequence[ast.stmt], is_wanted: Wanted) -> Iterator[Call]:
        for at, statement in enumerate(body):
            if not isinstance(statement, _SIMPLE) or not self._names(statement):
                continue
            for node in ast.walk(statement):
                name = self._name(node.func) if isinstance(node, ast.Call) else ""
                if name and is_wanted(name) and isinstance(node, ast.Call):
                    setup = self._setup(node, [*common, *body[:at]])
                    if setup is not None:
                        yield Call(name, ast.unparse(node), setup, self.text.path)

    def _name(self, called: ast.expr) -> str:
        """The watched name that a called expression means."""
        parts: list[str] = []
        inner = called
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and (root := self.aliases.get(inner.id)):
            path = ".".join([root, *reversed(parts)])
            known = self.watched.surface.canonical(path) or path
            if known in self.watched.preferred:
                return known
        return f".{called.attr}" if isinstance(called, ast.Attribute) and called.attr in self.members else ""

    def _setup(self, call: ast.Call, before: Sequence[ast.stmt]) -> str | None:
        """The statements that the arguments need; None where something is missing, or too much is needed."""
        needed = {name for each in (*call.args, *call.keywords) for name in _loaded(each)}
        taken: list[ast.stmt] = []
        for statement in reversed(before):
            if needed & _changed(statement):
                taken.append(statement)
                needed = (needed - _made(statement)) | _loaded(statement)
            if len(taken) > _MOST_BEFORE:
                return None
        lines = [ast.unparse(each) for each in reversed(taken)]
        code = "\n".join([*lines, *(ast.unparse(each.value) for each in call.keywords), *map(_plain, call.args)])
        try:
            missing = unbound(code, ())
        except SyntaxError:
            return None
        if any(name not in self.conventional for name in missing):
            return None
        usual = [f"import {self.conventional[name]} as {name}" for name in missing]
        setup = "\n".join([*usual, *lines])
        return setup if len(setup) <= _LONGEST else None


def _plain(argument: ast.expr) -> str:
    return ast.unparse(argument.value if isinstance(argument, ast.Starred) else argument)


def _tests(body: Iterable[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """Test functions that are given nothing, and such methods."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _tests(statement.body)
        elif isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
            names = [each.arg for each in ast.walk(statement.args) if isinstance(each, ast.arg)]
            if names in ([], ["self"]):
                yield statement


def _imports(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _loaded(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def _changed(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or whose objects it may change."""
    if isinstance(statement, _FUNCTIONS | ast.ClassDef):
        return {statement.name}
    found = {(a.asname or a.name.partition(".")[0]) for n in ast.walk(statement)
             if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}  # fmt: skip
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found |= _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= _root(node.value.func)
    return found


def _made(statement: ast.stmt) -> set[str]:
    """The names whose earlier objects do not matter any more."""
    if isinstance(statement, ast.Import | ast.ImportFrom | _FUNCTIONS | ast.ClassDef):
        return _changed(statement)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {each.id for target in targets for each in ast.walk(target)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}  # fmt: skip


def _root(node: ast.expr) -> set[str]:
    """The name that a chain of attributes and subscripts begins with, unless it is bare."""
    inner = node
    while isinstance(inner, ast.Attribute | ast.Subscript | ast.Call):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return {inner.id} if isinstance(inner, ast.Name) and inner is not node else set()
