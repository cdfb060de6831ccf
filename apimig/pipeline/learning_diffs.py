"""What learning from diffs needs of the other rooms: types from the resolver, names and signatures from surfaces."""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from packaging.version import Version

from apimig.errors import ApimigError
from apimig.mining.candidate import Learned
from apimig.mining.diffs.learning import Subject, learn_from_pairs
from apimig.mining.diffs.names import Language
from apimig.mining.diffs.pairs import Pair
from apimig.mining.diffs.tree import Types, no_types
from apimig.mining.releases.release import at
from apimig.mining.releases.versions import first_of_series, version_of
from apimig.pipeline.surfaces import enriched
from apimig.pipeline.trying import RuleTrial
from apimig.records import Interest, SourceFile, Span
from apimig.resolve import Project
from apimig.rulebook.rule import Library
from apimig.rulebook.signature import Signature, parse_signature
from apimig.surface.libraries import library_of
from apimig.surface.model import Kind, Surface
from apimig.surface.wording import since_in


def learn(
    pairs: Iterable[Pair],
    library: Library,
    head: Mapping[str, Any],
    *,
    old: Surface | None = None,
    new: Surface | None = None,
    releases: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _said: None,
) -> Learned:
    """Learn rules of a library from pairs; ``head`` has what every rule file begins with.

    The surfaces of the two releases, where they are known, tell more types, the old signatures, what is left, and with
    the final ``releases`` that exist when the rest went.
    """
    if old is not None:
        library = enriched(library_of(old), library)
    subject = subject_of(library, head, old, new, releases)
    return learn_from_pairs(pairs, subject, RuleTrial(library), typed=Typing(library).types_of, tell=tell)


def subject_of(
    library: Library,
    head: Mapping[str, Any],
    old: Surface | None = None,
    new: Surface | None = None,
    releases: Sequence[str] = (),
) -> Subject:
    """What mining has to know of a library."""
    owners = _owners(library)
    language = Language(frozenset(library.imports), dict(library.conventional), partial(_public, [old, new]))
    return Subject(
        language,
        head,
        owners=lambda member: owners.get(member, ()),
        signature=partial(_signature, old),
        takes=partial(_takes, old, new),
        remains=lambda name: new is not None and new.find(name) is not None,
        versions=partial(_versions, old, new, releases),
    )


def _versions(
    old: Surface | None, new: Surface | None, releases: Sequence[str], names: Sequence[str]
) -> dict[str, str]:
    """When names went, warn or mean something else, as two surfaces show it; nothing where they are not known."""
    if old is None or new is None:
        return {}
    series = first_of_series(old.version, new.version, releases)
    now = [found for name in names if (found := at(new, name)) is not None]
    if not now:
        return {"removed": series}
    said = next((each.deprecated for each in now if each.deprecated is not None), None)
    if said is None:
        return {"changed": series}
    since = version_of(said.since or since_in(said.text))
    return {"deprecated": since if since and Version(since) <= Version(new.version) else series}


def _public(surfaces: Iterable[Surface | None], name: str) -> str:
    """The public name of what is defined in a private place, "" where no release has one."""
    found = (surface.canonical(name) for surface in surfaces if surface is not None)
    return next((each for each in found if each), "")


def _takes(old: Surface | None, new: Surface | None, before: str, after: str) -> bool:
    """Whether every call of a function is one of another, by their signatures; True where one is not known."""
    first, second = _read(old, before), _read(new, after)
    if first is None or second is None or any(each.kind in ("*", "**") for each in first.parameters):
        return True
    places = [each.name for each in second.positional]
    named = {each.name for each in second.parameters if each.kind in ("either", "keyword")}
    keywords = [each.name for each in first.parameters if each.kind in ("either", "keyword")]
    return places[: len(first.positional)] == [each.name for each in first.positional] and named.issuperset(keywords)


def _read(surface: Surface | None, name: str) -> Signature | None:
    """The signature of a function of a release, or of a builtin one."""
    if name.startswith("builtins."):
        try:
            return parse_signature(str(inspect.signature(getattr(builtins, name.partition(".")[2]))))
        except (AttributeError, TypeError, ValueError):  # not all of them tell
            return None
    symbol = None if surface is None else surface.find(name)
    return None if symbol is None or symbol.kind is not Kind.FUNCTION else symbol.signature


def _signature(old: Surface | None, api: str) -> str:
    """The old signature as rules write it, "" where it is not known."""
    symbol = None if old is None else old.find(api)
    if symbol is None or symbol.signature is None:
        return ""
    written: list[str] = []
    for parameter in symbol.signature.parameters:
        if parameter.kind == "keyword" and not any(text.startswith("*") for text in written):
            written.append("*")
        stars = parameter.kind if parameter.kind in ("*", "**") else ""
        default = "" if parameter.default is None else f"={parameter.default}"
        written.append(f"{stars}{parameter.name}{default}")
    return f"({', '.join(written)})"


def _owners(library: Library) -> dict[str, tuple[str, ...]]:
    """The classes that say of themselves that they have a member, by the member."""
    found: dict[str, list[str]] = {}
    for name, types in library.classes.items():
        for member in {*types.attributes, *types.returns, *types.listed}:
            found.setdefault(member, []).append(name)
    return {member: tuple(sorted(names)) for member, names in found.items()}


@dataclass(frozen=True, slots=True)
class Typing:
    """Tells the types of expressions, by the resolver."""

    library: Library

    def types_of(self, code: str) -> Types:
        """The types in one module; nothing is known where it cannot be resolved."""
        roots = frozenset(self.library.imports)
        is_snippet = "import " not in code
        project = Project((self.library,), Interest(roots), snippet=is_snippet)
        source = SourceFile(path=Path("<pair>"), name="<pair>", text=code.encode())
        try:
            resolution = project.resolve(source)
        except (RecursionError, ApimigError):
            return no_types

        def types(start: int, end: int) -> frozenset[str]:
            value = resolution.value_at(Span(start, end))
            names = value.instance_names()
            return names if names and not value.open and len(names) == len(value.types) else frozenset()

        return types
