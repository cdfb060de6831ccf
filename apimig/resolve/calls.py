"""Evaluating calls: of library objects, builtins, and the repository's own functions and classes."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, Type, TypeKind, Value
from apimig.resolve.core import Core, Frame
from apimig.resolve.scopes import COMPREHENSIONS
from apimig.resolve.values import (
    NONE_VALUE,
    at_most,
    builtin,
    element,
    in_order,
    instance,
    join,
    opened,
    thing,
    without_none,
)
from apimig.rulebook.rule import Returns
from apimig.syntax import parts, text_of

_BUILTIN_CLASSES = frozenset(
    ("str", "int", "float", "bool", "bytes", "complex", "object", "bytearray", "type", "slice", "range")
)
_COLLECTIONS = {
    "collections.OrderedDict": "dict", "collections.Counter": "dict",
    "collections.deque": "list", "collections.ChainMap": "dict",
}  # fmt: skip
_STRING_RESULTS = {
    "split": "list", "rsplit": "list", "splitlines": "list", "encode": "bytes", "find": "int", "count": "int",
    "startswith": "bool", "endswith": "bool", "isdigit": "bool", "index": "int", "partition": "tuple",
}  # fmt: skip


class Arguments:
    """The evaluated arguments of one call."""

    def __init__(self) -> None:
        self.positional: list[tuple[Node, Value]] = []
        self.keywords: dict[str, tuple[Node, Value]] = {}
        self.starred = False

    def value(self, index: int) -> Value:
        """The positional argument ``index``; unknown when it is not there."""
        return self.positional[index][1] if index < len(self.positional) else UNKNOWN_VALUE


class Calls(Core):
    """``call`` and its cases; mixed into the interpreter."""

    def call(self, node: Node, frame: Frame) -> Value:
        """The value of a call expression."""
        function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or listed is None:
            return UNKNOWN_VALUE
        callee = self.evaluate(function, frame)
        arguments = self.arguments(listed, frame)
        if frame.owner and function.type == "identifier" and text_of(function) == "super":
            return instance(f"super:{frame.owner}", reason="super()")
        found = [self._call_one(one, arguments, node) for one in in_order(callee.types)]
        self._mutate(function, arguments, frame)
        value = at_most(join(found), callee.certainty) if found else UNKNOWN_VALUE
        return opened(value) if callee.open else value

    def arguments(self, listed: Node, frame: Frame) -> Arguments:
        """Evaluate an argument list (or a bare generator expression)."""
        found = Arguments()
        if listed.type in COMPREHENSIONS:
            found.positional.append((listed, self.evaluate(listed, frame)))
            return found
        for child in parts(listed):
            value, kind = self.evaluate(child, frame), child.type
            if kind == "keyword_argument":
                name = child.child_by_field_name("name")
                found.keywords[text_of(name) if name is not None else ""] = (child, value)
            elif kind in ("list_splat", "dictionary_splat"):
                found.starred = True
            else:
                found.positional.append((child, value))
        return found

    def _call_one(self, one: Type, arguments: Arguments, node: Node) -> Value:
        if one.is_local:
            return self.project.call_local(one, arguments, (self.source.name, node.start_byte))
        if one.kind is TypeKind.MEMBER:
            return self._call_member(one, arguments, node)
        if one.kind is TypeKind.OBJECT:
            return self._call_object(one.name, arguments, node)
        return UNKNOWN_VALUE

    # ---- the library's and others' objects

    def _call_object(self, name: str, arguments: Arguments, node: Node) -> Value:
        line = node.start_point[0] + 1
        if name.startswith("builtins."):
            return self._call_builtin(name.removeprefix("builtins."), arguments)
        if name in self.tables.classes:
            return instance(name, reason=f"made by {name}() (line {line})")
        holds = self._condition(arguments)
        if name in self.tables.functions:
            expression = self.tables.result(self.tables.functions[name], holds)
            return self.tables.typed(expression, "", f"returned by {name} (line {line})")
        owner, _, method = name.rpartition(".")
        if owner in self.tables.classes:
            returns = self.tables.method(owner, method)
            return self._returned(returns, owner, f"{owner}.{method}", holds, line) if returns else UNKNOWN_VALUE
        return self._call_foreign(name, arguments, line)

    def _call_foreign(self, name: str, arguments: Arguments, line: int) -> Value:
        if name == "collections.defaultdict":
            return self._defaultdict(arguments.value(0))
        if name in _COLLECTIONS:
            return builtin(_COLLECTIONS[name])
        if name in ("copy.copy", "copy.deepcopy"):
            return arguments.value(0)
        if name in ("importlib.import_module", "pytest.importorskip") and arguments.positional:
            node, _ = arguments.positional[0]
            return self.import_value(text_of(node).strip("'\""), f"imported (line {line})")
        root, last = name.partition(".")[0], name.rpartition(".")[2]
        if last[:1].isupper() and not last.isupper() and (root in sys.stdlib_module_names or root in self.tables.roots):
            return at_most(instance(name, reason=f"made by {name}() (line {line})"), Certainty.INFERRED)
        return UNKNOWN_VALUE

    def _defaultdict(self, factory: Value) -> Value:
        """A dict whose values are what the factory makes, unless something else is put in."""
        classes = [one for one in factory.types if one.kind is TypeKind.OBJECT and self.is_class(one.name)]
        if len(factory.types) != 1 or not classes:
            return builtin("dict")
        made = instance(classes[0].name, reason=f"the default of a defaultdict of {classes[0].name}")
        return builtin("dict", UNKNOWN_VALUE, at_most(made, Certainty.INFERRED))

    def _call_member(self, one: Type, arguments: Arguments, node: Node) -> Value:
        owner, _, method = one.name.rpartition(".")
        if owner.startswith("builtins."):
            return self._call_builtin_method(owner, method, one.args, arguments)
        returns = self.tables.method(owner, method)
        if returns is None:
            return UNKNOWN_VALUE
        line = node.start_point[0] + 1
        return self._returned(returns, owner, f"{owner}.{method}", self._condition(arguments), line)

    def _returned(self, returns: Returns, owner: str, name: str, holds: Callable[[str], bool], line: int) -> Value:
        return self.tables.typed(self.tables.result(returns, holds), owner, f"returned by {name} (line {line})")

    def _condition(self, arguments: Arguments) -> Callable[[str], bool]:
        """Tests the ``when`` of a pack's result types; ``arg0`` is an argument by place, ``arg0[]`` its elements."""

        def holds(condition: str) -> bool:
            return all(one(part.strip()) for part in condition.split(" and "))

        def given(key: str) -> tuple[Node, Value] | None:
            if key.startswith("arg") and key[3:].isdigit():
                index = int(key[3:])
                return arguments.positional[index] if index < len(arguments.positional) else None
            return arguments.keywords.get(key)

        def one(part: str) -> bool:
            if ":" in part:
                key, _, wanted = part.partition(":")
                found = given(key.removesuffix("[]"))
                if found is not None and key.endswith("[]"):
                    elements = self.iterate(found[1])
                    return not elements.open and elements.instance_names() == {wanted}
                return found is not None and wanted in found[1].instance_names()
            key, equals, wanted = part.partition("=")
            found = given(key)
            if found is None or not equals:
                return found is not None
            node = found[0].child_by_field_name("value") if found[0].type == "keyword_argument" else found[0]
            return node is not None and text_of(node) == wanted

        return holds

    # ---- builtins

    def _call_builtin(self, name: str, arguments: Arguments) -> Value:
        first = arguments.value(0)
        if name in _BUILTIN_CLASSES:
            return builtin(name)
        if name in ("list", "set", "frozenset", "sorted", "reversed", "iter", "filter", "tuple"):
            item = self.iterate(arguments.value(1) if name == "filter" else first)
            kind = {"sorted": "list", "reversed": "iterator", "iter": "iterator", "filter": "iterator", "tuple": "list"}
            return builtin(kind.get(name, name), item) if arguments.positional else builtin(kind.get(name, name))
        if name == "dict":
            values = [value for _, value in arguments.keywords.values()]
            if "builtins.dict" in first.instance_names():
                return first
            return builtin("dict", builtin("str"), join(values)) if values else builtin("dict")
        if name == "enumerate":
            return builtin("iterator", builtin("tuple", builtin("int"), self.iterate(first)))
        if name == "zip":
            return builtin("iterator", builtin("tuple", *(self.iterate(value) for _, value in arguments.positional)))
        if name == "next":
            return element(first)
        if name == "getattr":
            return self._getattr(arguments)
        if name in ("max", "min") and len(arguments.positional) == 1:
            return self.iterate(first)
        simple = {"len": "int", "repr": "str", "open": "file", "print": "NoneType", "isinstance": "bool",
                  "input": "str", "any": "bool", "all": "bool", "hash": "int", "id": "int", "ord": "int", "chr": "str",
                  "hasattr": "bool", "callable": "bool", "format": "str", "vars": "dict", "dir": "list",
                  "globals": "dict", "locals": "dict", "divmod": "tuple"}  # fmt: skip
        return builtin(simple[name]) if name in simple else UNKNOWN_VALUE

    def _getattr(self, arguments: Arguments) -> Value:
        if len(arguments.positional) != 2 or arguments.positional[1][0].type != "string":
            return UNKNOWN_VALUE
        return self.member(arguments.value(0), text_of(arguments.positional[1][0]).strip("'\""))

    def _call_builtin_method(self, owner: str, name: str, args: tuple[Value, ...], given: Arguments) -> Value:
        whole = Value(frozenset({Type(TypeKind.INSTANCE, owner, args)}), Certainty.PROVEN, "")
        if owner == "builtins.str":
            return builtin(_STRING_RESULTS.get(name, "str"), *([builtin("str")] if name.endswith("split") else []))
        if name == "copy":
            return whole
        if owner == "builtins.dict":
            key, value = args if len(args) == 2 else (UNKNOWN_VALUE, UNKNOWN_VALUE)
            pair = builtin("tuple", key, value)
            views = {
                "keys": key,
                "values": value,
                "items": pair,
                "iteritems": pair,
                "itervalues": value,
                "iterkeys": key,
            }
            if name in views:
                return builtin("iterator", views[name])
            if name in ("get", "pop", "setdefault"):
                default = given.value(1)
                return join([value, default if len(given.positional) > 1 else NONE_VALUE]) if name == "get" else value
            return pair if name == "popitem" else NONE_VALUE
        if name == "pop":
            return element(whole)
        if name in ("index", "count"):
            return builtin("int")
        if owner in ("builtins.set", "builtins.frozenset") and name not in (
            "add",
            "discard",
            "clear",
            "remove",
            "update",
        ):
            return whole
        return NONE_VALUE if owner in ("builtins.list", "builtins.set") else UNKNOWN_VALUE

    def _mutate(self, function: Node, arguments: Arguments, frame: Frame) -> None:
        """``xs.append(x)`` on a known list widens what its elements are."""
        if function.type != "attribute" or not arguments.positional:
            return
        target, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if target is None or name is None or text_of(name) not in ("append", "add", "extend", "insert", "appendleft"):
            return
        owner = self.values.get((target.start_byte, target.end_byte), UNKNOWN_VALUE)
        names = without_none(owner).instance_names()
        if len(owner.types) != 1 or len(names) != 1 or not names <= {"builtins.list", "builtins.set"}:
            return
        (one,) = owner.types
        added = arguments.value(1 if text_of(name) == "insert" else 0)
        if text_of(name) == "extend":
            added = self.iterate(added)
        widened = builtin(one.name.removeprefix("builtins."), join([*one.args, added]))
        path = self.path(target)
        if path is not None:
            self.store(path, target, widened, frame)

    def is_class(self, name: str) -> bool:
        """Whether a qualified name is a class that instances can be typed by."""
        if name in self.tables.classes or name.startswith("builtins."):
            return True
        if name in self.tables.modules:
            return False
        root, last = name.partition(".")[0], name.rpartition(".")[2]
        return (
            last[:1].isupper() and (root in sys.stdlib_module_names or root in self.tables.roots) and root != "typing"
        )

    def import_value(self, module: str, reason: str) -> Value:
        """The module object of a dotted name: the repository's own, or anyone's."""
        if self.project.knows_module(module):
            return thing(f"{module}:", TypeKind.MODULE, reason)
        return thing(module, TypeKind.MODULE, reason)
