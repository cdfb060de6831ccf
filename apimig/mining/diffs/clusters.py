"""The changes of one API brought together: as few forms as say what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from apimig.mining.diffs.antiunify import Form, abstracted, filled, generalised, holes, matched
from apimig.mining.diffs.changes import Change
from apimig.mining.diffs.tree import CALL, HOLE, SYMBOL, Tree, local_names


@dataclass(frozen=True, slots=True)
class Cluster:
    """Changes that one form gives; ``against`` counts what speaks against it."""

    form: Form
    changes: tuple[Change, ...]
    against: int = 0

    @property
    def support(self) -> int:
        """How many different pairs of code show it."""
        return len({(change.source, change.old, change.new) for change in self.changes})


@dataclass(slots=True)
class Clustered:
    """The forms of one API, those with the most support first, and why some changes have none."""

    clusters: list[Cluster] = field(default_factory=list)
    reasons: list[tuple[Change, str]] = field(default_factory=list)


def clustered(changes: Sequence[Change], kept: Sequence[Tree] = ()) -> Clustered:
    """Generalise the changes as far as all of them agree, and no kept use speaks against it."""
    found = Clustered()
    by_form: dict[object, Cluster] = {}
    for change in changes:
        form = _settled(change)
        reason = why_not(form)
        if reason:
            found.reasons.append((change, reason))
            continue
        known = by_form.get(form.key)
        by_form[form.key] = _joined(known, form, change)
    clusters = sorted(by_form.values(), key=lambda one: -one.support)
    merged: list[Cluster] = []
    for cluster in clusters:
        _merge_in(cluster, merged, clusters, kept)
    found.clusters = [_with_outcomes(one, changes) for one in _without_contradictions(merged, kept)]
    return found


def _with_outcomes(cluster: Cluster, changes: Sequence[Change]) -> Cluster:
    """The cluster, with what other changes became counted against it where its form would change that again."""
    own = set(map(id, cluster.changes))
    hit = [
        change
        for change in changes
        if id(change) not in own and any(matched(cluster.form.old, node) is not None for node in _calls(change))
    ]
    return replace(cluster, against=cluster.against + len(hit))


def _calls(change: Change) -> Iterator[Tree]:
    """The calls of the API in the new code."""
    name = change.api.name
    for one in change.new:
        for node in one.walk():
            if node.kind == CALL and name in (node.children[0].name, f".{node.children[0].name}"):
                yield node


def _settled(change: Change) -> Form:
    """The form of one change, so specific that it does not match what it gives."""
    form = abstracted(change.old, change.new, change.api.name)
    for _ in range(3):
        found = matched(form.old, change.one)
        wrapped = [part for part in (found or {}).values() if isinstance(part, Tree)]
        if found is None or len(change.new) > 1 or change.old == change.one:
            break
        own = matched(form.old, change.old) or {}
        shapes = [part for name, part in own.items() if isinstance(part, Tree) and found.get(name) != part]
        if not wrapped or not shapes:
            break
        form = abstracted(change.old, change.new, change.api.name, kept=shapes)
    return form


def _joined(known: Cluster | None, form: Form, change: Change) -> Cluster:
    if known is None:
        return Cluster(form, (change,))
    types = dict(zip(_in_order(form.old), _in_order(known.form.old), strict=True))
    joined = dict(known.form.types)
    for name, other in types.items():
        new = form.types.get(name, frozenset())
        joined[other] = joined.get(other, frozenset()) | new if new and joined.get(other) else frozenset()
    return Cluster(replace(known.form, types=joined), (*known.changes, change))


def _in_order(tree: Tree) -> list[str]:
    return list(dict.fromkeys(node.name for node in tree.walk() if node.kind == HOLE))


def why_not(form: Form) -> str:
    """Why a form can be no rule; "" where it can."""
    known = holes(form.old)
    if any(holes(one) - known for one in form.new):
        return "the new code needs something that the old has not"
    bound = {name for one in form.new if one.kind == "Assign" for name in local_names(one.children[0])}
    loose = {name for one in form.new for name in local_names(one)} - bound
    if loose:
        return f"the new code needs {', '.join(sorted(loose))}, which the old has not"
    return ""


def _merge_in(cluster: Cluster, merged: list[Cluster], every: Sequence[Cluster], kept: Sequence[Tree]) -> None:
    for index, other in enumerate(merged):
        form = generalised(other.form, cluster.form)
        if form is None or not _keeps_anchor(form, cluster.changes[0]):
            continue
        members = (*other.changes, *cluster.changes)
        if _contradicted(form, members, every) or _hits(form, kept) > _hits(other.form, kept) + _hits(
            cluster.form, kept
        ):
            continue
        merged[index] = Cluster(form, members)
        return
    merged.append(cluster)


def _keeps_anchor(form: Form, change: Change) -> bool:
    """Whether the form still names the API, and gives back each change exactly."""
    name = change.api.name
    if name.startswith("."):
        return any(node.kind == "Attribute" and f".{node.name}" == name for node in form.old.walk())
    return not name[0].isalpha() or "." not in name or any(n.kind == SYMBOL and n.name == name for n in form.old.walk())


def _contradicted(form: Form, members: Iterable[Change], every: Iterable[Cluster]) -> bool:
    """Whether the form makes anything else of a change than what it became."""
    inside = set(map(id, members))
    return any(
        not _agrees(form, change, needed=id(change) in inside) for cluster in every for change in cluster.changes
    )


def _agrees(form: Form, change: Change, *, needed: bool) -> bool:
    found = matched(form.old, change.old)
    if found is None:
        within = not needed and any(matched(form.old, part) is not None for part in change.old.walk())
        return not needed and not within
    try:
        return tuple(filled(one, found) for one in form.new) == change.new
    except (KeyError, ValueError):
        return False


def _hits(form: Form, kept: Sequence[Tree]) -> int:
    return sum(matched(form.old, tree) is not None for tree in kept)


def _without_contradictions(clusters: list[Cluster], kept: Sequence[Tree]) -> list[Cluster]:
    """Of forms with the same old side the one with the most support; what speaks against each is counted.

    A form that loses is made more specific where that tells it from the other.
    """
    best: list[Cluster] = []
    for cluster in sorted(clusters, key=lambda one: -one.support):
        rival = next((i for i, one in enumerate(best) if _same_old(one.form, cluster.form)), None)
        if rival is None or _disjoint(best[rival].form, cluster.form):
            best.append(replace(cluster, against=_hits(cluster.form, kept)))
            continue
        narrow, narrow_rival = _narrowed(cluster, best[rival]), _narrowed(best[rival], cluster)
        if narrow is not None:
            best.append(replace(narrow, against=_hits(narrow.form, kept)))
        elif narrow_rival is not None and best[rival].support <= cluster.support:
            best[rival] = replace(cluster, against=_hits(cluster.form, kept))
            best.append(replace(narrow_rival, against=_hits(narrow_rival.form, kept)))
        else:
            best[rival] = replace(best[rival], against=best[rival].against + cluster.support)
    return best


def _narrowed(cluster: Cluster, rival: Cluster) -> Cluster | None:
    """The cluster with a form that says more of what its holes stand for, so that it matches nothing of the rival's."""
    form: Form | None = None
    for change in cluster.changes:
        own = matched(cluster.form.old, change.old) or {}
        contents = [part for part in own.values() if isinstance(part, Tree) and part.children]
        one = abstracted(change.old, change.new, change.api.name, kept=contents)
        form = one if form is None else generalised(form, one)
        if form is None or why_not(form):
            return None
    if form is None or _same_old(form, rival.form):
        return None
    hits = any(matched(form.old, change.old) is not None for change in rival.changes)
    return None if hits else Cluster(form, cluster.changes)


def _same_old(one: Form, other: Form) -> bool:
    return Form(one.old, ()).key == Form(other.old, ()).key


def _disjoint(one: Form, other: Form) -> bool:
    """Whether the types of some hole tell the two apart."""
    pairs = zip(_in_order(one.old), _in_order(other.old), strict=True)
    known = [(one.types.get(a, frozenset()), other.types.get(b, frozenset())) for a, b in pairs]
    return any(a and b and a.isdisjoint(b) for a, b in known)


def told_apart(one: Cluster, others: Sequence[Cluster]) -> set[str]:
    """The holes whose types are what tells a form from others with the same old side."""
    names: set[str] = set()
    for other in others:
        if other is not one and _same_old(one.form, other.form):
            pairs = zip(_in_order(one.form.old), _in_order(other.form.old), strict=True)
            for mine, theirs in pairs:
                a, b = one.form.types.get(mine, frozenset()), other.form.types.get(theirs, frozenset())
                if a and b and a.isdisjoint(b):
                    names.add(mine)
    return names
