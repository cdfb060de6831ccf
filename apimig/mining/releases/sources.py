"""The text of a release: bodies and documentation, which its surface does not keep. It is parsed and never run."""

from __future__ import annotations

import ast
import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LARGEST = 4_000_000  # bytes of a file: more is generated


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class of a release; ``owner`` is the class that a method stands in, ``place`` its file and line."""

    node: Function | ast.ClassDef
    module: str
    owner: str
    place: str

    @property
    def documentation(self) -> str:
        """The docstring, or nothing."""
        return ast.get_docstring(self.node) or ""


@dataclass(frozen=True)
class Module:
    """One file. ``names`` is what the names of its top level mean, as dotted paths."""

    name: str
    path: Path
    tree: ast.Module
    package: bool

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Imports, and what is defined here."""
        found: dict[str, str] = {}
        for statement in _statements(self.tree.body):
            found.update(meanings(statement, self.name, package=self.package))
        return found


@dataclass(frozen=True)
class Sources:
    """The packages of a release, unpacked in ``folder``; ``release`` is how it is called ("pandas 1.5.3").

    ``notes`` is the address where it tells of its changes, as its metadata says, "" where that says nothing.
    """

    folder: Path
    release: str
    notes: str = ""
    _known: dict[str, Module | None] = field(default_factory=dict)

    def module(self, name: str) -> Module | None:
        """The module of this name, parsed; None where there is no such file, or none that parses."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> Module | None:
        base = self.folder.joinpath(*name.split("."))
        for path, package in ((base / "__init__.py", True), (base.with_suffix(".py"), False)):
            if path.is_file() and path.stat().st_size <= _LARGEST:
                with contextlib.suppress(SyntaxError, ValueError, RecursionError), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return Module(name, path, ast.parse(path.read_text("utf-8", "replace")), package)
        return None

    def definition(self, home: str) -> Definition | None:
        """The function, method or class that is defined at a path: ``pandas.core.frame.DataFrame.append``."""
        parts = home.split(".")
        for count in range(len(parts) - 1, 0, -1):
            module = self.module(".".join(parts[:count]))
            if module is not None:
                return self._within(module, parts[count:])
        return None

    def _within(self, module: Module, parts: Sequence[str]) -> Definition | None:
        body, found, owner = module.tree.body, None, ""
        for depth, part in enumerate(parts):
            found = _named(body, part)
            if found is None or (depth + 1 < len(parts) and not isinstance(found, ast.ClassDef)):
                return None
            if depth + 1 < len(parts):
                body, owner = found.body, f"{owner or module.name}.{part}"
        if found is None:
            return None
        return Definition(found, module.name, owner, self.place(module, found))

    def place(self, module: Module, node: ast.stmt) -> str:
        """Where something stands, in words: ``pandas 1.5.3: pandas/core/frame.py:12``."""
        return f"{self.release}: {module.path.relative_to(self.folder).as_posix()}:{node.lineno}"

    def modules_with(self, *words: str) -> Iterator[Module]:
        """The modules whose text has all of these words: the others are not parsed."""
        return self.modules_where(lambda text: all(word in text for word in words))

    def modules_where(self, wanted: Callable[[str], object]) -> Iterator[Module]:
        """The modules whose text is wanted."""
        for path in sorted(self.folder.rglob("*.py")):
            if path.stat().st_size <= _LARGEST and wanted(path.read_text("utf-8", "replace")):
                parts = path.relative_to(self.folder).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                if name and (module := self.module(name)) is not None:
                    yield module

    def texts(self) -> Iterator[str]:
        """The text of every file."""
        for path in sorted(self.folder.rglob("*.py")):
            yield path.read_text("utf-8", "replace")


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, and those under its ``if``, ``try`` and ``with``."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            yield from _statements([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.Try):
            yield from _statements([*statement.body, *statement.orelse, *statement.finalbody])
        elif isinstance(statement, ast.With):
            yield from _statements(statement.body)


def _named(body: Sequence[ast.stmt], name: str) -> Function | ast.ClassDef | None:
    """The definition of a name: the last one, for the first ones may be overloads."""
    found: Function | ast.ClassDef | None = None
    for each in _statements(body):
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or each.name != name:
            continue
        if found is None or not _is_accessor(each):
            found = each
    return found


def _is_accessor(node: Function | ast.ClassDef) -> bool:
    """Whether it is the setter or deleter of a property."""
    return any(isinstance(each, ast.Attribute) and each.attr in ("setter", "deleter") for each in node.decorator_list)


def meanings(statement: ast.stmt, module: str, *, package: bool) -> Iterator[tuple[str, str]]:
    """The names that a statement binds, with what they mean as dotted paths."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
    elif isinstance(statement, ast.ImportFrom):
        base = _origin(statement, module, package=package)
        yield from ((alias.asname or alias.name, f"{base}.{alias.name}") for alias in statement.names if base)
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name, f"{module}.{statement.name}"
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, f"{module}.{target.id}"


def _origin(statement: ast.ImportFrom, module: str, *, package: bool) -> str:
    if not statement.level:
        return statement.module or ""
    parts = module.split(".")
    above = parts[: len(parts) - statement.level + int(package)]
    return ".".join([*above, *([statement.module] if statement.module else [])])
