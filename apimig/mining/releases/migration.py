"""From one release to another: what both say of a name, with what releases in between add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apimig.mining.releases.release import Release, at
from apimig.surface.deriving import is_same
from apimig.surface.model import Deprecation, Symbol


@dataclass(frozen=True, slots=True)
class Migration:
    """The two releases, those in between, and ``at``: the version in which the last one's series began."""

    first: Release
    last: Release
    through: tuple[Release, ...]
    at: str

    def old(self, name: str) -> Symbol | None:
        """What the name means in the first release."""
        return at(self.first.surface, name)

    def new(self, name: str) -> Symbol | None:
        """What the name means in the last release."""
        return at(self.last.surface, name)

    def said_between(self, name: str) -> Deprecation | None:
        """What a release in between says of a name that it deprecates."""
        found = (at(each.surface, name) for each in self.through)
        return next((each.deprecated for each in found if each is not None and each.deprecated is not None), None)

    def reduced(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names without those of classes that inherit the member from another one that is named."""
        owners = {name.rpartition(".")[0] for name in names}
        surface = self.first.surface
        kept = [
            name
            for name in dict.fromkeys(names)
            if not (owners & set(surface.mro(surface.canonical(name.rpartition(".")[0]) or "")[1:]))
        ]
        return tuple(kept) or tuple(names)

    def has_class(self, name: str) -> bool:
        """Whether the name is of a class's member."""
        owner = self.first.surface.canonical(name.rpartition(".")[0])
        return owner is not None and self.first.surface.entries.get(owner, {}).get("k") == "c"

    def is_same(self, was: Symbol, target: str) -> bool:
        """Whether the new name is of the same thing for sure."""
        now = self.new(target)
        return now is not None and is_same(was, now)

    def copies(self) -> frozenset[str]:
        """The modules of the last release under which most of what the first one publishes stands once more.

        What is there works among itself, and not with the rest of the new release: no successor.
        """
        old, new = self.first.surface, self.last.surface
        modules = [name for name, entry in new.entries.items() if entry["k"] == "M" and name.count(".") == 1]
        plain = [
            each.partition(".")[2] for each, said in old.entries.items() if said["k"] != "M" and each.count(".") == 1
        ]
        return frozenset(
            module
            for module in modules
            if plain and 2 * sum(f"{module}.{name}" in new.entries for name in plain) > len(plain)
        )
