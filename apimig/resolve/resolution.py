"""The answer about one file: uses, imports, and questions about values and names at a place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from tree_sitter import Node, Tree

from apimig.records import (
    UNKNOWN_VALUE,
    Certainty,
    ImportBinding,
    SourceFile,
    Span,
    TypeKind,
    Use,
    UseKind,
    Value,
)
from apimig.resolve.answers import completed
from apimig.resolve.guards import Guards
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.project import Project
from apimig.resolve.scopes import ImportedName, Scope
from apimig.resolve.uses import collect
from apimig.syntax import span_of, text_of, walk


class FileResolution:
    """Implements :class:`apimig.records.Resolution`."""

    def __init__(self, project: Project, interpreter: Interpreter) -> None:
        self._project = project
        self._interpreter = interpreter
        self._lexical = interpreter.lexical

    @property
    def source(self) -> SourceFile:
        """The file."""
        return self._interpreter.source

    @property
    def tree(self) -> Tree:
        """Its tree."""
        return self._interpreter.tree

    @cached_property
    def uses(self) -> Sequence[Use]:
        """Every use of the libraries, in source order."""
        return collect(self._project, self._interpreter, self._guards)

    @cached_property
    def imports(self) -> Sequence[ImportBinding]:
        """Every name bound by an import, with the references to it."""
        references = self._references()
        guards = self._guards
        exported = self._exported()
        found = [
            self._binding(scope, one, references, guards, exported)
            for scope in self._lexical.scopes
            for items in scope.imported.values()
            for one in items
        ]
        return sorted(found, key=lambda binding: binding.item)

    def value_at(self, span: Span) -> Value:
        """The value of the expression with this span."""
        value = self._interpreter.values.get((span.start, span.end), UNKNOWN_VALUE)
        return completed(value, self._project, self.source, span)

    @cached_property
    def _guards(self) -> Guards:
        return Guards(self.tree.root_node)

    def guard_at(self, span: Span, kind: UseKind) -> str:
        """Why a place is compat code."""
        node = self.tree.root_node.descendant_for_byte_range(span.start, span.end)
        return "" if node is None else self._guards.at(node, kind)

    def is_subtype(self, name: str, base: str) -> bool:
        """Whether a class is ``base`` or derives from it."""
        return self._project.is_subtype(name, base)

    def canonical(self, qualified: str) -> str:
        """The preferred public name."""
        return self._project.tables.canonical(qualified)

    def is_bound(self, name: str, at: int) -> bool:
        """Whether a name means something here, builtins aside."""
        return self._lexical.at(at).lookup(name) is not None or bool(
            self._project.snippet and (name in self._project.tables.conventional or name in self._project.tables.names)
        )

    def spell(self, qualified: str, at: int) -> str | None:
        """An expression for a library object with the names that are in scope here."""
        if qualified.startswith("builtins."):
            name = qualified.removeprefix("builtins.")
            return None if self._lexical.at(at).lookup(name) is not None else name
        candidates = [
            spelled
            for scope in self._scopes_at(at)
            for items in scope.imported.values()
            for one in items
            if (spelled := self._spelled(one, scope, qualified, at)) is not None
        ]
        candidates += self._through_stars(qualified, at)
        candidates += self._through_variables(qualified, at)
        if candidates:
            return min(candidates, key=lambda text: (text.count("."), len(text)))
        return self._conventional(qualified)

    def _through_stars(self, qualified: str, at: int) -> list[str]:
        """Spellings by names that ``from module import *`` of a module of the repository brings along."""
        found = []
        for star in self._lexical.stars:
            module = self._project.module(self._interpreter.absolute(star.module))
            top = module.lexical.scopes[0] if module is not None else None
            for name, items in top.imported.items() if top is not None and star.statement.start_byte <= at else ():
                shadowed = self._lexical.at(at).lookup(name) is not None
                value = UNKNOWN_VALUE if shadowed else self._interpreter.free_name(name)
                targets = {one.name for one in value.types}
                if len(targets) == 1 and items and name not in (top.rebound if top is not None else ()):
                    (target,) = targets
                    if qualified == target or qualified.startswith(f"{target}."):
                        found.append(name + qualified[len(target) :])
        return found

    def _through_variables(self, qualified: str, at: int) -> list[str]:
        """Spellings by names that hold a module without an import statement: ``pd = importorskip("pandas")``."""
        found = []
        here = self._lexical.at(at)
        for scope in self._scopes_at(at):
            for name in scope.bound - set(scope.imported):
                bindings = self._interpreter.joined.get((scope.node.id, name), {})
                if len(bindings) != 1 or here.lookup(name) is not scope:
                    continue
                ((start, value),) = bindings.items()
                if self.source.text[start : start + len(name.encode())] != name.encode():
                    continue  # a parameter, which another call may give something else
                target = _module_of(value)
                meant = target and (qualified == target or qualified.startswith(f"{target}."))
                if meant and self._is_set(start, scope, at):
                    found.append(name + qualified[len(target) :])
        return found

    def _is_set(self, start: int, scope: Scope, at: int) -> bool:
        """Whether the statement at ``start`` of a scope surely ran before the code at ``at`` does."""
        if scope is self._lexical.at(at) and start > at:
            return False
        node = self.tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None and node.id != scope.node.id:
            if node.type in _MAYBE and not node.start_byte <= at < node.end_byte:
                return False
            node = node.parent
        return True

    def _conventional(self, qualified: str) -> str | None:
        if not self._project.snippet:
            return None
        conventional = self._project.tables.conventional.items()
        short = [(target, alias) for alias, target in conventional if f"{qualified}.".startswith(f"{target}.")]
        target, alias = max(short, key=lambda pair: len(pair[0]), default=("", ""))
        return alias + qualified[len(target) :]

    def _scopes_at(self, at: int) -> list[Scope]:
        scope: Scope | None = self._lexical.at(at)
        found = []
        while scope is not None:
            found.append(scope)
            scope = scope.parent
        return found

    def _spelled(self, one: ImportedName, scope: Scope, qualified: str, at: int) -> str | None:
        """How ``qualified`` is written through one import, if that import is what the name means here."""
        target = self._target(one)
        if qualified != target and not qualified.startswith(f"{target}."):
            return None
        here = self._lexical.at(at)
        if here.lookup(one.bound) is not scope or one.bound in scope.rebound:
            return None
        others = {self._target(other) for other in scope.imported[one.bound]}
        if len(others) > 1:
            return None
        if scope is here and one.statement.start_byte > at:
            return None
        if scope.parent is None and one.statement.parent is not None and not self._unconditional(one, at):
            return None
        return one.bound + qualified[len(target) :]

    def _unconditional(self, one: ImportedName, at: int) -> bool:
        """Whether the import surely ran: at the top level, or in a block that holds ``at`` as well."""
        block = one.statement.parent
        while block is not None and block.parent is not None:
            if block.type in ("if_statement", "for_statement", "while_statement") and not (
                block.start_byte <= at < block.end_byte
            ):
                return _is_typing_only(block) is False and _both_branches(block, one.bound)
            block = block.parent
        return True

    def _target(self, one: ImportedName) -> str:
        module = self._interpreter.absolute(one.module)
        if not one.name:
            return module if one.item.type == "aliased_import" else module.partition(".")[0]
        value = self._interpreter.imported(one)
        if len(value.types) == 1:
            (found,) = value.types
            if not found.is_local:
                return found.name
        return f"{module}.{one.name}"

    def _references(self) -> dict[tuple[int, str], list[Span]]:
        """Spans of the references to each name of each scope; names in string annotations count."""
        found: dict[tuple[int, str], list[Span]] = {}
        for node, scope in self._lexical.references:
            self._refer(text_of(node), span_of(node), scope, found)
        for offset, tree in self._interpreter.quoted.items():
            scope = self._lexical.at(offset)
            for node in walk(tree.root_node):
                if node.type == "identifier" and not _is_attribute_name(node):
                    self._refer(text_of(node), Span(node.start_byte + offset, node.end_byte + offset), scope, found)
        return found

    def _refer(self, name: str, span: Span, scope: Scope, found: dict[tuple[int, str], list[Span]]) -> None:
        target = scope.lookup(name)
        if target is not None:
            found.setdefault((target.node.id, name), []).append(span)

    def _binding(
        self,
        scope: Scope,
        one: ImportedName,
        references: dict[tuple[int, str], list[Span]],
        guards: Guards,
        exported: set[str],
    ) -> ImportBinding:
        uses = tuple(sorted(references.get((scope.node.id, one.bound), [])))
        alias = one.item.child_by_field_name("alias")
        same = alias is not None and one.name == one.bound
        outside = (self.source.module, one.bound) in self._project.imported_elsewhere
        public = scope.parent is None and (one.bound in exported or same or outside or self.source.is_package)
        return ImportBinding(
            statement=span_of(one.statement), item=span_of(one.item), name=one.bound, target=self._target(one),
            uses=uses, scope=scope.span, exported=public, guard=guards.at(one.item, UseKind.IMPORT),
        )  # fmt: skip

    def _exported(self) -> set[str]:
        """The literals in ``__all__``."""
        names: set[str] = set()
        for node in self.tree.root_node.named_children:
            inner = node.named_child(0) if node.type == "expression_statement" else None
            left = inner.child_by_field_name("left") if inner is not None else None
            if left is not None and inner is not None and text_of(left) == "__all__":
                names |= {text_of(leaf) for leaf in walk(inner) if leaf.type == "string_content"}
        return names


def _module_of(value: Value) -> str:
    """The module of a library that a value is for certain; "" where it is none."""
    if len(value.types) != 1 or value.open or value.certainty is not Certainty.PROVEN:
        return ""
    (one,) = value.types
    return one.name if one.kind is TypeKind.MODULE and not one.is_local else ""


_MAYBE = ("if_statement", "for_statement", "while_statement", "try_statement", "match_statement")


def _is_attribute_name(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type != "attribute":
        return False
    name = parent.child_by_field_name("attribute")
    return name is not None and name.id == node.id


def _is_typing_only(block: Node) -> bool:
    test = block.child_by_field_name("condition")
    return test is not None and "TYPE_CHECKING" in text_of(test)


def _both_branches(block: Node, name: str) -> bool:
    """Whether an if statement imports the name in every branch, else included."""
    branches = [block.child_by_field_name("consequence"), *block.children_by_field_name("alternative")]
    if not any(branch is not None and branch.type == "else_clause" for branch in branches):
        return False
    pattern = f" {name}"
    return all(branch is not None and "import" in text_of(branch) and pattern in text_of(branch) for branch in branches)
