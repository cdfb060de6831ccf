"""The imports that a file's edits ask for: renamed in place, added, and taken out where left unused."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from apimig import syntax
from apimig.records import Edit, ImportBinding, Span
from apimig.rewrite import lists, statements
from apimig.rewrite.compose import carried, together
from apimig.rewrite.lists import Change, Items
from apimig.rewrite.naming import Names
from apimig.rewrite.spelling import ImportChange
from apimig.rewrite.statements import Item, Statement
from apimig.rewrite.templates import Code, Refused, line_start, newline

RULE = "imports"


@dataclass(frozen=True, slots=True)
class Need:
    """A name that new code uses at a byte: ``name`` must be bound to ``qualified`` there."""

    qualified: str
    name: str
    at: int

    @property
    def module(self) -> str:
        """The module to import it from, "" when it is a module imported by its own name."""
        return "" if self.whole else self.qualified.rpartition(".")[0]

    @property
    def whole(self) -> bool:
        """Whether it is a module imported by its own name: `import numpy.testing`, `import numpy as np`."""
        first, _, last = self.qualified.partition(".")
        return not last or (self.name == first and last != first)  # datetime.datetime is the class

    @property
    def item(self) -> str:
        """The item of the import: ``prod``, ``prod as product``, ``numpy as np``."""
        last = self.qualified if self.whole else self.qualified.rpartition(".")[2]
        bound = last.partition(".")[0] if self.whole else last
        return last if self.name == bound else f"{last} as {self.name}"

    def covers(self, other: Need) -> bool:
        """Whether an import for this need serves another one too: ``import a.b`` binds ``a`` as ``import a`` does."""
        deeper = other.whole and f"{self.qualified}.".startswith(f"{other.qualified}.")
        return self.name == other.name and (self.qualified == other.qualified or (self.whole and deeper))

    @property
    def statement(self) -> str:
        """The import as a statement of its own."""
        return f"from {self.module} import {self.item}" if self.module else f"import {self.item}"


@dataclass(slots=True)
class _Plan:
    """What becomes of one statement."""

    statement: Statement
    removed: set[int] = field(default_factory=set)
    spare: set[int] = field(default_factory=set)  # of the removed: they stay where nothing takes their place
    replaced: dict[int, list[Need]] = field(default_factory=dict)
    renamed: dict[int, str] = field(default_factory=dict)  # the name part of an item, its alias kept
    added: list[Need] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the statement stays as it is."""
        return not (self.removed or self.replaced or self.renamed or self.added)


class Imports:
    """Plans the import edits of one file for the edits that are made in its code."""

    def __init__(
        self, names: Names, edits: Sequence[Edit], changes: Iterable[ImportChange], protected: Sequence[Span]
    ) -> None:
        self.names, self.edits, self.protected = names, edits, protected
        self.text = names.resolution.source.text
        self.bindings = names.resolution.imports
        self.plans = {s.span: _Plan(s) for s in statements.statements_of(names.resolution.tree, self.bindings)}
        self.changes = {change.binding.item: change for change in changes}
        self.erased = _erased(edits)
        self.needs = list(dict.fromkeys(self._needs()))

    def edit(self) -> tuple[list[Edit], frozenset[Span]]:
        """The edits of import statements, and the items of changed imports that had to stay as they are."""
        kept = frozenset(item for item in self.changes if not self._change(item))
        self._remove_unused()
        self._narrow()
        fresh = self._turn_over([n for n in self.needs if not (self._satisfied(n) or self._place(n))])
        for plan in self.plans.values():
            plan.removed -= plan.spare
        found = [edit for plan in self.plans.values() if (edit := self._edit_of(plan)) is not None]
        return [*found, *self._new_statements(fresh)], kept

    def _needs(self) -> Iterable[Need]:
        for edit in self.edits:
            yield from (Need(qualified, name, edit.span.start) for qualified, name in edit.imports)

    # ---- what goes

    def _gone(self, binding: ImportBinding) -> bool:
        """Whether no reference to the binding is left."""
        if any(not any(e.overlaps(use) for e in self.erased) for use in binding.uses):
            return False
        return not any(
            need.name == binding.name
            and binding.scope.start <= need.at <= binding.scope.end
            and self._means(binding, need)
            for need in self.needs
        )

    def _means(self, binding: ImportBinding, need: Need) -> bool:
        written = self._written(binding)
        submodule = need.whole and written.startswith(f"{need.qualified}.") and need.name == binding.name
        return submodule or need.qualified in (binding.target, written)

    def _written(self, binding: ImportBinding) -> str:
        """The qualified name that the statement spells."""
        plan = self.plans.get(binding.statement)
        item = None if plan is None else next((i for i in plan.statement.items if i.span == binding.item), None)
        if plan is None or item is None:
            return binding.target
        return f"{plan.statement.module}.{item.name}" if plan.statement.is_from else item.name

    def _change(self, span: Span) -> bool:
        """Make a change of one item; False when references keep the old name in use."""
        change = self.changes[span]
        binding = change.binding
        plan = self.plans[binding.statement]
        index = next(i for i, item in enumerate(plan.statement.items) if item.span == span)
        item = plan.statement.items[index]
        if change.qualified == f"builtins.{change.name}" == f"builtins.{binding.name}" and not item.alias:
            plan.removed.add(index)  # the name means the builtin without its import
            return True
        if change.name != binding.name and not self._gone(binding):
            return False
        if not change.name or (change.qualified == f"builtins.{change.name}" and not item.alias):
            plan.removed.add(index)
            return True
        if plan.statement.is_from:
            self._change_from(plan, index, item, change)
        elif item.alias:
            plan.renamed[index] = change.qualified
        else:
            plan.replaced[index] = [Need(change.qualified, change.name, binding.statement.start)]
        return True

    def _change_from(self, plan: _Plan, index: int, item: Item, change: ImportChange) -> None:
        module, _, last = change.qualified.rpartition(".")
        need = Need(change.qualified, change.name, change.binding.statement.start)
        if self._binds(need, but=change.binding):
            plan.removed.add(index)
        elif module != plan.statement.module:
            plan.replaced[index] = [need]
        elif item.alias and item.alias == change.name:
            plan.renamed[index] = last
        else:
            plan.replaced[index] = [need]

    def _binds(self, need: Need, but: ImportBinding) -> bool:
        """Whether another import of the same scope binds the name to the same thing already."""
        return any(
            b is not but
            and b.name == need.name
            and b.scope == but.scope
            and self._means(b, need)
            and b.guard == but.guard
            for b in self.bindings
        )

    def _remove_unused(self) -> None:
        for plan in self.plans.values():
            for index, item in enumerate(plan.statement.items):
                binding = item.binding
                if binding is None or index in plan.replaced or index in plan.renamed or not binding.uses:
                    continue
                stays = binding.exported or binding.guard or self.names.resolution.source.is_package
                if not stays and self._gone(binding):
                    plan.removed.add(index)
                    if statements.has_comment(self.text, item.span):  # which may say why it is there
                        plan.spare.add(index)

    def _narrow(self) -> None:
        """``import numpy.testing.utils`` goes when no chain goes through that submodule any more."""
        for plan in self.plans.values():
            for index, item in enumerate(plan.statement.items):
                dotted = not plan.statement.is_from and not item.alias and "." in item.name
                if dotted and index not in plan.removed | plan.replaced.keys() and self._left(item):
                    plan.removed.add(index)

    def _left(self, item: Item) -> bool:
        """Whether all chains through a submodule were rewritten to go elsewhere."""
        binding = item.binding
        if binding is None or binding.exported or binding.guard:
            return False
        chains = [c for c in map(self.names.chain, binding.uses) if self._through(c, item.name)]
        moved = all(any(edit.span.overlaps(c) for edit in self.edits) for c in chains)
        still = any(n.name == binding.name and f"{n.qualified}.".startswith(f"{item.name}.") for n in self.needs)
        return bool(chains) and moved and not still

    def _through(self, chain: Span, module: str) -> bool:
        text = self.text[chain.start : chain.end].decode("utf-8")
        return f"{text}.".startswith(f"{module}.")

    # ---- what comes

    def _satisfied(self, need: Need) -> bool:
        binding = self.names.binding_at(need.name, need.at)
        if binding is not None and self._means(binding, need) and not self._is_going(binding):
            return True
        for plan in self.plans.values():
            for each in [*plan.added, *(n for needs in plan.replaced.values() for n in needs)]:
                if each.covers(need) and self._reaches(plan.statement, need.at):
                    return True
        return False

    def _is_going(self, binding: ImportBinding) -> bool:
        plan = self.plans.get(binding.statement)
        if plan is None:
            return False
        going = plan.removed | plan.replaced.keys()
        return any(plan.statement.items[i].span == binding.item for i in going)

    def _reaches(self, statement: Statement, at: int) -> bool:
        """Whether what a statement binds is seen at a byte."""
        scope = next((i.binding.scope for i in statement.items if i.binding is not None), None)
        if scope is None:
            scope = syntax.span_of(self.names.resolution.tree.root_node)
        if not scope.start <= at <= scope.end:
            return False
        block = statement.node.parent
        top = block is None or block.type == "module" or statement.span.start <= at <= block.end_byte
        return top or any(i.binding is not None and self._feeds(i.binding, at) for i in statement.items)

    def _feeds(self, binding: ImportBinding, at: int) -> bool:
        """Whether the edit at a byte replaced references to the binding."""
        spans = [edit.span for edit in self.edits if edit.span.start == at]
        return any(span.contains(use) for span in spans for use in binding.uses)

    def _place(self, need: Need) -> bool:
        """Put a need into a statement of its module: in place of an item that goes, else beside the others."""
        fitting = [
            plan
            for plan in self.plans.values()
            if not plan.statement.is_star
            and plan.statement.module == need.module
            and self._reaches(plan.statement, need.at)
        ]
        for plan in fitting:
            place = self._free_place(plan, need)
            if place is not None:
                plan.removed.discard(place)
                plan.replaced[place] = [need]
                return True
        for plan in fitting if need.module else ():
            if not any(i.binding is not None and i.binding.guard for i in plan.statement.items):
                plan.added.append(need)
                return True
        return False

    def _free_place(self, plan: _Plan, need: Need) -> int | None:
        """The item that goes and makes room: the one that the need comes from, else any that nothing speaks for."""
        own = [i for i in sorted(plan.removed) if self._origin(plan.statement.items[i], need)]
        return next(iter(own or sorted(plan.removed - plan.spare)), None)

    def _origin(self, item: Item, need: Need) -> bool:
        return item.binding is not None and self._feeds(item.binding, need.at)

    def _turn_over(self, fresh: list[Need]) -> list[Need]:
        """Let needs of other modules take the place of a statement that goes as a whole."""
        for need in fresh:
            plan = next((p for p in self.plans.values() if self._is_vacated(p, need)), None)
            if plan is None or self._satisfied(need):
                continue
            first = min(plan.removed | plan.replaced.keys())
            plan.removed.discard(first)
            plan.replaced.setdefault(first, []).append(need)
        return [need for need in fresh if not self._satisfied(need)]

    def _is_vacated(self, plan: _Plan, need: Need) -> bool:
        others = [n for needs in plan.replaced.values() for n in needs if n.module == plan.statement.module]
        whole = len(plan.removed | plan.replaced.keys()) == len(plan.statement.items) and not others
        origin = any(self._origin(item, need) for item in plan.statement.items)
        return whole and bool(plan.statement.items) and origin and not plan.added

    # ---- edits

    def _edit_of(self, plan: _Plan) -> Edit | None:
        if plan.is_empty:
            return None
        statement = plan.statement
        if len(plan.removed) == len(statement.items) and not plan.added:
            gone = {p.statement.span for p in self.plans.values() if len(p.removed) == len(p.statement.items)}
            span, text = statements.removal(self.text, statement.node, gone)
            return Edit(span, (text,) if text else (), RULE)
        return self._edit_items(plan)

    def _edit_items(self, plan: _Plan) -> Edit | None:
        statement = plan.statement
        if module := self._moved_module(plan):
            node = statement.node.child_by_field_name("module_name")
            moved = None if node is None else Edit(syntax.span_of(node), (module.encode(),), RULE)
            own = [self._own_item(statement.items[i], needs[0]) for i, needs in plan.replaced.items()]
            return together([e for e in (moved, *own) if e is not None])
        away = [n for needs in plan.replaced.values() for n in needs if n.module != statement.module]
        leaving = {i for i, needs in plan.replaced.items() if all(n.module != statement.module for n in needs)}
        stay = {i: [n for n in needs if n.module == statement.module] for i, needs in plan.replaced.items()}
        change = Change(
            {i: [Code((n.item.encode(),)) for n in needs] for i, needs in stay.items() if needs},
            frozenset(plan.removed | leaving),
            self._added(plan),
        )
        if len(change.removed) == len(statement.items) and not plan.added:
            others = sorted(away, key=lambda n: n.module)
            lines = self._lines(statement.node, _as_statements(others))
            return Edit(statement.span, (lines,), RULE)
        edits = [Edit(span, parts, RULE) for span, parts in lists.pieces(self._items(statement), change)]
        edits += [self._rename_item(statement.items[i], name) for i, name in plan.renamed.items()]
        if away:
            edits.append(self._beside(statement, away))
        return together(edits)

    def _moved_module(self, plan: _Plan) -> str:
        """The one new module of a statement all of whose items move there with it."""
        modules = {n.module for needs in plan.replaced.values() for n in needs}
        single = all(len(needs) == 1 for needs in plan.replaced.values())
        everything = single and len(plan.replaced) == len(plan.statement.items) and not plan.added and not plan.removed
        (module,) = modules if len(modules) == 1 else ("",)
        return module if everything and plan.statement.is_from and module != plan.statement.module else ""

    def _own_item(self, item: Item, need: Need) -> Edit | None:
        old = self.text[item.span.start : item.span.end].decode()
        return None if old == need.item else Edit(item.span, (need.item.encode(),), RULE)

    def _rename_item(self, item: Item, name: str) -> Edit:
        return Edit(syntax.span_of(item.name_node), (name.encode(),), RULE)

    def _added(self, plan: _Plan) -> dict[int, list[Code]]:
        """New items, where a sorted list stays sorted."""
        names = [item.name for item in plan.statement.items]
        key = next((k for k in (_by_kind, str.casefold, str) if names == sorted(names, key=k)), None)
        found: dict[int, list[Code]] = {}
        for need in sorted(plan.added, key=lambda n: (key or str)(n.item)):
            last = need.qualified.rpartition(".")[2]
            smaller = range(len(names)) if key is None else [i for i, n in enumerate(names) if key(n) <= key(last)]
            found.setdefault(max(smaller, default=-1), []).append(Code((need.item.encode(),)))
        return found

    def _items(self, statement: Statement) -> Items:
        node = statement.node
        opening = next((c for c in node.children if c.type == "("), None)
        closing = next((c for c in node.children if c.type == ")"), None)
        start = opening.end_byte if opening is not None else statement.items[0].span.start
        end = closing.start_byte if closing is not None else node.end_byte
        return Items(self.text, tuple(item.span for item in statement.items), start, end)

    def _beside(self, statement: Statement, needs: Iterable[Need]) -> Edit:
        """Statements for items that moved to other modules, after the statement that they leave."""
        if not statement.node.next_sibling or self._ends_line(statement.node):
            begin = line_start(self.text, statement.span.start)
            needs = sorted(needs, key=lambda n: n.module)
            lines = self._lines(statement.node, _as_statements(needs))
            if all(n.module < statement.module for n in needs):  # sorted imports stay sorted
                return Edit(Span(statement.span.start, statement.span.start), (lines + begin,), RULE)
            return Edit(Span(statement.span.end, statement.span.end), (begin + lines,), RULE)
        raise Refused("its import shares a line with another statement")

    def _ends_line(self, node: Node) -> bool:
        end = self.text.find(b"\n", node.end_byte)
        return not self.text[node.end_byte : end if end >= 0 else len(self.text)].strip()

    def _lines(self, node: Node, texts: Iterable[str]) -> bytes:
        return line_start(self.text, node.start_byte).join(text.encode() for text in texts)

    def _new_statements(self, needs: Sequence[Need]) -> list[Edit]:
        """Statements for what no existing import can take in, next to imports of the same library."""
        by_place: dict[int, tuple[bytes, bytes, list[Need]]] = {}
        for need in needs:
            at, before, after = self._spot(need)
            by_place.setdefault(at, (before, after, []))[2].append(need)
        end = newline(self.text)
        return [
            Edit(
                Span(at, at), (before + (before or end).join(t.encode() for t in _as_statements(group)) + after,), RULE
            )
            for at, (before, after, group) in by_place.items()
        ]

    def _spot(self, need: Need) -> tuple[int, bytes, bytes]:
        """Where a new statement goes: offset, what is written before and after it."""
        root = self.names.resolution.tree.root_node
        if (late := self._late(need)) is not None:
            return statements.insertion(root, self.text, late.node, self.protected)
        tops = [p.statement for p in self.plans.values() if p.statement.is_top and p.statement.span.end <= need.at]
        library = need.qualified.partition(".")[0]
        same = [s for s in tops if _root_of(s) == library]
        if same:
            return statements.insertion(root, self.text, same[-1].node, self.protected)
        head = _leading_imports(root)
        standard = [n for n in head if _is_standard(n)]
        is_standard = library in sys.stdlib_module_names
        if is_standard and head and not standard:  # a group of its own above the others
            return head[0].start_byte, b"", newline(self.text) * 2
        group = standard if is_standard else [n for n in head if n not in standard]
        later = next((n for n in group if self._sorts_after(n, need)), None)
        if later is not None:
            return later.start_byte, b"", newline(self.text)
        last = (group or head)[-1] if head else None
        return statements.insertion(root, self.text, last, self.protected)

    def _late(self, need: Need) -> Statement | None:
        """The import in a function that a need comes from: what may not be installed is asked for no earlier."""
        if need.qualified.partition(".")[0] in sys.stdlib_module_names:
            return None
        late = [plan.statement for plan in self.plans.values() if plan.statement.is_late]
        feeding = (s for s in late for i in s.items if i.binding is not None and self._feeds(i.binding, need.at))
        return next(feeding, None)

    def _sorts_after(self, node: Node, need: Need) -> bool:
        """Whether a plain import comes after a new one by name."""
        plain = node.type == "import_statement" and not need.module
        return plain and _module_text(node) > need.qualified


def _as_statements(needs: Iterable[Need]) -> list[str]:
    """The statements for some needs, one for each module."""
    items: dict[str, dict[str, None]] = {}
    for need in needs:
        items.setdefault(need.module or need.statement, {})[need.item] = None
    return [
        module if module.startswith("import ") else f"from {module} import {', '.join(sorted(names, key=_by_kind))}"
        for module, names in items.items()
    ]


def _root_of(statement: Statement) -> str:
    first = statement.module or (statement.items[0].name if statement.items else "")
    return first.partition(".")[0]


def _by_kind(name: str) -> str:
    """The order of import sorters: constants, classes, then the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return f"{kind}{name.casefold()}"


def _is_standard(node: Node) -> bool:
    """Whether an import is of the standard library (``__future__`` too)."""
    return (_module_text(node) or "__future__").partition(".")[0] in sys.stdlib_module_names


def _module_text(node: Node) -> str:
    """The (first) module that an import names."""
    if node.type == "future_import_statement":
        return ""
    module = node.child_by_field_name("module_name") or node.child_by_field_name("name")
    if module is not None and module.type == "aliased_import":
        module = module.child_by_field_name("name")
    return "" if module is None else syntax.text_of(module)


def _leading_imports(root: Node) -> list[Node]:
    """The imports before the first other statement; a docstring and comments do not count."""
    found = []
    for at, node in enumerate(n for n in root.named_children if not n.is_extra):
        docstring = at == 0 and node.type == "expression_statement" and node.named_children[0].type == "string"
        if node.type in ("import_statement", "import_from_statement", "future_import_statement"):
            found.append(node)
        elif not docstring:
            break
    return found


def _erased(edits: Sequence[Edit]) -> list[Span]:
    """What the edits take away: their spans less what they carry over."""
    found = []
    for edit in edits:
        at = edit.span.start
        for part in sorted(carried(edit)):
            if part.start > at:
                found.append(Span(at, part.start))
            at = max(at, part.end)
        if at < edit.span.end:
            found.append(Span(at, edit.span.end))
    return found
