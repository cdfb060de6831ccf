"""Collecting the uses of the libraries from what the interpreter found."""

from __future__ import annotations

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, Span, Type, TypeKind, Use, UseKind, Value
from apimig.resolve.answers import completed
from apimig.resolve.evidence import Signs
from apimig.resolve.guards import Guards
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.literals import Literals
from apimig.resolve.project import Project
from apimig.resolve.scopes import imported_names
from apimig.resolve.values import having, without_none
from apimig.syntax import parts, span_of, text_of

# names that builtins and other everyday classes have too: an unknown receiver says nothing
COMMON = frozenset(
    name for kind in (list, dict, set, str, tuple, bytes, int, float) for name in dir(kind) if not name.startswith("_")
) | {"read", "write", "close", "save", "get_value", "set_value", "week"}

_BINDING_PARENTS = frozenset(
    {"parameters", "lambda_parameters", "typed_parameter", "pattern_list", "tuple_pattern", "as_pattern_target",
     "list_splat_pattern", "dictionary_splat_pattern", "global_statement"}
)  # fmt: skip


def collect(project: Project, interpreter: Interpreter, guards: Guards) -> list[Use]:
    """All uses in one file, in source order."""
    return _Collector(project, interpreter, guards).run()


class _Collector:
    def __init__(self, project: Project, interpreter: Interpreter, guards: Guards) -> None:
        self.project, self.interpreter = project, interpreter
        self.interest = project.interest
        self.values = interpreter.values
        self.guards = guards
        self.signs = Signs(project, interpreter)
        self.literals = Literals(project, interpreter, self.guards)
        self.relevant = self._is_relevant()
        self.found: list[Use] = []
        self.binding_guards = self._binding_guards()

    def run(self) -> list[Use]:
        self._walk(self.interpreter.tree.root_node, 0)
        for offset, tree in self.interpreter.quoted.items():
            self._walk(tree.root_node, offset)
        unique = {(use.span, use.kind, use.symbol): use for use in self.found}
        return sorted(unique.values(), key=lambda use: (use.span.start, use.span.end))

    def _walk(self, root: Node, offset: int) -> None:
        stack = [root]
        while stack:
            node = stack.pop()
            stack.extend(reversed(self._visit(node, offset)))

    def _visit(self, node: Node, offset: int) -> list[Node]:
        """Emit the uses of one node; returns the children to visit."""
        kind = node.type
        if kind in ("import_statement", "import_from_statement"):
            self._import(node)
            return []
        if kind == "identifier":
            self._name(node, offset)
            return []
        if kind == "attribute":
            return self._attribute(node, offset)
        if kind == "dotted_name":
            self._pattern_name(node, offset)
            return []
        if kind == "keyword_argument":
            value = node.child_by_field_name("value")
            return [value] if value is not None else []
        if kind in ("binary_operator", "subscript", "augmented_assignment", "comparison_operator"):
            self._operator(node)
        elif kind == "call":
            self._getattr(node)
            self.found += self.literals.of_call(node)
        elif kind == "function_definition":
            self.found += self.literals.of_function(node)
        return node.named_children

    def _value(self, node: Node, offset: int = 0) -> Value:
        return self.values.get((node.start_byte + offset, node.end_byte + offset), UNKNOWN_VALUE)

    def _is_library(self, value: Value) -> bool:
        return any(self._library_name(one) for one in value.types)

    def _library_name(self, one: Type) -> bool:
        name = self.project.library_base(one.name) if one.kind is TypeKind.INSTANCE else one.name
        return self.project.tables.is_library(name) if name else False

    def _is_relevant(self) -> bool:
        """Whether the file has anything to do with a library: imports one, or holds a value of one."""
        if self.project.snippet:
            return True
        if self.interpreter.imports_any(self.interest.roots):
            return True
        return any(self._is_library(value) for value in dict.fromkeys(self.values.values()))

    # ---- names

    def _name(self, node: Node, offset: int) -> None:
        symbols = self._symbols(self._value(node, offset))
        if symbols and not _is_binding(node):
            self._emit_name(node, offset, symbols, self._value(node, offset))

    def _symbols(self, value: Value) -> list[str]:
        """Library objects and modules among the types (not instances)."""
        wanted = (TypeKind.OBJECT, TypeKind.MODULE)
        return sorted(
            one.name for one in value.types
            if one.kind in wanted and ":" not in one.name and one.name.partition(".")[0] in self.interest.roots
        )  # fmt: skip

    def _emit_name(self, node: Node, offset: int, symbols: list[str], value: Value) -> None:
        kind = UseKind.STRING if offset else UseKind.NAME
        guard = "" if offset else self.guards.at(node, kind) or self._guard_of_binding(node)
        certainty = Certainty.INFERRED if value.open else value.certainty
        if len(symbols) > 1:
            guard = guard or f"it may be {' or '.join(symbols)} here"
        for symbol in symbols:
            span = Span(node.start_byte + offset, node.end_byte + offset)
            context = "load" if offset else _context(node)
            self.found.append(Use(kind, span, symbol, certainty, value.reason, context=context, guard=guard))

    def _guard_of_binding(self, node: Node) -> str:
        """A bare name bound by a guarded import is guarded where it is used."""
        first = node
        while first.type == "attribute" and (inner := first.child_by_field_name("object")) is not None:
            first = inner
        return self.binding_guards.get(text_of(first), "") if first.id == node.id else ""

    def _binding_guards(self) -> dict[str, str]:
        """Names bound by a guarded from-import, to the reason; a guarded `import numpy` guards only itself."""
        guarded = {}
        for scope in self.interpreter.lexical.scopes:
            for name, items in scope.imported.items():
                for one in items:
                    if one.name and (reason := self.guards.at(one.item, UseKind.IMPORT)):
                        guarded[name] = reason
        return guarded

    def _attribute(self, node: Node, offset: int) -> list[Node]:
        target, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if target is None or name is None:
            return node.named_children
        value = self._value(node, offset)
        symbols = self._symbols(value)
        owner = self._value(target, offset)
        above = self._symbols(owner)
        if above:
            constants = [self.project.tables.canonical(f"{symbol}.{text_of(name)}") for symbol in above]
            self._emit_name(node, offset, symbols or constants, value if symbols else owner)
            return [] if target.type in ("identifier", "attribute") else [target]
        if not offset and (text_of(name) in self.interest.members or self._is_accounted(owner)):
            self._member(node, target, text_of(name), owner)
        return [target]

    def _is_accounted(self, owner: Value) -> bool:
        """Whether it is an instance of a library that an account is given of."""
        accounted = self.interest.accounted
        return bool(accounted) and any(
            self.project.library_base(name).partition(".")[0] in accounted for name in owner.instance_names()
        )

    def _pattern_name(self, node: Node, offset: int) -> None:
        """A dotted name in a ``case``."""
        value = self._value(node, offset)
        symbols = self._symbols(value)
        if not symbols and node.named_child_count > 1:
            end = node.named_children[-2].end_byte
            value = self.values.get((node.start_byte + offset, end + offset), UNKNOWN_VALUE)
            last = text_of(node.named_children[-1])
            symbols = [self.project.tables.canonical(f"{symbol}.{last}") for symbol in self._symbols(value)]
        if symbols:
            self._emit_name(node, offset, symbols, value)

    # ---- members

    def _member(self, node: Node, target: Node, name: str, owner: Value) -> None:
        owner = completed(owner, self.project, self.interpreter.source, span_of(target))
        receiver = having(without_none(owner), name)
        types = [one for one in receiver.types if one.kind is TypeKind.INSTANCE]
        if receiver.types and not types and not any(self.project.may_be_property(one) for one in receiver.types):
            return  # a module, class or function: not an instance
        library = [one for one in types if self._is_library_receiver(one, name)]
        vague = [one for one in types if one not in library and self._is_vague(one, name)]
        if types and not library and not vague and not receiver.open:
            return
        if not types:
            evidence = self.signs.receiver(node, target, name)
            if evidence is not None:
                self._emit_member(node, target, name, evidence, evidence.certainty, evidence.reason)
            elif not self.signs.dismiss(node, name) and (self.relevant or name not in COMMON):
                self._emit_member(node, target, name, receiver, Certainty.UNKNOWN, "nothing says what the receiver is")
            return
        if len(library) < len(types):
            names = " or ".join(sorted(one.name.replace(":", ".") for one in types))
            self._emit_member(node, target, name, receiver, Certainty.UNKNOWN, f"the receiver may be {names}")
            return
        certainty = receiver.certainty
        reason = receiver.reason
        if receiver.open and self._is_shared(name, library):
            certainty, reason = Certainty.UNKNOWN, f"{reason}, or something unknown"
        self._emit_member(node, target, name, receiver, certainty, reason)

    def _is_shared(self, name: str, types: list[Type]) -> bool:
        """Whether other objects have the member too, so that something unknown may just as well be one of those."""
        mine = {self.project.library_base(one.name).partition(".")[0] for one in types}
        return name in COMMON or bool(self.project.tables.owners.get(name, set()) - mine)

    def _is_library_receiver(self, one: Type, name: str) -> bool:
        return bool(self.project.library_base(one.name)) and not (
            one.is_local and self.project.overrides(one.name, name)
        )

    def _is_vague(self, one: Type, name: str) -> bool:
        """An instance of a class with a base nobody knows, which does not define the member itself."""
        return one.is_local and self.project.has_unknown_base(one.name) and not self.project.overrides(one.name, name)

    def _emit_member(self, node: Node, target: Node, name: str, owner: Value, certainty: Certainty, why: str) -> None:
        self.found.append(
            Use(
                UseKind.MEMBER, Span(node.start_byte, node.end_byte), name, certainty, why, receiver=owner,
                receiver_span=Span(target.start_byte, target.end_byte), context=_context(node),
                guard=self.guards.at(node, UseKind.MEMBER),
            )
        )  # fmt: skip

    # ---- operators, strings, imports

    def _operator(self, node: Node) -> None:
        if node.type == "subscript":
            token, operands = "[]", [node.child_by_field_name("value")]
        else:
            operands = [node.child_by_field_name("left"), node.child_by_field_name("right")]
            token = (
                text_of(sign).removesuffix("=") if (sign := node.child_by_field_name("operator")) is not None else ""
            )
            if node.type == "comparison_operator":
                operands = [*parts(node)]
                token = next((c.type for c in node.children if not c.is_named), "")
        if token not in self.interest.operators:
            return
        for operand in operands:
            value = self._value(operand) if operand is not None else UNKNOWN_VALUE
            if operand is None or not any(self.project.library_base(name) for name in value.instance_names()):
                continue
            span = Span(node.start_byte, node.end_byte)
            certainty = Certainty.UNKNOWN if value.open else value.certainty  # everything has operators
            self.found.append(
                Use(
                    UseKind.OPERATOR, span, token, certainty, value.reason, receiver=value, context=_context(node),
                    receiver_span=Span(operand.start_byte, operand.end_byte),
                    guard=self.guards.at(node, UseKind.OPERATOR),
                )
            )  # fmt: skip
            return

    def _getattr(self, node: Node) -> None:
        """``getattr(np, "float_")``."""
        function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or listed is None or text_of(function) != "getattr" or len(parts(listed)) < 2:
            return
        target, name = parts(listed)[:2]
        symbols = self._symbols(self._value(target))
        content = [c for c in name.named_children if c.type == "string_content"]
        if name.type != "string" and (symbols or self._is_accounted(self._value(target))):
            self._dynamic(node, symbols)
        elif len(symbols) == 1 and len(content) == 1 and len(parts(listed)) == 2:
            symbol = self.project.tables.canonical(f"{symbols[0]}.{text_of(content[0])}")
            span = Span(content[0].start_byte, content[0].end_byte)
            guard = self.guards.at(node, UseKind.STRING)
            self.found.append(
                Use(UseKind.STRING, span, symbol, Certainty.PROVEN, "getattr with a literal", guard=guard)
            )

    def _dynamic(self, node: Node, symbols: list[str]) -> None:
        """``getattr(np, name)``: some member, and the name is not written."""
        if symbols and not any(symbol.partition(".")[0] in self.interest.accounted for symbol in symbols):
            return
        span, guard = Span(node.start_byte, node.end_byte), self.guards.at(node, UseKind.DYNAMIC)
        reason = "the name is not written in the code"
        self.found.append(Use(UseKind.DYNAMIC, span, "", Certainty.UNKNOWN, reason, guard=guard))

    def _import(self, statement: Node) -> None:
        for one in imported_names(statement):
            module = self.interpreter.absolute(one.module)
            symbol = module if not one.name or one.name == "*" else f"{module}.{one.name}"
            if symbol.partition(".")[0] not in self.interest.roots or self.project.knows_module(module):
                continue
            named = one.item.child_by_field_name("name") if one.item.type == "aliased_import" else one.item
            node = named if named is not None else one.item
            guard = self.guards.at(one.item, UseKind.IMPORT)
            span = Span(node.start_byte, node.end_byte)
            canonical = self.project.tables.canonical(symbol)
            line = statement.start_point[0] + 1
            self.found.append(
                Use(UseKind.IMPORT, span, canonical, Certainty.PROVEN, f"import (line {line})", guard=guard)
            )


def _is_binding(node: Node) -> bool:
    """Whether an identifier is only a place that a value is put into."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("assignment", "for_statement", "for_in_clause", "named_expression"):
        field = "name" if parent.type == "named_expression" else "left"
        left = parent.child_by_field_name(field)
        return left is not None and left.id == node.id
    if parent.type in ("function_definition", "class_definition"):
        name = parent.child_by_field_name("name")
        return name is not None and name.id == node.id
    if parent.type in ("default_parameter", "typed_default_parameter"):
        name = parent.child_by_field_name("name")
        return name is not None and name.id == node.id
    return parent.type in _BINDING_PARENTS


def _context(node: Node) -> str:
    """Whether the node is read, assigned to or deleted."""
    child, parent = node, node.parent
    while parent is not None and parent.type in ("pattern_list", "tuple_pattern", "list_pattern", "expression_list"):
        child, parent = parent, parent.parent
    if parent is None:
        return "load"
    if parent.type == "delete_statement":
        return "del"
    if parent.type in ("assignment", "augmented_assignment", "for_statement", "for_in_clause"):
        left = parent.child_by_field_name("left")
        if left is not None and left.id == child.id:
            return "store"
    return "store" if parent.type == "as_pattern_target" else "load"
