"""Code of two releases beside each other: the parts of each text that both have and that differ."""

from __future__ import annotations

import ast
import copy
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from apimig.mining.diffs.pairs import Pair
from apimig.mining.usage.texts import Text, module_of, parsed
from apimig.mining.usage.watched import Watched

_REST = ""  # what stands beside all functions and classes
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def keys(texts: Iterable[Text]) -> dict[str, Text]:
    """The texts by their places."""
    return {each.path: each for each in texts}


def pairs(old: Mapping[str, Text], new: Mapping[str, Text], watched: Watched, release: str) -> Iterator[Pair]:
    """Texts of the old release with their counterparts, cut down to functions that differ and name what is watched."""
    moved = _by_name(path for path in new if path not in old)
    for path, before in old.items():
        after = new.get(path) or new.get(moved.get(_name(path), ""))
        if after is None or after.code == before.code:
            continue
        made = _reduced(before, after, watched)
        if made is not None:
            yield Pair(*made, f"{release}: {after.path}", after.path)


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


def _reduced(before: Text, after: Text, watched: Watched) -> tuple[str, str] | None:
    """The imports of both sides and the units that differ."""
    old, new = _units(before), _units(after)
    differing = [name for name, code in old.items() if name in new and new[name] != code and watched.names(code)]
    sides = [
        (_imports(text), *(ast.unparse(ast.parse(units[name])) for name in differing))
        for text, units in ((before, old), (after, new))
    ]
    was, now = ("\n\n".join(filter(None, each)) + "\n" for each in sides)
    return (was, now) if differing and was != now else None


def _units(text: Text) -> dict[str, str]:
    """The functions, the methods, and the rest of a module, each as code that stands by itself."""
    module = parsed(text.code)
    if module is None:
        return {}
    lines = text.code.split("\n")
    found: dict[str, str] = {}
    rest: list[str] = []
    for statement in module.body:
        if isinstance(statement, _FUNCTIONS):
            found[statement.name] = _lines(statement, lines)
        elif isinstance(statement, ast.ClassDef):
            methods = (each for each in statement.body if isinstance(each, _FUNCTIONS))
            found.update({f"{statement.name}.{each.name}": _lines(each, lines) for each in methods})
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            rest.append(_lines(statement, lines))
    return {**found, **({_REST: "\n".join(rest)} if rest else {})}


def _lines(statement: ast.stmt, lines: Sequence[str]) -> str:
    """The lines of a statement; those of several on one line by themselves."""
    if statement.col_offset and not isinstance(statement, _FUNCTIONS):
        return ast.unparse(statement)
    decorators = [each.lineno for each in getattr(statement, "decorator_list", ())]
    first, last = min([statement.lineno, *decorators]) - 1, statement.end_lineno or statement.lineno
    return textwrap.dedent("\n".join(lines[first:last]))


def _imports(text: Text) -> str:
    """The imports of a module's top level; relative ones by the names that they have elsewhere."""
    module = parsed(text.code)
    lines = [
        ast.unparse(absolute(each, text.path))
        for each in (module.body if module is not None else ())
        if isinstance(each, ast.Import | ast.ImportFrom)
    ]
    return "\n".join(lines)


def absolute(statement: ast.stmt, path: str) -> ast.stmt:
    """An import as it would stand in a file outside of the package."""
    if not isinstance(statement, ast.ImportFrom) or not statement.level:
        return statement
    above = module_of(path).split(".")[: -statement.level]
    found = copy.copy(statement)
    found.module, found.level = ".".join([*above, *([statement.module] if statement.module else [])]), 0
    return found if found.module else statement
