"""Compat code: places that already handle the old and the new version, and must stay as they are."""

from __future__ import annotations

import re

from tree_sitter import Node

from apimig.records import UseKind
from apimig.syntax import parts, text_of, walk

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_LOOKUP_ERRORS = frozenset({"AttributeError", "TypeError", "NameError", "KeyError"})
_CATCH_ALL = frozenset({"Exception", "BaseException", ""})
_PROBE = re.compile(
    r"\bhasattr\s*\(|\bgetattr\s*\([^()]*,[^()]*,|__version__|\bversion_info\b|\b(?:Loose|Strict)?Version\s*\(|\bparse_version\s*\(|\bversion\.parse\s*\("
)
_FLAG = re.compile(
    r"(?i)^_*(?:is_|has_|have_|use_)?(?:pd|pandas|np|numpy|py)_?(?:ge|gte|lt|lte|gt|version|v|\d)[\w]*$|.*_VERSION$"
)
_RELEASE = re.compile(r"""["'][<>=!~ ]*v?\d+(?:\.\d+)+[\w.]*["']""")
_COMPARES = re.compile(r"(?i)version|predates|at_?least|older|newer")
_FLAG_VALUES = frozenset({"comparison_operator", "call", "boolean_operator", "attribute", "not_operator", "list"})


class Guards:
    """Answers for one file whether a place is compat code, with the reason."""

    def __init__(self, root: Node) -> None:
        self._flags = _version_flags(root)

    def at(self, node: Node, kind: UseKind) -> str:
        """Why a use of this kind at ``node`` is guarded; empty when it is not."""
        child, parent = node, node.parent
        while parent is not None:
            reason = self._step(child, parent, kind)
            if reason:
                return reason
            child, parent = parent, parent.parent
        return ""

    def _step(self, child: Node, parent: Node, kind: UseKind) -> str:
        if parent.type == "try_statement":
            return _guarding_try(parent, child, kind)
        if parent.type in ("if_statement", "elif_clause", "conditional_expression", "while_statement"):
            return self._probed(parent)
        if parent.type in ("boolean_operator", "assert_statement"):
            return self._probed_before(parent, child)
        if parent.type in ("block", "module"):
            return self._early_exit(child)
        return ""

    def _is_probe(self, test: Node | None) -> bool:
        if test is None:
            return False
        text = text_of(test)
        if _PROBE.search(text) or (_RELEASE.search(text) and _COMPARES.search(text)):
            return True
        names = (text_of(node) for node in walk(test) if node.type == "identifier")
        return any(name in self._flags or _FLAG.match(name) for name in names)

    def _probed(self, parent: Node) -> str:
        test = parent.child_by_field_name("condition")
        if parent.type == "conditional_expression":
            inner = parts(parent)
            test = inner[1] if len(inner) == 3 else None
        if test is None or not self._is_probe(test):
            return ""
        return f"compat code: chosen by `{_short(test)}` (line {test.start_point[0] + 1})"

    def _probed_before(self, parent: Node, child: Node) -> str:
        left = parent.child_by_field_name("left")
        if left is None or left.id == child.id or not self._is_probe(left):
            return ""
        return f"compat code: chosen by `{_short(left)}` (line {left.start_point[0] + 1})"

    def _early_exit(self, child: Node) -> str:
        """An earlier `if <version check>: return` in the same block decides about what follows it."""
        before = child.prev_named_sibling
        while before is not None:
            if before.type == "if_statement":
                test, body = before.child_by_field_name("condition"), before.child_by_field_name("consequence")
                last = body.named_children[-1] if body is not None and body.named_children else None
                leaves = last is not None and last.type in ("return_statement", "continue_statement", "break_statement")
                if leaves and self._is_probe(test) and test is not None:
                    return f"compat code: after `if {_short(test)}` (line {test.start_point[0] + 1})"
            before = before.prev_named_sibling
        return ""


def _guarding_try(statement: Node, child: Node, kind: UseKind) -> str:
    names = [name for clause in statement.named_children if clause.type == "except_clause" for name in _caught(clause)]
    if not names or child.type in ("else_clause", "finally_clause"):
        return ""
    line = statement.start_point[0] + 1
    caught = set(names)
    if caught & _IMPORT_ERRORS and kind is UseKind.IMPORT:
        return f"compat code: inside try/except ImportError (line {line})"
    if caught & _IMPORT_ERRORS and child.type == "except_clause":
        return f"compat code: falls back after an ImportError (line {line})"
    if caught & _LOOKUP_ERRORS:
        error = min(caught & _LOOKUP_ERRORS)
        return f"compat code: inside try/except {error} (line {line})"
    if caught & _CATCH_ALL and _is_probe_body(statement):
        return f"compat code: inside try/except (line {line})"
    return ""


def _is_probe_body(statement: Node) -> bool:
    """Whether the try does nothing but import or look an attribute up."""
    body = statement.child_by_field_name("body")
    children = parts(body) if body is not None else []
    return bool(children) and all(_is_lookup(child) for child in children)


def _is_lookup(node: Node) -> bool:
    if node.type in ("import_statement", "import_from_statement", "pass_statement"):
        return True
    inner = node.named_child(0)
    if node.type != "expression_statement" or inner is None:
        return False
    value = inner.child_by_field_name("right") if inner.type == "assignment" else inner
    return value is not None and value.type in ("attribute", "identifier", "true", "false", "none")


def _caught(clause: Node) -> list[str]:
    """Last names of the exceptions that a clause catches; [""] for a bare except."""
    values = [c for c in parts(clause) if c.type != "block"]
    if not values:
        return [""]
    found = []
    for value in values:
        nodes = [value.named_children[0]] if value.type == "as_pattern" else [value]
        if nodes[0].type in ("tuple", "parenthesized_expression"):
            nodes = list(nodes[0].named_children)
        found += [text_of(node).rpartition(".")[2] for node in nodes]
    return found


def _version_flags(root: Node) -> frozenset[str]:
    """Names assigned from a version check or a probe anywhere in the file."""
    flags = set()
    for node in walk(root):
        if node.type != "assignment":
            continue
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or left.type != "identifier" or right.type not in _FLAG_VALUES:
            continue
        if _PROBE.search(text_of(right)[:400]):
            flags.add(text_of(left))
    return frozenset(flags)


def _short(node: Node) -> str:
    text = " ".join(text_of(node).split())
    return text if len(text) <= 60 else text[:57] + "..."
