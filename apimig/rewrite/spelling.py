"""Renames: the smallest edit from one spelling of a name to another, and what an import must become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tree_sitter import Node

from apimig import syntax
from apimig.records import Edit, ImportBinding, Span, Use, UseKind
from apimig.rewrite.naming import Names, Spelling, statement_node
from apimig.rewrite.templates import Refused

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class ImportChange:
    """An import's name stands for ``qualified`` from now on; ``name`` is what it binds, "" when nothing needs it."""

    binding: ImportBinding
    qualified: str
    name: str


@dataclass(frozen=True, slots=True)
class Renaming:
    """What a rename does at a place: an edit, a change of the import behind it, or both."""

    edit: Edit | None = None
    change: ImportChange | None = None


def moved_modules(names: Names, renames: Mapping[Span, str]) -> dict[Span, str]:
    """Imported modules all of whose uses moved to one other module of that name, by the span of their import's item.

    ``renames`` gives the new qualified name of each renamed chain. ``import pandas.util.testing as tm`` becomes
    ``import pandas.testing as tm``, and the code that says ``tm.assert_frame_equal`` stays as it is.
    """
    text = names.resolution.source.text
    found: dict[Span, str] = {}
    for binding in names.resolution.imports:
        if not binding.uses or names.is_plain(binding) or not names.is_library_statement(binding) or binding.guard:
            continue
        chains = [chain for use in binding.uses if (chain := names.chain(use)) in renames and chain != use]
        new = [
            q for c in chains if text[c.start : c.end].endswith(b"." + (q := renames[c]).rpartition(".")[2].encode())
        ]
        modules = {qualified.rpartition(".")[0] for qualified in new}
        module = modules.pop() if len(modules) == 1 and len(new) == len(binding.uses) else ""
        if module and module.rpartition(".")[2] == binding.target.rpartition(".")[2] and module != binding.target:
            found[binding.item] = module
    return found


def new_name(use: Use, old: str, new: str, canonical_old: str) -> str:
    """The new qualified name of a use of ``old`` or of something below it."""
    for prefix in (old, canonical_old):
        if use.symbol == prefix or use.symbol.startswith(f"{prefix}."):
            return new + use.symbol.removeprefix(prefix)
    return new


def rename_at(names: Names, use: Use, span: Span, qualified: str, rule: str) -> Renaming:
    """Rename the reference at ``span``."""
    binding = _from_import(names, span)
    if binding is not None:
        return _rename_imported(names, binding, span, qualified, rule)
    moved = _in_moved_module(names, span)
    if moved is not None:
        return moved
    text = names.resolution.source.text[span.start : span.end].decode("utf-8")
    if use.kind is UseKind.STRING and "." not in text and _is_getattr(names, span):
        return Renaming(_rename_in_getattr(use, span, qualified, rule))
    spelling = names.spell(qualified, span.start)
    if spelling is None:
        raise Refused(names.unspellable(qualified))
    return Renaming(smallest(text, span, spelling, rule))


def _from_import(names: Names, span: Span) -> ImportBinding | None:
    """The binding that a bare name refers to, if an import statement binds just that name."""
    return next((b for b in names.resolution.imports if span in b.uses and not names.is_plain(b)), None)


def _in_moved_module(names: Names, span: Span) -> Renaming | None:
    """A chain that begins with a module whose import changes stays."""
    binding = next((b for b in names.resolution.imports if b.item in names.moved and _begins(span, b)), None)
    return None if binding is None else Renaming(None, ImportChange(binding, names.moved[binding.item], binding.name))


def _begins(span: Span, binding: ImportBinding) -> bool:
    return any(use.start == span.start for use in binding.uses)


def _is_getattr(names: Names, span: Span) -> bool:
    node = names.resolution.tree.root_node.named_descendant_for_byte_range(span.start, span.end)
    while node is not None and node.type in ("string_content", "string"):
        node = node.parent
    return node is not None and node.type == "argument_list"


def _rename_in_getattr(use: Use, span: Span, qualified: str, rule: str) -> Edit:
    head, _, last = qualified.rpartition(".")
    if head != use.symbol.rpartition(".")[0]:
        raise Refused(f"getattr takes it from its module by name, and it is `{qualified}` now")
    return Edit(span, (last.encode(),), rule)


def smallest(text: str, span: Span, spelling: Spelling, rule: str) -> Edit:
    """The edit from a dotted name to another that leaves equal parts alone."""
    new = spelling.text
    if not _DOTTED.fullmatch(text):
        return _in_broken_chain(text, span, spelling, rule)
    olds, news = text.split("."), new.split(".")
    head = _common(olds, news)
    tail = min(_common(olds[::-1], news[::-1]), len(olds) - head, len(news) - head)
    grown = len(olds) - head - tail == 1 < len(news) - head - tail  # one name became several: no name's place
    if grown or head in (len(olds), len(news)) or min(len(olds), len(news)) - head - tail < 1:
        return Edit(span, (new.encode(),), rule, spelling.imports)
    start = span.start + len(".".join([*olds[:head], ""]).encode())
    end = span.end - len(".".join(["", *olds[len(olds) - tail :]]).encode() if tail else b"")
    middle = ".".join(news[head : len(news) - tail])
    return Edit(Span(start, end), (middle.encode(),), rule, spelling.imports)


def _in_broken_chain(text: str, span: Span, spelling: Spelling, rule: str) -> Edit:
    """A chain with spaces, line breaks or comments in it: only its last name can change."""
    last = re.search(r"[^\W\d]\w*\Z", text)
    head, _, name = spelling.text.rpartition(".")
    if last is None or re.sub(r"#[^\n]*|\s|\\", "", text[: last.start()]) != f"{head}.":
        raise Refused(f"its spelling is broken over lines; it is `{spelling.text}` now")
    start = span.end - len(last.group().encode())
    return Edit(Span(start, span.end), (name.encode(),), rule, spelling.imports)


def _common(first: list[str], second: list[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


# ------------------------------------------------------------------------ names bound by an import


def _rename_imported(names: Names, binding: ImportBinding, span: Span, qualified: str, rule: str) -> Renaming:
    """A name from ``from m import name``: renamed with its import, or kept by an alias when the new one is taken."""
    if (owner := names.class_of(qualified)) and not binding.guard:
        return _now_in_class(names, binding, span, qualified, owner, rule)
    change = change_of(names, binding, qualified)
    if change.name == binding.name:
        return Renaming(None, change)
    if qualified.startswith("builtins."):
        return Renaming(Edit(span, (change.name.encode(),), rule), change)
    known = names.resolution.spell(qualified, span.start)
    if known is not None and change.name in ("", known):
        return Renaming(Edit(span, (known.encode(),), rule, names.through(known, qualified, span.start)), change)
    return Renaming(Edit(span, (change.name.encode(),), rule, ((qualified, change.name),)), change)


def _now_in_class(names: Names, binding: ImportBinding, span: Span, qualified: str, owner: str, rule: str) -> Renaming:
    """A name that is a member of a class now: the class is imported, as no import statement reaches into it."""
    if has_alias(names, binding) or binding.exported:
        raise Refused(f"it is `{qualified}` now, which no import statement can bind to `{binding.name}`")
    spelling = names.spell(owner, span.start)
    if spelling is None:
        raise Refused(names.unspellable(owner))
    text = spelling.text + qualified.removeprefix(owner)
    return Renaming(Edit(span, (text.encode(),), rule, spelling.imports), ImportChange(binding, qualified, ""))


def change_of(names: Names, binding: ImportBinding, qualified: str) -> ImportChange:
    """What an import of one name becomes, the same for all its uses.

    Where other modules may take the name from here, it stays bound, by an alias.
    """
    head, _, name = qualified.rpartition(".")
    if has_alias(names, binding):
        if names.class_of(qualified):
            raise Refused(f"it is `{qualified}` now, which no import statement can bind to `{binding.name}`")
        return ImportChange(binding, qualified, binding.name)
    if names.is_plain(binding):
        return ImportChange(binding, qualified, qualified.partition(".")[0])
    if not names.is_library_statement(binding):
        raise Refused(f"`{binding.name}` comes from another module of the code base; change it there first")
    if binding.exported and name != binding.name:
        if names.class_of(qualified) or head == "builtins":
            raise Refused(f"other modules may import `{binding.name}` from here, where it would be called `{name}`")
        return ImportChange(binding, qualified, binding.name)
    if head == "builtins":
        return _builtin_change(names, binding, qualified, name)
    places = [use.start for use in binding.uses] or [binding.item.end]
    other_library = head.partition(".")[0] != names.statement_module(binding).partition(".")[0]
    if other_library and binding.uses and all(names.resolution.spell(qualified, place) is not None for place in places):
        return ImportChange(binding, qualified, "")
    free = name == binding.name or all(names.is_free_for(name, place, qualified) for place in places)
    return ImportChange(binding, qualified, name if free else binding.name)


def _builtin_change(names: Names, binding: ImportBinding, qualified: str, name: str) -> ImportChange:
    bound = names.resolution.is_bound
    hidden = name != binding.name and any(bound(name, use.start) for use in binding.uses)
    return ImportChange(binding, qualified, binding.name if hidden else name)


def has_alias(names: Names, binding: ImportBinding) -> bool:
    """Whether the import gives its own name to what it imports."""
    node = item_node(names, binding)
    return node is not None and node.type == "aliased_import"


def item_node(names: Names, binding: ImportBinding) -> Node | None:
    """The node of an import's item."""
    statement = statement_node(names.resolution.tree, binding.statement)
    if statement is None:
        return None
    return next((c for c in statement.named_children if syntax.span_of(c) == binding.item), None)


def rename_star(names: Names, use: Use, qualified: str, rule: str) -> Renaming:
    """The module of a star import, or a module imported for its own sake."""
    spelled = names.resolution.source.text[use.span.start : use.span.end].decode("utf-8")
    module = _star_module(names, use.span)
    if module is None:
        raise Refused(f"the import of `{spelled}` is not understood; it is `{qualified}` now")
    return Renaming(Edit(syntax.span_of(module), (qualified.encode(),), rule))


def _star_module(names: Names, span: Span) -> Node | None:
    node = names.resolution.tree.root_node.named_descendant_for_byte_range(span.start, span.end)
    while node is not None and node.type != "import_from_statement":
        node = node.parent
    star = node is not None and any(child.type == "wildcard_import" for child in node.named_children)
    return node.child_by_field_name("module_name") if node is not None and star else None
