"""Compiled packs on disk, so that a run does not read YAML or import pydantic again.

One JSON file a pack: nothing in it can run. An entry counts only when the bytes of every rule file, the facts
they were checked against and apimig's own code are those it was made from, so a change within one tick of the
clock is seen as well. A missing, damaged or unwritable cache costs time, never a result.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import apimig
from apimig.records import Applicability
from apimig.rulebook import rule
from apimig.rulebook.packs import Pack

_RECORDS: Mapping[str, Any] = {
    **{name: each for name, each in vars(rule).items() if isinstance(each, type) and is_dataclass(each)},
    "Applicability": Applicability,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """What one pack holds."""

    rules: tuple[rule.Rule, ...] = ()
    library: rule.Library | None = None


def folder() -> Path:
    """``$APIMIG_CACHE_DIR``, else ``apimig`` in the user's cache folder."""
    if given := os.environ.get("APIMIG_CACHE_DIR"):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "apimig"


def digest(pack: Pack, context: str = "") -> str:
    """A key for the pack's files, names and bytes; ``context`` is what else the result depends on.

    Raises OSError when a file cannot be read.
    """
    state = hashlib.blake2b(f"{_stamp()}\0{context}\0{pack.folder}\0{pack.library}".encode(), digest_size=20)
    for path in pack.files:
        content = path.read_bytes()
        state.update(f"\0{path.name}\0{len(content)}\0".encode())
        state.update(content)
    return state.hexdigest()


@cache
def _stamp() -> str:
    """Changes with the code that reads and checks rules."""
    return code_stamp(Path(__file__).parent)


def load(pack: Pack, key: str) -> Compiled | None:
    """The pack's compiled rules, or None when they are not cached under this key."""
    return read(_file_name(pack), key)


def store(pack: Pack, key: str, compiled: Compiled) -> None:
    """Write the entry; other processes see the old or the new file. A cache that cannot be written is skipped."""
    write(_file_name(pack), key, compiled)


def read(name: str, key: str) -> Compiled | None:
    """The entry of this name, or None when it was not made under this key; ``store`` and ``write`` make entries."""
    try:
        content = _file(name).read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return None
    head, _, body = content.partition(b"\n")
    if head.decode("ascii", "replace") != f"{key} {_sum(body)}":
        return None
    try:
        rules, library = json.loads(body, object_hook=_decoded)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Compiled(tuple(rules), library)


def write(name: str, key: str, compiled: Compiled) -> None:
    """Write an entry that no pack has."""
    plain = [_plain(compiled.rules), _plain(compiled.library)]
    body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    with contextlib.suppress(OSError, RuntimeError):
        replace_file(_file(name), f"{key} {_sum(body)}".encode() + b"\n" + body)


def _file_name(pack: Pack) -> str:
    return f"{pack.library}-{hashlib.blake2b(os.fsencode(pack.folder), digest_size=10).hexdigest()}"


def _file(name: str) -> Path:
    return folder() / "rulebook" / f"{name}.json"


def code_stamp(*folders: Path) -> str:
    """Changes with apimig's version and with the code in these folders."""
    state = hashlib.blake2b(apimig.__version__.encode(), digest_size=20)
    for path in sorted(file for each in folders for file in each.glob("*.py")):
        state.update(path.read_bytes())
    return state.hexdigest()


def _sum(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def replace_file(path: Path, content: bytes) -> None:
    """Write a file of the cache as a whole: other processes see the old or the new one."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# --------------------------------------------------------------------------- records as JSON


def _plain(value: object) -> object:
    """Records as ``{"Name": [fields]}``, mappings as ``{"": [[key, value]]}``, tuples as lists."""
    if isinstance(value, Applicability):
        return {"Applicability": [value.value]}
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: [_plain(getattr(value, field.name)) for field in fields(value)]}
    if isinstance(value, Mapping):
        return {"": [[_plain(key), _plain(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _decoded(tagged: dict[str, list[Any]]) -> object:
    (name, arguments), *_ = tagged.items()
    if not name:
        return {key: _tuples(value) for key, value in arguments}
    return _RECORDS[name](*map(_tuples, arguments))


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if type(value) is list else value
