"""Surfaces on disk: one compact file each, in the user's cache or shipped with apimig.

A line of JSON says which release it is; the rest is compressed: a line with all names, then one for each entry, which
is read when it is asked for. Nothing in a file can run. A missing, damaged or unwritable cache costs time, never a
result.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from apimig.rulebook.cache import folder as cache_folder
from apimig.rulebook.cache import replace_file
from apimig.rulebook.packs import normalise
from apimig.shipped import folder
from apimig.surface.entries import Entries, line_of, read_line
from apimig.surface.model import Entry, Surface

FORMAT = 2
_SUFFIX = ".surface"
_AFTER_READING = (
    "changes",
    "deriving",
    "libraries",
    "releases",
    "returns",
    "showing",
    "standard",
)  # code that no surface depends on


def dumps(surface: Surface) -> bytes:
    """The surface as the content of a file."""
    names = line_of([list(surface.entries), dict(surface.aliases), dict(surface.implicit)])
    body = b"\n".join([names, *map(line_of, surface.entries.values())])
    return json.dumps(head_of(surface)).encode("ascii") + b"\n" + zlib.compress(body, 9)


def head_of(surface: Surface) -> dict[str, object]:
    """Which release the surface is of, and how it was made."""
    return {
        "format": FORMAT,
        "distribution": surface.distribution,
        "version": surface.version,
        "roots": surface.roots,
        "probed": surface.probed,
        "digest": surface.digest,
        "notes": surface.notes,
    }


def loads(content: bytes) -> Surface | None:
    """The surface in the content of a file; None when it is damaged or of another format."""
    line, _, body = content.partition(b"\n")
    try:
        head = json.loads(line)
        if head.get("format") != FORMAT:
            return None
        first, *lines = zlib.decompress(body).split(b"\n")
        names, aliases, implicit = read_line(first)
        return from_parts(head, Entries(zip(names, lines, strict=True)), aliases, implicit)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None


def from_parts(
    head: Mapping[str, Any], entries: Mapping[str, Entry], aliases: dict[str, str], implicit: dict[str, str]
) -> Surface:
    """A surface from what its file holds."""
    return Surface(
        head["distribution"],
        head["version"],
        tuple(head["roots"]),
        entries,
        aliases,
        implicit,
        probed=head["probed"],
        digest=head["digest"],
        notes=tuple(head["notes"]),
    )


# --------------------------------------------------------------------------- the cache


def cached(
    distribution: str, version: str, *, digest: str = "", probed: bool = False, plain: bool = False
) -> Surface | None:
    """The cached surface of a release; of the file with this digest, when one is given.

    With ``probed`` only one that was refined by introspection, with ``plain`` only one that was not; else a refined one
    is taken before a static one.
    """
    files = sorted(_files(distribution, version), key=lambda file: not file.stem.endswith(f"-{_way(probed=True)}"))
    for file in files:
        found = _load(file)
        if found is None or digest not in ("", found.digest):
            continue
        if (found.probed or not probed) and not (found.probed and plain):
            return found
    return None


def keep(surface: Surface) -> None:
    """Put a surface into the cache; other processes see the old or the new file."""
    with contextlib.suppress(OSError, RuntimeError):
        place = _folder()
        place.mkdir(parents=True, exist_ok=True)
        way, digest = _way(probed=surface.probed), surface.digest[:16] or "none"
        name = f"{_stem(surface.distribution, surface.version)}-{digest}-{way}{_SUFFIX}"
        replace_file(place / name, dumps(surface))


def _way(*, probed: bool) -> str:
    return "probed" if probed else "static"


def known_versions(distribution: str) -> tuple[str, ...]:
    """The versions of a distribution that the cache holds."""
    with contextlib.suppress(OSError, RuntimeError):
        stem = f"{normalise(distribution)}=="
        files = sorted(_folder().glob(f"{stem}*{_SUFFIX}"))
        return tuple(dict.fromkeys(file.name.removeprefix(stem).rsplit("-", 2)[0] for file in files))
    return ()


def files_of(distribution: str, version: str) -> str:
    """The names of the files that hold a release, which have the digests of what they were read from."""
    return " ".join(file.name for file in _files(distribution, version))


def _files(distribution: str, version: str) -> Iterator[Path]:
    with contextlib.suppress(OSError, RuntimeError):
        yield from sorted(_folder().glob(f"{_stem(distribution, version)}-*{_SUFFIX}"))


def _stem(distribution: str, version: str) -> str:
    return f"{normalise(distribution)}=={version}"


def _folder() -> Path:
    return cache_folder() / "surface" / _stamp()


@cache
def _stamp() -> str:
    """Changes with the code that reads surfaces, and its phrases: what an older apimig read is read again."""
    state = hashlib.blake2b(str(FORMAT).encode(), digest_size=6)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in _AFTER_READING:
            continue
        state.update(path.read_bytes())
    with contextlib.suppress(OSError):
        state.update((folder("data") / "wording" / "phrases.yaml").read_bytes())
    return state.hexdigest()


def _load(file: Path) -> Surface | None:
    try:
        return loads(file.read_bytes())
    except OSError:
        return None
