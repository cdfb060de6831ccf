"""From the changes of one API to the bodies of rules, each as a person would have written it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apimig.mining.candidate import Kind
from apimig.mining.diffs.antiunify import abstracted, matched
from apimig.mining.diffs.changes import Change
from apimig.mining.diffs.forms import Patterns
from apimig.mining.diffs.parameters import Operation, operations, specification
from apimig.mining.diffs.proposal import Proposal, Proposed
from apimig.mining.diffs.tree import CALL, SYMBOL, Tree, Unwritable, is_expression, text_of
from apimig.mining.diffs.words import listed, said, said_of, short, stem_of, word
from apimig.rulebook.signature import SignatureError, parse_signature

Owners = Callable[[str], Sequence[str]]
Signature = Callable[[str], str]
Takes = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Proposer:
    """Makes proposals. ``signature`` gives a function's old signature as rules write it, "" where it is not known.

    ``takes`` tells whether what a function became takes every call of it, as far as that is known.
    """

    roots: frozenset[str]
    owners: Owners = lambda _member: ()
    signature: Signature = lambda _api: ""
    remains: Callable[[str], bool] = lambda _api: False
    takes: Takes = lambda _old, _new: True

    def propose(self, changes: Sequence[Change], kept: Sequence[Tree]) -> Proposed:
        """All rules that the changes of one API, by name, make."""
        found = Proposed()
        rest = list(changes)
        for step in (self._renames, self._members, self._parameters):
            rest = step(rest, kept, found)
        self._patterns().propose(rest, kept, found)
        found.proposals = [self._doubted(one) for one in found.proposals if self._is_wanted(one, found)]
        return found

    def _doubted(self, one: Proposal) -> Proposal:
        """The proposal with a doubt where the new release still has the name that is said to be gone."""
        old = next(iter(one.body.get("rename", one.body.get("rename_member", {}))), "")
        if one.doubt or not old or not self.remains(old):
            return one
        return replace(one, doubt=f"the new release still has {old}")

    def _is_wanted(self, one: Proposal, found: Proposed) -> bool:
        if one.against > one.support:
            found.notes.append(
                f"{one.summary}: {one.against} uses speak against it and {one.support} for it, so it is no rule"
            )
        return one.against <= one.support

    def _patterns(self) -> Patterns:
        return Patterns(self.roots, self._owners)

    # ---- names

    def _renames(self, changes: Sequence[Change], kept: Sequence[Tree], found: Proposed) -> list[Change]:
        """Names that became other names, unless what a call became depends on its arguments, or what is around it."""
        plain = [change for change in changes if _is_name(change)]
        calls = [change for change in plain if change.seen is not None]
        if plain and (_depends(changes) or any(not self.takes(one.old.name, one.one.name) for one in calls)):
            return [_as_call(change) for change in changes]
        for new, some in _winner(_by_new_name(plain), found):
            others = len(plain) - len(some)
            uses = sum(tree.kind == SYMBOL for tree in kept)
            old = some[0].api.name
            found.proposals.append(
                Proposal(
                    {"rename": {old: new}}, _kind_of_rename(old, new), stem_of(old), f"{old} became {said(new)}",
                    tuple(some), against=others + uses,
                )
            )  # fmt: skip
        return [change for change in changes if not _is_name(change)]

    def _members(self, changes: Sequence[Change], kept: Sequence[Tree], found: Proposed) -> list[Change]:
        """Members of instances that have another name now, unless that depends on what is around them."""
        plain = [change for change in changes if _is_member(change)]
        if plain and _depends(changes):
            return [_as_call(change) for change in changes]
        for new, some in _winner(_by_new_name(plain), found):
            owners, doubt = self._owners(some)
            member = some[0].api.name.removeprefix(".")
            if not owners:
                found.notes.append(f".{member} became .{new}: nothing says of which class, so it is no rule")
                continue
            uses = sum(tree.kind == "Attribute" for tree in kept)
            found.proposals.append(
                Proposal(
                    {"rename_member": {f"{owner}.{member}": new for owner in owners}}, Kind.RENAME, stem_of(member),
                    f"{listed(owners, member)} became {new}", tuple(some), against=len(plain) - len(some) + uses,
                    doubt=doubt, owners=owners,
                )
            )  # fmt: skip
        return [change for change in changes if not _is_member(change)]

    def _owners(self, changes: Iterable[Change]) -> tuple[tuple[str, ...], str]:
        """The classes of the receivers, and why that is not certain."""
        changes = list(changes)
        known = sorted({owner for change in changes for owner in change.api.owners})
        if known:
            return tuple(known), ""
        member = changes[0].api.name.removeprefix(".")
        guessed = sorted(set(self.owners(member)))
        return tuple(guessed), f"the classes are those that have {member}; no example says what its receiver is"

    # ---- arguments

    def _parameters(self, changes: Sequence[Change], kept: Sequence[Tree], found: Proposed) -> list[Change]:
        """Calls of which nothing but arguments changed; operations seen in one call make one rule."""
        done = {id(change): _operations(change) for change in changes}
        rest = [change for change in changes if not done[id(change)]]
        for keys in _together([{one.key for one in each} for each in done.values() if each]):
            some = [change for change in changes if any(one.key in keys for one in done[id(change)])]
            by_key: defaultdict[tuple[str, str, str], list[Operation]] = defaultdict(list)
            for change in some:
                for one in done[id(change)]:
                    by_key[one.key].append(one)
            made = self._parameter_rule(some, list(by_key.values()), kept)
            if made is None:
                rest += some
            else:
                found.proposals.append(made)
        return rest

    def _parameter_rule(
        self, changes: Sequence[Change], done: Sequence[Sequence[Operation]], kept: Sequence[Tree]
    ) -> Proposal | None:
        api = changes[0].api
        owners, doubt = self._owners(changes) if api.is_member else ((), "")
        if api.is_member and not owners:
            return None
        names = tuple(f"{owner}{api.name}" for owner in owners) or (api.name,)
        signature = self.signature(names[0])
        specs = [specification(each, _positional(signature)) for each in done]
        if None in specs:
            return None
        body: dict[str, Any] = {"api": list(names) if len(names) > 1 else names[0]}
        if signature:
            body["signature"] = signature
        doubts = [doubt] if doubt else []
        if len(changes) < 2 and any(each[0].op == "remove" and not each[0].old_value for each in done):
            doubts.append("what the argument held was seen once")
        shown = listed(owners, api.name.removeprefix(".")) if owners else api.name
        one = done[0][0]
        stem = f"{stem_of(api.name)}_{word(one.new if one.op == 'keyword' else one.name)}"
        return Proposal(
            {**body, "parameters": specs}, Kind.PARAMETER, stem, f"{shown}: {'; '.join(map(said_of, done))}",
            tuple(changes), against=max(_contrary(each[0], kept) for each in done), doubt="; ".join(doubts),
            owners=owners, instead=self._as_forms,
        )  # fmt: skip

    def _as_forms(self, changes: Sequence[Change]) -> list[Proposal]:
        """Patterns for changes that ``parameters`` turned out not to say."""
        found = Proposed()
        self._patterns().propose(changes, (), found)
        return found.proposals


# ------------------------------------------------------------------------ what is what


def _is_name(change: Change) -> bool:
    below = f"{change.one.name}.".startswith(f"{change.old.name}.")
    return change.old.kind == SYMBOL and change.one.kind == SYMBOL and len(change.new) == 1 and not below


def _depends(changes: Sequence[Change]) -> bool:
    """Whether a name became another one here, and something else altogether there."""
    plain = [change for change in changes if _is_name(change) or _is_member(change)]
    targets = {change.one.name for change in plain}
    rest = [change for change in changes if change not in plain]
    return any(
        not is_expression(change.old)
        or change.old.kind not in (CALL, "Attribute", SYMBOL)
        or change.one.kind != CALL
        or _head(change.one).name not in {_head(change.old).name, *targets}
        or _claims(change, plain)
        for change in rest
        if not _operations(change)
    )


def _claims(change: Change, plain: Sequence[Change]) -> bool:
    """Whether the pattern of a change would match calls of which nothing but the name changed."""
    old = abstracted(change.old, change.new, change.api.name).old
    return any(one.seen is not None and matched(old, one.seen[0]) is not None for one in plain)


def _as_call(change: Change) -> Change:
    """The change of a called name as that of the call."""
    if not (_is_name(change) or _is_member(change)) or change.seen is None:
        return change
    return replace(change, old=change.seen[0], new=change.seen[1:], seen=None)


def _is_member(change: Change) -> bool:
    old, new = change.old, change.one
    return (
        change.api.is_member
        and old.kind == new.kind == "Attribute"
        and old.children == new.children
        and len(change.new) == 1
    )


def _operations(change: Change) -> tuple[Operation, ...]:
    if len(change.new) != 1 or change.old.kind != CALL:
        return ()
    called = change.old.children[0]
    if called.kind not in (SYMBOL, "Attribute"):
        return ()
    try:
        return operations(change.old, change.one) or ()
    except Unwritable:
        return ()


def _contrary(one: Operation, kept: Sequence[Tree]) -> int:
    """The calls left as they are that still have the old argument, or have not the new one."""
    calls = [tree for tree in kept if tree.kind == CALL]
    names = [{a.name: a.children[0] for a in call.children[1].children if a.kind == "keyword"} for call in calls]
    if one.op in ("rename", "remove"):
        return sum(one.name in words for words in names)
    if one.op in ("values", "replace"):
        return sum(one.name in words and _source(words[one.name]) == one.old_value for words in names)
    if one.op == "add":
        return sum(one.name not in words for words in names)
    return 0


def _source(tree: Tree) -> str:
    try:
        return text_of(tree)
    except Unwritable:
        return ""


def _kind_of_rename(old: str, new: str) -> Kind:
    same = old.rpartition(".")[2] == new.rpartition(".")[2] and not new.startswith("builtins.")
    return Kind.MOVE if same else Kind.RENAME


def _head(tree: Tree) -> Tree:
    """What is called; a bare name is its own head."""
    return tree.children[0] if tree.children else tree


# ------------------------------------------------------------------------ words


def _positional(signature: str) -> list[str]:
    """The parameters that can be passed by position."""
    if not signature:
        return []
    try:
        return [parameter.name for parameter in parse_signature(signature).positional]
    except SignatureError:
        return []


def _together(sets: Iterable[set[tuple[str, str, str]]]) -> list[set[tuple[str, str, str]]]:
    """Sets joined as far as they share anything."""
    found: list[set[tuple[str, str, str]]] = []
    for one in sets:
        touching = [other for other in found if other & one]
        found = [other for other in found if not other & one] + [one.union(*touching)]
    return found


def _weight(changes: Sequence[Change]) -> tuple[int, int, int]:
    """How much changes weigh, the more the less: by those who made them, by files, by places."""
    return -len({change.origin for change in changes}), -len({change.source for change in changes}), -len(changes)


def _by_new_name(changes: Sequence[Change]) -> dict[str, list[Change]]:
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.one.name].append(change)
    return found


def _winner(groups: Mapping[str, list[Change]], found: Proposed) -> list[tuple[str, list[Change]]]:
    """The new name that most changes show; of the others a note says that they were seen."""
    ranked = sorted(groups.items(), key=lambda item: (*_weight(item[1]), item[0]))
    for new, some in ranked[1:]:
        found.notes.append(f"{short(some[0])}: it became {new}, and elsewhere {ranked[0][0]}, which more code shows")
    return ranked[:1]
