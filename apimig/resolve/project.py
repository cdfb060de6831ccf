"""The repository as a whole: its modules, definitions, call sites, and what they tell each other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from apimig.records import (
    UNKNOWN_VALUE,
    Certainty,
    Interest,
    Resolution,
    SourceFile,
    Type,
    TypeKind,
    Value,
)
from apimig.resolve.answers import Answered, no_answer
from apimig.resolve.core import Frame
from apimig.resolve.definitions import Attribute, ClassDef, FunctionDef, Identity
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.parameters import Parameters, outer_frame
from apimig.resolve.tables import Tables
from apimig.resolve.traces import Traces, question
from apimig.resolve.values import NONE_VALUE, at_most, in_order, instance, join, thing
from apimig.rulebook.rule import Library

if TYPE_CHECKING:
    from apimig.resolve.calls import Arguments

_SURVEY_ROUNDS = 2
_DEEPEST_CODE = 40_000
_NOWHERE = Path("<given>")


def _nothing(_module: str) -> SourceFile | None:
    return None


class Project:
    """Resolves the files of one repository.

    ``load`` gives the source of a module of the repository by dotted name, or None when the
    repository has no such module. ``given`` maps names to expressions with qualified library names
    (``df`` -> ``pandas.DataFrame()``) that are bound at module level; ``snippet`` makes conventional
    aliases and names count. ``answered`` is asked about expressions of which nothing is known.
    """

    def __init__(
        self,
        libraries: Sequence[Library],
        interest: Interest,
        *,
        load: Callable[[str], SourceFile | None] = _nothing,
        snippet: bool = False,
        given: Mapping[str, str] | None = None,
        answered: Answered = no_answer,
    ) -> None:
        self.tables = Tables(libraries)
        self.interest = interest
        self.snippet = snippet
        self.answered = answered
        self._load = load
        self._modules: dict[str, Interpreter | None] = {}
        self._by_file: dict[str, Interpreter] = {}
        self.functions: dict[str, FunctionDef] = {}
        self.classes: dict[str, ClassDef] = {}
        self._derived: dict[str, set[str]] = {}
        self.traces = Traces()
        self.parameters = Parameters(self)
        self.imported_elsewhere: set[tuple[str, str]] = set()
        self._known = frozenset([*self.tables.functions, *self.tables.classes, *self.tables.objects])
        self.given: dict[str, Value] = {}
        self.given = {name: self._given(text) for name, text in (given or {}).items()}

    # ---- what the pipeline calls

    def survey(self, sources: Sequence[SourceFile]) -> None:
        """Interpret all files once for what they pass to the repository's own functions."""
        with _deep():
            for _ in range(_SURVEY_ROUNDS):
                for source in sources:
                    interpreter = self._interpreter(source)
                    if interpreter.finished:
                        interpreter.run_once()
                    else:
                        interpreter.run()

    def resolve(self, source: SourceFile) -> Resolution:
        """Everything known about one file."""
        from apimig.resolve.resolution import FileResolution

        with _deep():
            interpreter = self._interpreter(source)
            interpreter.run()
            if self.parameters.any_passed:
                interpreter.run_once()
            return FileResolution(self, interpreter)

    def source(self, name: str) -> SourceFile | None:
        """The file of this name as it was last resolved, or read for another one."""
        known = self._by_file.get(name)
        return None if known is None else known.source

    @property
    def size(self) -> int:
        """Bytes of source that are known."""
        return sum(len(interpreter.source.text) for interpreter in self._by_file.values())

    def _interpreter(self, source: SourceFile) -> Interpreter:
        known = self._by_file.get(source.name)
        if known is not None and known.source.text == source.text:
            return known
        made = Interpreter(self, source)
        self._by_file[source.name] = made
        if source.module:
            self._modules[source.module] = made
        return made

    def _given(self, text: str) -> Value:
        """The value of an expression written with qualified names."""
        roots = sorted(self.tables.roots)
        code = "".join(f"import {root}\n" for root in roots) + f"_given = {text}\n"
        interpreter = Interpreter(self, SourceFile(path=_NOWHERE, name="<given>", text=code.encode()))
        interpreter.run()
        value = interpreter.frame.flow.get("_given") or UNKNOWN_VALUE
        found = []
        for one in in_order(value.types):  # a bare class name stands for an instance of it
            is_type = one.kind is TypeKind.OBJECT and interpreter.is_class(one.name)
            found.append(
                instance(one.name, reason="given") if is_type else Value(frozenset({one}), value.certainty, "given")
            )
        return join(found)

    # ---- modules

    def module(self, name: str) -> Interpreter | None:
        """The interpreter of a module of the repository, run; None when it is not the repository's."""
        if name not in self._modules:
            source = self._load(name) if name and not self.tables.is_library(name) else None
            self._modules[name] = self._interpreter(source) if source is not None else None
        found = self._modules[name]
        if found is not None:
            found.run()
        return found

    @question
    def knows_module(self, name: str) -> bool:
        """Whether the repository has a module of this name."""
        if name in self._modules:
            return self._modules[name] is not None
        return self.module(name) is not None

    @question
    def export(self, module: str, name: str) -> Value | None:
        """What a name means in a module of the repository; None when the module does not bind it."""
        found = self.module(module)
        if found is None:
            return None
        self.imported_elsewhere.add((module, name))
        top = found.lexical.scopes[0]
        if name not in top.bound:
            if found.lexical.stars and not found.finished:
                return None
            value = found.free_name(name) if found.lexical.stars else UNKNOWN_VALUE
            return None if value.is_unknown or _is_builtin(value) else value
        flowing = found.frame.flow.get(name)
        return flowing if flowing is not None else join(found.joined.get((top.node.id, name), {}).values())

    def module_object(self, dotted: str) -> Value | None:
        """``package.module`` reached by attribute access on ``package``."""
        if self.tables.is_library(dotted) or not self.knows_module(dotted):
            return None
        return thing(f"{dotted}:", TypeKind.MODULE, dotted)

    def knows_symbol(self, qualified: str) -> bool:
        """Whether a pack names this object."""
        return qualified in self._known

    def conventional(self, name: str) -> Value:
        """In a snippet: what an unbound name stands for by convention."""
        if not self.snippet:
            return UNKNOWN_VALUE
        if name in self.tables.conventional:
            target = self.tables.conventional[name]
            return at_most(thing(target, TypeKind.MODULE, f"`{name}` by convention"), Certainty.INFERRED)
        if name in self.tables.roots:
            return at_most(thing(name, TypeKind.MODULE, f"`{name}` by convention"), Certainty.INFERRED)
        if name in self.tables.names:
            return at_most(instance(self.tables.names[name], reason=f"`{name}` by convention"), Certainty.INFERRED)
        return UNKNOWN_VALUE

    # ---- definitions

    def define_function(self, definition: FunctionDef, frame: Frame) -> FunctionDef:
        """Register a function; what earlier passes learned of it is kept."""
        old = self.functions.get(definition.name)
        if old is not None and old.node.start_byte == definition.node.start_byte:
            definition.result, definition.known = old.result, old.known
        self.functions[definition.name] = definition
        definition.module.defined[definition.node.start_byte] = definition
        self.traces.wrote(definition, self.functions.get, definition.name)
        if definition.owner in self.classes and frame.scope.kind == "class" and not definition.is_accessor:
            self.classes[definition.owner].methods[definition.name.rpartition(".")[2]] = definition
        if definition.is_fixture:
            self.parameters.define_fixture(definition)
        return definition

    def define_class(self, definition: ClassDef) -> None:
        """Register a class; the attributes that earlier passes saw are kept."""
        old = self.classes.get(definition.name)
        if old is not None and old.node.start_byte == definition.node.start_byte:
            definition.attributes = old.attributes
        self.classes[definition.name] = definition
        for base in definition.bases:
            self._derived.setdefault(base, set()).add(definition.name)
        if self.traces.current is not None:
            self.traces.current.give_up()

    def assign_attribute(
        self, owner: str, name: str, value: Value, at: tuple[str, int], *, in_init: bool, declared: bool
    ) -> None:
        """Remember what is assigned to an attribute of instances of a class of the repository."""
        if not self._has_class(owner):
            return
        definition = self.classes[owner]
        attribute = definition.attributes.setdefault(name, Attribute())
        attribute.values[hash(at)] = value
        attribute.elsewhere = attribute.elsewhere or not in_init
        if declared:
            attribute.declared = value
            self.traces.wrote(value, self._declared, owner, name)
        self.traces.wrote(value, self._assigned, owner, name, hash(at))

    def _assigned(self, owner: str, name: str, at: int) -> Value | None:
        found = self.classes[owner].attributes.get(name) if owner in self.classes else None
        return None if found is None else found.values.get(at)

    def _declared(self, owner: str, name: str) -> Value | None:
        found = self.classes[owner].attributes.get(name) if owner in self.classes else None
        return None if found is None else found.declared

    @question
    def _has_class(self, name: str) -> bool:
        return name in self.classes

    def local_mro(self, name: str) -> list[str]:
        """A class of the repository and its bases, nearest first, library bases included."""
        found: list[str] = []
        queue = [name]
        while queue:
            top = queue.pop(0)
            if not top or top in found:
                continue
            found.append(top)
            if top in self.classes:
                queue.extend(self.classes[top].bases)
        return found

    def library_base(self, name: str) -> str:
        """The library class that an instance of ``name`` is, itself or by inheritance; "" when none."""
        if ":" not in name:
            return name if self.tables.is_library(name) else ""
        return self._library_base(name)

    @question
    def _library_base(self, name: str) -> str:
        bases = self.local_mro(name.removeprefix("super:"))[name.startswith("super:") :]
        return next((base for base in bases if self.tables.is_library(base)), "")

    def is_subtype(self, name: str, base: str) -> bool:
        """Whether a class is ``base`` or derives from it."""
        return name == base or self._derives(name, base)

    @question
    def _derives(self, name: str, base: str) -> bool:
        names = self.local_mro(name.removeprefix("super:")) if ":" in name else [name]
        return any(base == one or base in self.tables.mro(one) for one in names)

    def overriding(self, definition: FunctionDef) -> list[FunctionDef]:
        """The methods of the repository that may run in place of this one, in classes derived from its own."""
        method = definition.name.rpartition(".")[2]
        found: list[FunctionDef] = []
        seen: set[str] = set()
        queue = [definition.owner] if definition.owner else []
        while queue:
            below = self._derived.get(queue.pop(), set()) - seen
            seen |= below
            queue.extend(sorted(below))
            found += [m for name in sorted(below) if (m := self.classes[name].methods.get(method)) is not None]
        return found

    def overrides(self, name: str, member: str) -> bool:
        """Whether a class of the repository defines ``member`` before any library base does."""
        skip = 1 if name.startswith("super:") else 0
        for one in self.local_mro(name.removeprefix("super:"))[skip:]:
            if ":" not in one:
                return False
            definition = self.classes.get(one)
            if definition is not None and (member in definition.methods or member in definition.attributes):
                return True
        return False

    def has_unknown_base(self, name: str) -> bool:
        """Whether a class inherits from something that could not be resolved."""
        return any(
            not base or (":" not in base and not self.tables.is_library(base) and not base.startswith("builtins."))
            for one in self.local_mro(name.removeprefix("super:"))
            if one in self.classes
            for base in self.classes[one].bases
        )

    def may_be_replaced(self, owner: str, value: Value) -> bool:
        """Whether what a class body assigns is perhaps not what the class has: ``id = Column()`` of a mapped class.

        A library's own base class may make something else of the library's objects, and so may a base that some call
        makes; both is how declarative models work.
        """
        bases = {base for one in self.local_mro(owner) if one in self.classes for base in self.classes[one].bases}
        roots = {base.partition(".")[0] for base in bases}
        theirs = [name for name in value.instance_names() if self.tables.is_library(name)]
        return any("" in bases or name.partition(".")[0] in roots for name in theirs)

    # ---- members and calls of the repository's own objects

    @question
    def instance_member(self, owner: str, name: str) -> Value:
        """``x.name`` for an instance of a class of the repository."""
        skip = 1 if owner.startswith("super:") else 0
        for one in self.local_mro(owner.removeprefix("super:"))[skip:]:
            definition = self.classes.get(one)
            if definition is None:
                if self.tables.is_library(one) or one.startswith("builtins."):
                    return self._library_member(Type(TypeKind.INSTANCE, one), name)
                continue
            method = definition.methods.get(name)
            if method is not None:
                if method.is_property:
                    return self.result_of(method)
                return Value(frozenset({Type(TypeKind.MEMBER, method.name)}), Certainty.PROVEN, f"method {method.name}")
            attribute = definition.attributes.get(name)
            if attribute is not None:
                value = attribute.value()
                return (
                    value
                    if not value.reason
                    else Value(value.types, value.certainty, f".{name}: {value.reason}", value.open)
                )
        return UNKNOWN_VALUE

    def may_be_property(self, one: Type) -> bool:
        """Whether it is a method of the repository under a decorator that may make an attribute of it."""
        definition = self.functions.get(one.name)
        return definition is not None and bool(definition.owner) and definition.is_opaque

    def _library_member(self, base: Type, name: str) -> Value:
        helper = next(iter(self._by_file.values()), None)
        return helper.library_member(base, name, f"inherited from {base.name}") if helper is not None else UNKNOWN_VALUE

    @question
    def object_member(self, one: Type, name: str) -> Value:
        """``x.name`` for a module, class or function of the repository itself."""
        if one.kind is TypeKind.MODULE:
            module = one.name.rstrip(":")
            found = self.export(module, name)
            if found is not None:
                return found
            if self.knows_module(f"{module}.{name}"):
                return thing(f"{module}.{name}:", TypeKind.MODULE, f"{module}.{name}")
            return UNKNOWN_VALUE
        for base in self.local_mro(one.name):
            definition = self.classes.get(base)
            if definition is None:
                return thing(self.tables.canonical(f"{base}.{name}")) if self.tables.is_library(base) else UNKNOWN_VALUE
            if name in definition.methods:
                return thing(definition.methods[name].name, reason=f"{base}.{name}")
            if name in definition.attributes:
                return definition.attributes[name].value()
        return UNKNOWN_VALUE

    def result_of(self, definition: FunctionDef) -> Value:
        """What a call of a function of the repository gives; as it is documented where the body does not tell."""
        if definition.is_opaque:
            return self.parameters.documented_result(definition)
        if not definition.known and not definition.busy:
            module = definition.module
            module.run_function(definition, outer_frame(definition, module))
        value = definition.result
        if value.types <= NONE_VALUE.types:
            documented = self.parameters.documented_result(definition)
            value = value if documented.is_unknown else documented
        reason = f"returned by {definition.name.replace(':', '.')}"
        return Value(value.types, value.certainty, f"{reason}: {value.reason}" if value.reason else reason, value.open)

    @question
    def _called(self, name: str) -> Identity | None:
        definition = self.functions.get(name)
        return None if definition is None else definition.identity

    @question
    def _result_of_call(self, name: str, kind: TypeKind) -> Value:
        definition = self.functions[name]
        overriding = self.overriding(definition) if kind is TypeKind.MEMBER else ()
        return join([self.result_of(definition), *map(self.result_of, overriding)])

    def call_local(self, one: Type, arguments: Arguments, site: tuple[str, int]) -> Value:
        """Call a function, method or class of the repository; its arguments are remembered."""
        if self._called(one.name) is not None:
            definition = self.functions[one.name]
            bound = one.kind is TypeKind.MEMBER or (definition.owner and "classmethod" in definition.decorators)
            self._pass(definition, arguments, site, skip=1 if bound and not definition.is_static else 0)
            return self._result_of_call(one.name, one.kind)
        if one.kind is TypeKind.OBJECT and self._has_class(one.name):
            self._construct(one.name, arguments, site)
            return instance(one.name, reason=f"made by {one.name.replace(':', '.')}()")
        return UNKNOWN_VALUE

    def _construct(self, name: str, arguments: Arguments, site: tuple[str, int]) -> None:
        definition = self._initializer_of(name) if self._initializer(name) is not None else None
        if definition is not None:
            self._pass(definition, arguments, site, skip=1)

    @question
    def _initializer(self, name: str) -> Identity | None:
        definition = self._initializer_of(name)
        return None if definition is None else definition.identity

    def _initializer_of(self, name: str) -> FunctionDef | None:
        classes = (self.classes[base] for base in self.local_mro(name) if base in self.classes)
        return next((one.methods["__init__"] for one in classes if "__init__" in one.methods), None)

    def _pass(self, definition: FunctionDef, arguments: Arguments, site: tuple[str, int], *, skip: int) -> None:
        if arguments.starred:
            return
        names = [p.name for p in definition.parameters if p.kind == "normal"][skip:]
        given = dict(zip(names, (value for _, value in arguments.positional), strict=False))
        given.update({name: value for name, (_, value) in arguments.keywords.items()})
        for name, value in given.items():
            self.parameters.pass_value(definition, name, value, site)


@contextmanager
def _deep() -> Iterator[None]:
    """Room for deeply nested code: since 3.11 Python calls take no C stack, only this limit stops them."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEPEST_CODE))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _is_builtin(value: Value) -> bool:
    return all(one.name.startswith("builtins.") for one in value.types)
