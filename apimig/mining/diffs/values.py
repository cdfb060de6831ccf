"""What variables hold where code changes: the expressions that the same code gave them before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from apimig.mining.diffs.tree import BODIES, LIST, Tree, Unwritable, local_names, replaced, text_of

LARGEST = 60  # nodes of an expression that a case may hold
LONGEST = 120  # characters of it

Held = Mapping[str, Tree]
"""Expressions without variables, by the names of the variables that hold them."""


def held_at(module: Tree, span: tuple[int, int]) -> dict[str, Tree]:
    """What variables hold at a place of a module, as far as statements before it say so plainly.

    Only what needs no other variable in the end is told: literals, and what the library's names make of them.
    """
    held: dict[str, Tree] = {}
    block = module.children[0]
    while span[0] >= 0:
        inner = next((one for one in block.children if _covers(one, span)), None)
        for statement in block.children:
            if inner is None or statement is inner:
                break
            _note(statement, held)
        if inner is None:
            return held
        _enter(inner, held)
        blocks = (node for node in inner.walk() if node.kind == LIST and node.name in BODIES)
        below = next((node for node in blocks if any(_covers(one, span) for one in node.children)), None)
        if below is None:
            return held
        block = below
    return held


def whole(tree: Tree, held: Held) -> Tree | None:
    """An expression with what its variables hold in their stead; None where that is not known of one, or too much."""
    names = local_names(tree)
    bound = {node.name for node in tree.walk() if node.kind in ("Name", "arg")} - names
    if not names <= held.keys() or bound & held.keys():
        return None
    made = replaced(tree, {Tree("Name", (name,)): held[name] for name in names})
    return made if made.size <= LARGEST else None


def written(tree: Tree | None) -> str:
    """The expression as text; "" where there is none, or it is too long to be read beside a case."""
    if tree is None:
        return ""
    try:
        text = text_of(tree)
    except Unwritable:
        return ""
    return text if len(text) <= LONGEST and "\n" not in text else ""


def _covers(statement: Tree, span: tuple[int, int]) -> bool:
    return statement.span[0] <= span[0] and span[1] <= statement.span[1]


def _note(statement: Tree, held: dict[str, Tree]) -> None:
    """What a statement that comes before gives variables, and what it takes from them."""
    known = dict(_assigned(statement))
    found = {name: whole(value, held) for name, value in known.items()}
    for name in {*_bound(statement), *found}:
        held.pop(name, None)
    held.update({name: value for name, value in found.items() if value is not None})


def _enter(statement: Tree, held: dict[str, Tree]) -> None:
    """What a statement around the place binds for what is in it."""
    if statement.kind in ("FunctionDef", "AsyncFunctionDef"):
        names: Iterable[str] = [node.name for node in statement.children[0].walk() if node.kind == "arg"]
    elif statement.kind in ("For", "AsyncFor"):
        first = _first(statement.children[1])
        value = None if first is None else whole(first, held)
        names = local_names(statement.children[0])
        if value is not None and statement.children[0].kind == "Name":
            held[statement.children[0].name] = value
            return
    elif statement.kind in ("With", "AsyncWith"):
        names = {name for node in statement.children[0].children for name in local_names(node.children[1])}
    else:
        names = ()
    for name in names:
        held.pop(name, None)


def _first(iterated: Tree) -> Tree | None:
    """The first of the elements that a loop goes through, where they are written there."""
    elements = iterated.children[0].children if iterated.kind in ("List", "Tuple") else ()
    return elements[0] if elements and elements[0].kind != "Starred" else None


def _assigned(statement: Tree) -> Iterator[tuple[str, Tree]]:
    if statement.kind == "AnnAssign" and statement.children[0].kind == "Name":
        yield statement.children[0].name, statement.children[2]
    if statement.kind != "Assign":
        return
    value = statement.children[1]
    for target in statement.children[0].children:
        if target.kind == "Name":
            yield target.name, value
        elif target.kind == value.kind == "Tuple":
            each = zip(target.children[0].children, value.children[0].children, strict=False)
            yield from ((one.name, held) for one, held in each if one.kind == "Name")


def _bound(statement: Tree) -> Iterator[str]:
    """The names that a statement, or one in it, binds."""
    for node in statement.walk():
        if node.kind in ("Assign", "AnnAssign", "AugAssign", "For", "AsyncFor", "NamedExpr", "comprehension"):
            yield from local_names(node.children[0])
        elif node.kind == "withitem":
            yield from local_names(node.children[1])
        elif node.kind in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
            yield node.name
