"""Evaluating expressions to abstract values."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, Type, TypeKind, Value
from apimig.resolve.core import Core, Frame
from apimig.resolve.scopes import COMPREHENSIONS
from apimig.resolve.values import (
    NONE_VALUE,
    at_most,
    because,
    builtin,
    element,
    has_member,
    having,
    in_order,
    instance,
    join,
    opened,
    thing,
    without_none,
)
from apimig.syntax import parts, text_of

_LITERALS = {
    "integer": "int", "float": "float", "true": "bool", "false": "bool", "string": "str", "concatenated_string": "str",
    "ellipsis": "ellipsis", "list": "list", "set": "set", "dictionary": "dict", "tuple": "tuple",
}  # fmt: skip
_ANNOTATION_ALIASES = {
    "typing.List": "list", "typing.Dict": "dict", "typing.Tuple": "tuple", "typing.Set": "set",
    "typing.FrozenSet": "frozenset", "typing.Sequence": "iterator", "typing.Iterable": "iterator",
    "typing.Iterator": "iterator", "typing.Generator": "iterator", "collections.abc.Sequence": "iterator",
    "collections.abc.Iterable": "iterator", "collections.abc.Iterator": "iterator", "typing.Mapping": "dict",
    "collections.abc.Mapping": "dict", "typing.Callable": "function", "collections.abc.Callable": "function",
    "typing.Text": "str",
}  # fmt: skip
_TRANSPARENT_ANNOTATIONS = ("Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar")


class Expressions(Core):
    """``evaluate`` and its cases; mixed into the interpreter."""

    def evaluate(self, node: Node, frame: Frame) -> Value:
        """The value of an expression; recorded under its span."""
        value = (self.handlers.get(node.kind_id) or self._handler_of(node))(node, frame)
        self.values[node.start_byte, node.end_byte] = value
        return value

    def _handler_of(self, node: Node) -> Callable[[Node, Frame], Value]:
        kind = node.type
        name = "literal" if kind in _LITERALS else "comprehension" if kind in COMPREHENSIONS else kind
        handler: Callable[[Node, Frame], Value] = getattr(self, f"_expr_{name}", self._others)
        self.handlers[node.kind_id] = handler
        return handler

    def _others(self, node: Node, frame: Frame) -> Value:
        for child in node.named_children:
            self.evaluate(child, frame)
        return UNKNOWN_VALUE

    def _expr_none(self, _node: Node, _frame: Frame) -> Value:
        return NONE_VALUE

    def _expr_call(self, node: Node, frame: Frame) -> Value:
        return self.call(node, frame)

    # ---- names and members

    def _expr_identifier(self, node: Node, frame: Frame) -> Value:
        return self.read(text_of(node), frame)

    def _expr_attribute(self, node: Node, frame: Frame) -> Value:
        target, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if target is None or name is None:
            return UNKNOWN_VALUE
        owner = self.evaluate(target, frame)
        stored = self._stored(node, frame)
        return stored if stored is not None else self.member(owner, text_of(name))

    def _stored(self, node: Node, frame: Frame) -> Value | None:
        """What was assigned to just this path."""
        path = self.path(node) if frame.flow.has_paths else None
        return None if path is None else frame.flow.get(path)

    def member(self, owner: Value, name: str) -> Value:
        """``owner.name``: a bound method is a MEMBER, an attribute what the tables say of it."""
        owner = having(without_none(owner), name)
        found = [self._member_of(one, name, owner.reason) for one in in_order(owner.types)]
        value = at_most(join(found), owner.certainty)
        return opened(value) if owner.open else value

    def _member_of(self, one: Type, name: str, reason: str) -> Value:
        if one.kind is TypeKind.INSTANCE:
            if one.is_local:
                return self.project.instance_member(one.name, name)
            return self.library_member(one, name, reason)
        if one.is_local:
            return self.project.object_member(one, name)
        if one.kind is TypeKind.MEMBER:
            return UNKNOWN_VALUE
        qualified = self.tables.canonical(f"{one.name}.{name}")
        if qualified in self.tables.objects:
            return self.tables.typed(self.tables.objects[qualified], "", f"{qualified} (line-independent)")
        if one.kind is TypeKind.MODULE:
            local = self.project.module_object(f"{one.name}.{name}")
            if local is not None:
                return local
        return thing(qualified, reason=qualified)

    def library_member(self, one: Type, name: str, reason: str) -> Value:
        """A member of an instance of a library or builtin class."""
        expression = self.tables.attribute(one.name, name)
        if expression is not None:
            return self.tables.typed(expression, one.name, f".{name} of {one.name}")
        if self.tables.method(one.name, name) is not None or has_member(one.name, name):
            return Value(frozenset({Type(TypeKind.MEMBER, f"{one.name}.{name}", one.args)}), Certainty.PROVEN, reason)
        return UNKNOWN_VALUE

    # ---- literals and containers

    def _expr_literal(self, node: Node, frame: Frame) -> Value:
        kind = node.type
        name = _LITERALS[kind]
        if kind in ("list", "set", "tuple"):
            return self._display(node, name, frame)
        if kind == "dictionary":
            return self._dictionary(node, frame)
        if kind in ("string", "concatenated_string"):
            for child in node.named_children:
                self._string_part(child, frame)
            start = text_of(node)[:3].lower().partition('"')[0].partition("'")[0]
            return builtin("bytes" if "b" in start else "str")
        return builtin(name)

    def _string_part(self, node: Node, frame: Frame) -> None:
        if node.type in ("interpolation", "format_expression"):
            for child in node.named_children:
                if child.type == "format_specifier":
                    for inner in child.named_children:
                        self._string_part(inner, frame)
                elif child.type != "type_conversion":
                    self.evaluate(child, frame)
        elif node.type == "string_content":
            for child in node.named_children:
                self._string_part(child, frame)
        elif node.type == "string":
            self.evaluate(node, frame)

    def _display(self, node: Node, name: str, frame: Frame) -> Value:
        items, starred = [], False
        for child in parts(node):
            value = self.evaluate(child, frame)
            if child.type == "list_splat":
                value, starred = self.iterate(value), True
            items.append(value)
        if name == "tuple" and not starred:
            return builtin("tuple", *items)
        return builtin(name, join(items)) if items else builtin(name)

    def _dictionary(self, node: Node, frame: Frame) -> Value:
        keys, values = [], []
        for child in node.named_children:
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if child.type == "pair" and key is not None and value is not None:
                keys.append(self.evaluate(key, frame))
                values.append(self.evaluate(value, frame))
            elif not child.is_extra:
                self.evaluate(child, frame)
                keys.append(UNKNOWN_VALUE)
                values.append(UNKNOWN_VALUE)
        return builtin("dict", join(keys), join(values)) if keys else builtin("dict")

    def _expr_comprehension(self, node: Node, frame: Frame) -> Value:
        inner = self.frame_of(node, frame)
        body = node.child_by_field_name("body")
        for child in node.named_children:
            if child.type == "for_in_clause":
                left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                if left is not None and right is not None:
                    self.assign(left, self.iterate(self.evaluate(right, inner)), inner)
            elif child.type == "if_clause":
                for test in child.named_children:
                    self.evaluate(test, inner)
                    self.narrow(test, inner, outcome=True)
        if body is None:
            return UNKNOWN_VALUE
        if node.type == "dictionary_comprehension":
            parts = [
                self.evaluate(p, inner) for f in ("key", "value") if (p := body.child_by_field_name(f)) is not None
            ]
            return builtin("dict", *parts)
        value = self.evaluate(body, inner)
        name = {"list_comprehension": "list", "set_comprehension": "set"}.get(node.type, "iterator")
        return builtin(name, value)

    # ---- operators and the rest

    def _expr_binary_operator(self, node: Node, frame: Frame) -> Value:
        """Walk the left spine in a loop: a sum of thousands of terms is no deep recursion."""
        spine = []
        left: Node | None = node
        while left is not None and left.type == "binary_operator":
            spine.append(left)
            left = left.child_by_field_name("left")
        if left is None:
            return UNKNOWN_VALUE
        value = self.evaluate(left, frame)
        for one in reversed(spine):
            right = one.child_by_field_name("right")
            other = self.evaluate(right, frame) if right is not None else UNKNOWN_VALUE
            value = self.operate(value, other)
            self.values[one.start_byte, one.end_byte] = value
        return value

    def operate(self, left: Value, right: Value) -> Value:
        """The result of arithmetic: a library operand decides, else equal builtins stay what they are."""
        for operand in (left, right):
            found = [
                self.tables.typed(self.tables.trait(owner, "operators"), owner, f"result of an operator on {owner}")
                for name in sorted(operand.instance_names())
                for owner in [self.project.library_base(name)]
                if owner
            ]
            if found:
                value = at_most(join(found), operand.certainty)
                return opened(value) if operand.open else value
        if left.types == right.types and left.instance_names() <= {"builtins.str", "builtins.int", "builtins.float"}:
            return left
        names = left.instance_names()
        if names & {"builtins.str", "builtins.list"} and len(left.types) == 1:
            return join([left, right]) if "builtins.list" in names and not right.is_unknown else left
        return UNKNOWN_VALUE

    def _expr_comparison_operator(self, node: Node, frame: Frame) -> Value:
        values = [self.evaluate(child, frame) for child in parts(node)]
        operators = {child.type for child in node.children if not child.is_named}
        if operators & {"in", "not in", "is", "is not"}:
            return builtin("bool")
        value = values[0] if values else UNKNOWN_VALUE
        for other in values[1:]:
            value = self.operate(value, other)
        library = any(self.project.library_base(name) for name in value.instance_names())
        plain = all(
            v.instance_names() <= {"builtins.str", "builtins.int", "builtins.float"} and v.types for v in values
        )
        return value if library else builtin("bool") if plain else UNKNOWN_VALUE

    def _expr_boolean_operator(self, node: Node, frame: Frame) -> Value:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return UNKNOWN_VALUE
        first = self.evaluate(left, frame)
        is_and = any(child.type == "and" for child in node.children)
        saved = frame.flow.copy()
        self.narrow(left, frame, outcome=is_and)
        second = self.evaluate(right, frame)
        frame.flow.restore(saved)
        return join([second] if is_and and first.types == {*NONE_VALUE.types} else [without_none(first), second])

    def _expr_not_operator(self, node: Node, frame: Frame) -> Value:
        for child in node.named_children:
            self.evaluate(child, frame)
        return builtin("bool")

    def _expr_unary_operator(self, node: Node, frame: Frame) -> Value:
        argument = node.child_by_field_name("argument")
        return self.evaluate(argument, frame) if argument is not None else UNKNOWN_VALUE

    def _expr_conditional_expression(self, node: Node, frame: Frame) -> Value:
        children = parts(node)
        if len(children) != 3:
            return UNKNOWN_VALUE
        body, test, other = children
        self.evaluate(test, frame)
        saved = frame.flow.copy()
        self.narrow(test, frame, outcome=True)
        first = self.evaluate(body, frame)
        frame.flow.restore(saved)
        saved = frame.flow.copy()
        self.narrow(test, frame, outcome=False)
        second = self.evaluate(other, frame)
        frame.flow.restore(saved)
        return join([first, second])

    def _expr_parenthesized_expression(self, node: Node, frame: Frame) -> Value:
        value = UNKNOWN_VALUE
        for child in node.named_children:
            if not child.is_extra:
                value = self.evaluate(child, frame)
        return value

    _expr_list_splat = _expr_parenthesized_expression
    _expr_type = _expr_parenthesized_expression

    def _expr_await(self, node: Node, frame: Frame) -> Value:
        return self._expr_parenthesized_expression(node, frame)

    def _expr_yield(self, node: Node, frame: Frame) -> Value:
        value = NONE_VALUE
        for child in node.named_children:
            value = self.evaluate(child, frame)
        frame.yields.append(self.iterate(value) if any(c.type == "from" for c in node.children) else value)
        return UNKNOWN_VALUE

    def _expr_expression_list(self, node: Node, frame: Frame) -> Value:
        return self._display(node, "tuple", frame)

    _expr_pattern_list = _expr_expression_list

    def _expr_named_expression(self, node: Node, frame: Frame) -> Value:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        found = self.evaluate(value, frame) if value is not None else UNKNOWN_VALUE
        if name is not None:
            self.assign(name, found, frame)
        return found

    def _expr_lambda(self, node: Node, frame: Frame) -> Value:
        self.later.append((node, frame, self.traces.current))
        return builtin("function")

    def _expr_keyword_argument(self, node: Node, frame: Frame) -> Value:
        value = node.child_by_field_name("value")
        return self.evaluate(value, frame) if value is not None else UNKNOWN_VALUE

    def _expr_slice(self, node: Node, frame: Frame) -> Value:
        for child in node.named_children:
            self.evaluate(child, frame)
        return builtin("slice")

    def _expr_subscript(self, node: Node, frame: Frame) -> Value:
        target = node.child_by_field_name("value")
        keys = node.children_by_field_name("subscript")
        if target is None:
            return UNKNOWN_VALUE
        owner = self.evaluate(target, frame)
        values = [self.evaluate(key, frame) for key in keys]
        stored = self._stored(node, frame)
        if stored is not None:
            return stored
        if not keys:
            return UNKNOWN_VALUE
        kind = self._key_kind(keys[0], values[0]) if len(keys) == 1 else self._tuple_kind(keys, values)
        found = [self._item(one, kind, keys[0], owner.reason) for one in in_order(without_none(owner).types)]
        value = at_most(join(found), owner.certainty)
        return opened(value) if owner.open else value

    def _key_kind(self, key: Node, value: Value) -> str:
        by_node = {
            "string": "string", "concatenated_string": "string", "integer": "number", "list": "list",
            "list_comprehension": "list", "slice": "slice", "tuple": "tuple", "comparison_operator": "mask",
            "unary_operator": "number", "float": "number",
        }  # fmt: skip
        if key.type == "unary_operator" and text_of(key).startswith("~"):
            return "mask"
        if key.type in by_node:
            return by_node[key.type]
        names = value.instance_names()
        for name, kind in (("builtins.str", "string"), ("builtins.int", "number"), ("builtins.list", "list"),
                           ("builtins.slice", "slice"), ("builtins.tuple", "tuple")):  # fmt: skip
            if names == {name}:
                return kind
        if names and not value.open and all(self.tables.is_array(self.project.library_base(name)) for name in names):
            return "list"
        return "other"

    def _tuple_kind(self, keys: list[Node], values: list[Value]) -> str:
        """Of two keys, for rows and columns: "block" where both take several, "line" where one does."""
        if len(keys) != 2:
            return "tuple"
        several = ("list", "slice", "mask")
        kinds = [self._key_kind(key, value) for key, value in zip(keys, values, strict=True)]
        if any(kind not in (*several, "string", "number") for kind in kinds):
            return "tuple"
        count = sum(kind in several for kind in kinds)
        return ("cell", "line", "block")[count]

    def _item(self, one: Type, kind: str, key: Node, reason: str) -> Value:
        if one.kind is not TypeKind.INSTANCE:
            return UNKNOWN_VALUE
        if one.name == "builtins.dict":
            return one.args[1] if len(one.args) > 1 else UNKNOWN_VALUE
        if one.name == "builtins.tuple" and key.type == "integer" and one.args:
            index = int(text_of(key), 0) if text_of(key).isdigit() else 0
            return one.args[index] if index < len(one.args) else UNKNOWN_VALUE
        if one.name in ("builtins.list", "builtins.tuple"):
            whole = Value(frozenset({one}), Certainty.PROVEN, reason)
            return whole if kind == "slice" else element(whole) if kind == "number" or one.args else UNKNOWN_VALUE
        if one.name == "builtins.str":
            return builtin("str")
        owner = self.project.library_base(one.name)
        if not owner:
            return UNKNOWN_VALUE
        return self.tables.typed(self.tables.item(owner, kind), owner, f"[...] of {owner}")

    def iterate(self, value: Value) -> Value:
        """What ``for x in value`` gives."""
        found = []
        for one in in_order(without_none(value).types):
            owner = self.project.library_base(one.name) if one.kind is TypeKind.INSTANCE else ""
            if owner:
                expression = self.tables.trait(owner, "iterates")
                found.append(self.tables.typed(expression, owner, f"an element of {owner}"))
            else:
                found.append(element(Value(frozenset({one}), value.certainty, value.reason)))
        result = at_most(join(found), value.certainty)
        return opened(result) if value.open else result

    # ---- annotations

    def annotation(self, node: Node | None, frame: Frame) -> Value:
        """The value that a thing annotated so has; names in it are recorded as ordinary expressions."""
        if node is None:
            return UNKNOWN_VALUE
        if node.type in ("type", "parenthesized_expression"):
            return self.annotation(next(iter(parts(node)), None), frame)
        if node.type == "string":
            return self.quoted_annotation(node, frame)
        if node.type == "none":
            return NONE_VALUE
        if node.type in ("binary_operator", "union_type"):
            return join(self.annotation(child, frame) for child in parts(node))
        if node.type in ("generic_type", "subscript"):
            return self._generic(node, frame)
        return self._annotated(self.evaluate(node, frame))

    def names_module(self, node: Node, frame: Frame) -> bool:
        """Whether an annotation names a module, as ``font: ImageFont`` does by mistake: it says nothing then."""
        inside = next(iter(parts(node)), None) if node.type == "type" else node
        if inside is None or inside.type not in ("identifier", "attribute"):
            return False
        types = self.evaluate(inside, frame).types
        return bool(types) and all(one.kind is TypeKind.MODULE or one.name in self.tables.modules for one in types)

    def _annotated(self, named: Value) -> Value:
        found = []
        for one in in_order(named.types):
            if one.name in _ANNOTATION_ALIASES:
                found.append(builtin(_ANNOTATION_ALIASES[one.name]))
            elif one.kind is TypeKind.OBJECT and (one.is_local or self.is_class(one.name)):
                found.append(instance(one.name, reason=f"annotated as {one.name}"))
            else:
                found.append(UNKNOWN_VALUE)
        return at_most(join(found), named.certainty) if found else UNKNOWN_VALUE

    def _generic(self, node: Node, frame: Frame) -> Value:
        head_node, *arguments = parts(node)
        head = self.evaluate(head_node, frame)
        if arguments and arguments[0].type in ("type_parameter", "tuple"):
            arguments = parts(arguments[0])
        values = [self.annotation(child, frame) for child in arguments if child.type != "list"]
        name = next(iter(head.types)).name if len(head.types) == 1 else ""
        last = name.rpartition(".")[2]
        if last == "Optional" and values:
            return join([values[0], NONE_VALUE])
        if last == "Union":
            return join(values)
        if last in _TRANSPARENT_ANNOTATIONS and values:
            return values[0]
        if last in ("Type", "type") and arguments:
            return self.evaluate(arguments[0], frame)
        if last == "Literal":
            return UNKNOWN_VALUE
        container = _ANNOTATION_ALIASES.get(name) or (
            name.removeprefix("builtins.") if name.startswith("builtins.") else ""
        )
        if container:
            if container == "tuple" and text_of(node).rstrip("] ").endswith("..."):
                return builtin("list", *values[:1])
            return because(builtin(container, *values), f"annotated as {text_of(node)}")
        return self._annotated(head)
