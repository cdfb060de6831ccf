"""Lexical scopes: which names each binds, and every reference to a name, in one pass over the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from apimig.records import Span
from apimig.syntax import text_of

COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
_TARGET_CONTAINERS = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "parenthesized_expression", "tuple",
     "list", "expression_list", "as_pattern_target", "list_splat"}
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class, function, lambda or comprehension, and the names that it binds."""

    kind: str
    node: Node
    parent: Scope | None
    span: Span
    bound: set[str] = field(default_factory=set)
    outer: dict[str, str] = field(default_factory=dict)  # name -> "global" or "nonlocal"
    imported: dict[str, list[ImportedName]] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)  # bound by something other than an import
    id: int = field(init=False)
    _meant: dict[str, Scope | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.id = self.node.id

    def lookup(self, name: str) -> Scope | None:
        """The scope whose binding a reference from here means, by Python's rules; None for builtins.

        To be asked when all bindings are known: answers are kept.
        """
        if name not in self._meant:
            self._meant[name] = self._find(name)
        return self._meant[name]

    def _find(self, name: str) -> Scope | None:
        scope: Scope | None = self
        while scope is not None:
            if scope.outer.get(name) == "global":
                return scope.module()
            visible = scope is self or scope.kind != "class"
            if visible and name in scope.bound and name not in scope.outer:
                return scope
            scope = scope.parent
        return None

    def module(self) -> Scope:
        """The scope of the whole file."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import statement binds. ``module`` and ``name`` are as written, dots included."""

    statement: Node
    item: Node
    bound: str
    module: str
    name: str  # "" for `import module`


@dataclass(slots=True)
class Lexical:
    """The scopes of a file, the references in it, and the star imports."""

    scopes: list[Scope]
    by_node: dict[int, Scope]
    references: list[tuple[Node, Scope]]
    stores: list[tuple[Node, Scope]]
    stars: list[ImportedName]

    def at(self, position: int) -> Scope:
        """The innermost scope that holds a byte offset."""
        best = self.scopes[0]
        for scope in self.scopes:
            if scope.span.start <= position < scope.span.end and scope.span.start >= best.span.start:
                best = scope
        return best


def analyse(root: Node) -> Lexical:
    """Walk the tree once."""
    return _Walk(root).run()


def imported_names(statement: Node) -> Iterator[ImportedName]:
    """The names that an import statement binds, in order; a star has the name ``*``."""
    if statement.type == "import_statement":
        for item in statement.children_by_field_name("name"):
            if item.type == "aliased_import":
                original, alias = (item.child_by_field_name(f) for f in ("name", "alias"))
                if original is not None and alias is not None:
                    yield ImportedName(statement, item, text_of(alias), dotted(original), "")
            else:
                name = dotted(item)
                yield ImportedName(statement, item, name.partition(".")[0], name, "")
        return
    source = statement.child_by_field_name("module_name")
    module = dotted(source) if source is not None else "__future__"
    for child in statement.children:
        if child.type == "wildcard_import":
            yield ImportedName(statement, child, "*", module, "*")
    for item in statement.children_by_field_name("name"):
        original, alias = (item.child_by_field_name(f) for f in ("name", "alias"))
        if item.type == "aliased_import" and original is not None and alias is not None:
            yield ImportedName(statement, item, text_of(alias), module, dotted(original))
        elif item.type != "aliased_import":
            yield ImportedName(statement, item, dotted(item), module, dotted(item))


def dotted(node: Node) -> str:
    """A dotted name without the white space and line joins that may stand in it."""
    return "".join(text_of(node).replace("\\", " ").split())


class _Walk:
    def __init__(self, root: Node) -> None:
        module = Scope("module", root, None, Span(0, root.end_byte + 1))
        self.found = Lexical([module], {root.id: module}, [], [], [])
        self.stack: list[tuple[Node, Scope]] = [(child, module) for child in reversed(root.named_children)]

    def run(self) -> Lexical:
        while self.stack:
            node, scope = self.stack.pop()
            handler = getattr(self, f"_on_{node.type}", None)
            if handler is not None:
                handler(node, scope)
            elif node.type in COMPREHENSIONS:
                self._comprehension(node, scope)
            else:
                self._push(node.named_children, scope)
        return self.found

    def _push(self, nodes: list[Node] | tuple[Node, ...], scope: Scope) -> None:
        self.stack.extend((node, scope) for node in reversed(nodes))

    def _scope(self, kind: str, node: Node, parent: Scope, start: int | None = None) -> Scope:
        begin = node.start_byte if start is None else start
        scope = Scope(kind, node, parent, Span(begin, node.end_byte))
        self.found.scopes.append(scope)
        self.found.by_node[node.id] = scope
        return scope

    def _bind(self, name: str, scope: Scope, *, imported: bool = False) -> None:
        if name in scope.outer:
            target = scope.module() if scope.outer[name] == "global" else scope
            target.bound.add(name)
            target.rebound.add(name)
            return
        scope.bound.add(name)
        if not imported:
            scope.rebound.add(name)

    def _target(self, node: Node | None, scope: Scope) -> None:
        """Bind the names of an assignment target; what else stands in it is only read."""
        if node is None:
            return
        if node.type == "identifier":
            self._bind(text_of(node), scope)
            self.found.stores.append((node, scope))
        elif node.type in _TARGET_CONTAINERS:
            for child in node.named_children:
                self._target(child, scope)
        else:
            self._push([node], scope)

    # ---- leaves

    def _on_identifier(self, node: Node, scope: Scope) -> None:
        self.found.references.append((node, scope))

    def _on_attribute(self, node: Node, scope: Scope) -> None:
        target = node.child_by_field_name("object")
        if target is not None:
            self.stack.append((target, scope))

    def _on_keyword_argument(self, node: Node, scope: Scope) -> None:
        value = node.child_by_field_name("value")
        if value is not None:
            self.stack.append((value, scope))

    # ---- bindings

    def _on_import_statement(self, node: Node, scope: Scope) -> None:
        for one in imported_names(node):
            if one.name == "*":
                self.found.stars.append(one)
                continue
            holder = scope.module() if scope.outer.get(one.bound) == "global" else scope
            self._bind(one.bound, scope, imported=True)
            holder.imported.setdefault(one.bound, []).append(one)

    _on_import_from_statement = _on_import_statement

    def _on_future_import_statement(self, node: Node, scope: Scope) -> None:
        pass

    def _on_assignment(self, node: Node, scope: Scope) -> None:
        self._target(node.child_by_field_name("left"), scope)
        rest = [node.child_by_field_name(name) for name in ("type", "right")]
        self._push([child for child in rest if child is not None], scope)

    def _on_augmented_assignment(self, node: Node, scope: Scope) -> None:
        left = node.child_by_field_name("left")
        self._target(left, scope)
        if left is not None and left.type == "identifier":
            self.found.references.append((left, scope))
        right = node.child_by_field_name("right")
        if right is not None:
            self.stack.append((right, scope))

    def _on_named_expression(self, node: Node, scope: Scope) -> None:
        holder = scope
        while holder.kind == "comprehension" and holder.parent is not None:
            holder = holder.parent
        self._target(node.child_by_field_name("name"), holder)
        value = node.child_by_field_name("value")
        if value is not None:
            self.stack.append((value, scope))

    def _on_for_statement(self, node: Node, scope: Scope) -> None:
        left = node.child_by_field_name("left")
        self._target(left, scope)
        self._push([c for c in node.named_children if left is None or c.id != left.id], scope)

    def _on_as_pattern(self, node: Node, scope: Scope) -> None:
        alias = node.child_by_field_name("alias")
        if alias is not None and alias.type == "as_pattern_target":
            for child in alias.named_children:
                self._target(child, scope)
        elif alias is not None:
            self._target(alias, scope)
        self._push([c for c in node.named_children if alias is None or c.id != alias.id], scope)

    def _on_delete_statement(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            names = child.named_children if child.type in ("expression_list", "tuple") else [child]
            for name in names:
                if name.type == "identifier":
                    self._bind(text_of(name), scope)
                    self.found.stores.append((name, scope))
                else:
                    self._push([name], scope)

    def _on_global_statement(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            scope.outer[text_of(child)] = node.type.partition("_")[0]
            if node.type == "global_statement":
                scope.module().bound.add(text_of(child))
                scope.module().rebound.add(text_of(child))

    _on_nonlocal_statement = _on_global_statement

    def _on_case_pattern(self, node: Node, scope: Scope) -> None:
        """Bare names in a pattern bind; dotted names and call names are read."""
        for child in node.named_children:
            if child.type == "dotted_name" and child.named_child_count == 1:
                self._bind(text_of(child), scope)
            elif child.type in ("dotted_name", "class_pattern"):
                self._class_pattern(child, scope)
            elif child.type == "identifier" and node.type in ("splat_pattern", "as_pattern"):
                self._bind(text_of(child), scope)
            else:
                self._on_case_pattern(child, scope)

    def _class_pattern(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            if child.type == "dotted_name":
                first = child.named_child(0)
                if first is not None:
                    self.found.references.append((first, scope))
            elif child.type == "identifier":
                self.found.references.append((child, scope))
                return
            else:
                self._on_case_pattern(child, scope)

    # ---- scopes

    def _on_function_definition(self, node: Node, scope: Scope) -> None:
        name, parameters, body = (node.child_by_field_name(f) for f in ("name", "parameters", "body"))
        if name is not None:
            self._bind(text_of(name), scope)
        inner = self._scope("function", node, scope, parameters.start_byte if parameters is not None else None)
        if body is not None:
            self.stack.append((body, inner))
        returned = node.child_by_field_name("return_type")
        if returned is not None:
            self.stack.append((returned, scope))
        self._parameters(parameters, scope, inner)

    def _on_lambda(self, node: Node, scope: Scope) -> None:
        inner = self._scope("lambda", node, scope)
        body = node.child_by_field_name("body")
        if body is not None:
            self.stack.append((body, inner))
        self._parameters(node.child_by_field_name("parameters"), scope, inner)

    def _parameters(self, parameters: Node | None, outer: Scope, inner: Scope) -> None:
        for node in parameters.named_children if parameters is not None else ():
            name = parameter_name(node)
            if name is not None:
                self._bind(text_of(name), inner)
            for part in ("type", "value"):
                child = node.child_by_field_name(part)
                if child is not None:
                    self.stack.append((child, outer))

    def _on_class_definition(self, node: Node, scope: Scope) -> None:
        name, bases, body = (node.child_by_field_name(f) for f in ("name", "superclasses", "body"))
        if name is not None:
            self._bind(text_of(name), scope)
        inner = self._scope("class", node, scope, body.start_byte if body is not None else None)
        if body is not None:
            self.stack.append((body, inner))
        if bases is not None:
            self.stack.append((bases, scope))

    def _comprehension(self, node: Node, scope: Scope) -> None:
        inner = self._scope("comprehension", node, scope)
        later: list[tuple[Node, Scope]] = []
        first = True
        for child in node.named_children:
            if child.type != "for_in_clause":
                later.append((child, inner))
                continue
            self._target(child.child_by_field_name("left"), inner)
            right = child.child_by_field_name("right")
            if right is not None:
                later.append((right, scope if first else inner))
            first = False
        self.stack.extend(reversed(later))


def parameter_name(node: Node) -> Node | None:
    """The identifier of one parameter, whatever decorates it; None for `*` and `/`."""
    if node.type == "identifier":
        return node
    named = node.child_by_field_name("name")
    if named is not None:
        return named
    for child in node.named_children:
        if child.type == "identifier":
            return child
        if child.type in ("list_splat_pattern", "dictionary_splat_pattern"):
            return parameter_name(child)
    return None
