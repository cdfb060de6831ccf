"""What a repository's dependency files say about a library."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.version import Version

from apimig.pins.document import Document, decode, mentions
from apimig.pins.kinds import FileKind, file_kind
from apimig.pins.model import Clause, Entry, Op, Pin, PinStyle, Role, UnreadableFileError
from apimig.pins.requirements import compiled_by, references
from apimig.pins.roles import with_roles
from apimig.pins.versions import lowest

_STYLES = {
    Op.ANY: PinStyle.ANY,
    Op.EXACT: PinStyle.EXACT,
    Op.WILDCARD: PinStyle.WILDCARD,
    Op.COMPATIBLE: PinStyle.COMPATIBLE,
    Op.CARET: PinStyle.CARET,
    Op.TILDE: PinStyle.TILDE,
}
# Formats whose strings have escapes in UTF-8; the others are read byte by character if they must be.
_STRICT = frozenset({FileKind.PYPROJECT, FileKind.PIXI, FileKind.PIPFILE, FileKind.ENVIRONMENT, FileKind.RECIPE})


def dependency_files(root: Path, files: Iterable[str]) -> dict[str, FileKind]:
    """Those of ``files`` that hold dependencies, and what `-r` and `-c` lines in them name, whatever it is called.

    ``files`` are names relative to ``root``, with slashes. Nothing outside ``root`` is named.
    """
    names = list(files)
    kinds = {name: kind for name in names if (kind := file_kind(name)) is not None}
    todo = [name for name, kind in kinds.items() if kind is FileKind.REQUIREMENTS]
    while todo:
        name = todo.pop()
        for other in _referenced(root, name):
            if other not in kinds and (root / other).is_file():
                kinds[other] = FileKind.REQUIREMENTS
                todo.append(other)
    return kinds


def _referenced(root: Path, name: str) -> Iterator[str]:
    data = _bytes_of(root / name)
    if data is None or (b"-r" not in data and b"-c" not in data):
        return
    for reference in references(decode(name, data, strict=False).text):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), reference))
        if not other.startswith(("..", "/")):
            yield other


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def find_pins(root: Path, files: Iterable[str], distribution: str) -> tuple[Pin, ...]:
    """What the dependency files among ``files`` (see ``dependency_files``) say about the distribution.

    A file that cannot be read, or not as what it should be, says nothing; ``upgrade_pins`` names it.
    """
    found: list[Pin] = []
    for name, kind in sorted(dependency_files(root, files).items()):
        data = _bytes_of(root / name)
        found.extend(() if data is None else read_pins(name, data, distribution, kind=kind))
    return tuple(found)


def read_pins(name: str, text: bytes, distribution: str, *, kind: FileKind | None = None) -> tuple[Pin, ...]:
    """What one file says about the distribution, in order; nothing if it is no dependency file or not readable.

    ``kind`` is for files whose name does not tell what they are.
    """
    kind = kind or file_kind(name)
    if kind is None:
        return ()
    try:
        document = document_of(name, text, kind)
        if locked(document, kind):
            return locked_pins(document, distribution, kind)
        return tuple(pin_of(document, entry) for entry in entries_of(document, distribution, kind))
    except UnreadableFileError:
        return ()


def pinned_version(pins: Sequence[Pin]) -> Version | None:
    """The version that the repository's code runs on now, as far as its pins say: the default of `--from`.

    An exact pin or a lock is what is installed, so it wins over any bound. Without one, the code
    has to be assumed to run on the lowest version that is admitted: `pandas>=1.3,<2` gives 1.3, as a user
    may have just that. Of several the lowest counts, because a migration from an older version looks at more
    changes, never at fewer. An upper bound alone gives None: it says nothing about the oldest in use. Pins for
    building, and those of a test matrix, are not what the code runs on; the floor of a support range is a bound.
    """
    known = [pin for pin in pins if pin.version is not None and pin.role in {Role.RUN, Role.FLOOR}]
    firm = [p.version for p in known if p.style in {PinStyle.EXACT, PinStyle.LOCKED} and p.role is Role.RUN]
    bounds = [p.version for p in known]
    return min((v for v in firm or bounds if v is not None), default=None)


# --------------------------------------------------------------------------- shared with upgrading


def document_of(name: str, text: bytes, kind: FileKind) -> Document:
    """The decoded file; raises ``UnreadableFileError``."""
    return decode(name, text, strict=kind in _STRICT)


def locked(document: Document, kind: FileKind) -> bool:
    """Whether a tool wrote the file, so that editing it by hand would be wrong."""
    return kind is FileKind.LOCK or (kind is FileKind.REQUIREMENTS and compiled_by(document.text) is not None)


def locked_pins(document: Document, distribution: str, kind: FileKind) -> tuple[Pin, ...]:
    """The versions in a lock file or a compiled requirements file."""
    if mentions(document.text, distribution) is None:
        return ()
    if kind is FileKind.LOCK:
        from apimig.pins.locks import lock_pins

        return tuple(lock_pins(document, distribution))
    pins = (pin_of(document, entry) for entry in entries_of(document, distribution, kind))
    return tuple(replace(pin, style=PinStyle.LOCKED) for pin in pins if pin.version is not None)


def entries_of(document: Document, distribution: str, kind: FileKind) -> tuple[Entry, ...]:
    """The mentions of the distribution in a file that people write; raises ``UnreadableFileError``.

    A file without its name is not parsed at all: it has nothing to say, even when it is broken.
    """
    if mentions(document.text, distribution) is None:
        return ()
    return with_roles(list(_read(document, distribution, kind)), document.name, distribution)


def _read(document: Document, distribution: str, kind: FileKind) -> Iterable[Entry]:
    """The reader of each kind is imported when there is such a file: a run over code alone needs none."""
    match kind:
        case FileKind.PYPROJECT | FileKind.PIXI | FileKind.PIPFILE:
            from apimig.pins.toml_files import toml_entries

            return toml_entries(document, distribution, kind)
        case FileKind.INI:
            from apimig.pins.ini_files import ini_entries

            return ini_entries(document, distribution)
        case FileKind.PYTHON:
            from apimig.pins.python_files import python_entries

            return python_entries(document, distribution)
        case FileKind.ENVIRONMENT | FileKind.RECIPE:
            from apimig.pins.conda_files import conda_entries

            return conda_entries(document, distribution, kind)
        case _:
            from apimig.pins.requirements import requirement_entries

            return requirement_entries(document, distribution)


def pin_of(document: Document, entry: Entry) -> Pin:
    """The entry as the other rooms see it."""
    style = entry.style or _style(entry.alternatives)
    return Pin(
        location=document.location(entry.start),
        specifier=document.text[entry.start : entry.end],
        style=style,
        version=_version(entry.alternatives),
        dialect=entry.dialect,
        marker=entry.marker,
        section=entry.section,
        role=entry.role,
    )


def _style(alternatives: tuple[tuple[Clause, ...], ...]) -> PinStyle:
    clauses = [clause for alternative in alternatives for clause in alternative]
    if not clauses:
        return PinStyle.ANY
    return _STYLES.get(clauses[0].op, PinStyle.RANGE) if len(clauses) == 1 else PinStyle.RANGE


def _version(alternatives: tuple[tuple[Clause, ...], ...]) -> Version | None:
    floors = [floor for clauses in alternatives if (floor := lowest(clauses)) is not None]
    return min(floors) if floors and len(floors) == len(alternatives) else None
