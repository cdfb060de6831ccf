"""Compat code: places that already handle the old and the new version, and must stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

from apimig.records import UseKind
from apimig.resolve.scopes import imported_names
from apimig.syntax import first_part, of_types, parts, text_of, walk

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_LOOKUP_ERRORS = frozenset({"AttributeError", "TypeError", "NameError"})
_CATCH_ALL = frozenset({"Exception", "BaseException", ""})
_VERSION = re.compile(
    r"__version__|\bversion_info\b|\b(?:Loose|Strict)?Version\s*\(|\bparse_version\s*\(|\bversion\.parse\s*\("
)
_RELEASE = re.compile(r"""["'][<>=!~ ]*v?\d+(?:\.\d+)+[\w.]*["']""")
_COMPARES = re.compile(r"(?i)version|predates|at_?least|older|newer")
_FLAG = re.compile(
    r"(?i)^_*(?:is_|has_|have_|use_)?(?:pd|pandas|np|numpy|py)_?(?:ge|gte|lt|lte|gt|version|v|\d)[\w]*$|.*_VERSION$"
)
_SKIPS = re.compile(r"(?i)skip|xfail")
_FLAG_VALUES = frozenset({"comparison_operator", "call", "boolean_operator", "attribute", "not_operator", "list"})
_MAY_ASK = re.compile(rf"(?:has|get)attr|{_VERSION.pattern}|{_COMPARES.pattern.removeprefix('(?i)')}")
_DEFINING = frozenset({"assignment", "import_statement", "import_from_statement"})
_WORDS = re.compile(r"[^\W\d]\w*")
_LIBRARY = ""  # what a test on a version asks about


class Guards:
    """Answers for one file whether a place is compat code, with the reason."""

    def __init__(self, root: Node) -> None:
        self._modules: dict[str, str] = {}  # names that imports bind, to the first name of their module
        self._flags: dict[str, frozenset[str]] = {}
        for node in of_types(root, _DEFINING):
            if node.type == "assignment":
                self._note_flag(node)
            else:
                self._modules |= {one.bound: one.module.partition(".")[0] for one in imported_names(node)}

    def at(self, node: Node, kind: UseKind) -> str:
        """Why a use of this kind at ``node`` is guarded; empty when it is not."""
        child, parent = node, node.parent
        place = None if kind is UseKind.MENTION else node
        while parent is not None:
            reason = self._step(child, parent, kind, place)
            if reason:
                return reason
            child, parent = parent, parent.parent
        return ""

    def _step(self, child: Node, parent: Node, kind: UseKind, place: Node | None) -> str:
        if parent.type == "try_statement":
            return self._guarding_try(parent, child, kind, place)
        if parent.type in ("if_statement", "elif_clause", "conditional_expression", "while_statement"):
            return self._probed(parent, place)
        if parent.type in ("boolean_operator", "assert_statement"):
            return self._probed_before(parent, child, place)
        if parent.type == "decorated_definition":
            return self._skipped(parent, place)
        if parent.type in ("block", "module"):
            return self._early_exit(child, place)
        return ""

    # ---- tests

    def _is_probe(self, test: Node | None, place: Node | None) -> bool:
        """Whether a test asks which of two versions is there, about the thing that is used at ``place``."""
        asked = frozenset() if test is None else self._asked(test)
        if place is None or _LIBRARY in asked:
            return bool(asked)
        used = text_of(place.child_by_field_name("object") or place)
        return any(used == one or (one not in _OWN and used.startswith((f"{one}.", f"{one}["))) for one in asked)

    def _asked(self, test: Node) -> frozenset[str]:
        """The source of the objects whose members a test asks for; ``_LIBRARY`` for the library itself."""
        text = text_of(test)
        found = {_LIBRARY} if _VERSION.search(text) or (_RELEASE.search(text) and _COMPARES.search(text)) else set()
        for node in walk(test):
            if node.type == "identifier":
                found |= self._flags.get(text_of(node), frozenset())
                found |= {_LIBRARY} if _FLAG.match(text_of(node)) else set()
            elif (asked := _looked_into(node)) is not None:
                found.add(_LIBRARY if text_of(asked).partition(".")[0] in self._modules else text_of(asked))
        return frozenset(found)

    def _note_flag(self, assignment: Node) -> None:
        """Remember a name that holds the answer of a version check or a probe, with what it asked about."""
        left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if left is None or right is None or left.type != "identifier" or right.type not in _FLAG_VALUES:
            return
        text = text_of(right)
        if not _MAY_ASK.search(text) and not any(w in self._flags or _FLAG.match(w) for w in _WORDS.findall(text)):
            return
        asked = self._asked(right)
        if asked and (_LIBRARY in asked or "hasattr" in text):
            self._flags[text_of(left)] = asked

    def _probed(self, parent: Node, place: Node | None) -> str:
        test = parent.child_by_field_name("condition")
        if parent.type == "conditional_expression":
            inner = parts(parent)
            test = inner[1] if len(inner) == 3 else None
        if test is None or not self._is_probe(test, place):
            return ""
        return f"compat code: chosen by `{_short(test)}` (line {test.start_point[0] + 1})"

    def _probed_before(self, parent: Node, child: Node, place: Node | None) -> str:
        left = parent.child_by_field_name("left")
        if left is None or left.id == child.id or not self._is_probe(left, place):
            return ""
        return f"compat code: chosen by `{_short(left)}` (line {left.start_point[0] + 1})"

    def _skipped(self, definition: Node, place: Node | None) -> str:
        """``@pytest.mark.skipif(<version check>)``: the test is written for one of the versions."""
        for decorator in definition.named_children:
            call = next(iter(parts(decorator)), None) if decorator.type == "decorator" else None
            marks = None if call is None else call.child_by_field_name("function")
            if marks is not None and _SKIPS.search(text_of(marks)) and self._is_probe(decorator, place):
                return f"compat code: skipped by `{_short(decorator)}` (line {decorator.start_point[0] + 1})"
        return ""

    def _early_exit(self, child: Node, place: Node | None) -> str:
        """An earlier `if <version check>: return` in the same block decides about what follows it."""
        before = child.prev_named_sibling
        while before is not None:
            if before.type == "if_statement":
                test, body = before.child_by_field_name("condition"), before.child_by_field_name("consequence")
                last = body.named_children[-1] if body is not None and body.named_children else None
                leaves = last is not None and last.type in ("return_statement", "continue_statement", "break_statement")
                if leaves and self._is_probe(test, place) and test is not None:
                    return f"compat code: after `if {_short(test)}` (line {test.start_point[0] + 1})"
            before = before.prev_named_sibling
        return ""

    # ---- try

    def _guarding_try(self, statement: Node, child: Node, kind: UseKind, place: Node | None) -> str:
        clauses = [clause for clause in statement.named_children if clause.type == "except_clause"]
        names = [name for clause in clauses for name in _caught(clause)]
        if not names or child.type in ("else_clause", "finally_clause"):
            return ""
        line = statement.start_point[0] + 1
        caught = set(names)
        if caught & _IMPORT_ERRORS and kind is UseKind.IMPORT:
            return f"compat code: inside try/except ImportError (line {line})"
        if caught & _IMPORT_ERRORS and child.type == "except_clause":
            return f"compat code: falls back after an ImportError (line {line})"
        if caught & _LOOKUP_ERRORS and self._has_answer(statement, child, clauses, place):
            error = min(caught & _LOOKUP_ERRORS)
            return f"compat code: inside try/except {error} (line {line})"
        others = [statement.child_by_field_name("body")] if child.type == "except_clause" else clauses
        if caught & _CATCH_ALL and (_is_probe_body(statement) or _is_called_otherwise(place, others)):
            return f"compat code: inside try/except (line {line})"
        return ""

    def _has_answer(self, statement: Node, child: Node, clauses: list[Node], place: Node | None) -> bool:
        """Whether the other side of a try says how it is done instead: names what is used, or its library."""
        if place is None or _is_probe_body(statement):
            return True
        first = _WORDS.match(text_of(place))
        wanted = {first.group() if first else "", self._modules.get(first.group(), "") if first else ""} - {""}
        body = statement.child_by_field_name("body")
        others = [body] if child.type == "except_clause" else clauses
        return any(wanted & set(_WORDS.findall(text_of(other))) for other in others if other is not None)


def _is_called_otherwise(place: Node | None, others: Iterable[Node | None]) -> bool:
    """Whether the other side of a try calls the same thing with other keywords, as two versions ask for."""
    call = None if place is None else place.parent
    if place is None or call is None or call.type != "call":
        return False
    calls = (each for other in others if other is not None for each in walk(other) if each.type == "call")
    same = [each for each in calls if text_of(parts(each)[0]) == text_of(place)]
    return bool(same) and all(_keywords(each) != _keywords(call) for each in same)


def _keywords(call: Node) -> set[str]:
    listed = call.child_by_field_name("arguments")
    named = [each for each in parts(listed) if each.type == "keyword_argument"] if listed is not None else []
    return {text_of(parts(each)[0]) for each in named}


_OWN = frozenset({"self", "cls"})


def _looked_into(node: Node) -> Node | None:
    """The ``x`` of ``hasattr(x, "name")`` and ``getattr(x, "name", None)``."""
    function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call" or function is None or listed is None:
        return None
    given, name = parts(listed), text_of(function)
    is_probe = (name == "hasattr" and len(given) == 2) or (name == "getattr" and len(given) == 3)
    return given[0] if is_probe else None


def _is_probe_body(statement: Node) -> bool:
    """Whether the try does nothing but import or look an attribute up."""
    body = statement.child_by_field_name("body")
    children = parts(body) if body is not None else []
    return bool(children) and all(_is_lookup(child) for child in children)


def _is_lookup(node: Node) -> bool:
    if node.type in ("import_statement", "import_from_statement", "pass_statement"):
        return True
    inner = first_part(node)
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


def _short(node: Node) -> str:
    text = " ".join(text_of(node).split())
    return text if len(text) <= 60 else text[:57] + "..."
