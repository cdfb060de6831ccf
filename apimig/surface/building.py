"""A tree that was read -> the surface: objects under their preferred names, with what they inherit from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import griffe

from apimig.surface.annotations import Names
from apimig.surface.definitions import (
    attribute_entry,
    class_entry,
    function_entry,
    instance_method_entry,
    member_entries,
)
from apimig.surface.model import Entry, Surface
from apimig.surface.paths import Paths, find_paths
from apimig.surface.prose import TypesInProse
from apimig.surface.publicity import Conventions, conventions
from apimig.surface.reading import Tree

_LISTED: Entry = {"k": "a"}
BASE, HELD = "b", "h"  # why a class without a public name is there: public ones derive from it, or hand it out
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True)
class Release:
    """Which release it is. ``roots`` are its import names, ``digest`` the hash of the file it was read from."""

    distribution: str
    version: str
    roots: tuple[str, ...]
    digest: str = ""


def build(release: Release, tree: Tree) -> Surface:
    """The surface of what was read."""
    work = _Build(tree, conventions(release.roots))
    work.run()
    return Surface(
        release.distribution,
        release.version,
        release.roots,
        work.entries,
        work.aliases,
        work.implicit,
        digest=release.digest,
        notes=tuple(f"not read: {each}" for each in tree.unread),
    )


@dataclass
class _Build:
    tree: Tree
    conventions: Conventions
    entries: dict[str, Entry] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    implicit: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        self.names = Names(self.tree)
        paths = find_paths(self.tree, self.names, self.conventions)
        self.preferred = {home: self._best(home, known) for home, known in paths.objects.items()}
        self.prose = TypesInProse(self._classes(paths))
        homes = self._with_reached(paths)
        self._modules(paths)
        for home, entry in homes.items():
            self.entries[self._name(home)] = entry
        self._rename_types()
        self._drop_documented_twice()
        self._aliases(paths)

    def _best(self, home: str, known: Mapping[str, bool]) -> str:
        return min(sorted(known), key=lambda path: self.conventions.rank(path, home, listed=known[path]))

    def _name(self, home: str) -> str:
        return self.preferred.get(home, home)

    def _classes(self, paths: Paths) -> Iterable[str]:
        return [home for home in paths.objects if getattr(self.names.object(home), "is_class", False)]

    def _with_reached(self, paths: Paths) -> dict[str, Entry]:
        """Entries of the public objects, and of the classes that these derive from, return or hold."""
        entries: dict[str, Entry] = {}
        waiting = [(home, "") for home in paths.objects]
        while waiting:
            home, reached = waiting.pop()
            if home in entries:
                if reached == HELD and "i" in entries[home]:
                    entries[home]["i"] = HELD
                continue
            found = self.names.object(home)
            if found is None or isinstance(found, griffe.Module) or found.path in entries:
                continue
            entry = self._entry(found)
            if home not in self.preferred:
                if entry["k"] != "c":
                    continue
                entry["i"] = reached
            entries[home] = entry
            waiting += [(base, BASE) for base in self._own(entry.get("b", ()))]
            waiting += [(each, HELD) for each in self._mentioned(entry)]
        return dict(sorted(entries.items()))

    def _entry(self, found: griffe.Object) -> Entry:
        if isinstance(found, griffe.Class):
            entry = class_entry(found, self.names)
            if members := member_entries(found, self.names, self.prose):
                entry["m"] = members
        elif isinstance(found, griffe.Function):
            entry = function_entry(found, self.names, self.prose)
        elif method := self.names.of_instance(found):
            entry = instance_method_entry(method, self.names, self.prose, found.path)
        else:
            entry = attribute_entry(found, self.names, self.prose)
        name = self._name(found.path)
        if name != found.path:
            entry["h"] = found.path
        return entry

    def _mentioned(self, entry: Entry) -> list[str]:
        texts = [entry.get("r", ""), *entry.get("o", ())]
        for member in entry.get("m", {}).values():
            if member["k"] not in "ae":
                texts += [member.get("r", ""), *member.get("o", ())]
        return self._own(match for text in texts for match in _DOTTED.findall(text))

    def _own(self, names: Iterable[str]) -> list[str]:
        roots = {package.path for package in self.tree.packages}
        return sorted({each for each in names if each.split(".", 1)[0] in roots})

    def _modules(self, paths: Paths) -> None:
        from apimig.surface.definitions import module_entry

        for path, module in paths.modules.items():
            self.entries[path] = module_entry(module)

    def _rename_types(self) -> None:
        """Types are read under the names of their homes; from here on they have their preferred names."""

        def renamed(text: str) -> str:
            return _DOTTED.sub(lambda match: self._name(match.group()), text)

        for entry in self.entries.values():
            for each in (entry, *entry.get("m", {}).values()):
                if "r" in each:
                    each["r"] = renamed(each["r"])
                if "o" in each:
                    each["o"] = [renamed(text) for text in each["o"]]
            if "b" in entry:
                entry["b"] = [self._name(base) for base in entry["b"]]

    def _drop_documented_twice(self) -> None:
        """Attributes that a docstring lists though the code of a base says more of them."""
        surface = Surface("", "", (), self.entries, {})
        for name, entry in self.entries.items():
            for last in [
                key for key, member in entry.get("m", {}).items() if member.get("f") == "d" and member["k"] == "a"
            ]:
                bases = surface.mro(name)[1:]
                if any(self.entries[base].get("m", {}).get(last, _LISTED)["k"] != "a" for base in bases):
                    del entry["m"][last]

    def _aliases(self, paths: Paths) -> None:
        for home, known in paths.objects.items():
            name = self._name(home)
            target = home if home in paths.modules else name
            if target in self.entries:
                self.aliases.update({path: target for path in known if path != target})
        for path, home in paths.implicit.items():
            name = self._name(home)
            if name in self.entries and path != name and path not in self.aliases:
                self.implicit[path] = name
