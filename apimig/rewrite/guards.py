"""What every edit must pass, whoever made it: before it is applied, and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from tree_sitter import Node, Tree

from apimig import syntax
from apimig.records import Edit, Span
from apimig.rewrite.compose import Composition, Mark, carried
from apimig.rewrite.templates import Refused

_NOT_INTACT = "the new code would not keep its parts together as they were"
_NOT_PYTHON = "the new code would not be valid Python ({problem})"


class Before:
    """Checks of single edits against the file they are for."""

    def __init__(self, tree: Tree, text: bytes, protected: Sequence[Span], boundaries: Sequence[Span]) -> None:
        self.tree, self.text, self.protected, self.boundaries = tree, text, protected, boundaries

    @cached_property
    def _comments(self) -> list[Span]:
        if b"#" not in self.text:
            return []
        return [syntax.span_of(n) for n in syntax.walk(self.tree.root_node) if n.type == "comment"]

    def check(self, edit: Edit) -> None:
        """Refuse an edit that touches what is not ours, loses a comment, or breaks an f-string."""
        if any(p.overlaps(edit.span) for p in self.protected if not any(c.contains(p) for c in carried(edit))):
            raise Refused("it overlaps text that is not Python")
        if self.boundaries and not any(b.contains(edit.span) for b in self.boundaries):
            raise Refused("it reaches over two cells")
        kept = carried(edit)
        if any(edit.span.contains(c) and not any(k.contains(c) for k in kept) for c in self._comments):
            raise Refused("a comment inside it would be lost")
        self._check_format_string(edit)

    def _check_format_string(self, edit: Edit) -> None:
        node = self.tree.root_node.named_descendant_for_byte_range(edit.span.start, edit.span.end)
        while node is not None and node.type != "interpolation":
            node = node.parent
        if node is None or node.parent is None or syntax.span_of(node) == edit.span:
            return
        start = node.parent.children[0].text or b""
        quote = start[-3:] if start.endswith((b'"""', b"'''")) else start[-1:]
        literals = [part for part in edit.parts if isinstance(part, bytes)]
        if any(quote in part or b"\\" in part or b"\n" in part for part in literals):
            raise Refused("it stands in an f-string, where the new code cannot be quoted")


def failing(composition: Composition, tree: Tree, text: bytes, inert: Iterable[Edit] = ()) -> dict[Edit, str]:
    """The edits that do harm, with the reason. ``inert`` edits are not asked whether their parts kept together."""
    new = syntax.parse(composition.text)
    skipped = set(inert)
    found = {m.edit: _NOT_INTACT for m in composition.marks if m.edit not in skipped and not _intact(m, tree, new)}
    for edits, problem in _broken_statements(composition, tree, text):
        found.update({edit: _NOT_PYTHON.format(problem=problem) for edit in edits})
    if not found and new.root_node.has_error and not tree.root_node.has_error:
        found = {m.edit: _NOT_PYTHON.format(problem="invalid syntax") for m in composition.outermost}
    return found


def _intact(mark: Mark, tree: Tree, new: Tree) -> bool:
    """Whether an expression is one expression still: the same one, if nothing in it was edited."""
    before = _node(tree, mark.old)
    if before is None or mark.new.start == mark.new.end or _is_statement(before):
        return True
    if not mark.carried and _is_all_of_one(before):
        return True
    after = _node(new, mark.new)
    if after is None:
        return False
    return not (mark.carried and mark.pure) or after.type == before.type


def _node(tree: Tree, span: Span) -> Node | None:
    node = tree.root_node.named_descendant_for_byte_range(span.start, span.end)
    return node if node is not None and syntax.span_of(node) == span else None


def _is_statement(node: Node) -> bool:
    return node.parent is not None and node.parent.type in ("block", "module")


def _is_all_of_one(node: Node) -> bool:
    """Whether an expression or assignment is a statement of its own: statements may take its place."""
    parent = node.parent
    whole = parent is not None and parent.type == "expression_statement" and parent.named_child_count == 1
    return whole and parent is not None and _is_statement(parent)


def _broken_statements(composition: Composition, tree: Tree, text: bytes) -> list[tuple[list[Edit], str]]:
    """Edited statements that no longer parse, with the edits in them and the parser's words."""
    found = []
    for span, edits in _statements(composition, tree).items():
        new = Span(composition.moved(span.start), composition.moved(span.end))
        problem = syntax.check_python(_alone(composition.text, new))
        if problem is not None and syntax.check_python(_alone(text, span)) is None:
            found.append((edits, problem[1]))
    return found


def _statements(composition: Composition, tree: Tree) -> dict[Span, list[Edit]]:
    """The smallest statement (or run of them) around each outermost edit."""
    found: dict[Span, list[Edit]] = {}
    for mark in composition.outermost:
        if mark.old.start < mark.old.end:
            found.setdefault(_around(tree, mark.old), []).append(mark.edit)
    return found


def _around(tree: Tree, span: Span) -> Span:
    node = tree.root_node.named_descendant_for_byte_range(span.start, max(span.start, span.end - 1))
    while node is not None and node.type not in ("block", "module"):
        if _is_statement(node):
            return Span(min(node.start_byte, span.start), max(node.end_byte, span.end))
        node = node.parent
    if node is None:
        return span
    inside = [n for n in node.named_children if n.start_byte < span.end and n.end_byte > span.start]
    return Span(min(inside[0].start_byte, span.start), max(inside[-1].end_byte, span.end)) if inside else span


def _alone(text: bytes, span: Span) -> bytes:
    """Statements as a module of their own: indented ones in a block, at the indentation they have."""
    begin = text.rfind(b"\n", 0, span.start) + 1
    indent = text[begin : span.start]
    body = text[span.start : span.end]
    if indent and not indent.strip():
        return b"if 1:\n" + indent + body + b"\n"
    if not indent:
        stripped = body.lstrip(b"\r\n")
        depth = stripped[: len(stripped) - len(stripped.lstrip(b" \t"))]
        return (b"if 1:\n" if depth else b"") + stripped + b"\n"
    return body + b"\n"
