"""Changes that only patterns can say -> ``match`` and ``rewrite``, or the body that says the same shorter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apimig.mining.candidate import Kind
from apimig.mining.diffs.antiunify import Form, holes, renamed
from apimig.mining.diffs.changes import Change
from apimig.mining.diffs.clusters import Cluster, Clustered, clustered, told_apart
from apimig.mining.diffs.proposal import Proposal, Proposed
from apimig.mining.diffs.tree import CALL, HOLE, SYMBOL, Tree, Unwritable, is_expression, text_of
from apimig.mining.diffs.words import listed, short, stem_of, word
from apimig.rulebook.pattern import check_pattern, check_template


@dataclass(frozen=True, slots=True)
class Patterns:
    """Makes proposals of patterns. ``owners`` gives the classes of receivers, and why that is not certain, or ""."""

    roots: frozenset[str]
    owners: Callable[[Iterable[Change]], tuple[tuple[str, ...], str]]

    def propose(self, changes: Sequence[Change], kept: Sequence[Tree], found: Proposed) -> None:
        """Add the rules that the changes of one API make, and notes on those that no pattern can say."""
        result = clustered(changes, kept)
        found.notes += [f"{short(change)}: {reason}" for change, reason in result.reasons]
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
            self.owners([c for cluster in group for c in cluster.changes])
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
                found.notes.append(f"{short(cluster.changes[0])}: {why}")
                continue
            for name, types in {**apart, **typed}.items():
                where[name] = sorted({*where.get(name, ()), *types})
            written.append((cluster, form))
        if written:
            found.proposals.append(self._written(written, where, owners, doubt))

    def _typed_receivers(self, form: Form, receiver: str, owners: Sequence[str]) -> dict[str, list[str]]:
        """The holes whose members the old or the new code names, with the classes that they have to be."""
        found = {receiver: list(owners)} if receiver else {}
        for node in (node for one in (form.old, *form.new) for node in one.walk()):
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
        shown = listed(owners, api.name.removeprefix(".")) if owners else api.name
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


def _kind(forms: Sequence[Form]) -> Kind:
    if any(len(form.new) > 1 or not is_expression(form.old) for form in forms):
        return Kind.CONTEXT
    wraps = all(
        form.old.kind == form.new[0].kind == CALL and form.old.children[0] == form.new[0].children[0] for form in forms
    )
    inside = all(_within(form.old, form.new[0]) for form in forms)
    return Kind.WRAP if wraps or inside else Kind.STRUCTURE


def _calls_the_same(old: Tree, new: Tree) -> bool:
    return old.kind == new.kind == CALL and old.children[0] == new.children[0]


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
            name = "obj" if len(owners) != 1 else word(owners[0].rpartition(".")[2])
            taken = holes(form.old) - {receiver.name}
            name = name if name not in taken else f"{name}_"
            names = {receiver.name: name}
            types = {names.get(old, old): known for old, known in form.types.items()}
            return Form(renamed(form.old, names), tuple(renamed(one, names) for one in form.new), types), name
    return form, ""


def _new(groups: list[list[Cluster]]) -> list[Cluster]:
    groups.append([])
    return groups[-1]
