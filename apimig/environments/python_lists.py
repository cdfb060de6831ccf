"""The lists in setup.py and noxfile.py, read from their syntax alone: nothing of them runs."""

from __future__ import annotations

import ast
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from apimig.environments.lists import Lists

_DEPTH = 12  # of names that stand for names
_RUNS = re.compile(r"\b(?:py\.?test|unittest)\b")
_TESTS = re.compile(r"(?:^|_)(?:tests?|pytest|unit|unittests?|coverage)(?:_|$)")


@dataclass(frozen=True, slots=True)
class _File:
    """A requirements file whose lines the value is made of."""

    name: str


def read_setup_py(lists: Lists) -> None:
    """Add what the call of ``setup`` in setup.py says, through the names and functions of the file."""
    module = _Module.of(lists, "setup.py")
    if module is None:
        return
    said = module.setup_arguments()
    if name := _text(module, said.get("name")):
        lists.names.add(canonicalize_name(name))
    lists.version = lists.version or _text(module, said.get("version"))
    lists.requires_python = lists.requires_python or _text(module, said.get("python_requires"))
    for key, section in (("install_requires", "run"), ("tests_require", "tests_require")):
        _put(lists, section, module.values(said.get(key)), f"setup.py: {key}")
    for extra, value in module.pairs(said.get("extras_require")):
        section = f"extra:{canonicalize_name(extra)}"
        lists.declare(section)
        _put(lists, section, module.values(value), f"setup.py: extras_require.{extra}")
    for package, folder in module.pairs(said.get("package_dir")):
        if not package and (text := _text(module, folder)):
            lists.sources.append(text)


def read_noxfile(lists: Lists) -> None:
    """Add what the sessions that run tests install in noxfile.py."""
    module = _Module.of(lists, "noxfile.py")
    for function in module.functions.values() if module is not None else ():
        if not _TESTS.search(function.name):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _attribute(call.func) in ("install", "run_install", "run_always"):
                _put(lists, "nox", _requirements(module.values(ast.List(call.args))), "noxfile.py")  # type: ignore[union-attr]


def nox_commands(lists: Lists) -> Iterator[tuple[str, dict[str, str]]]:
    """The commands with which sessions of noxfile.py run tests, as far as they are literal, and their variables."""
    module = _Module.of(lists, "noxfile.py")
    for function in module.functions.values() if module is not None else ():
        for call in ast.walk(function) if _TESTS.search(function.name) else ():
            if isinstance(call, ast.Call) and _attribute(call.func) == "run" and _RUNS.search(ast.unparse(call)):
                words = [each for each in module.values(ast.List(call.args)) if isinstance(each, str)]  # type: ignore[union-attr]
                env = next((each.value for each in call.keywords if each.arg == "env"), None)
                yield shlex.join(words), {key: _text(module, value) for key, value in module.pairs(env)}  # type: ignore[union-attr, arg-type]


def _requirements(values: Iterator[str | _File]) -> Iterator[str | _File]:
    """The arguments of ``pip install`` that name something."""
    before = ""
    for value in values:
        if isinstance(value, str) and value.startswith("-"):
            before = value
        elif before in ("-r", "--requirement"):
            yield value if isinstance(value, _File) else _File(value)
            before = ""
        elif before in ("-c", "--constraint"):
            before = ""
        else:
            yield value


def _put(lists: Lists, section: str, values: Iterator[str | _File], place: str) -> None:
    for value in values:
        if isinstance(value, _File):
            lists.file(section, value.name)
        else:
            lists.add(section, value.splitlines(), place)


def _text(module: _Module, node: ast.expr | None) -> str:
    found = [each for each in module.values(node) if isinstance(each, str)]
    return found[0] if len(found) == 1 else ""


def _attribute(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


class _Module:
    """The names of a script, and what strings an expression stands for.

    Scopes and branches are not told apart: a setup.py is short, and what all its branches list is what it may need.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._assigned: dict[str, list[ast.expr]] = defaultdict(list)
        self._items: dict[str, list[tuple[ast.expr, ast.expr]]] = defaultdict(list)
        self.functions: dict[str, ast.FunctionDef] = {}
        self._calls: list[ast.Call] = []
        for node in ast.walk(tree):
            self._index(node)

    @classmethod
    def of(cls, lists: Lists, name: str) -> _Module | None:
        if (text := lists.text(name)) is None:
            return None
        try:
            return cls(ast.parse(text.lstrip("\ufeff")))
        except (SyntaxError, ValueError, RecursionError) as error:
            lists.notes.append(f"{name} cannot be read: {error}")
            return None

    def _index(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef():
                self.functions[node.name] = node
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                self._bind(target, value)
            case ast.withitem(context_expr=value, optional_vars=ast.Name(id=name)):
                self._assigned[name].append(value)
            case ast.For(target=ast.Name(id=name), iter=value):
                self._assigned[name].append(value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend"), args=[value]):
                self._assigned[name].append(value)
            case ast.Call(func=func) if _attribute(func) == "setup":
                self._calls.append(node)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._assigned[target.id].append(value)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self._items[target.value.id].append((target.slice, value))

    def setup_arguments(self) -> dict[str, ast.expr]:
        """The keywords of the call, those of a dictionary that is unpacked into it among them."""
        said: dict[str, ast.expr] = {}
        for call in self._calls:
            for keyword in call.keywords:
                if keyword.arg is not None:
                    said[keyword.arg] = keyword.value
                else:
                    said.update(self.pairs(keyword.value))
        return said

    def pairs(self, node: ast.expr | None, depth: int = 0) -> Iterator[tuple[str, ast.expr]]:  # noqa: C901 - one case a form
        """The items of a dictionary with literal keys."""
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        yield from self.pairs(value, depth + 1)
                    elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value
            case ast.Call(func=ast.Name(id="dict"), args=args, keywords=keywords):
                for argument in args:
                    yield from self.pairs(argument, depth + 1)
                for keyword in keywords:
                    if keyword.arg is not None:
                        yield keyword.arg, keyword.value
            case ast.Name(id=name) if depth < _DEPTH:
                for value in self._assigned.get(name, ()):
                    yield from self.pairs(value, depth + 1)
                for key, value in self._items.get(name, ()):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value

    def values(self, node: ast.expr | None, depth: int = 0) -> Iterator[str | _File]:  # noqa: C901, PLR0912 - one case a form
        """The strings that an expression is, or lists; a file where it reads one."""
        if node is None or depth > _DEPTH:
            return
        match node:
            case ast.Constant(value=str() as text):
                yield text
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                for element in elements:
                    yield from self.values(element, depth + 1)
            case ast.Starred(value=value):
                yield from self.values(value, depth + 1)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                if not isinstance(left, ast.Constant) and not isinstance(right, ast.Constant):
                    yield from self.values(left, depth + 1)
                    yield from self.values(right, depth + 1)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self.values(value, depth + 1)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.values(body, depth + 1)
                yield from self.values(orelse, depth + 1)
            case ast.Name(id=name):
                for value in self._assigned.get(name, ()):
                    yield from self.values(value, depth + 1)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
                for known, value in self.pairs(ast.Name(name), depth + 1):
                    if known == key:
                        yield from self.values(value, depth + 1)
            case ast.Call() | ast.ListComp() | ast.GeneratorExp():
                yield from self._computed(node, depth)

    def _computed(self, node: ast.Call | ast.ListComp | ast.GeneratorExp, depth: int) -> Iterator[str | _File]:
        """What a call or a comprehension goes over: the lines of a literal, of a list, or of a file."""
        if files := [*dict.fromkeys(self._files(node, depth))]:
            yield from files
            return
        match node:
            case ast.Call(
                func=ast.Attribute(value=owner, attr="split" | "splitlines" | "strip" | "readlines" | "read")
            ):
                for text in self.values(owner, depth + 1):
                    yield from [text] if isinstance(text, _File) else text.split("\n")
            case ast.Call(func=ast.Name(id="list" | "sorted" | "set" | "tuple"), args=[value, *_]):
                yield from self.values(value, depth + 1)
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                for each in ast.walk(self.functions[name]):
                    if isinstance(each, ast.Return):
                        yield from self.values(each.value, depth + 1)
            case ast.ListComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]):
                yield from self.values(first.iter, depth + 1)

    def _files(self, node: ast.AST, depth: int) -> Iterator[_File]:
        """The requirements files that are named in an expression, in functions that it calls or in names it uses."""
        if depth > _DEPTH:
            return
        for each in ast.walk(node):
            match each:
                case ast.Constant(value=str() as text) if re.fullmatch(r"[\w./-]+\.(?:txt|in|pip)", text):
                    yield _File(_joined(node, text))
                case ast.Name(id=name):
                    for value in self._assigned.get(name, ()):
                        yield from self._files(value, depth + 4)
                case ast.Call(func=ast.Name(id=name)) if name in self.functions and depth < 2:
                    yield from self._files(self.functions[name], depth + 4)


def _joined(node: ast.AST, text: str) -> str:
    """The path that ``os.path.join(here, "requirements", "base.txt")`` leads to, from the root."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and _attribute(call.func) in ("join", "joinpath"):
            parts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if parts and parts[-1] == text:
                return "/".join(parts)
    return text
