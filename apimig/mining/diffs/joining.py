"""Proposals beside each other: those that are one change for people, and those that contradict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from apimig.mining.candidate import Kind
from apimig.mining.diffs.proposal import Proposal
from apimig.mining.diffs.words import word


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
            word(old_module.rpartition(".")[2]) or "moved",
            f"{', '.join(names)} moved from {old_module} to {new_module}",
            tuple(change for _, one in some for change in one.changes), against=sum(one.against for _, one in some),
        )  # fmt: skip
