"""Keeps the files of the last runs as they were, and brings them back.

The store is ``.apimig/undo/<run>/`` in the project's root: a manifest and one file for each former
content. It is complete on disk before the first file of the run is written, so a run that was
killed can be undone as well. ``.apimig/.gitignore`` holds ``*``: the store never shows in git.
A file is only restored when it still is what the run left.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from apimig.errors import UsageError, WriteError
from apimig.pipeline.write import Failure, in_parallel, remove, replace, temporary
from apimig.records import FileChange

FOLDER = ".apimig"
KEPT = 10
_MANIFEST = "manifest.json"
_UNDONE = ".undone"
_BUILDING = ".building"


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: the run's libraries, the files restored and those refused."""

    migrations: tuple[str, ...]
    restored: tuple[str, ...]
    refused: tuple[Failure, ...]


def keep(root: Path, changes: Sequence[FileChange], migrations: Sequence[str]) -> str:
    """Keep the old contents; returns the run's token. Raises WriteError when that is impossible."""
    seconds, rest = divmod(time.time_ns(), 10**9)
    token = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(seconds))}-{rest:09d}-{os.getpid()}"  # sorts by time
    try:
        undo = _folder(root)
        building = undo / (token + _BUILDING)
        building.mkdir()
        in_parallel(lambda numbered: _save(building / str(numbered[0]), numbered[1].before), [*enumerate(changes)])
        manifest = {"format": 1, "migrations": list(migrations), "files": [_entry(root, c) for c in changes]}
        _save(building / _MANIFEST, json.dumps(manifest, indent=1).encode())
        building.rename(undo / token)
        _prune(undo)
    except OSError as error:
        raise WriteError(
            f"The undo copy cannot be kept in {root / FOLDER}: {error.strerror or error}",
            help="Nothing was changed. Make the folder writable, or use --diff and apply the output with `git apply`.",
        ) from error
    return token


def undo(root: Path) -> Undone:
    """Restore the files of the last run that was not undone yet.

    A file that changed since the run is refused and named with the place of its former content.
    """
    runs = _runs(root / FOLDER / "undo")
    if not runs:
        raise UsageError(
            f"There is nothing to undo in {root}",
            help="Undo works in the folder that was upgraded, for runs that wrote files.",
        )
    folder = runs[-1]
    manifest = _manifest(folder)
    names = [entry["file"] for entry in manifest["files"]]
    undone = folder.with_name(folder.name + _UNDONE)
    reasons = in_parallel(
        lambda numbered: _restore(root, numbered[1], folder / str(numbered[0]), undone), [*enumerate(manifest["files"])]
    )
    folder.rename(undone)
    restored = [name for name, reason in zip(names, reasons, strict=True) if reason is None]
    refused = [Failure(name, reason) for name, reason in zip(names, reasons, strict=True) if reason]
    if not refused:
        shutil.rmtree(undone, ignore_errors=True)
    return Undone(tuple(manifest["migrations"]), tuple(restored), tuple(refused))


def _restore(root: Path, entry: dict[str, Any], kept: Path, undone: Path) -> str | None:
    """None when restored, "" when the run never got to the file, else why it was refused."""
    path, token = root / entry["file"], kept.parent.name
    remove([temporary(path, token)])
    former = f"; its former content is {undone / kept.name}"
    try:
        now = path.read_bytes()
        if _digest(now) == entry["before"]:
            return ""
        if _digest(now) != entry["after"]:
            return "it was changed since the run" + former
        replace(path, kept.read_bytes(), token)
    except FileNotFoundError:
        return "it is not there any more" + former
    except OSError as error:
        return f"{error.strerror or error}{former}"
    return None


def _entry(root: Path, change: FileChange) -> dict[str, str]:
    path = os.path.relpath(change.path.resolve(), root.resolve())
    return {"file": Path(path).as_posix(), "before": _digest(change.before), "after": _digest(change.after)}


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        if isinstance(manifest, dict) and manifest.get("format") == 1:
            return manifest
    except (OSError, ValueError):
        pass
    raise UsageError(
        f"The undo copy in {folder} cannot be read",
        help="Its numbered files are the former contents; copy back what you need and delete the folder.",
    )


def _folder(root: Path) -> Path:
    base = root / FOLDER
    undo = base / "undo"
    undo.mkdir(parents=True, exist_ok=True)
    ignore = base / ".gitignore"
    if not ignore.exists():
        ignore.write_text("# Written by apimig: undo copies of its last runs.\n*\n", encoding="utf-8")
    return undo


def _runs(undo: Path) -> list[Path]:
    if not undo.is_dir():
        return []
    return sorted(p for p in undo.iterdir() if p.is_dir() and not p.suffix)


def _prune(undo: Path) -> None:
    undone = sorted(p for p in undo.iterdir() if p.suffix == _UNDONE)
    day_ago = time.time() - 86_400
    broken_off = [p for p in undo.iterdir() if p.suffix == _BUILDING and p.stat().st_mtime < day_ago]
    for folder in [*broken_off, *undone[:-KEPT], *_runs(undo)[:-KEPT]]:
        shutil.rmtree(folder, ignore_errors=True)


def _save(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
