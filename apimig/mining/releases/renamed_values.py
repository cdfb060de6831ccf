"""Values of arguments that got new names: ``loss='log'`` became ``loss='log_loss'``, as documentation tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.version import Version

from apimig.mining.candidate import Evidence, Kind
from apimig.mining.releases.drafts import Draft
from apimig.mining.releases.release import Release, at, shown, signature_of, squeezed
from apimig.mining.releases.versions import version_of
from apimig.surface.docstrings import read_docstring
from apimig.surface.model import Kind as What
from apimig.surface.model import Surface, Symbol
from apimig.surface.wording import removed_in, since_in, values_in

_DIRECTIVES = re.compile(r"\.\. (?:deprecated|versionchanged|versionadded)::")


@dataclass
class _Told:
    """What is told of one argument; ``sure`` while every text says that old and new value mean the same."""

    symbol: Symbol
    parameter: str
    values: dict[str, str] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    sure: bool = True


def values(release: Release, new: Surface, newest: str) -> Iterator[Draft]:
    """A draft for each argument of the old release some of whose values are to be called otherwise."""
    for symbol in release.surface.symbols():
        if symbol.kind not in (What.CLASS, What.FUNCTION, What.METHOD):
            continue
        now = at(new, symbol.name)
        known = now.signature.names if now is not None and now.signature is not None else {}
        for told in _told(release, symbol):
            if told.parameter in known:
                yield _draft(told, newest)


def _told(release: Release, symbol: Symbol) -> Iterator[_Told]:
    found: dict[str, _Told] = {}
    for name, text, place in _texts(release, symbol):
        if (said := values_in(text)) is not None:
            told = found.setdefault(name, _Told(symbol, name))
            told.values[said.old.replace('"', "'")] = said.new.replace('"', "'")
            told.evidence.append(Evidence("directive", squeezed(text), place))
            told.sure = told.sure and said.same
    yield from found.values()


def _texts(release: Release, symbol: Symbol) -> Iterator[tuple[str, str, str]]:
    """What is said of parameters: by the surface one thing each, by the docstring everything."""
    stated = [(name, each.text) for name, each in symbol.parameters_deprecated.items()]
    found = release.definition(symbol.name) if stated else None
    if found is None:
        yield from ((name, text, f"{release.surface}: {symbol.name}") for name, text in stated)
        return
    for name, body in read_docstring(found.documentation).parameters.items():
        yield from ((name, text, found.place) for text in _DIRECTIVES.split(body)[1:])


def _draft(told: _Told, newest: str) -> Draft:
    evidence = tuple(dict.fromkeys(told.evidence))
    name, path = told.parameter, told.symbol.name
    became = ", ".join(f"{name}={old} became {new}" for old, new in told.values.items())
    return Draft(
        {
            "api": [path],
            "signature": signature_of(told.symbol),
            "parameters": [{"values": {"name": name, "map": dict(told.values)}}],
        },
        f"{shown(path)}: {became}",
        Kind.PARAMETER,
        _versions(evidence, newest),
        f"{shown(path).replace('.', '_')}_{name}_values",
        applicability="safe" if told.sure else "unsafe",
        evidence=evidence,
        support=len(evidence),
        names=(path,),
    )


def _versions(evidence: tuple[Evidence, ...], newest: str) -> dict[str, str]:
    since = next((each for said in evidence if (each := version_of(since_in(said.text)))), newest)
    gone = [each for said in evidence if (each := version_of(removed_in(said.text)))]
    gone = [each for each in gone if Version(since) <= Version(each) <= Version(newest)]
    return {"deprecated": since, "removed": min(gone, key=Version)} if gone else {"deprecated": since}
