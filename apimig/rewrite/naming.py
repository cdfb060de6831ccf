"""How a qualified name is spelled at a place in a file, and which import that needs."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node, Tree

from apimig import syntax
from apimig.records import ImportBinding, Resolution, Span
from apimig.rulebook.rule import Library

_WELL_KNOWN = {"matplotlib.pyplot": "plt", "numpy": "np", "pandas": "pd", "seaborn": "sns", "tensorflow": "tf"}
_IDENTIFIER = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Spelling:
    """Source text for a name, and the (qualified, bound name) pairs that must be imported for it."""

    text: str
    imports: tuple[tuple[str, str], ...] = ()


class Names:
    """The names of one file: what they are bound to and how new ones can be spelled."""

    def __init__(self, resolution: Resolution, libraries: Sequence[Library]) -> None:
        self.resolution = resolution
        self.moved: dict[Span, str] = {}  # items of imports whose module moves as a whole
        self.roots = frozenset(name for library in libraries for name in library.imports)
        self._modules = frozenset(name for library in libraries for name in library.modules)
        self._objects = frozenset(name for library in libraries for name in library.objects)
        self._aliases = _WELL_KNOWN | {target: alias for lib in libraries for alias, target in lib.conventional.items()}

    @cached_property
    def occurrences(self) -> dict[str, list[int]]:
        """Where each identifier stands as a name (not as an attribute or a keyword), by text."""
        found: dict[str, list[int]] = {}
        for node in syntax.walk(self.resolution.tree.root_node):
            if node.type == "identifier" and not is_label(node):
                found.setdefault(syntax.text_of(node), []).append(node.start_byte)
        return found

    @cached_property
    def _quote(self) -> bytes:
        """The quote that the file's strings prefer, b"" when they have no preference."""
        starts = [n.text or b"" for n in syntax.walk(self.resolution.tree.root_node) if n.type == "string_start"]
        single, double = (
            sum(start.endswith(q) and not start.endswith(q * 3) for start in starts) for q in (b"'", b'"')
        )
        return b"'" if single > double else b'"' if double > single else b""

    def quoted(self, literal: bytes, at: int) -> bytes:
        """A plain string literal with the quotes of the file, or those that the f-string around it leaves free."""
        node = self.resolution.tree.root_node.named_descendant_for_byte_range(at, at)
        quote = _free_quote(node) or _own_quote(node, at) or self._quote
        plain = literal[:1] in (b"'", b'"') and literal[:3] not in (b"'''", b'"""')
        if not quote or not plain or quote in literal[1:-1] or b"\\" in literal:
            return literal
        return quote + literal[1:-1] + quote

    def binding_at(self, name: str, at: int) -> ImportBinding | None:
        """The import that binds ``name`` as seen from a byte: the innermost scope, the last statement before it."""
        found = [b for b in self.resolution.imports if b.name == name and b.scope.start <= at <= b.scope.end]
        return max(found, key=lambda b: (b.scope.start, b.statement.start <= at, b.statement.start), default=None)

    def chain(self, use: Span) -> Span:
        """The whole dotted name that begins with a reference."""
        node = self.resolution.tree.root_node.named_descendant_for_byte_range(use.start, use.end)
        while node is not None and node.parent is not None and node.parent.type == "attribute":
            if node.parent.child_by_field_name("object") != node:
                break
            node = node.parent
        return use if node is None else syntax.span_of(node)

    def is_free(self, name: str, at: int) -> bool:
        """Whether a new import may bind ``name`` for use at a byte without changing what it means anywhere."""
        bound = self.resolution.is_bound
        if name in _BUILTINS and name in self.occurrences:
            return False
        if bound(name, at) or bound(name, len(self.resolution.source.text)):
            return False
        return all(bound(name, place) for place in self.occurrences.get(name, ()))

    def spell(self, qualified: str, at: int) -> Spelling | None:
        """Spell a qualified name at a byte; None when every spelling would shadow something."""
        head, _, last = qualified.rpartition(".")
        if head == "builtins":
            return self._builtin(last, at)
        text = self._as_before(qualified, at) or self.resolution.spell(qualified, at)
        if text is not None:
            return Spelling(text, self.through(text, qualified, at))
        spelling = self._from_star(qualified, at) or self._from_style(qualified, at)
        if spelling is not None or self._is_lazy(qualified):
            return spelling
        return self._module_style(qualified, at)

    def unspellable(self, qualified: str) -> str:
        """Why :meth:`spell` knows no way to write a name."""
        root = qualified.partition(".")[0]
        if self._is_lazy(qualified):
            return (
                f"`{root}` is imported only conditionally or inside functions here; `{qualified}` needs it at the top"
            )
        return f"`{qualified}` cannot be imported here under any usual name without hiding another one"

    def _is_lazy(self, qualified: str) -> bool:
        """Whether the file takes care to load the library only where it is needed, or where there is one."""
        root = qualified.partition(".")[0]
        bindings = [b for b in self.resolution.imports if root in self.roots and b.target.partition(".")[0] == root]
        return bool(bindings) and not any(self._is_unconditional(b) for b in bindings)

    def _is_unconditional(self, binding: ImportBinding) -> bool:
        node = statement_node(self.resolution.tree, binding.statement)
        return node is not None and node.parent is not None and node.parent.parent is None and not binding.guard

    def _as_before(self, qualified: str, at: int) -> str | None:
        """The spelling through the name that stands at the place already: ``np.`` stays ``np.``."""
        root = _IDENTIFIER.match(self.resolution.source.text, at)
        name = "" if root is None else root.group().decode("utf-8")
        binding = next(
            (b for b in self.resolution.imports if b.name == name and Span(at, at + len(name)) in b.uses), None
        )
        if binding is None or binding.guard or not qualified.startswith(f"{binding.target}."):
            return None
        return name + qualified[len(binding.target) :]

    def _builtin(self, name: str, at: int) -> Spelling | None:
        if not self.resolution.is_bound(name, at):
            return Spelling(name)
        binding = self.binding_at("builtins", at)
        if binding is not None or self.is_free("builtins", at):
            return Spelling(f"builtins.{name}", (("builtins", "builtins"),))
        return None

    def is_free_for(self, name: str, at: int, qualified: str) -> bool:
        """Whether ``name`` may mean ``qualified`` at a byte, or does so already."""
        return self.is_free(name, at) or self.resolution.spell(qualified, at) == name

    def is_plain(self, binding: ImportBinding) -> bool:
        """Whether it is ``import a.b``, without ``from`` and without a name of its own."""
        node = statement_node(self.resolution.tree, binding.statement)
        item = self.resolution.source.text[binding.item.start : binding.item.end].decode("utf-8")
        return node is not None and node.type == "import_statement" and item.partition(".")[0] == binding.name

    def is_library_statement(self, binding: ImportBinding) -> bool:
        """Whether an import takes its name from the library itself, not from another module of the code base."""
        node = statement_node(self.resolution.tree, binding.statement)
        if node is None or node.type != "import_from_statement":
            return node is not None
        return self.statement_module(binding).partition(".")[0] in self.roots

    def class_of(self, qualified: str) -> str:
        """The outermost class that an object lies in, or ""."""
        module = self._module_of(qualified)
        first = qualified.removeprefix(f"{module}.").partition(".")[0]
        return f"{module}.{first}" if module and f"{module}.{first}" != qualified else ""

    def _module_of(self, qualified: str) -> str:
        return module_of(qualified, self._modules, self._objects)

    def through(self, text: str, qualified: str, at: int) -> tuple[tuple[str, str], ...]:
        """The existing import that a spelling goes through, so that it is not taken for unused."""
        root = text.partition(".")[0]
        binding = self.binding_at(root, at)
        if binding is None:
            return ()
        if self.is_plain(binding) and binding.item.end - binding.item.start > len(root.encode()):
            return ((self._module_of(qualified), root),)  # `import a.b.c`: the submodule matters
        return ((binding.target, root),)

    def _from_star(self, qualified: str, at: int) -> Spelling | None:
        """The bare name where ``from numpy import *`` brings it along."""
        module, _, name = qualified.rpartition(".")
        covered = module in self._stars and name not in _BUILTINS and self.is_free(name, at)
        return Spelling(name) if covered else None

    @cached_property
    def _stars(self) -> frozenset[str]:
        nodes = [n for n in self.resolution.tree.root_node.named_children if n.type == "import_from_statement"]
        found = [n.child_by_field_name("module_name") for n in nodes if n.named_children[-1].type == "wildcard_import"]
        return frozenset(syntax.text_of(n) for n in found if n is not None)

    def _from_style(self, qualified: str, at: int) -> Spelling | None:
        """``from numpy import prod`` where the file takes other names from ``numpy`` that way."""
        module, _, name = qualified.rpartition(".")
        if not module:
            return None
        siblings = [b for b in self.resolution.imports if self._takes_from(b, module, at)]
        if not siblings or not self.is_free(name, at):
            return None
        return Spelling(name, ((qualified, name),))

    def _takes_from(self, binding: ImportBinding, module: str, at: int) -> bool:
        if not binding.scope.start <= at <= binding.scope.end:
            return False
        return self.statement_module(binding) == module

    def statement_module(self, binding: ImportBinding) -> str:
        """The module of a ``from module import ...`` statement, "" for other statements."""
        node = statement_node(self.resolution.tree, binding.statement)
        if node is None or node.type != "import_from_statement":
            return ""
        module = node.child_by_field_name("module_name")
        return "" if module is None or module.type != "dotted_name" else syntax.text_of(module)

    def _module_style(self, qualified: str, at: int) -> Spelling | None:
        """``import pandas as pd`` and ``pd.concat``; submodules are imported by their own name."""
        module = self._module_of(qualified)
        if not module:
            bound = next((b for b in (self._aliases.get(qualified), qualified) if b and self.is_free(b, at)), None)
            return None if bound is None else Spelling(bound, ((qualified, bound),))
        name = qualified.removeprefix(f"{module}.")
        alias = self._aliases.get(module)
        for bound in filter(None, (alias, None if "." in module else module)):
            if self.is_free(bound, at):
                return Spelling(f"{bound}.{name}", ((module, bound),))
        first = name.partition(".")[0]
        if "." in module and self.is_free(first, at):
            return Spelling(name, ((f"{module}.{first}", first),))
        return None


def statement_node(tree: Tree, span: Span) -> Node | None:
    """The import statement with this span (a block may have the same)."""
    node = tree.root_node.named_descendant_for_byte_range(span.start, span.end)
    while node is not None and node.type in ("module", "block"):
        node = next((child for child in node.named_children if syntax.span_of(child) == span), None)
    return node if node is not None and syntax.span_of(node) == span else None


def module_of(qualified: str, modules: Collection[str] = (), objects: Collection[str] = ()) -> str:
    """The module of an object, by the convention that only classes have capital letters, or one of ``modules``.

    ``objects`` are constants of modules; what is taken from one of them is no module's either.
    """
    module = qualified.rpartition(".")[0]
    while "." in module and (module in objects or (module not in modules and module.rpartition(".")[2][:1].isupper())):
        module = module.rpartition(".")[0]
    return module


def _own_quote(node: Node | None, at: int) -> bytes:
    """The quote of the string literal that begins at a byte: what takes its place keeps it."""
    start = b"" if node is None or node.type != "string_start" or node.start_byte != at else node.text or b""
    return start[-1:] if len(start) == 1 else b""


def _free_quote(node: Node | None) -> bytes:
    """The quote to use in the f-string that a node stands in."""
    while node is not None and node.type != "interpolation":
        node = node.parent
    start = None if node is None or node.parent is None else node.parent.children[0].text
    return b"" if not start else b"'" if start.endswith(b'"') else b'"'


def is_label(node: Node) -> bool:
    """Whether an identifier is the name of an attribute or keyword rather than a reference."""
    parent = node.parent
    if parent is None:
        return False
    name = {"keyword_argument": "name", "attribute": "attribute"}.get(parent.type)
    return name is not None and parent.child_by_field_name(name) == node
