"""A release as mining sees it: its surface, and its text where that is at hand."""

from __future__ import annotations

from dataclasses import dataclass

from apimig.mining.releases.sources import Definition, Sources
from apimig.surface.model import Kind, Surface, Symbol

MEMBERS = (Kind.METHOD, Kind.CLASS_METHOD, Kind.STATIC_METHOD, Kind.PROPERTY, Kind.ATTRIBUTE, Kind.ENUM_MEMBER)


@dataclass(frozen=True, slots=True)
class Release:
    """One release; without ``sources`` what only bodies and docstrings show is not found."""

    surface: Surface
    sources: Sources | None = None

    def definition(self, name: str) -> Definition | None:
        """Where the thing of a public name is defined."""
        symbol = at(self.surface, name)
        if symbol is None or self.sources is None:
            return None
        home = symbol.home
        if home == symbol.name and symbol.kind in MEMBERS:
            owner, _, last = symbol.name.rpartition(".")
            class_ = self.surface.find(owner)
            home = f"{class_.home}.{last}" if class_ is not None else home
        return self.sources.definition(home)


def at(surface: Surface, name: str) -> Symbol | None:
    """What a name means to users of a release, members of classes and what they inherit included."""
    if surface.offers(name):
        return surface.find(name)
    owner, _, last = name.rpartition(".")
    known = surface.canonical(owner) if owner else None
    if known is not None and surface.entries.get(known, {}).get("k") == "c":
        return surface.member(known, last)
    return surface.find(name)


def signature_of(symbol: Symbol) -> str:
    """The parameters of a callable as a rule file has them."""
    from apimig.surface.parameters import write_signature

    return write_signature(symbol.signature.parameters) if symbol.signature else "()"


def shown(name: str) -> str:
    """A name without its modules: ``DataFrame.append``."""
    parts = name.split(".")
    classes = [at for at, part in enumerate(parts[:-1]) if part[:1].isupper()]
    return ".".join(parts[classes[0] :]) if classes else parts[-1]


def squeezed(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())
