"""Surfaces that ship with apimig, so that a first run waits for nothing.

One file a library: a line of JSON that lists the releases, then LZMA over a line for each. Releases are much alike, so
together they take little more than one (docs/decisions).
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from apimig.rulebook.packs import normalise
from apimig.shipped import folder
from apimig.surface import store
from apimig.surface.model import Surface

FORMAT = 1
SUFFIX = ".surfaces"


def shipped(distribution: str, version: str, place: Path | None = None) -> Surface | None:
    """The shipped surface of a release, or None."""
    file = _file(distribution, place)
    releases = _releases(file)
    wanted = next((index for index, each in enumerate(releases) if _same(each, version)), None)
    if wanted is None:
        return None
    with file.open("rb") as stream:
        stream.readline()
        with lzma.open(stream) as lines:
            for index, line in enumerate(lines):
                if index == wanted:
                    head, entries, aliases, implicit = json.loads(line)
                    return store.from_parts(head, entries, aliases, implicit)
    return None


def shipment_of(distribution: str, version: str) -> str:
    """Tells one shipped surface of a release from another; empty where none is shipped."""
    file = _file(distribution, None)
    if not any(_same(each, version) for each in _releases(file)):
        return ""
    state = file.stat()
    return f"{file.name} {state.st_size} {state.st_mtime_ns}"


def shipped_versions(distribution: str, place: Path | None = None) -> tuple[str, ...]:
    """The releases of a library whose surfaces are shipped."""
    return _releases(_file(distribution, place))


def ship(surfaces: Sequence[Surface], place: Path | None = None) -> Path:
    """Write the file of one library; the surfaces are of its releases, in any order."""
    ordered = sorted(surfaces, key=lambda each: Version(each.version))
    lines = [json.dumps(_parts(each), ensure_ascii=False, separators=(",", ":")) for each in ordered]
    head = {"format": FORMAT, "versions": [each.version for each in ordered]}
    body = lzma.compress("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"), preset=9)
    file = _file(ordered[0].distribution, place)
    file.write_bytes(json.dumps(head).encode("ascii") + b"\n" + body)
    return file


def _parts(surface: Surface) -> list[object]:
    return [store.head_of(surface), dict(surface.entries), surface.aliases, surface.implicit]


def _file(distribution: str, place: Path | None) -> Path:
    return (place or folder("data") / "surfaces") / f"{normalise(distribution)}{SUFFIX}"


def _releases(file: Path) -> tuple[str, ...]:
    try:
        with file.open("rb") as stream:
            head = json.loads(stream.readline())
    except (OSError, ValueError):
        return ()
    return tuple(head["versions"]) if head.get("format") == FORMAT else ()


def _same(one: str, other: str) -> bool:
    try:
        return one == other or Version(one) == Version(other)
    except InvalidVersion:
        return False
