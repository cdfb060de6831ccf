"""What took the place of a name: as the deprecation says, and as the new release's surface bears out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apimig.surface.model import Kind, Surface, Symbol
from apimig.surface.signatures import is_called_alike, same_default
from apimig.surface.wording import module_in, successors_in

CALLED = (Kind.FUNCTION, Kind.METHOD, Kind.CLASS_METHOD, Kind.STATIC_METHOD, Kind.CLASS)
HELD = (Kind.PROPERTY, Kind.ATTRIBUTE, Kind.ENUM_MEMBER)
OF_INSTANCES = (Kind.METHOD, Kind.PROPERTY)


@dataclass(frozen=True, slots=True)
class Found:
    """A successor: its public name, the symbol, and whether every call of the old one is a call of it.

    ``keywords``: only calls that give the arguments by keyword are.
    """

    name: str
    symbol: Symbol
    alike: bool
    keywords: bool


def successor(was: Symbol, name: str, said: str, new: Surface, aliases: Mapping[str, str], text: str) -> Found | None:
    """The one object of the new release that a deprecation names; None where it names none, or that fits no call.

    ``said`` is the replacement that the surface has, ``text`` the words.
    """
    names = successors_in(text) or ((said,) if said else ())
    if len(names) > 1:
        return None
    if not names and (module := module_in(text)):
        names = (f"{module}.{name.rpartition('.')[2]}",)
    for each in names:
        for path in _paths(each, name, new, aliases):
            found = _at(path, new)
            if found is not None and path != name and found.kind is not Kind.MODULE and found.deprecated is None:
                return _fitting(was, name, path, found)
    return None


def _paths(said: str, name: str, new: Surface, aliases: Mapping[str, str]) -> Iterator[str]:
    """Where the name that a text has may lie: as it stands, beside the old one, and further out."""
    head, dot, rest = said.partition(".")
    if head in aliases:
        yield f"{aliases[head]}{dot}{rest}"
    owner = name
    if head in new.roots:
        yield said
    while "." in owner:
        owner = owner.rpartition(".")[0]
        yield f"{owner}.{said}"
        if dot and owner.rpartition(".")[2] == head:
            yield f"{owner}.{rest}"
    ending = f".{said}"
    alike = [each for each in new.entries if each.endswith(ending) and "i" not in new.entries[each]]
    if len(alike) == 1:
        yield alike[0]
    if dot:  # Class.member, of which only the class is an entry
        class_, _, last = said.rpartition(".")
        owners = [each for each in new.entries if each.endswith(f".{class_}") and "i" not in new.entries[each]]
        if len(owners) == 1:
            yield f"{owners[0]}.{last}"


def _at(path: str, new: Surface) -> Symbol | None:
    if new.offers(path):
        return new.find(path)
    owner, _, last = path.rpartition(".")
    known = new.offers(owner) if owner else None
    return new.member(known, last) if known is not None and new.entries.get(known, {}).get("k") == "c" else None


def _fitting(was: Symbol, name: str, path: str, found: Symbol) -> Found | None:
    """The successor where it is of a kind that can stand in the old one's place."""
    if was.kind in OF_INSTANCES:
        same_owner = path.rpartition(".")[0] == name.rpartition(".")[0]
        if found.kind not in (was.kind, *(HELD if was.kind in HELD else ())) or not same_owner:
            return None
    elif (
        (was.kind is Kind.CLASS and found.kind is not Kind.CLASS)
        or (was.kind in (Kind.FUNCTION, Kind.CLASS_METHOD, Kind.STATIC_METHOD) and found.kind in (*HELD, Kind.METHOD))
        or (was.kind in HELD and found.kind not in HELD)
    ):
        return None
    if was.kind in HELD:
        return Found(path, found, alike=True, keywords=True)
    alike = is_called_alike(was, found)
    return Found(path, found, alike=alike, keywords=alike or takes_by_name(was, found))


def takes_by_name(was: Symbol, now: Symbol) -> bool:
    """Whether a call that gives every argument by keyword is a call of the new one, and means the same."""
    if was.signature is None or now.signature is None:
        return False
    new = now.signature.names
    for each in was.signature.parameters:
        other = new.get(each.name)
        if each.kind in ("*", "**", "positional") or other is None or other.kind in ("*", "**", "positional"):
            return False
        if each.default is not None and (other.default is None or not same_default(each.default, other.default)):
            return False
    required = [p for p in now.signature.parameters if p.default is None and p.kind not in ("*", "**")]
    return all(p.name in was.signature.names and was.signature.names[p.name].default is None for p in required)
