"""What changed between two surfaces, as far as code that uses it is worth reading."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from apimig.mining.diffs.changes import LIKE
from apimig.mining.diffs.changes import Change as Seen
from apimig.mining.diffs.tree import CALL, KEYWORD, SYMBOL, Tree
from apimig.mining.releases.release import MEMBERS
from apimig.surface.changes import ChangeKind, diff
from apimig.surface.model import Kind, Surface

_ALL = ""  # the whole name changed, not one of its parameters
_GONE = frozenset({ChangeKind.REMOVED, ChangeKind.RENAMED, ChangeKind.MOVED})
_WHOLE = _GONE | {ChangeKind.DEPRECATED, ChangeKind.PROPERTY_TO_METHOD, ChangeKind.METHOD_TO_PROPERTY}
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Watched:
    """The names of the old release that are gone, warn, or are called in another way.

    ``parameters`` maps each preferred name to the parameters that changed; "" stands for the name itself. ``come`` are
    those that the new release has instead, or besides. ``gone`` are the names that the new release has not, ``words``
    the last parts of all.
    """

    surface: Surface
    new: Surface
    parameters: Mapping[str, frozenset[str]]
    come: Mapping[str, frozenset[str]]
    gone: frozenset[str]
    words: frozenset[str]

    @cached_property
    def preferred(self) -> frozenset[str]:
        """The preferred names of all that is watched, under whichever of its names."""
        return frozenset(self.surface.canonical(name) or name for name in self.parameters)

    def names(self, code: str) -> bool:
        """Whether a text has the last part of such a name in it."""
        return not self.words.isdisjoint(words_of(code))

    def concerns(self, seen: Seen) -> bool:
        """Whether what code shows is about such a name; where only parameters changed, about these and no others."""
        if _is_bare(seen) and not _alike(seen.old.name, seen.one.name):
            return False
        return any(self._fits(name, seen) for name in self._of(seen.api.name, seen.api.owners))

    def is_whole(self, name: str) -> bool:
        """Whether a name is gone or warns as a whole, by itself or with what contains it."""
        return any(_ALL in self.parameters[known] for known in self._of(name, ()))

    def _of(self, name: str, owners: Iterable[str]) -> Iterator[str]:
        """The watched names that a name means, or that contain it: a module that is gone takes along what is in it."""
        paths = [f"{owner}{name}" for owner in owners] if name.startswith(".") else [name]
        for path in paths:
            known = path if path in self.parameters else self.surface.canonical(path) or path
            if known in self.parameters and not self._stays(path, known):
                yield known
            while known := known.rpartition(".")[0]:
                if known in self.gone:
                    yield known

    def _stays(self, path: str, known: str) -> bool:
        """Whether of several names of one thing another one went: ``numpy.float_`` did, ``numpy.float64`` did not."""
        return path != known and known in self.gone and self.new.offers(path) is not None

    def _fits(self, name: str, seen: Seen) -> bool:
        changed = self.parameters[name]
        if _ALL in changed:
            return True
        touched = _touched(seen.old, seen.one)
        return bool(touched & changed) and touched <= changed | self.come.get(name, frozenset())


def watched(old: Surface, new: Surface) -> Watched:
    """What to look for in code: what the difference of the surfaces names, and what warned already."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    come: defaultdict[str, set[str]] = defaultdict(set)
    gone = set[str]()
    for change in diff(old, new):
        for name in change.names or (change.name,):
            is_path = change.kind in _GONE and change.symbol not in MEMBERS  # another name of it may stay
            known = name if is_path else old.canonical(name) or name
            if change.kind is ChangeKind.PARAMETER_ADDED:
                come[known].add(change.parameter)
            elif change.parameter or change.kind in _WHOLE:
                found[known].add(change.parameter)
            if change.kind in _GONE:
                gone.add(known)
            if change.kind is ChangeKind.PARAMETER_RENAMED:
                come[known].add(change.after)
    for symbol in old.symbols():
        found[symbol.name].update(symbol.parameters_deprecated)
        if symbol.deprecated is not None and symbol.kind is not Kind.MODULE and _warns(new, symbol.name):
            found[symbol.name].add(_ALL)
    names = {name: frozenset(which) for name, which in found.items() if which}
    words = {path.rpartition(".")[2] for name in names for path in (name, *_paths(old, name))}
    instead = {name: frozenset(which) for name, which in come.items()}
    return Watched(old, new, names, instead, frozenset(gone), frozenset(words))


def _warns(new: Surface, name: str) -> bool:
    """Whether what warned before is gone or warns still."""
    now = new.find(name)
    return now is None or now.deprecated is not None


def _paths(surface: Surface, name: str) -> tuple[str, ...]:
    found = surface.find(name)
    return found.paths if found is not None else ()


def words_of(code: str) -> set[str]:
    """The identifiers in a text."""
    return set(_WORD.findall(code))


def _is_bare(seen: Seen) -> bool:
    """Whether one name only stands where another stood: in a list of what is tested, in an import."""
    return seen.old.kind == seen.one.kind == SYMBOL and seen.seen is None


def _alike(old: str, new: str) -> bool:
    one, other = (each.rpartition(".")[2].lower() for each in (old, new))
    return difflib.SequenceMatcher(None, one, other).ratio() >= LIKE


def _touched(old: Tree, new: Tree) -> frozenset[str]:
    """The keywords that one of two calls of the same thing has, or that both have with other values."""
    before, after = _keywords(old), _keywords(new)
    return frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _keywords(tree: Tree) -> dict[str, Tree]:
    if tree.kind != CALL:
        return {}
    return {one.name: one for one in tree.children[1].children if one.kind == KEYWORD}
