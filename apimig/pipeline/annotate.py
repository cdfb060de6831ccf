"""Leaves ``# TODO(apimig): ...`` above statements that need a person; a second run adds none.

A comment of its own line can stand above any statement that begins its line. Where the statement of a site
does not (after a semicolon, or below a backslash), the comment goes above the one around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node, Tree

from apimig import syntax
from apimig.records import NeedsPerson, Span

MARK = "# TODO(apimig): "


def annotated(text: bytes, sites: Sequence[tuple[Span, NeedsPerson]], protected: Sequence[Span] = ()) -> bytes:
    """The text with one comment for each rule above each statement that holds a site.

    ``protected`` are spans that must not be touched (masked magics of a notebook).
    """
    tree = syntax.parse(text)
    wanted: dict[int, dict[str, str]] = {}
    for span, outcome in sites:
        at = _place(tree, text, span, protected)
        if at is not None:
            wanted.setdefault(at, {})[outcome.rule] = _comment(outcome)
    for at in sorted(wanted, reverse=True):
        present = _comments_above(text, at)
        indent = text[at : _first_code(text, at)]
        ending = _ending(text)
        for rule, comment in reversed(wanted[at].items()):
            if not any(line.startswith(f"{MARK}{rule}:".encode()) for line in present):
                text = text[:at] + indent + comment.encode() + ending + text[at:]
    return text


def _comment(outcome: NeedsPerson) -> str:
    said = f"{outcome.rule}: {outcome.why} {outcome.reference}"
    # A file's encoding may not hold more than ASCII, and a comment must stay on its line.
    return MARK + " ".join(said.encode("ascii", "replace").decode().split())


def _place(tree: Tree, text: bytes, span: Span, protected: Sequence[Span]) -> int | None:
    """The start of the line above which the comment goes; None when there is no such line."""
    node: Node | None = tree.root_node.descendant_for_byte_range(span.start, max(span.start, span.end - 1))
    while node is not None:
        line = text.rfind(b"\n", 0, node.start_byte) + 1
        if _is_statement(node) and _may_insert(text, line, node, protected):
            return line
        node = _before_semicolon(text, node) or node.parent
    return None


def _before_semicolon(text: bytes, node: Node) -> Node | None:
    """The statement that a semicolon parts from this one."""
    before = node.prev_named_sibling
    if before is None or not _is_statement(node) or text[before.end_byte : node.start_byte].strip(b" \t\\\r\n") != b";":
        return None
    return before


def _is_statement(node: Node) -> bool:
    if node.type in (
        "elif_clause",
        "else_clause",
        "except_clause",
        "except_group_clause",
        "finally_clause",
        "case_clause",
    ):
        return True
    return node.parent is not None and node.parent.type in ("module", "block", "decorated_definition") and node.is_named


def _may_insert(text: bytes, line: int, node: Node, protected: Sequence[Span]) -> bool:
    if text[line : node.start_byte].strip(b" \t\f"):
        return False
    if text[:line].rstrip(b"\r\n").endswith(b"\\") and not _is_comment_line(text, line):
        return False
    return not any(span.start < line < span.end for span in protected)


def _is_comment_line(text: bytes, line: int) -> bool:
    """Whether the line before ``line`` is a comment, whose final backslash joins nothing."""
    start = text.rfind(b"\n", 0, max(line - 1, 0)) + 1
    return text[start:line].lstrip().startswith(b"#")


def _comments_above(text: bytes, at: int) -> list[bytes]:
    lines = []
    end = at
    while end > 0:
        start = text.rfind(b"\n", 0, end - 1) + 1
        line = text[start:end].strip()
        if not line.startswith(b"#"):
            break
        lines.append(line)
        end = start
    return lines


def _first_code(text: bytes, at: int) -> int:
    while at < len(text) and text[at : at + 1] in b" \t\f":
        at += 1
    return at


def _ending(text: bytes) -> bytes:
    first = text.find(b"\n")
    return b"\r\n" if first > 0 and text[first - 1 : first] == b"\r" else b"\n"
