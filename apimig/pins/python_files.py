"""setup.py and noxfile.py: the string literals in them that are dependencies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from packaging.utils import canonicalize_name
from tree_sitter import Node

from apimig.pins.document import Document, conda_names, mentions
from apimig.pins.model import Entry, PinStyle, Role, UnreadableFileError
from apimig.pins.specifier import read_match, read_requirement
from apimig.syntax import first_error, parse, text_of, walk

_KEYS = frozenset({"install_requires", "setup_requires", "tests_require", "extras_require"})
_INSTALLERS = frozenset({"install", "conda_install", "run", "run_always", "run_install"})
_GROWERS = frozenset({"append", "extend", "insert", "update", "setdefault"})
_STRINGS = frozenset({"string", "concatenated_string"})


def python_entries(document: Document, distribution: str) -> Iterator[Entry]:
    """Every string literal that becomes a dependency on the distribution.

    Those are the literals reachable from the arguments that setuptools reads (or that nox installs) through
    names of the file. Others that look like one are entries on hold, as are computed ones.
    """
    data = document.text.encode("utf-8", "surrogatepass")
    tree = parse(data)
    if (error := first_error(tree)) is not None:
        raise UnreadableFileError("not valid Python", error.start_point.row + 1)
    reached = _Reached(tree.root_node)
    offset = _offsets(data)
    for node in walk(tree.root_node):
        if node.type in _STRINGS and (node.parent is None or node.parent.type not in _STRINGS):
            for start, end in _lines(document.text, node, offset):
                entry = _entry(document.text, node, start, end, distribution, reached)
                if entry is not None:
                    yield entry


def _entry(text: str, node: Node, start: int, end: int, distribution: str, reached: _Reached) -> Entry | None:
    names = {canonicalize_name(distribution)}
    key = reached.key_of(node)
    if key == "conda_install":
        entry = read_match(text, start, end, conda_names(distribution))
    else:
        entry = read_requirement(text, start, end, names)
    computed = _is_computed(node)
    if computed and (entry is not None or _begins_with(text[start:end], distribution)):
        entry = Entry(start, end, style=PinStyle.UNREADABLE, hold="its version is computed")
    if entry is None or (key is None and not entry.alternatives):
        return None
    if key is None:
        return replace(entry, hold="it is not clear that this string is a dependency", style=PinStyle.UNREADABLE)
    role = Role.BUILD if key == "setup_requires" else Role.RUN
    return replace(entry, section=key, role=role, marker=entry.marker or _condition(node))


def _begins_with(content: str, distribution: str) -> bool:
    found = mentions(content, distribution)
    return found is not None and found.start() == 0 and bool(re.match(r"\s*(?:[=<>!~%{]|$)", content[found.end() :]))


def _is_computed(node: Node) -> bool:
    """Whether the string is put together at run time: f-strings, `"pandas>=" + minimum`, `%`, format and join."""
    if node.type == "concatenated_string" or any(child.type == "interpolation" for child in node.children):
        return True
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "binary_operator":
        other = [child for child in parent.named_children if child != node]
        return not all(child.type in {"list", "tuple"} for child in other)
    return parent.type == "attribute"


def _lines(text: str, node: Node, offset: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The span of a literal's content; of each of its lines when it has several."""
    contents = [child for child in _parts(node) if child.type in {"string_content", "interpolation"}]
    if not contents:
        return
    start, end = offset[contents[0].start_byte], offset[contents[-1].end_byte]
    if node.type == "concatenated_string" or text.find("\n", start, end) < 0:
        yield start, end
        return
    at = start
    for line in text[start:end].split("\n"):
        yield at, at + len(line.rstrip("\r"))
        at += len(line) + 1


def _parts(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.type == "string":
            yield from child.children
        else:
            yield child


def _condition(node: Node) -> str:
    """The version test that an `if` around the string makes, which works like a marker."""
    at = node.parent
    while at is not None:
        if at.type in {"if_statement", "conditional_expression"}:
            test = at.child_by_field_name("condition") or at
            if "version" in text_of(test):
                return text_of(test)
        at = at.parent
    return ""


def _offsets(data: bytes) -> dict[int, int]:
    """From byte to character offsets, at the starts of characters."""
    offsets: dict[int, int] = {}
    for byte, value in enumerate(data):
        if value & 0xC0 != 0x80:
            offsets[byte] = len(offsets)
    offsets[len(data)] = len(offsets)
    return offsets


class _Reached:
    """Which nodes are reachable from a dependency argument, and from which.

    Scopes are not looked at: a setup.py is small, and what is taken for a dependency has to read as one.
    """

    def __init__(self, root: Node) -> None:
        self._values: dict[str, list[Node]] = defaultdict(list)
        self._seeds: list[tuple[str, Node]] = []
        for node in walk(root):
            self._index(node)
        self._keys: dict[int, str] = {}
        self._follow()

    def key_of(self, node: Node) -> str | None:
        """The argument from which the node is reached, or None."""
        return self._keys.get(node.id)

    def _index(self, node: Node) -> None:
        match node.type:
            case "assignment" | "augmented_assignment":
                self._assigned(node.child_by_field_name("left"), node.child_by_field_name("right"))
            case "keyword_argument":
                self._named(_text(node.child_by_field_name("name")), node.child_by_field_name("value"))
            case "pair":
                self._named(_unquoted(node.child_by_field_name("key")), node.child_by_field_name("value"))
            case "function_definition":
                self._valued(_text(node.child_by_field_name("name")), node.child_by_field_name("body"))
            case "call":
                self._called(node.child_by_field_name("function"), node.child_by_field_name("arguments"))

    def _assigned(self, left: Node | None, right: Node | None) -> None:
        if left is not None and left.type == "subscript":
            self._named(_unquoted(left.child_by_field_name("subscript")), right)
            left = left.child_by_field_name("value")
        if left is not None and left.type == "identifier":
            self._valued(text_of(left), right)

    def _called(self, function: Node | None, arguments: Node | None) -> None:
        if function is None or function.type != "attribute":
            return
        method, owner = _text(function.child_by_field_name("attribute")), function.child_by_field_name("object")
        if method in _GROWERS and owner is not None:
            if owner.type == "subscript":
                self._named(_unquoted(owner.child_by_field_name("subscript")), arguments)
                owner = owner.child_by_field_name("value")
            self._valued(_text(owner), arguments)
        elif method in _INSTALLERS and arguments is not None and _text(owner) == "session":
            self._seeds.append((method, arguments))

    def _named(self, name: str, value: Node | None) -> None:
        if name in _KEYS and value is not None:
            self._seeds.append((name, value))

    def _valued(self, name: str, value: Node | None) -> None:
        if value is not None:
            self._values[name].append(value)

    def _follow(self) -> None:
        todo = list(reversed(self._seeds))
        seen: set[int] = set()
        while todo:
            key, value = todo.pop()
            if value.id in seen:
                continue
            seen.add(value.id)
            for node in walk(value):
                self._keys.setdefault(node.id, key)
                if node.type == "identifier":
                    todo.extend((key, assigned) for assigned in self._values.get(text_of(node), ()))


def _text(node: Node | None) -> str:
    return "" if node is None else text_of(node)


def _unquoted(node: Node | None) -> str:
    return _text(node).strip("\"'")
