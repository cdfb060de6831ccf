"""Executing statements: how values flow through assignments, branches, loops and definitions."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from apimig.records import UNKNOWN_VALUE, Certainty, TypeKind, Value
from apimig.resolve.core import Core, Frame
from apimig.resolve.definitions import ACCESSORS, ClassDef, FunctionDef, Parameter
from apimig.resolve.flow import Flow, merged
from apimig.resolve.scopes import parameter_name
from apimig.resolve.values import at_most, builtin, element, in_order, instance, join, thing
from apimig.syntax import parts, text_of

_LOOP_PASSES = 2


class Statements(Core):
    """``block`` and one method for each kind of statement; mixed into the interpreter."""

    def block(self, node: Node, frame: Frame) -> None:
        """Run the statements of a block; code after a return is run too, for what it mentions."""
        for child in node.named_children:
            self.statement(child, frame)

    def statement(self, node: Node, frame: Frame) -> None:
        """Run one statement."""
        (self.executors.get(node.kind_id) or self._executor_of(node))(node, frame)

    def _executor_of(self, node: Node) -> Callable[[Node, Frame], object]:
        executor: Callable[[Node, Frame], object] = getattr(self, f"_do_{node.type}", self._read)
        self.executors[node.kind_id] = executor
        return executor

    def _read(self, node: Node, frame: Frame) -> None:
        for child in node.named_children:
            self.evaluate(child, frame)

    def _do_nothing(self, _node: Node, _frame: Frame) -> None:
        pass

    _do_comment = _do_line_continuation = _do_pass_statement = _do_nothing
    _do_global_statement = _do_nonlocal_statement = _do_future_import_statement = _do_nothing

    # ---- simple statements

    def _do_expression_statement(self, node: Node, frame: Frame) -> None:
        for child in node.named_children:
            if child.type in ("assignment", "augmented_assignment"):
                self.statement(child, frame)
            else:
                self.evaluate(child, frame)

    def _do_assignment(self, node: Node, frame: Frame) -> Value:
        left, right, annotation = (node.child_by_field_name(name) for name in ("left", "right", "type"))
        declared = self.annotation(annotation, frame) if annotation is not None else UNKNOWN_VALUE
        value = UNKNOWN_VALUE
        if right is not None:
            is_chain = right.type == "assignment"
            value = self._do_assignment(right, frame) if is_chain else self.evaluate(right, frame)
        if annotation is not None and not declared.is_unknown:
            value = declared
        if left is not None and (right is not None or not declared.is_unknown):
            self.assign(left, self._commented(node, value, frame), frame, declared=not declared.is_unknown)
        return value

    def _commented(self, node: Node, value: Value, frame: Frame) -> Value:
        """A ``# type: X`` comment behind an assignment counts as its annotation."""
        statement = node.parent if self.has_type_comments else None
        after = statement.next_sibling if statement is not None else None
        if after is None or after.type != "comment" or after.start_point[0] != node.end_point[0]:
            return value
        text = text_of(after).lstrip("# ")
        if not text.startswith("type:") or text.startswith("type: ignore"):
            return value
        found = self.typed_text(text.removeprefix("type:").strip(), frame)
        return value if found.is_unknown else found

    def _do_augmented_assignment(self, node: Node, frame: Frame) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        old, new = self.evaluate(left, frame), self.evaluate(right, frame)
        self.assign(left, self.operate(old, new), frame)

    def _do_return_statement(self, node: Node, frame: Frame) -> None:
        value = builtin("NoneType")
        for child in node.named_children:
            if not child.is_extra:
                value = self.evaluate(child, frame)
        if not frame.flow.dead:
            frame.returns.append(value)
        frame.flow.dead = True

    def _do_raise_statement(self, node: Node, frame: Frame) -> None:
        for child in node.named_children:
            self.evaluate(child, frame)
        frame.flow.dead = True

    def _do_break_statement(self, _node: Node, frame: Frame) -> None:
        frame.breaks.append(frame.flow.copy())
        frame.flow.dead = True

    def _do_continue_statement(self, _node: Node, frame: Frame) -> None:
        frame.continues.append(frame.flow.copy())
        frame.flow.dead = True

    def _do_delete_statement(self, node: Node, frame: Frame) -> None:
        for child in node.named_children:
            for target in child.named_children if child.type in ("expression_list", "tuple") else [child]:
                self.evaluate(target, frame)
                path = self.path(target)
                if path is not None:
                    frame.flow.forget(path)

    def _do_assert_statement(self, node: Node, frame: Frame) -> None:
        for child in node.named_children:
            self.evaluate(child, frame)
        if node.named_child_count and (test := node.named_child(0)) is not None:
            self.narrow(test, frame, outcome=True)

    def _do_import_statement(self, node: Node, frame: Frame) -> None:
        self.run_import(node, frame)

    _do_import_from_statement = _do_import_statement

    # ---- targets

    def assign(self, target: Node, value: Value, frame: Frame, *, declared: bool = False) -> None:
        """Bind a target to a value."""
        kind = target.type
        if kind in ("identifier", "attribute"):
            path = self.path(target)
            if kind == "attribute":
                self._assign_attribute(target, value, frame, declared=declared)
            if path is not None:
                self.store(path, target, value, frame)
            if kind == "identifier" and frame.scope.kind == "class" and frame.owner:
                self._class_field(target, value, frame, declared=declared)
            self.values.setdefault((target.start_byte, target.end_byte), value)
        elif kind == "subscript":
            self._assign_item(target, value, frame)
        elif kind in ("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"):
            self._unpack(target, value, frame)
        elif kind in ("parenthesized_expression", "as_pattern_target", "list_splat_pattern", "list_splat"):
            inner = builtin("list", element(value)) if "splat" in kind else value
            for child in target.named_children:
                self.assign(child, inner, frame)

    def store(self, path: str, node: Node, value: Value, frame: Frame) -> None:
        """Remember a value under a name or a path."""
        if node.type == "identifier":
            self.bind(path, value, frame, node.start_byte)
        else:
            self.holder_flow(path, frame).set(path, value)

    def holder_flow(self, path: str, frame: Frame) -> Flow:
        """The flow that holds what a path begins with."""
        first = path.partition(".")[0].partition("[")[0]
        target = frame.scope.lookup(first)
        holder: Frame | None = frame
        while holder is not None and holder.scope is not target:
            holder = holder.live
        return (holder or frame).flow

    def _assign_attribute(self, target: Node, value: Value, frame: Frame, *, declared: bool) -> None:
        owner_node, name = target.child_by_field_name("object"), target.child_by_field_name("attribute")
        if owner_node is None or name is None:
            return
        owner = self.evaluate(owner_node, frame)
        in_init = frame.function is not None and frame.function.name.endswith("__init__")
        for one in in_order(owner.types):
            if one.kind is TypeKind.INSTANCE and one.is_local:
                self.project.assign_attribute(
                    one.name, text_of(name), value, (self.key, target.start_byte), in_init=in_init, declared=declared
                )

    def _class_field(self, target: Node, value: Value, frame: Frame, *, declared: bool) -> None:
        if not declared and self.project.may_be_replaced(frame.owner, value):
            value = UNKNOWN_VALUE
        self.project.assign_attribute(
            frame.owner, text_of(target), value, (self.key, target.start_byte), in_init=True, declared=declared
        )

    def _assign_item(self, target: Node, value: Value, frame: Frame) -> None:
        self.evaluate(target, frame)
        owner_node, key = target.child_by_field_name("value"), target.child_by_field_name("subscript")
        if owner_node is None or key is None:
            return
        owner = self.values.get((owner_node.start_byte, owner_node.end_byte), UNKNOWN_VALUE)
        path = self.path(owner_node)
        if path is None or owner.instance_names() != {"builtins.dict"} or len(owner.types) != 1:
            return
        (one,) = owner.types
        keys, values = one.args if len(one.args) == 2 else (UNKNOWN_VALUE, UNKNOWN_VALUE)
        named = self.values.get((key.start_byte, key.end_byte), UNKNOWN_VALUE)
        both = (join([keys, named]), join([values, value])) if one.args else (named, value)
        self.store(path, owner_node, builtin("dict", *both), frame)
        whole = self.path(target)
        if whole is not None:
            self.holder_flow(whole, frame).put(whole, value)

    def _unpack(self, target: Node, value: Value, frame: Frame) -> None:
        children = parts(target)
        starred = any("splat" in child.type for child in children)
        shapes = [one.args for one in value.types if one.name == "builtins.tuple" and len(one.args) == len(children)]
        each = self.iterate(value)
        for index, child in enumerate(children):
            exact = len(shapes) == len(value.types) == 1 and not starred
            found = at_most(shapes[0][index], value.certainty) if exact else each
            self.assign(child, builtin("list", found) if "splat" in child.type else found, frame)

    # ---- branches

    def _do_if_statement(self, node: Node, frame: Frame) -> None:
        test, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        ends: list[Flow] = []
        self._branch(test, body, frame, ends)
        has_else = False
        for clause in node.children_by_field_name("alternative"):
            if clause.type == "elif_clause":
                test, body = clause.child_by_field_name("condition"), clause.child_by_field_name("consequence")
                self._branch(test, body, frame, ends)
            else:
                has_else = True
                self._run_clause(clause, frame)
                ends.append(frame.flow.copy())
        if not has_else:
            ends.append(frame.flow.copy())
        frame.flow.restore(merged(ends))

    def _branch(self, test: Node | None, body: Node | None, frame: Frame, ends: list[Flow]) -> None:
        """Run one branch; afterwards the flow is what it is when the test failed."""
        if test is not None:
            self.evaluate(test, frame)
        before = frame.flow.copy()
        if test is not None:
            self.narrow(test, frame, outcome=True)
        if body is not None:
            self.block(body, frame)
        ends.append(frame.flow.copy())
        frame.flow.restore(before)
        if test is not None:
            self.narrow(test, frame, outcome=False)

    def _run_clause(self, clause: Node, frame: Frame) -> None:
        body = clause.child_by_field_name("body")
        blocks = [body] if body is not None else [c for c in clause.named_children if c.type == "block"]
        for block in blocks:
            self.block(block, frame)

    def _do_match_statement(self, node: Node, frame: Frame) -> None:
        for subject in node.children_by_field_name("subject"):
            self.evaluate(subject, frame)
        body = node.child_by_field_name("body")
        ends = [frame.flow.copy()]
        for clause in body.named_children if body is not None else ():
            before = frame.flow.copy()
            for child in clause.named_children:
                if child.type == "block":
                    self.block(child, frame)
                elif child.type == "case_pattern":
                    self._capture(child, frame)
                elif not child.is_extra:
                    self.evaluate(child, frame)
            ends.append(frame.flow.copy())
            frame.flow.restore(before)
        frame.flow.restore(merged(ends))

    def _read_dotted(self, name: Node, frame: Frame) -> None:
        """Note the values of ``np``, ``np.inf``, ... in a pattern, where they are no attributes for the parser."""
        value = UNKNOWN_VALUE
        for at, part in enumerate(name.named_children):
            value = self.member(value, text_of(part)) if at else self.read(text_of(part), frame)
            self.values[name.start_byte, part.end_byte] = value

    def _capture(self, pattern: Node, frame: Frame) -> None:
        """Names in a pattern are bound to nobody knows what; dotted names and names of classes are read."""
        for child in pattern.named_children:
            if child.type == "dotted_name" and (child.named_child_count > 1 or pattern.type == "class_pattern"):
                self._read_dotted(child, frame)
            elif child.type == "identifier" or (child.type == "dotted_name" and child.named_child_count == 1):
                self.bind(text_of(child), UNKNOWN_VALUE, frame, child.start_byte)
            else:
                self._capture(child, frame)

    # ---- loops

    def _do_for_statement(self, node: Node, frame: Frame) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        items = self.iterate(self.evaluate(right, frame)) if right is not None else UNKNOWN_VALUE

        def head() -> None:
            if left is not None:
                self.assign(left, items, frame)

        self._loop(node, frame, head)

    def _do_while_statement(self, node: Node, frame: Frame) -> None:
        test = node.child_by_field_name("condition")

        def head() -> None:
            if test is not None:
                self.evaluate(test, frame)
                self.narrow(test, frame, outcome=True)

        self._loop(node, frame, head)

    def _loop(self, node: Node, frame: Frame, head: object) -> None:
        body, outer = node.child_by_field_name("body"), (frame.breaks, frame.continues)
        start = frame.flow.copy()
        broken: list[Flow] = []
        for _ in range(_LOOP_PASSES):
            frame.breaks, frame.continues = [], []
            before = frame.flow.copy()
            if callable(head):
                head()
            if body is not None:
                self.block(body, frame)
            broken += frame.breaks
            frame.flow.restore(merged([before, frame.flow, *frame.continues]))
        frame.breaks, frame.continues = outer
        frame.flow.dead = start.dead
        for clause in node.children_by_field_name("alternative"):
            self._run_clause(clause, frame)
        frame.flow.restore(merged([frame.flow, *broken]))
        frame.flow.dead = frame.flow.dead and start.dead

    # ---- try and with

    def _do_try_statement(self, node: Node, frame: Frame) -> None:
        before = frame.flow.copy()
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body, frame)
        after = frame.flow.copy()
        anywhere = merged([before, after.living()])
        ends: list[Flow] = []
        for clause in node.named_children:
            if clause.type in ("except_clause", "except_group_clause"):
                frame.flow.restore(anywhere.copy())
                self._handler(clause, frame)
                ends.append(frame.flow.copy())
        frame.flow.restore(after)
        final = None
        for clause in node.named_children:
            if clause.type == "else_clause":
                self._run_clause(clause, frame)
            final = clause if clause.type == "finally_clause" else final
        frame.flow.restore(merged([frame.flow, *ends]))
        if final is not None:
            self._run_clause(final, frame)

    def _handler(self, clause: Node, frame: Frame) -> None:
        for child in clause.named_children:
            if child.type == "block":
                self.block(child, frame)
            elif child.type == "as_pattern":
                self._as_pattern(child, frame, enter=False)
            elif not child.is_extra:
                self.evaluate(child, frame)

    def _do_with_statement(self, node: Node, frame: Frame) -> None:
        for clause in node.named_children:
            if clause.type == "with_clause":
                for item in clause.named_children:
                    self._with_item(item, frame)
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body, frame)

    def _with_item(self, item: Node, frame: Frame) -> None:
        for child in item.named_children if item.type in ("with_item", "tuple", "parenthesized_expression") else [item]:
            if child.type == "as_pattern":
                self._as_pattern(child, frame, enter=True)
            elif child.type in ("with_item", "tuple"):
                self._with_item(child, frame)
            else:
                self.evaluate(child, frame)

    def _as_pattern(self, node: Node, frame: Frame, *, enter: bool) -> None:
        children = node.named_children
        value = self.evaluate(children[0], frame) if children else UNKNOWN_VALUE
        alias = node.child_by_field_name("alias")
        if alias is not None:
            self.assign(alias, self._entered(value) if enter else UNKNOWN_VALUE, frame)

    def _entered(self, value: Value) -> Value:
        found = []
        for one in in_order(value.types):
            owner = self.project.library_base(one.name) if one.kind is TypeKind.INSTANCE else ""
            if owner:
                enters = self.tables.trait(owner, "enters")
                found.append(self.tables.typed(enters, one.name if not one.is_local else owner, value.reason))
            elif one.name == "builtins.file":
                found.append(builtin("file"))
            else:
                found.append(UNKNOWN_VALUE)
        return at_most(join(found), value.certainty) if found else UNKNOWN_VALUE

    # ---- definitions

    def _do_decorated_definition(self, node: Node, frame: Frame) -> None:
        names = []
        for child in node.named_children:
            if child.type == "decorator":
                for inner in child.named_children:
                    self.evaluate(inner, frame)
                    names.append(_decorator_name(inner))
        definition = node.child_by_field_name("definition")
        if definition is not None and definition.type == "function_definition":
            self._define_function(definition, frame, tuple(names))
        elif definition is not None:
            self._define_class(definition, frame, tuple(names))

    def _do_function_definition(self, node: Node, frame: Frame) -> None:
        self._define_function(node, frame, ())

    def _do_class_definition(self, node: Node, frame: Frame) -> None:
        self._define_class(node, frame, ())

    def _qualify(self, name: str, frame: Frame) -> str:
        if not frame.name:
            return f"{self.key}:{name}"
        middle = "" if frame.scope.kind == "class" else "<locals>."
        return f"{frame.name}.{middle}{name}"

    def parameters(self, node: Node | None) -> list[Parameter]:
        """The parameters of a definition, in order."""
        found: list[Parameter] = []
        kind = "normal"
        for child in node.named_children if node is not None else ():
            if child.type == "keyword_separator":
                kind = "keyword"
                continue
            name = parameter_name(child)
            if name is None:
                continue
            text = text_of(child)
            star = "**" if text.startswith("**") else "*" if text.startswith("*") else ""
            annotation, default = child.child_by_field_name("type"), child.child_by_field_name("value")
            found.append(Parameter(text_of(name), star or kind, annotation, default))
            kind = "keyword" if star == "*" else kind
        return found

    def _define_function(self, node: Node, frame: Frame, decorators: tuple[str, ...]) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            return
        parameters = self.parameters(node.child_by_field_name("parameters"))
        for parameter in parameters:
            self.annotation(parameter.annotation, frame)
            if parameter.default is not None:
                self.evaluate(parameter.default, frame)
        self.annotation(node.child_by_field_name("return_type"), frame)
        qualified = self._qualify(text_of(name), frame)
        if accessor := next((each for each in decorators if each in ACCESSORS), ""):
            qualified = f"{qualified}.{accessor}"  # it takes no part of the property whose name it has
        owner = frame.owner if frame.scope.kind == "class" else ""
        scope = self.lexical.by_node[node.id]
        definition = FunctionDef(qualified, node, scope, self, parameters, decorators, owner)
        definition = self.project.define_function(definition, frame)
        if not definition.is_accessor:
            self.bind(text_of(name), thing(qualified, reason=f"defined as {qualified}"), frame, node.start_byte)
        self.deferred.append((definition, frame))
        if self.traces.current is not None:
            self.traces.current.deferred.append((definition, frame))

    def _define_class(self, node: Node, frame: Frame, decorators: tuple[str, ...]) -> None:
        name, listed, body = (node.child_by_field_name(field) for field in ("name", "superclasses", "body"))
        if name is None:
            return
        bases: list[str] = []
        for child in listed.named_children if listed is not None else ():
            value = self.evaluate(child, frame)
            if child.type != "keyword_argument" and not child.is_extra:
                bases.append(next(iter(value.types)).name if len(value.types) == 1 else "")
        qualified = self._qualify(text_of(name), frame)
        is_record = any("dataclass" in one or one in ("define", "attrs", "s") for one in decorators)
        is_record = is_record or any(base.endswith(("NamedTuple", "BaseModel")) for base in bases)
        definition = ClassDef(qualified, node, self, tuple(bases), is_record=is_record)
        self.project.define_class(definition)
        self.bind(text_of(name), thing(qualified, reason=f"class {qualified}"), frame, node.start_byte)
        if body is not None:
            inner = self.class_frame(node, qualified, frame)
            self.block(body, inner)

    def class_frame(self, node: Node, qualified: str, frame: Frame) -> Frame:
        """A frame for a class body, running inside ``frame``."""
        return Frame(self.lexical.by_node[node.id], Flow(), qualified, live=frame, owner=qualified)

    def self_value(self, definition: FunctionDef) -> Value:
        """What the first parameter of a method is."""
        if "classmethod" in definition.decorators:
            return thing(definition.owner, reason="cls")
        return at_most(instance(definition.owner, reason="self"), Certainty.PROVEN)


def _decorator_name(node: Node) -> str:
    """``functools.lru_cache(None)`` is ``lru_cache``."""
    if node.type == "call":
        function = node.child_by_field_name("function")
        return _decorator_name(function) if function is not None else ""
    return text_of(node).rpartition(".")[2]
