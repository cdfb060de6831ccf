"""Signs in the code that an otherwise unknown variable is an instance of a library class."""

from __future__ import annotations

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, Type, TypeKind, Value
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.project import Project
from apimig.rulebook.rule import Evidence
from apimig.syntax import of_types, text_of

_ATTRIBUTE = frozenset({"attribute"})
_USING_PARENTS = frozenset(
    {"assignment", "return_statement", "argument_list", "keyword_argument", "attribute", "subscript", "for_statement",
     "binary_operator", "list", "tuple", "dictionary", "pair"}
)  # fmt: skip


class Signs:
    """Evidence (``Library.evidence``) of one file, gathered per function when first asked for."""

    def __init__(self, project: Project, interpreter: Interpreter) -> None:
        self._signs = project.tables.evidence
        self._has_rivals = interpreter.imports_any(project.tables.rivals)
        self._interpreter = interpreter
        self._project = project
        self._members: dict[int, dict[str, list[tuple[str, Node]]]] = {}

    def receiver(self, node: Node, target: Node, name: str) -> Value | None:
        """The types that the evidence leaves for the receiver of ``target.name``, or None."""
        if not self._signs or self._has_rivals:
            return None
        path = self._interpreter.path(target)
        members = [(name, node)] if path is None else self._members_of(_function_of(node)).get(path, [])
        if self._contradicted(members):
            return None
        found = [(sign, reason) for sign in self._signs if (reason := _keyword_reason(sign, members))]
        found += [(sign, reason) for sign in self._signs if (reason := _spelled_reason(sign, target))]
        if path is not None:
            found += [(sign, reason) for sign in self._signs if (reason := _result_reason(sign, node, name))]
            found += self._by_attributes(members)
        reasons = [reason for _, reason in found]
        left = set.intersection(*(set(sign.types) for sign, _ in found)) if found else set()
        if not left:
            return None
        types = frozenset(Type(TypeKind.INSTANCE, one) for one in left)
        return Value(types, Certainty.INFERRED, "; ".join(dict.fromkeys(reasons)))

    def dismiss(self, node: Node, name: str) -> bool:
        """Whether an unknown receiver can hardly be the library's: what ``x.append(y)`` gives is thrown away."""
        if not any(name in sign.used_results for sign in self._signs):
            return False
        call = node.parent
        return (
            call is not None
            and call.type == "call"
            and call.child_by_field_name("function") == node
            and call.parent is not None
            and call.parent.type == "expression_statement"
        )

    def _by_attributes(self, members: list[tuple[str, Node]]) -> list[tuple[Evidence, str]]:
        """The signs that attributes of the variable give, where two of them are told by one library."""
        names = {member for member, _ in members}
        telling = [(sign, sorted(names.intersection(sign.attributes))) for sign in self._signs]
        found = [(sign, used) for sign, used in telling if used]
        best = []
        for root in {sign.types[0].partition(".")[0] for sign, _ in found}:
            signs = [(sign, used) for sign, used in found if sign.types[0].startswith(f"{root}.")]
            told = sorted({name for _, used in signs for name in used})
            if len(told) >= 2:
                reason = f"the same variable's .{told[0]} and .{told[1]} are used, as {_narrowest(signs)} has them"
                best += [(sign, reason) for sign, _ in signs]
        return best

    def _contradicted(self, members: list[tuple[str, Node]]) -> bool:
        for _, attribute in members:
            target = attribute.child_by_field_name("object")
            if target is None:
                continue
            value = self._interpreter.values.get((target.start_byte, target.end_byte), UNKNOWN_VALUE)
            if any(one.name != "builtins.NoneType" and not self._project.may_be_property(one) for one in value.types):
                return True
        return False

    def _members_of(self, scope: Node) -> dict[str, list[tuple[str, Node]]]:
        known = self._members.get(scope.id)
        if known is None:
            known = self._members[scope.id] = {}
            for node in of_types(scope, _ATTRIBUTE):
                target, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
                if target is None or name is None:
                    continue
                path = self._interpreter.path(target)
                if path is not None:
                    known.setdefault(path, []).append((text_of(name), node))
        return known


def _keyword_reason(sign: Evidence, members: list[tuple[str, Node]]) -> str:
    for method, attribute in members:
        for keyword in _keywords(attribute):
            if (method, keyword) in sign.keywords:
                return f"only {_last(sign.types)}.{method} takes {keyword}= (line {attribute.start_point[0] + 1})"
    return ""


def _spelled_reason(sign: Evidence, target: Node) -> str:
    name = target.child_by_field_name("attribute") if target.type == "attribute" else None
    spelled = name is not None and text_of(name) in sign.spelled
    return f"the library sets .{text_of(name)} on classes" if spelled and name is not None else ""


def _result_reason(sign: Evidence, node: Node, name: str) -> str:
    used = name in sign.used_results and _result_used(node)
    return f"the result of .{name}() is used, where a builtin's gives None" if used else ""


def _narrowest(signs: list[tuple[Evidence, list[str]]]) -> str:
    left = set.intersection(*(set(sign.types) for sign, _ in signs))
    return " or ".join(sorted(name.rpartition(".")[2] for name in left)) or "nothing"


def _function_of(node: Node) -> Node:
    while node.parent is not None and node.type != "function_definition":
        node = node.parent
    return node


def _keywords(attribute: Node) -> list[str]:
    call = attribute.parent
    if call is None or call.type != "call" or (function := call.child_by_field_name("function")) is None:
        return []
    listed = call.child_by_field_name("arguments")
    if function.id != attribute.id or listed is None:
        return []
    names = [child.child_by_field_name("name") for child in listed.named_children if child.type == "keyword_argument"]
    return [text_of(name) for name in names if name is not None]


def _result_used(attribute: Node) -> bool:
    call = attribute.parent
    if call is None or call.type != "call" or call.parent is None:
        return False
    return call.parent.type in _USING_PARENTS


def _last(types: tuple[str, ...]) -> str:
    return types[0].rpartition(".")[2]
