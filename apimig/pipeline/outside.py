"""What the other files of a project ask of a module: names that they take from it, and calls of its functions.

A survey does not know all of it: files that have nothing to do with a library are not surveyed, nor is a large
project. So each change is held against the rest of the project before it counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from tree_sitter import Node

from apimig import scan, syntax
from apimig.pipeline.relevance import imported
from apimig.records import FileChange, Skipped

_STAR = re.compile(rb"\bimport[ \t]*\*")


class Outside:
    """The files of a project, which are read when something is asked."""

    def __init__(self, files: Sequence[Path], modules: scan.Modules, root: Path) -> None:
        self._files, self._modules, self._root = files, modules, root

    # ------------------------------------------------------------------ names

    def taken(self, names: Mapping[Path, Collection[str]]) -> dict[Path, set[str]]:
        """Which of these names of these files others import, use as an attribute, or spell in full in a string."""
        found: defaultdict[Path, set[str]] = defaultdict(set)
        words = {name.encode() for each in names.values() for name in each}
        modules = {path: scan.module_name(path, self._root) for path in names}
        for file in self._files if names else ():
            raw = self._load(file)
            if any(word in raw for word in words) or (b"*" in raw and _STAR.search(raw)):
                for path, name in self._taken_by(file, raw, names, modules):
                    found[path].add(name)
        return found

    def _taken_by(
        self, file: Path, raw: bytes, names: Mapping[Path, Collection[str]], modules: Mapping[Path, str]
    ) -> Iterator[tuple[Path, str]]:
        star = _STAR.search(raw) is not None
        for path, name, module in self._asked(file, raw, names):
            if module:
                yield from ((path, each) for each in names[path] if star or _is_attribute(raw, module, each))
            elif name in names[path]:
                yield path, name
        for path in names.keys() - {file}:
            module = modules[path]
            yield from ((path, each) for each in names[path] if module and _has(raw, f"{module}.{each}"))

    def _asked(self, file: Path, raw: bytes, wanted: Collection[Path]) -> Iterator[tuple[Path, str, str]]:
        """The wanted files that a file imports a name from, or itself: (path, name, "") or (path, "", module)."""
        for dotted in self._imported(file, raw):
            base, _, last = dotted.rpartition(".")
            for module, found in ((dotted, ("", dotted)), (base, (last, ""))):
                path = self._modules.find(module, near=file) if module else None
                if path is not None and path in wanted and path != file:
                    yield (path, *found)

    # ------------------------------------------------------------------ calls

    def callers(self, path: Path, names: Collection[str], known: Collection[Path]) -> list[Path]:
        """The files, beside the known ones, that call one of these functions of a file, so far as the text can tell."""
        calls = _any_of(names, rb"\s*\(") if names else None
        unknown = [file for file in self._importers(path) if file not in known] if calls is not None else []
        return sorted(file for file in unknown if calls is not None and calls.search(self._load(file)))

    def _importers(self, path: Path) -> set[Path]:
        """The files that import one, directly or not."""
        found: set[Path] = set()
        waiting = [path]
        while waiting:
            new = self._imported_by[waiting.pop()] - found - {path}
            found |= new
            waiting += new
        return found

    @cached_property
    def _imported_by(self) -> defaultdict[Path, set[Path]]:
        found: defaultdict[Path, set[Path]] = defaultdict(set)
        for file in self._files:
            for dotted in self._imported(file, self._load(file)):
                path = self._modules.find(dotted, near=file)
                if path is not None:
                    found[path].add(file)
        return found

    # ------------------------------------------------------------------ files

    def _load(self, file: Path) -> bytes:
        raw = scan.load(file, self._root)
        return b"" if isinstance(raw, Skipped) else raw

    def _imported(self, file: Path, raw: bytes) -> tuple[str, ...]:
        return imported(raw, scan.module_name(file, self._root), is_package=file.stem == "__init__")


def lost_names(change: FileChange) -> set[str]:
    """The names that a file's imports bound before a change and do not bind after it."""
    return _bound(change.before) - _bound(change.after)


def _bound(raw: bytes) -> set[str]:
    names = set()
    for node in syntax.walk(syntax.parse(raw).root_node):
        if node.type in ("import_statement", "import_from_statement"):
            for item in node.children_by_field_name("name"):
                text = (item.child_by_field_name("alias") or item).text or b""
                names.add(text.decode("utf-8", "replace").partition(".")[0])
    return names


def functions_at(raw: bytes, lines: Collection[int]) -> set[str]:
    """The names by which the functions that hold some lines (from 1) are called; for a constructor the class's."""
    tree, text = syntax.parse(raw), re.split(rb"\r\n|\r|\n", raw)
    found: set[str] = set()
    for line in lines:
        point = (line - 1, len(text[line - 1]) - len(text[line - 1].lstrip()))
        node: Node | None = tree.root_node.descendant_for_point_range(point, point)
        while node is not None:
            name = (
                node.child_by_field_name("name") if node.type in ("function_definition", "class_definition") else None
            )
            if name is not None:
                found.add(syntax.text_of(name))
            node = node.parent
    return found


def _any_of(names: Collection[str], after: bytes = b"") -> re.Pattern[bytes]:
    return re.compile(rb"\b(?:" + b"|".join(re.escape(name.encode()) for name in sorted(names)) + rb")\b" + after)


def _is_attribute(raw: bytes, module: str, name: str) -> bool:
    """Whether a name is an attribute of a module, however the file calls that."""
    last = module.rpartition(".")[2]
    aliases = re.findall(rb"\b" + re.escape(last.encode()) + rb"[ \t]+as[ \t]+(\w+)", raw)
    return any(_has(raw, f"{bound}.{name}") for bound in (module, last, *(alias.decode() for alias in aliases)))


def _has(raw: bytes, dotted: str) -> bool:
    text = dotted.encode()
    # Nearly no file has it, which a plain search for bytes tells ten times as fast.
    return text in raw and re.search(rb"(?<![\w.])" + re.escape(text) + rb"\b", raw) is not None
