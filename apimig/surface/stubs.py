"""Return types that a separate stub distribution knows, put where the library itself says nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from apimig.errors import ApimigError, UsageError
from apimig.surface.building import Release, build
from apimig.surface.model import Entry, Surface
from apimig.surface.publicity import conventions
from apimig.surface.reading import read_tree

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def stub_distribution(surface: Surface) -> str:
    """The distribution with stubs for a library; empty when none is listed in ``data/surfaces/conventions.yaml``."""
    return conventions(surface.roots).stubs


def fetch_stubs(surface: Surface, folder: Path) -> Surface | None:
    """The surface of the stubs made for this release, or for one that differs in its last number; None without any."""
    from apimig.surface.fetching import download
    from apimig.surface.unpacking import unpack

    name = stub_distribution(surface)
    parts = surface.version.split(".")
    for wanted in dict.fromkeys((f"{surface.version}.*", ".".join([*parts[:2], "*"]))) if name else ():
        into = folder / wanted.replace("*", "x")
        into.mkdir()
        try:
            unpacked = unpack(download(name, wanted, into), into / "code")
        except (ApimigError, UsageError):
            continue
        return read_stubs(unpacked.folder, surface)
    return None


def read_stubs(folder: Path, surface: Surface) -> Surface:
    """The surface of unpacked stubs: ``pandas-stubs`` stands for ``pandas``."""
    for root in surface.roots:
        stubs = folder / f"{root}-stubs"
        if stubs.is_dir() and not (folder / root).exists():
            stubs.rename(folder / root)
    roots = tuple(root for root in surface.roots if (folder / root).is_dir())
    return build(Release(surface.distribution, surface.version, roots), read_tree(folder, roots))


def with_stubs(surface: Surface, stubs: Surface) -> Surface:
    """The surface with return types that only the stubs state. Names that only the stubs have are not believed."""
    return replace(
        surface, entries={name: _typed(name, entry, surface, stubs) for name, entry in surface.entries.items()}
    )


def _typed(name: str, entry: Entry, surface: Surface, stubs: Surface) -> Entry:
    known = stubs.canonical(name)
    told = stubs.entries.get(known) if known is not None else None
    if known is None or told is None or told["k"] == "M":
        return entry
    typed = _with_type(entry, told, surface)
    if entry["k"] != "c" or told["k"] != "c" or "m" not in entry:
        return typed
    members = {last: _member(last, member, known, surface, stubs) for last, member in entry["m"].items()}
    return {**typed, "m": members}


def _member(last: str, member: Entry, owner: str, surface: Surface, stubs: Surface) -> Entry:
    definer = stubs.members(owner).get(last)
    return member if definer is None else _with_type(member, stubs.entries[definer]["m"][last], surface)


def _with_type(entry: Entry, told: Entry, surface: Surface) -> Entry:
    """The entry, typed as told unless it says its type itself; prose gives way, and a value's kind must agree."""
    said = entry.get("r") and entry.get("f") != "d"
    if said or not told.get("r") or entry["k"] == "c" or (entry["k"] in "pae") != (told["k"] in "pae"):
        return entry
    returned = _DOTTED.sub(lambda match: surface.canonical(match.group()) or match.group(), str(told["r"]))
    typed: Entry = {**entry, "r": returned, "f": "s"}
    if "o" in told and "o" not in entry:
        typed["o"] = told["o"]
    return typed
