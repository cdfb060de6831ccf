"""From the changes of one API to the bodies of rules, each as a person would have written it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apimig.mining.candidate import Kind
from apimig.mining.diffs.antiunify import Form, abstracted, holes, matched, renamed
from apimig.mining.diffs.changes import Change
from apimig.mining.diffs.clusters import Cluster, Clustered, clustered, told_apart
from apimig.mining.diffs.parameters import Operation, operations, specification
from apimig.mining.diffs.tree import CALL, HOLE, SYMBOL, Tree, Unwritable, is_expression, text_of
from apimig.rulebook.pattern import check_pattern, check_template
from apimig.rulebook.signature import SignatureError, parse_signature

Owners = Callable[[str], Sequence[str]]
Signature = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The body of a rule, and the changes that it is made from.

    ``forms`` are what its examples are written with; empty for bodies that speak of names alone. ``doubt`` says why the
    rule may be wrong, which makes it unsafe.
    """

    body: Mapping[str, Any]
    kind: Kind
    stem: str
    summary: str
    changes: tuple[Change, ...]
    forms: tuple[Form, ...] = ()
    against: int = 0
    doubt: str = ""
    owners: tuple[str, ...] = ()  # of a member: the classes of its receiver
    instead: Callable[[Sequence[Change]], list[Proposal]] | None = None  # other ways to say it, if this one fails

    @property
    def support(self) -> int:
        """How many different pairs of code show it."""
        return len({(change.source, change.old, change.new) for change in self.changes})


@dataclass(slots=True)
class Proposed:
    """The proposals, and what could not be one, in words for people."""

    proposals: list[Proposal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proposer:
    """Makes proposals. ``signature`` gives a function's old signature as rules write it, "" where it is not known."""

    roots: frozenset[str]
    owners: Owners = lambda _member: ()
    signature: Signature = lambda _api: ""
    remains: Callable[[str], bool] = lambda _api: False

    def propose(self, changes: Sequence[Change], kept: Sequence[Tree]) -> Proposed:
        """All rules that the changes of one API, by name, make."""
        found = Proposed()
        rest = list(changes)
        for step in (self._renames, self._members, self._parameters):
            rest = step(rest, kept, found)
        self._forms(rest, kept, found)
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

    # ---- names

    def _renames(self, changes: Sequence[Change], kept: Sequence[Tree], found: Proposed) -> list[Change]:
        """Names that became other names, unless what a call became depends on what is around it."""
        plain = [change for change in changes if _is_name(change)]
        if plain and _depends(changes):
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
                    f"{_listed(owners, member)} became {new}", tuple(some), against=len(plain) - len(some) + uses,
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
        shown = _listed(owners, api.name.removeprefix(".")) if owners else api.name
        one = done[0][0]
        stem = f"{stem_of(api.name)}_{_word(one.new if one.op == 'keyword' else one.name)}"
        return Proposal(
            {**body, "parameters": specs}, Kind.PARAMETER, stem, f"{shown}: {'; '.join(map(_said_of, done))}",
            tuple(changes), against=max(_contrary(each[0], kept) for each in done), doubt="; ".join(doubts),
            owners=owners, instead=self._as_forms,
        )  # fmt: skip

    def _as_forms(self, changes: Sequence[Change]) -> list[Proposal]:
        """Patterns for changes that ``parameters`` turned out not to say."""
        found = Proposed()
        self._forms(changes, (), found)
        return found.proposals

    # ---- anything else

    def _forms(self, changes: Sequence[Change], kept: Sequence[Tree], found: Proposed) -> None:
        result = clustered(changes, kept)
        found.notes += [f"{_short(change)}: {reason}" for change, reason in result.reasons]
        groups: list[list[Cluster]] = [[]]
        for cluster in result.clusters:
            apart = told_apart(cluster, result.clusters)
            (groups[0] if not apart else _new(groups)).append(cluster)
        for group in filter(None, groups):
            self._one_rule(group, result, found)

    def _one_rule(self, group: Sequence[Cluster], result: Clustered, found: Proposed) -> None:
        """One rule of forms with the same API; those that can have no text are left out, with a note."""
        api = group[0].changes[0].api
        owners, doubt = (
            self._owners([c for cluster in group for c in cluster.changes])
            if not api.name[0].isalpha() or api.is_member
            else ((), "")
        )
        written: list[tuple[Cluster, Form]] = []
        where: dict[str, list[str]] = {}
        for cluster in sorted(group, key=_specific_first):
            form, receiver = _with_receiver(cluster.form, api.name, owners)
            typed = self._typed_receivers(form, receiver, owners)
            apart = {n: sorted(cluster.form.types.get(n, ())) for n in told_apart(cluster, result.clusters)}
            why = self._why_not(form, receiver, owners, {*where, *typed})
            if why:
                found.notes.append(f"{_short(cluster.changes[0])}: {why}")
                continue
            for name, types in {**apart, **typed}.items():
                where[name] = sorted({*where.get(name, ()), *types})
            written.append((cluster, form))
        if written:
            found.proposals.append(self._written(written, where, owners, doubt))

    def _typed_receivers(self, form: Form, receiver: str, owners: Sequence[str]) -> dict[str, list[str]]:
        """The holes whose members the pattern names, with the classes that they have to be."""
        found = {receiver: list(owners)} if receiver else {}
        for node in form.old.walk():
            inner = node.children[0] if node.kind in ("Attribute", "Subscript") else None
            if inner is not None and inner.kind == HOLE and inner.name not in found:
                types = form.types.get(inner.name, frozenset())
                if types and all(name.partition(".")[0] in self.roots for name in types):
                    found[inner.name] = sorted(types)
        return found

    def _why_not(self, form: Form, receiver: str, owners: Sequence[str], typed: Collection[str]) -> str:
        """Why a form can be no pattern of a rule; "" where it can."""
        if receiver and not owners:
            return "nothing says of which class the receiver is, so it is no rule"
        try:
            old, new = patterns(form, typed)
        except Unwritable as error:
            return f"no pattern can say it ({error})"
        wrong = [
            *check_pattern(old, roots=self.roots, where=[name for name in typed if f"${name}" in old]),
            *check_template(new, old),
        ]
        return f"no rule can say it: {wrong[0]}" if wrong else ""

    def _written(
        self,
        written: Sequence[tuple[Cluster, Form]],
        where: Mapping[str, list[str]],
        owners: tuple[str, ...],
        doubt: str,
    ) -> Proposal:
        api = written[0][0].changes[0].api
        forms = tuple(form for _, form in written)
        body = self._special(forms, owners, api.name) or self._match(forms, where)
        shown = _listed(owners, api.name.removeprefix(".")) if owners else api.name
        doubts = [doubt] if doubt else []
        if any(_drops(form) for form in forms):
            doubts.append("an argument is left out, whatever it holds")
        if "function_to_method" in body:
            doubts.append("the first argument may be something that has no such method")
        return Proposal(
            body, _kind(forms), stem_of(api.name), f"{shown} became {patterns(forms[0], where)[1].splitlines()[-1]}",
            tuple(change for cluster, _ in written for change in cluster.changes), forms,
            sum(cluster.against for cluster, _ in written), "; ".join(doubts), owners,
        )  # fmt: skip

    def _match(self, forms: Sequence[Form], where: Mapping[str, list[str]]) -> dict[str, Any]:
        texts = [patterns(form, where) for form in forms]
        body: dict[str, Any]
        if len(texts) == 1:
            body = {"match": texts[0][0], "rewrite": texts[0][1]}
        else:
            body = {"match": [{"match": old, "rewrite": new} for old, new in texts]}
        if where:
            body["where"] = {name: types[0] if len(types) == 1 else types for name, types in where.items()}
        modules = sorted({module for form in forms for module in self._modules(form)})
        return {**body, "imports": modules} if modules else body

    def _modules(self, form: Form) -> Iterator[str]:
        """Modules beside the library that the new code names."""
        for one in form.new:
            for node in one.walk():
                root = node.name.partition(".")[0] if node.kind == SYMBOL else ""
                if root and root not in self.roots and root != "builtins":
                    yield node.name.rpartition(".")[0] or node.name

    def _special(self, forms: Sequence[Form], owners: Sequence[str], api: str) -> dict[str, Any] | None:
        """One of the bodies that say it shorter than a pattern does."""
        if len(forms) != 1 or len(forms[0].new) != 1:
            return None
        old, new = forms[0].old, forms[0].new[0]
        named = [f"{owner}{api}" for owner in owners]
        if old.kind == "Attribute" and new.kind == CALL and new.children[0] == old and not new.children[1].children:
            return {"property_to_method": named[0] if len(named) == 1 else named} if named else None
        if old.kind == CALL and old.children[0] == new and not old.children[1].children and named:
            return {"method_to_property": named[0] if len(named) == 1 else named}
        if old.kind == CALL == new.kind:
            return _function_or_method(old, new, named)
        return None


def _function_or_method(old: Tree, new: Tree, named: Sequence[str]) -> dict[str, Any] | None:
    before, after = old.children[1].children, new.children[1].children
    function, other = old.children[0], new.children[0]
    if function.kind == SYMBOL and other.kind == "Attribute" and before and before[0] == other.children[0]:
        return {"function_to_method": {function.name: other.name}} if before[1:] == after else None
    if function.kind == "Attribute" and other.kind == SYMBOL and after and after[0] == function.children[0] and named:
        return {"method_to_function": dict.fromkeys(named, other.name)} if after[1:] == before else None
    return None


def patterns(form: Form, typed: Collection[str] = ()) -> tuple[str, str]:
    """The pattern and the template of a form; Unwritable where there is none. Holes with a type keep their name."""
    used = {name for one in form.new for name in holes(one)}
    counts = Counter(node.name for node in form.old.walk() if node.kind == HOLE)
    dropped = {name for name in holes(form.old) - used - set(typed) if counts[name] == 1}
    plain = {n.name for n in form.old.walk() if n.kind == HOLE and not n.values[1] and n.name in dropped}
    old = renamed(form.old, dict.fromkeys(plain, "_"))
    return text_of(old), "\n".join(text_of(one) for one in form.new)


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


def _kind(forms: Sequence[Form]) -> Kind:
    if any(len(form.new) > 1 or not is_expression(form.old) for form in forms):
        return Kind.CONTEXT
    wraps = all(form.old.kind == form.new[0].kind == CALL and _head(form.old) == _head(form.new[0]) for form in forms)
    inside = all(_within(form.old, form.new[0]) for form in forms)
    return Kind.WRAP if wraps or inside else Kind.STRUCTURE


def _head(call: Tree) -> Tree:
    return call.children[0]


def _within(old: Tree, new: Tree) -> bool:
    """Whether the old expression stands in the new one, or only its function's name changed and it is wrapped."""
    return any(node == old for node in new.walk())


def _drops(form: Form) -> bool:
    """Whether something that was evaluated is not any more; targets of an assignment are none of that."""
    evaluated = form.old.children[1] if form.old.kind == "Assign" else form.old
    return bool(holes(evaluated) - {name for one in form.new for name in holes(one)})


def _specific_first(cluster: Cluster) -> tuple[int, int, int]:
    """Whole statements first, then calls, then names; of each those that say the most."""
    old = cluster.form.old
    rank = 0 if not is_expression(old) else 2 if old.kind in (SYMBOL, "Attribute") else 1
    return rank, len(holes(old)), -old.size


def _with_receiver(form: Form, api: str, owners: Sequence[str]) -> tuple[Form, str]:
    """The form with its receiver called after its class, the same in all forms; and that name, "" without one."""
    for node in form.old.walk():
        receiver = node.children[0] if node.kind in ("Attribute", "Subscript", "BinOp") else None
        if receiver is None or receiver.kind != HOLE:
            continue
        is_member = node.kind == "Attribute" and f".{node.name}" == api
        if is_member or (node.kind != "Attribute" and not api[0].isalpha() and not api.startswith(".")):
            name = "obj" if len(owners) != 1 else _word(owners[0].rpartition(".")[2])
            taken = holes(form.old) - {receiver.name}
            name = name if name not in taken else f"{name}_"
            names = {receiver.name: name}
            types = {names.get(old, old): known for old, known in form.types.items()}
            return Form(renamed(form.old, names), tuple(renamed(one, names) for one in form.new), types), name
    return form, ""


def _new(groups: list[list[Cluster]]) -> list[Cluster]:
    groups.append([])
    return groups[-1]


# ------------------------------------------------------------------------ words


def stem_of(api: str) -> str:
    """The file name for a change of an API, without its suffix."""
    parts = [part for part in api.split(".") if part]
    last = parts[-1] if parts else "operator"
    return _word(last) or "operator"


def _word(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return re.sub(r"[^a-z0-9_]+", "_", spaced).strip("_")


def said(name: str) -> str:
    """A qualified name as people write it."""
    return name.removeprefix("builtins.")


def _listed(owners: Sequence[str], member: str) -> str:
    names = [f"{owner.rpartition('.')[2]}.{member}" for owner in owners]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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


def _said_of(done: Sequence[Operation]) -> str:
    one = done[0]
    value = next((each.old_value for each in done if each.old_value), "")
    return {
        "rename": f"{one.name} became {one.new}",
        "remove": f"{one.name} is gone",
        "add": f"{one.name}={one.new_value} has to be said",
        "values": f"{one.name}={value} became {one.new_value}",
        "replace": f"{one.name}={value} became {one.new}={one.new_value}",
        "keyword": f"{one.new} is passed by keyword",
    }[one.op]


def _short(change: Change) -> str:
    try:
        text = text_of(change.old)
    except Unwritable:
        text = change.api.name
    first = text.splitlines()[0]
    return f"{change.place}: {first if len(first) < 80 else first[:77] + '...'}".removeprefix(": ")


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
        found.notes.append(f"{_short(some[0])}: it became {new}, and elsewhere {ranked[0][0]}, which more code shows")
    return ranked[:1]


def without_steps_on(proposals: Sequence[Proposal]) -> tuple[list[Proposal], list[str]]:
    """The proposals without renames of what more code moves to; and a note for each of those."""
    targets = {new: one for one in proposals for new in one.body.get("rename", {}).values()}
    kept, notes = [], []
    for one in proposals:
        old = next(iter(one.body.get("rename", ())), "")
        if old in targets and targets[old].support > one.support:
            notes.append(f"{one.summary}: other code moves to {old}, so it is no rule")
        else:
            kept.append(one)
    return kept, notes


def joined(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Proposals of several APIs that are one change for people: a module renamed, names moved together."""
    plain = [one for one in proposals if "rename" in one.body]
    rest = [one for one in proposals if "rename" not in one.body]
    pairs = {next(iter(one.body["rename"].items())): one for one in plain}
    outer = [pair for pair in pairs if any(pair != other and _below(other, pair) for other in pairs)]
    kept = {pair: one for pair, one in pairs.items() if not any(pair != top and _below(pair, top) for top in outer)}
    for top in outer:
        below = [one for pair, one in pairs.items() if pair != top and _below(pair, top)]
        if top in kept:
            changes = (*kept[top].changes, *(change for one in below for change in one.changes))
            kept[top] = replace(kept[top], changes=changes)
    return [*_moves(kept), *rest]


def _below(pair: tuple[str, str], top: tuple[str, str]) -> bool:
    """Whether one rename follows from another of what is above it."""
    old, new = pair[0].removeprefix(f"{top[0]}."), pair[1].removeprefix(f"{top[1]}.")
    return old == new and old != pair[0] and new != pair[1]


def _moves(renames: Mapping[tuple[str, str], Proposal]) -> Iterator[Proposal]:
    """Renames that keep the name: those between the same two modules together."""
    by_module: defaultdict[tuple[str, str], list[tuple[str, Proposal]]] = defaultdict(list)
    for (old, new), one in renames.items():
        old_module, _, name = old.rpartition(".")
        new_module, _, new_name = new.rpartition(".")
        if name == new_name and old_module and new_module not in ("", "builtins"):
            by_module[old_module, new_module].append((name, one))
        else:
            yield one
    for (old_module, new_module), some in by_module.items():
        if len(some) == 1:
            yield some[0][1]
            continue
        names = sorted(name for name, _ in some)
        yield Proposal(
            {"move": [{"from": old_module, "to": new_module, "names": names}]}, Kind.MOVE,
            _word(old_module.rpartition(".")[2]) or "moved",
            f"{', '.join(names)} moved from {old_module} to {new_module}",
            tuple(change for _, one in some for change in one.changes), against=sum(one.against for _, one in some),
        )  # fmt: skip
