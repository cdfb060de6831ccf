"""Answers on disk, for as long as nothing changes that they depend on: the project, the releases, the checker.

One JSON file a module. A missing, damaged or unwritable cache costs time, never a result.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from apimig.checker.model import Answer, World
from apimig.records import Span
from apimig.rulebook.cache import folder as cache_folder

_FORMAT = 1
_KEPT = 4096  # modules


class Cache:
    """The kept answers of one checker in one world; of none where the world has no state."""

    def __init__(self, checker: str, version: str, world: World) -> None:
        self._folder: Path | None = None
        if world.state and version:
            parts = [str(_FORMAT), checker, version, world.state, *map(str, world.sources), *map(str, world.packages)]
            parts += [f"{each.name}=={each.version}" for each in world.releases]
            self._key = "\0".join(parts)
            with contextlib.suppress(OSError, RuntimeError):
                self._folder = cache_folder() / "types"

    def load(self, path: Path, text: bytes) -> dict[Span, Answer]:
        """What is known of a module."""
        try:
            return {_span(at): _answer(said) for at, said in json.loads(self._file(path, text).read_bytes()).items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def keep(self, path: Path, text: bytes, answers: Mapping[Span, Answer]) -> None:
        """Add what was learned of a module; other processes see the old or the new file."""
        if self._folder is None:
            return
        known = {**self.load(path, text), **answers}
        plain = {f"{s.start}-{s.end}": [sorted(a.names), a.reason, a.open] for s, a in sorted(known.items())}
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(plain, file)
            Path(name).replace(self._file(path, text))
            self._prune()

    def _prune(self) -> None:
        files = [] if self._folder is None else list(self._folder.glob("*.json"))
        if len(files) > _KEPT:
            for file in sorted(files, key=lambda each: each.stat().st_mtime)[: _KEPT // 4]:
                file.unlink(missing_ok=True)

    def _file(self, path: Path, text: bytes) -> Path:
        if self._folder is None:
            raise OSError("nothing is kept")
        state = hashlib.blake2b(f"{self._key}\0{path}\0".encode(), digest_size=20)
        state.update(text)
        return self._folder / f"{state.hexdigest()}.json"


def _span(text: str) -> Span:
    start, _, end = text.partition("-")
    return Span(int(start), int(end))


def _answer(said: list[object]) -> Answer:
    names, reason, is_open = said
    if not isinstance(names, list):
        raise TypeError("no names")
    return Answer(frozenset(map(str, names)), str(reason), open=bool(is_open))
