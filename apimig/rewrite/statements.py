"""Import statements in their file: their items, taking them out, and putting new ones in."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tree_sitter import Node, Tree

from apimig import syntax
from apimig.records import ImportBinding, Span
from apimig.rewrite.naming import statement_node
from apimig.rewrite.templates import line_start, newline

_COMMENT = re.compile(rb"#(?!\s*(?:noqa|type:|pylint:|pyright:|mypy:|isort:|ruff:|fmt:|yapf:|nosec|pragma))")
"""A comment that can stand alone; directives to tools would then speak of more than a line."""


@dataclass(frozen=True, slots=True)
class Item:
    """One name of an import statement: ``core as c``."""

    node: Node
    name: str
    alias: str
    binding: ImportBinding | None

    @property
    def span(self) -> Span:
        """The span of ``name as alias``."""
        return syntax.span_of(self.node)

    @property
    def name_node(self) -> Node:
        """The node of the imported name, without its alias."""
        return (self.node.child_by_field_name("name") or self.node) if self.alias else self.node


@dataclass(frozen=True, slots=True)
class Statement:
    """An import statement; ``module`` is the text after ``from``, "" for ``import a, b``."""

    node: Node
    module: str
    items: tuple[Item, ...]

    @property
    def span(self) -> Span:
        """The span of the statement."""
        return syntax.span_of(self.node)

    @property
    def is_from(self) -> bool:
        """Whether it is ``from module import ...``."""
        return bool(self.module)

    @property
    def is_star(self) -> bool:
        """Whether it is ``from module import *``."""
        return not self.items

    @property
    def is_top(self) -> bool:
        """Whether it stands directly in the module."""
        return self.node.parent is not None and self.node.parent.type == "module"

    @property
    def is_late(self) -> bool:
        """Whether it is done when a function is called, not when the module is loaded."""
        node = self.node.parent
        while node is not None and node.type != "function_definition":
            node = node.parent
        return node is not None


def statements_of(tree: Tree, bindings: Sequence[ImportBinding]) -> list[Statement]:
    """The import statements that bind names, and star imports beside them at the top, in order."""
    spans = {b.statement for b in bindings}
    nodes = [n for n in tree.root_node.named_children if n.type == "import_from_statement"]
    found = {syntax.span_of(n): n for n in nodes}
    for span in spans:
        node = statement_node(tree, span)
        if node is not None:
            found[span] = node
    return [_statement(found[span], bindings) for span in sorted(found)]


def _statement(node: Node, bindings: Sequence[ImportBinding]) -> Statement:
    module = node.child_by_field_name("module_name")
    by_item = {b.item: b for b in bindings}
    items = []
    for child in node.children_by_field_name("name"):
        alias = child.child_by_field_name("alias") if child.type == "aliased_import" else None
        name = child.child_by_field_name("name") if alias is not None else child
        text = syntax.text_of(name) if name is not None else ""
        items.append(
            Item(child, text, "" if alias is None else syntax.text_of(alias), by_item.get(syntax.span_of(child)))
        )
    return Statement(node, "" if module is None else syntax.text_of(module), tuple(items))


def has_comment(text: bytes, item: Span) -> bool:
    """Whether a comment stands on a line of an import's item, which it may be about."""
    begin, end = text.rfind(b"\n", 0, item.start) + 1, text.find(b"\n", item.end)
    return b"#" in text[begin : end if end >= 0 else len(text)]


def removal(text: bytes, node: Node, gone: Collection[Span]) -> tuple[Span, bytes]:
    """What takes a statement out; ``gone`` are the statements that go with it (itself among them)."""
    block = node.parent
    siblings = [] if block is None else syntax.parts(block)
    if block is not None and block.type == "block" and all(syntax.span_of(n) in gone for n in siblings):
        return (syntax.span_of(node), b"pass") if siblings[0] == node else _cut(text, node)
    return _cut(text, node)


def _cut(text: bytes, node: Node) -> tuple[Span, bytes]:
    begin = text.rfind(b"\n", 0, node.start_byte) + 1
    end = text.find(b"\n", node.end_byte)
    end = len(text) if end < 0 else end + 1
    before, after = text[begin : node.start_byte], text[node.end_byte : end]
    if not before.strip() and not after.strip():
        return _with_blank_lines(text, Span(begin, end)), b""
    if after.lstrip(b" \t").startswith(b";"):
        rest = text[text.index(b";", node.end_byte) + 1 : end]
        if rest.strip() and not rest.lstrip().startswith(b"#"):
            return Span(node.start_byte, end - len(rest.lstrip())), b""
        if not before.strip():  # `import a;` alone on its line
            return Span(node.start_byte, end - len(rest)), b"pass"
    if not before.strip() and _COMMENT.match(after.lstrip(b" \t")):
        return Span(node.start_byte, end - len(after.lstrip(b" \t"))), b""
    semicolon = before.rstrip().endswith(b";")
    start = begin + len(before.rstrip()) - 1 if semicolon else node.start_byte
    return Span(start, node.end_byte), b"" if semicolon else b"pass"


def _with_blank_lines(text: bytes, lines: Span) -> Span:
    """Lines that go, with the blank ones that would be left over: at the top of the file, or a second group."""
    above, below = text[: lines.start], text[lines.end :]
    blank_above = not above.strip() or above.rstrip(b" \t\r").endswith(b"\n\n") or above.endswith(b"\r\n\r\n")
    first, _, _ = below.partition(b"\n")
    if first.strip() or not below or not blank_above:
        return lines
    rest = below.lstrip(b" \t\r\n")
    blank = below[: len(below) - len(rest)]
    return Span(lines.start, lines.end + blank.rfind(b"\n") + 1)


def insertion(root: Node, text: bytes, after: Node | None, protected: Sequence[Span]) -> tuple[int, bytes, bytes]:
    """Where a new import goes: offset, what is written before it, what after it.

    After the statement ``after``, or without one: after the docstring and the ``__future__`` imports, else on top.
    """
    if after is None:
        after = _last_of_head(root)
    if after is not None:
        return _end_of_line(text, after), line_start(text, after.start_byte), b""
    end_of_line = newline(text)
    nodes = syntax.parts(root)
    first = next((n for n in nodes if not any(p.overlaps(syntax.span_of(n)) for p in protected)), None)
    if first is None:
        return len(text), b"", end_of_line
    return text.rfind(b"\n", 0, first.start_byte) + 1, b"", end_of_line * (1 if "import" in first.type else 2)


def _last_of_head(root: Node) -> Node | None:
    """The last of docstring and ``__future__`` imports."""
    head = None
    for node in root.named_children:
        docstring = node.type == "expression_statement" and node.named_children[0].type in (
            "string",
            "concatenated_string",
        )
        if node.type == "comment":
            continue
        if node.type == "future_import_statement" or (head is None and docstring):
            head = node
        else:
            break
    return head


def _end_of_line(text: bytes, node: Node) -> int:
    """The end of the line on which a statement ends, and of statements that follow it there."""
    last = node
    while last.next_named_sibling is not None and last.next_named_sibling.start_point.row == last.end_point.row:
        last = last.next_named_sibling
    end = text.find(b"\n", last.end_byte)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == b"\r" else end
