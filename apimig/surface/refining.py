"""What an installed release shows from inside, put into the surface that was read from its text.

Text goes first where it is code: it has annotations, and decorators cannot put a mask on it. Introspection decides what
is there at all, of what kind it is, and how C functions and generated members are called.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apimig.surface.model import Entry, Surface
from apimig.surface.parameters import read_signature, write_signature
from apimig.surface.publicity import conventions, is_public_member
from apimig.surface.signatures import same_default
from apimig.surface.wording import replacement_in, since_in

Answer = Mapping[str, Any]

_CALLED = "fmts"


def refine(surface: Surface, answer: Answer) -> Surface:
    """The surface with what ``introspection`` found."""
    work = _Refinement(surface, answer)
    work.run()
    python = ".".join(map(str, answer["python"]))
    failed = sorted(each for each in answer["failed"] if each in work.entries and work.entries[each]["k"] == "M")
    notes = [f"introspected with Python {python}"]
    if failed:
        notes.append(f"not importable there, read as text alone: {', '.join(failed)}")
    return replace(
        surface,
        entries=work.entries,
        aliases=work.aliases,
        implicit=work.implicit,
        probed=True,
        notes=(*surface.notes, *notes),
    )


class _Refinement:
    def __init__(self, surface: Surface, answer: Answer) -> None:
        self.surface = surface
        self.answer = answer
        self.entries: dict[str, Entry] = copy.deepcopy(dict(surface.entries))
        self.aliases = dict(surface.aliases)
        self.implicit = dict(surface.implicit)
        self.conventions = conventions(surface.roots)
        self.homes = dict(surface.homes)
        self.by_identity: dict[int, str] = {}

    def run(self) -> None:
        for path in self._paths():
            self._identify(path)
        for module, found in self.answer["modules"].items():
            for name, described in found["names"].items():
                self._name(module, name, described, found["all"])
            self._drop_absent(module, found["names"])
        for path, found in self.answer["classes"].items():
            name = path if path in self.entries else self.homes.get(path)
            if name is not None and self.entries[name]["k"] == "c":
                if "g" in self.entries[name] and "b" not in self.entries[name]:
                    self._derive(self.entries[name], found["bases"])
                self._class(name, found["members"], frozenset(found["has"]))
        for path in self.answer["failed"]:
            name = path if path in self.entries else self.homes.get(path, "")
            if self.entries.get(name, {}).get("i") == "h":
                self.entries[name]["i"] = "b"  # a class for type checkers: nothing is one of it

    # ----------------------------------------------------------------- names of modules

    def _paths(self) -> list[str]:
        return [name for name, entry in self.entries.items() if entry["k"] != "M"]

    def _described(self, path: str) -> dict[str, Any] | None:
        module, _, last = path.rpartition(".")
        found: dict[str, Any] | None = self.answer["modules"].get(module, {}).get("names", {}).get(last)
        return found

    def _identify(self, path: str) -> None:
        described = self._described(path)
        if described is not None and "id" in described and "i" not in self.entries[path] and "d" not in described:
            known = self.by_identity.setdefault(described["id"], path)
            if known != path:
                better, worse = sorted((known, path), key=lambda each: self._rank(each, described.get("home", "")))
                self._join(better, worse)
                self.by_identity[described["id"]] = better

    def _rank(self, path: str, home: str) -> tuple[object, ...]:
        return (*self.conventions.rank(path, home, listed=True), path)

    def _join(self, name: str, other: str) -> None:
        """Two names that the text shows apart are one object: the second becomes a path of the first."""
        gone = self.entries[other]
        if gone["k"] == "c" and self.entries[name]["k"] != "c":
            self.entries[name] = {**gone, "h": gone.get("h", other)}
        del self.entries[other]
        for paths in (self.aliases, self.implicit):
            for path, target in paths.items():
                if target == other:
                    paths[path] = name
        self.aliases[other] = name
        if "h" in gone:
            self.homes[gone["h"]] = name

    def _name(self, module: str, name: str, described: dict[str, Any], listed: list[str] | None) -> None:
        path = f"{module}.{name}"
        known = path if path in self.entries else self.aliases.get(path)
        if known is not None:
            self._known(path, known, described)
        elif described["k"] != "M" and self._is_meant(module, name, described, listed):
            self._new(path, described)

    def _is_meant(self, module: str, name: str, described: dict[str, Any], listed: list[str] | None) -> bool:
        home: str = described.get("home", "")
        own = home.split(".", 1)[0] in self.surface.roots
        if described.get("lazy"):
            return own or "d" in described
        if listed is not None:
            return name in listed and (own or described["k"] == "a" or not home)
        return bool(described["k"] != "a") and home.rpartition(".")[0] == module

    def _known(self, path: str, name: str, described: dict[str, Any]) -> None:
        entry = self.entries[name]
        if entry["k"] == "M":
            if described["k"] != "M" and path == name:  # an object of the same name hides the module
                self._unhide(path, described)
            return
        if described.get("d") and "d" not in entry:
            if path != name:  # the path is deprecated, not the object
                del self.aliases[path]
                self.entries[path] = self._another_name(name, described["d"])
                return
            entry["d"] = _deprecation(described["d"])
        if path == name:
            _refine_entry(entry, described)

    def _unhide(self, path: str, described: dict[str, Any]) -> None:
        """``lib.thing`` is the class, not the module ``thing`` that it comes from."""
        del self.entries[path]
        written = self.homes.get(described.get("home", ""), "")
        if not written.startswith(path + "."):
            self._new(path, described)
            return
        self.entries[path] = {**self.entries.pop(written), "h": described["home"]}
        self.homes[described["home"]] = path
        for below in [each for each in self.entries if each.startswith(path + ".")]:
            del self.entries[below]
        for paths in (self.aliases, self.implicit):
            for alias, target in list(paths.items()):
                if target == written:
                    paths[alias] = path
                elif target.startswith(path + ".") or alias.startswith(path + "."):
                    del paths[alias]

    def _another_name(self, name: str, deprecation: str) -> Entry:
        """An object under a name that is deprecated while the object is not."""
        entry = self.entries[name]
        if entry["k"] == "c":
            return {"k": "c", "b": [name], "d": _deprecation(deprecation), "g": 1}
        return {**entry, "d": _deprecation(deprecation), "g": 1}

    def _new(self, path: str, described: dict[str, Any]) -> None:
        same = self.by_identity.get(described.get("id", -1))
        if same is not None and "d" not in described:
            self.aliases[path] = same
            return
        if same is not None:
            self.implicit.pop(path, None)
            self.entries[path] = self._another_name(same, described["d"])
            return
        entry: Entry = {"k": described["k"], "g": 1}
        if described.get("d"):
            entry["d"] = _deprecation(described["d"])
        if described["k"] == "f" and _readable(described["s"]):
            entry["s"] = described["s"]
        self.implicit.pop(path, None)
        self.entries[path] = entry
        if "id" in described:
            self.by_identity.setdefault(described["id"], path)

    def _drop_absent(self, module: str, there: Mapping[str, Any]) -> None:
        """Names that only the text has: for another platform or Python, or for type checkers."""
        for path in [each for each in self.aliases if each.rpartition(".")[0] == module]:
            if path.rpartition(".")[2] not in there and path not in self.answer["modules"]:
                del self.aliases[path]
        aliased = set(self.aliases.values())
        for path in [each for each in self.entries if each.rpartition(".")[0] == module]:
            entry = self.entries[path]
            absent = path.rpartition(".")[2] not in there and entry["k"] != "M" and "i" not in entry
            if absent and path not in aliased:
                if entry["k"] == "c":
                    entry["i"] = "b"  # a base may be named by others
                else:
                    del self.entries[path]
                self.implicit = {key: target for key, target in self.implicit.items() if target != path}

    # ----------------------------------------------------------------- classes

    def _derive(self, entry: Entry, bases: list[str]) -> None:
        named = [self.homes.get(base, base) for base in bases if not base.startswith("builtins.object")]
        if named:
            entry["b"] = [name.removeprefix("builtins.") for name in named]

    def _inherited(self, owner: str) -> dict[str, Entry]:
        """The members that the text shows in the bases of a class."""
        bases = self.surface.mro(owner)[1:] if owner in self.surface.entries else ()
        found: dict[str, Entry] = {}
        for base in bases:
            for name, member in self.surface.entries[base].get("m", {}).items():
                found.setdefault(name, member)
        return found

    def _class(self, owner: str, members: Mapping[str, dict[str, Any]], has: frozenset[str]) -> None:
        entry = self.entries[owner]
        own = entry.setdefault("m", {})
        inherited = self._inherited(owner)
        for name, described in members.items():
            if not is_public_member(name):
                continue
            if name in own:
                _refine_entry(own[name], described)
            elif name in inherited and not _says_more(described, inherited[name]):
                continue
            elif (made := _generated(described)) is not None:
                own[name] = made
        for name in [each for each, member in own.items() if member["k"] in _CALLED and each not in has]:
            del own[name]
        if not own:
            del entry["m"]


def _says_more(described: Mapping[str, Any], written: Entry) -> bool:
    """Whether a member that the text shows in a base is made anew here, to be called in another way."""
    if described.get("from") != "code" or described["k"] not in _CALLED or not _readable(described["s"]):
        return False
    found, known = read_signature(described["s"]).parameters, read_signature(written.get("s", "()")).parameters
    return len(found) != len(known) or any(
        (one.name, one.kind) != (other.name, other.kind)
        or (one.default is None) != (other.default is None)
        or not same_default(one.default or "0", other.default or "0")
        for one, other in zip(found, known, strict=True)
    )


def _deprecation(text: str) -> list[str]:
    return [text, since_in(text), replacement_in(text)]


def _generated(described: Mapping[str, Any]) -> Entry | None:
    kind = described["k"]
    if kind == "d":
        return None
    entry: Entry = {"k": kind, "g": 1}
    if kind in _CALLED:
        if not _readable(described.get("s", "")):
            return entry
        entry["s"] = described["s"]
    elif kind == "p" and described.get("type"):
        entry["r"], entry["f"] = described["type"], "r"
    return entry


def _refine_entry(entry: Entry, described: dict[str, Any]) -> None:
    kind = described["k"]
    if kind in ("d", "M") or (entry["k"] in "ae" and kind == "a"):
        return
    if kind == "c" and entry["k"] in "af":
        entry.pop("s", None)
        entry["k"] = "c"
        return
    if kind == "a" and entry["k"] in _CALLED:
        return  # an object made of a function: still called as it is written
    if kind in _CALLED:
        signature = described.get("s", "")
        if not _readable(signature):
            signature = ""
        if entry["k"] in "ape":
            entry["k"] = kind
            entry.pop("r", None)
            if signature:
                entry["s"] = signature
        elif entry["k"] != kind and entry["k"] in _CALLED:
            entry["k"] = kind
        elif signature:
            entry["s"] = _completed(entry.get("s", ""), signature, described.get("from", ""))
    elif kind == "p" and entry["k"] in "ma":
        entry["k"] = "p"
        entry.pop("s", None)


def _readable(text: str) -> bool:
    if not text:
        return False
    try:
        read_signature(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _completed(written: str, found: str, source: str) -> str:
    """The written signature, with what it leaves open (``...``, nothing) taken from inside."""
    if not written:
        return found
    parameters, others = read_signature(written).parameters, read_signature(found).names
    if all(each.default != "..." for each in parameters):
        return written
    if source in ("code", "text") and {each.name for each in parameters} != set(others):
        return found
    return write_signature(
        replace(each, default=others[each.name].default)
        if each.default == "..." and each.name in others and others[each.name].default is not None
        else each
        for each in parameters
    )
