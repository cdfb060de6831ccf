"""Changes of a call's arguments alone, as the operations of ``parameters``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apimig.mining.diffs.tree import CALL, KEYWORD, SYMBOL, Tree, Unwritable, local_names, text_of


@dataclass(frozen=True, slots=True)
class Operation:
    """One change of the arguments: ``name`` is the old parameter, ``new`` its new name, values are source texts."""

    op: str  # rename, remove, add, values, replace, keyword
    name: str
    new: str = ""
    old_value: str = ""
    new_value: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two operations the same change, whatever their values."""
        return self.op, self.name, self.new if self.op in ("rename", "keyword") else ""


def operations(old: Tree, new: Tree) -> tuple[Operation, ...] | None:
    """The operations that make the arguments of one call those of the other; None where they are no such thing."""
    if old.kind != CALL or new.kind != CALL or old.children[0] != new.children[0]:
        return None
    before, after = _places(old), _places(new)
    words, new_words = _words(old), _words(new)
    if words is None or new_words is None or before[: len(after)] != after:
        return None
    gone = {name: value for name, value in words.items() if new_words.get(name) != value}
    come = {name: value for name, value in new_words.items() if words.get(name) != value}
    found: list[Operation] = []
    for index, value in enumerate(before[len(after) :], start=len(after)):
        name = _by_value(come, value)
        if not name:
            return None
        del come[name]
        found.append(Operation("keyword", str(index), name))
    rest = _words_changed(gone, come)
    return None if rest is None else (*found, *rest)


def _places(call: Tree) -> tuple[Tree, ...]:
    return tuple(one for one in call.children[1].children if one.kind != KEYWORD)


def _words(call: Tree) -> dict[str, Tree] | None:
    words = [one for one in call.children[1].children if one.kind == KEYWORD]
    starred = any(one.kind == "Starred" for one in call.children[1].children)
    return None if starred or any(one.values[0] is None for one in words) else {w.name: w.children[0] for w in words}


def _by_value(words: Mapping[str, Tree], value: Tree) -> str:
    return next((name for name, other in words.items() if other == value), "")


def _words_changed(gone: dict[str, Tree], come: dict[str, Tree]) -> list[Operation] | None:
    """The operations on keywords; ``gone`` and ``come`` are those that are not the same on both sides."""
    found: list[Operation] = []
    for name in [name for name in gone if name in come]:
        old, new = gone.pop(name), come.pop(name)
        if not (_is_fixed(old) and _is_fixed(new)):
            return None
        found.append(Operation("values", name, "", text_of(old), text_of(new)))
    for name in list(gone):
        other = _by_value(come, gone[name])
        if other and not (
            len(come) > 1 and gone[name].kind == "Constant" and list(come.values()).count(gone[name]) > 1
        ):
            found.append(Operation("rename", name, other))
            del gone[name], come[other]
    if len(gone) == len(come) == 1:
        ((name, old),), ((other, new),) = gone.items(), come.items()
        fixed = _is_fixed(old) and _is_fixed(new)
        return [*found, Operation("replace", name, other, text_of(old), text_of(new))] if fixed else None
    return None if gone and come else found + _added_or_removed(gone, come)


def _added_or_removed(gone: Mapping[str, Tree], come: Mapping[str, Tree]) -> list[Operation]:
    removed = [
        Operation("remove", name, "", text_of(value) if _is_fixed(value) else "") for name, value in gone.items()
    ]
    added = [Operation("add", name, "", "", text_of(value)) for name, value in come.items() if _is_fixed(value)]
    if len(added) < len(come):
        raise Unwritable("the value of a new argument comes from somewhere else")
    return removed + added


def _is_fixed(tree: Tree) -> bool:
    """Whether it means the same everywhere: a literal, without names of any kind."""
    return not local_names(tree) and all(node.kind not in (SYMBOL, CALL) or _is_builtin(node) for node in tree.walk())


def _is_builtin(node: Tree) -> bool:
    return node.kind == SYMBOL and node.name.startswith("builtins.")


def specification(found: Sequence[Operation], signature: Sequence[str]) -> dict[str, object] | None:
    """One entry of ``parameters`` for operations of the same key; None where it cannot be said there.

    ``signature`` are the names of the old parameters, where they are known.
    """
    one = found[0]
    values = list(dict.fromkeys((each.old_value, each.new_value) for each in found))
    if one.op == "rename":
        return {"rename": {one.name: one.new}}
    if one.op == "keyword":
        place = int(one.name)
        known = len(signature) > place and signature[place] == one.new
        return {"keyword_only": place} if known else None
    if one.op == "remove":
        held = [old for old, _ in values]
        return {"remove": {"name": one.name, "holds": held} if all(held) else one.name}
    if one.op == "add":
        return {"add": {one.name: values[0][1]}} if len(values) == 1 else None
    if len({old for old, _ in values}) < len(values):
        return None  # the same value became two
    if one.op == "values":
        return {"values": {"name": one.name, "map": dict(values)}}
    if len({each.new for each in found}) > 1:
        return None
    return {"replace": {"name": one.name, "values": {old: f"{one.new}={new}" for old, new in values}}}
