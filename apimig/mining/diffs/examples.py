"""Cases for a proposal: its own examples cut down to one statement, and code beside them that must stay as it is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apimig.mining.diffs.antiunify import matched
from apimig.mining.diffs.changes import Change
from apimig.mining.diffs.names import Language, read
from apimig.mining.diffs.proposal import Proposal
from apimig.mining.diffs.tree import (
    KEYWORD,
    SYMBOL,
    Tree,
    Unwritable,
    is_expression,
    is_statement,
    local_names,
    replaced,
    text_of,
)  # fmt: skip
from apimig.mining.diffs.values import whole, written

MOST_CASES = 3
_SIMPLE_VALUES = frozenset({"Constant", "Name", SYMBOL})
_PLAIN_PARTS = _SIMPLE_VALUES | {"UnaryOp", "USub", "[]", "List", "Tuple", "Dict", "None"}


@dataclass(frozen=True, slots=True)
class Example:
    """Code before, the tree that it has to become, and instances of the classes of its variables.

    ``values`` are what the code that it was taken from gave its variables.
    """

    before: str
    after: Tree
    given: Mapping[str, str] = field(default_factory=dict)
    imported: str = ""  # the import that it needs, "" for a snippet
    values: Mapping[str, str] = field(default_factory=dict)
    form: int = 0  # which of the rule's forms it shows


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes examples. ``imports`` are what code was seen to import: ("numpy", ""), or a module and a name in it."""

    language: Language
    imports: frozenset[tuple[str, str]] = frozenset()

    def examples(self, proposal: Proposal) -> Iterator[Example]:
        """The examples of a proposal, each another text: one of each of its forms, the shortest, then the others."""
        made: dict[str, Example] = {}
        for change in sorted(proposal.changes, key=lambda one: one.seen is None):
            try:
                example = self._example(change, proposal)
            except Unwritable:
                continue
            made.setdefault(example.before, example)
        ordered = sorted(made.values(), key=lambda one: ("(" not in one.before, len(one.before), one.before))
        first = {one.form: one for one in reversed(ordered)}
        yield from sorted(first.values(), key=ordered.index)
        yield from (one for one in ordered if first[one.form] is not one)

    def _example(self, change: Change, proposal: Proposal) -> Example:
        old, new = (change.old, change.new) if change.seen is None else (change.seen[0], change.seen[1:])
        names = _simpler(old, change, _contents(proposal, change))
        given = {
            name.name: f"{min(types)}()"
            for part, name in names.items()
            if (types := self._library(part.types or _guessed(part, change, proposal)))
        }
        values = _values(old, names, change)
        old, new = replaced(old, names), tuple(replaced(one, names) for one in new)
        header, spell = self._spelling(old, new)
        before = _statement(old, spell)
        text = f"{header}\n\n{before}\n" if header else before
        return Example(text, _block(new), given, header, values, _form(proposal, change))

    def _library(self, types: frozenset[str]) -> list[str]:
        return [name for name in types if name.partition(".")[0] in self.language.roots]

    # ---- how the library is written

    def _spelling(self, tree: Tree, new: Sequence[Tree]) -> tuple[str, Callable[[str], str]]:
        """The import that a tree needs, and how its symbols are written with it.

        Where the new code needs another library, the case shows its import.
        """
        names = sorted({node.name for node in tree.walk() if node.kind == SYMBOL})
        names = [name for name in names if not name.startswith("builtins.")]
        aliases = {target: alias for alias, target in self.language.conventional.items()}
        foreign = any(self._is_foreign(node) for one in new for node in one.walk())
        if all(name.partition(".")[0] in aliases for name in names) and not foreign:
            return "", lambda name: _through(name, aliases)
        lines: dict[str, None] = {}
        written: dict[str, str] = {}
        if not names:
            return f"import {min(self.language.roots)}", lambda name: name.removeprefix("builtins.")
        for name in names:
            line, written[name] = self._import(name)
            lines[line] = None
        return "\n".join(lines), lambda name: written.get(name, name.removeprefix("builtins."))

    def _is_foreign(self, node: Tree) -> bool:
        root = node.name.partition(".")[0] if node.kind == SYMBOL else ""
        return bool(root) and root != "builtins" and root not in self.language.roots

    def _import(self, name: str) -> tuple[str, str]:
        """The import statement for a name, and the name with it."""
        fitting = [
            (module, one)
            for module, one in self.imports
            if f"{name}.".startswith(f"{module}.{one}." if one else f"{module}.")
        ]
        if fitting:
            module, one = max(fitting, key=lambda pair: (len(".".join(filter(None, pair))), pair))
            return (f"from {module} import {one}", name[len(module) + 1 :]) if one else (f"import {module}", name)
        root = name.partition(".")[0]
        return f"import {root}", name


def _values(old: Tree, names: Mapping[Tree, Tree], change: Change) -> dict[str, str]:
    """What the variables of an example hold: those of the code itself, and those that stand for longer expressions."""
    parts = {name.name: part for part, name in names.items()}
    parts |= {name: Tree("Name", (name,)) for name in local_names(replaced(old, names)) if name not in parts}
    found = {name: written(whole(part, change.held)) for name, part in parts.items()}
    return {name: text for name, text in sorted(found.items()) if text}


def _guessed(part: Tree, change: Change, proposal: Proposal) -> frozenset[str]:
    """The class of a receiver that only the rule knows."""
    receivers = [
        node.children[0]
        for node in (change.seen[0] if change.seen else change.old).walk()
        if node.kind == "Attribute" and f".{node.name}" == change.api.name
    ]
    return frozenset(proposal.owners[:1]) if part in receivers else frozenset()


def _through(name: str, aliases: Mapping[str, str]) -> str:
    root, dot, rest = name.partition(".")
    return f"{aliases[root]}{dot}{rest}" if root in aliases else name.removeprefix("builtins.")


def _form(proposal: Proposal, change: Change) -> int:
    """The first of the rule's patterns that matches a change."""
    return next((at for at, form in enumerate(proposal.forms) if matched(form.old, change.old) is not None), 0)


def _contents(proposal: Proposal, change: Change) -> frozenset[Tree] | None:
    """What the holes of the rule's pattern stand for in a change; None for rules that are no pattern."""
    if not proposal.forms:
        return None
    found = (matched(form.old, change.old) for form in proposal.forms)
    own = next((one for one in found if one is not None), {})
    return frozenset(part for part in own.values() if isinstance(part, Tree))


def _simpler(old: Tree, change: Change, contents: frozenset[Tree] | None) -> dict[Tree, Tree]:
    """What stands in the place of parts that say nothing: a variable for each long expression."""
    found: dict[Tree, Tree] = {}
    taken = local_names(old)
    for part in _parts(old, change, contents):
        if part.kind == "Name":
            found[part] = part
        elif part not in found and local_names(part):
            name = _fresh("value", taken)
            taken.add(name)
            found[part] = Tree("Name", (name,))
    return found


def _parts(tree: Tree, change: Change, contents: frozenset[Tree] | None) -> Iterator[Tree]:
    """The outermost parts that can be variables: receivers, arguments, values."""
    for child in tree.children:
        inside = child.children[0] if child.kind == KEYWORD else child
        free = (contents is None or inside in contents) and inside.kind not in _SIMPLE_VALUES
        if inside.kind == "Name" or (free and is_expression(inside) and not _is_needed(inside, change)):
            yield inside
        else:
            yield from _parts(child, change, contents)


def _is_needed(part: Tree, change: Change) -> bool:
    """Whether a part is itself spoken of: it holds the API, or only parts of it are taken over."""
    name = change.api.name
    for node in part.walk():
        if (node.kind == SYMBOL and node.name == name) or (node.kind == "Attribute" and f".{node.name}" == name):
            return True
    after = change.new if change.seen is None else change.seen[1:]
    whole = any(node == part for one in after for node in one.walk())
    plain = all(node.kind in _PLAIN_PARTS for node in part.walk()) and not local_names(part)
    return plain or not whole


def _fresh(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{number}", number + 1
    return name


def _statement(tree: Tree, spell: Callable[[str], str]) -> str:
    text = text_of(tree, spell)
    return text if is_statement(tree) else f"result = {text}"


def _block(new: Sequence[Tree]) -> Tree:
    """The statements that the code has to become, as a block that can be compared."""
    made = [one if is_statement(one) else Tree("Assign", (), (_result(), one)) for one in new]
    return Tree("block", (), tuple(made))


def _result() -> Tree:
    return Tree("[]", ("targets",), (Tree("Name", ("result",)),))


def is_same(code: str, wanted: Tree, language: Language) -> bool:
    """Whether code is the wanted statements, imports and spelling aside."""
    try:
        body = read(code, language).children[0].children
    except (SyntaxError, ValueError, RecursionError):
        return False
    rest = tuple(one for one in body if one.kind != "Imports")
    return len(rest) == len(wanted.children) and all(map(alike, rest, wanted.children))


def alike(one: Tree, other: Tree) -> bool:
    """Whether two statements are the same but for the order of keywords."""
    return one == other or _bare(one) == _bare(other)


def _bare(tree: Tree) -> Tree:
    """A tree in which keywords stand in alphabetical order: how they stand changes nothing."""
    children = tuple(_bare(child) for child in tree.children)
    if tree.kind == "[]" and tree.name == "arguments":
        children = tuple(
            sorted(children, key=lambda child: (child.kind == KEYWORD, child.name if child.kind == KEYWORD else ""))
        )
    kept = children[:2] if tree.kind == "Assign" else children
    return Tree(tree.kind, tree.values, kept)


# ------------------------------------------------------------------------ what must stay


def unchanged(example: Example, after: str, proposal: Proposal) -> Iterator[dict[str, Any] | str]:
    """Code that the rule must leave alone: the new code, look-alikes, shadowed names."""
    yield {"code": after, "given": dict(example.given)} if example.given else after
    if proposal.owners:
        yield from _lookalike_members(example, proposal)
    elif example.imported:
        yield from _elsewhere(example)
    else:
        alias = _first_name(example.before)
        yield f"import other as {alias}\n\n{example.before}\n"
    yield from _shadowed(example)


def _lookalike_members(example: Example, proposal: Proposal) -> Iterator[dict[str, Any]]:
    member = proposal.changes[0].api.name.removeprefix(".")
    if not member.isidentifier() or not example.given:
        return
    name = next(iter(example.given))
    code = f"class Other:\n    def {member}(self, *args, **kwargs): ...\n\n\n{name} = Other()\n{_body(example)}"
    header = f"{example.imported}\n\n\n" if example.imported else ""
    yield {"code": f"{header}{code}\n", "reported": False}


def _elsewhere(example: Example) -> Iterator[str]:
    """The same names from another module."""
    lines = []
    for line in example.imported.splitlines():
        if line.startswith("from "):
            lines.append(f"from other{line[line.index(' import ') :]}")
        else:
            module = line.removeprefix("import ")
            if "." in module:
                return
            lines.append(f"import other as {module}")
    yield "\n".join([*lines, "", _body(example), ""])


def _first_name(statement: str) -> str:
    """The first name of the value that a statement assigns."""
    return re.split(r"[.(\[]", statement.partition(" = ")[2].lstrip("-("))[0]


def _body(example: Example) -> str:
    return example.before.removeprefix(example.imported).strip("\n")


def _shadowed(example: Example) -> Iterator[str]:
    """The library's name as the parameter of a function."""
    body = _body(example)
    value, root = body.partition(" = ")[2], _first_name(body)
    if not root.isidentifier() or "\n" in body or root in example.given:
        return
    header = f"{example.imported}\n\n\n" if example.imported else ""
    yield f"{header}def compute({root}):\n    return {value}\n"


def how_many_unchanged(cases: int) -> int:
    """How many of all cases stay as they are: two in five."""
    return max(1, math.ceil(2 * cases / 3))
