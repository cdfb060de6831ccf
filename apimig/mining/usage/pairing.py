"""Code of two releases beside each other: the parts of each text that both have and that differ."""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from apimig.mining.diffs.pairs import Pair
from apimig.mining.usage.texts import Text, module_of, parsed
from apimig.mining.usage.watched import Watched
from apimig.surface.model import Surface

_REST = ""  # what stands beside all functions and classes
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


class Counterparts:
    """The texts of the new release, to be found by those of the old one: at the same path, or moved."""

    def __init__(self, texts: Mapping[str, Text], known: Collection[str]) -> None:
        self._texts = texts
        self._moved = _by_name(path for path in texts if path not in known)

    def of(self, text: Text) -> Text | None:
        """The counterpart of a text; None where there is none."""
        return self._texts.get(text.path) or self._texts.get(self._moved.get(_name(text.path), ""))


def _name(path: str) -> str:
    """The file's name, with the name after it."""
    file, colon, owner = path.partition(":")
    return f"{PurePosixPath(file).name}{colon}{owner}"


def _by_name(paths: Iterable[str]) -> dict[str, str]:
    """The paths by the names of their files, where one has it alone."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[_name(path)].append(path)
    return {name: them[0] for name, them in found.items() if len(them) == 1}


def pair(before: Text, module: ast.Module, after: Text, watched: Watched, release: Surface) -> Pair | None:
    """Both sides cut down to their imports and the functions that differ; None where these name nothing watched."""
    other = None if after.code == before.code else parsed(after.code)
    if other is None:
        return None
    old, new = _units(before, module), _units(after, other)
    differing = [name for name, unit in old.items() if name in new and unit.is_told(new[name], watched)]
    was = _cut(module, before.path, old, differing, watched.surface)
    now = _cut(other, after.path, new, differing, release)
    if was == now or not watched.names(was):
        return None
    return Pair(was, now, f"{release}: {after.path}", after.path)


def _cut(module: ast.Module, path: str, units: Mapping[str, _Unit], names: Sequence[str], surface: Surface) -> str:
    parts = (_imports(module, path, surface), *(units[name].code for name in names))
    return "\n\n".join(filter(None, parts)) + "\n"


@dataclass(slots=True)
class _Unit:
    """A function, a method, or what else is in a module: its statements, and the lines of the file."""

    statements: list[ast.stmt]
    lines: Sequence[str]

    @property
    def code(self) -> str:
        """Code that stands by itself."""
        return ast.unparse(ast.Module(self.statements, []))

    @property
    def text(self) -> str:
        """The lines of its statements."""
        return "\n".join(_text(each, self.lines, each.end_lineno or each.lineno) for each in self.statements)

    def is_told(self, other: _Unit, watched: Watched) -> bool:
        """Whether a statement that the other one has not names what is watched."""
        if self.text == other.text:
            return False
        return watched.names("\n".join(self._pieces() - other._pieces()))

    def _pieces(self) -> set[str]:
        """The simple statements, and the heads of the others, whatever their spaces."""
        found = set()
        for node in (node for each in self.statements for node in ast.walk(each) if isinstance(node, ast.stmt)):
            body: list[ast.stmt] = getattr(node, "body", [])
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            found.add(" ".join(_text(node, self.lines, last).split()))
        return found


def _text(statement: ast.stmt, lines: Sequence[str], last: int) -> str:
    """The lines of a statement up to one, decorators included."""
    decorators = [each.lineno for each in getattr(statement, "decorator_list", ())]
    return "\n".join(lines[min([statement.lineno, *decorators]) - 1 : last])


def _units(text: Text, module: ast.Module) -> dict[str, _Unit]:
    """The functions, the methods, and the rest of a module."""
    lines = text.code.split("\n")
    found: dict[str, _Unit] = {}
    rest = _Unit([], lines)
    for statement in module.body:
        if isinstance(statement, _FUNCTIONS):
            found[statement.name] = _Unit([statement], lines)
        elif isinstance(statement, ast.ClassDef):
            methods = (each for each in statement.body if isinstance(each, _FUNCTIONS))
            found.update({f"{statement.name}.{each.name}": _Unit([each], lines) for each in methods})
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            rest.statements.append(statement)
    return {**found, _REST: rest}


def _imports(module: ast.Module, path: str, surface: Surface) -> str:
    """The imports of a module's top level, by the names that what they bring has elsewhere."""
    found = (each for each in module.body if isinstance(each, ast.Import | ast.ImportFrom))
    return "\n".join(
        ast.unparse(one) for each in found for one in published(absolute(each, path, surface.roots), surface)
    )


def published(statement: ast.stmt, surface: Surface) -> list[ast.stmt]:
    """An import with what it brings under the names that users know: tests may take things from where they are."""
    if not isinstance(statement, ast.ImportFrom) or not statement.module or statement.level:
        return [statement]
    if statement.module.partition(".")[0] not in surface.roots:
        return [statement]
    return [_public(statement, each, surface) for each in statement.names]


def _public(statement: ast.ImportFrom, brought: ast.alias, surface: Surface) -> ast.stmt:
    path = f"{statement.module}.{brought.name}"
    plain = ".".join(part for part in path.split(".") if not part.startswith("_") or part == brought.name)
    known = surface.offers(path) or surface.offers(surface.canonical(path) or path) or surface.offers(plain)
    owner, _, last = (known or path).rpartition(".")
    if not owner:
        return ast.ImportFrom(statement.module, [brought], 0)
    name = brought.asname or brought.name
    return ast.ImportFrom(owner, [ast.alias(last, name if name != last else None)], 0)


def absolute(statement: ast.stmt, path: str, roots: Collection[str]) -> ast.stmt:
    """An import as it would stand in a file outside of the package."""
    if not isinstance(statement, ast.ImportFrom) or not statement.level:
        return statement
    above = module_of(path, roots).split(".")[: -statement.level]
    found = copy.copy(statement)
    found.module, found.level = ".".join([*above, *([statement.module] if statement.module else [])]), 0
    return found if found.module else statement
