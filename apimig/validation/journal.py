"""Remembers the runs of a validation until it ends, so that one that was interrupted goes on where it stopped.

A run is known by everything that it depends on, and by how many like it came before: a test that is tried twice is
run twice. What is remembered is JSON; nothing in it can run. A journal that cannot be read or written costs time,
never a result.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import apimig
from apimig.rulebook.cache import folder as cache_folder
from apimig.validation.copies import files
from apimig.validation.suite import PROBE, Record

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_KEPT = 24 * 3600  # seconds for which a run is remembered: who comes back later wants to see it run


class Journal:
    """The runs for the repository in ``root``; ``recalled`` counts those that were not done again."""

    def __init__(self, root: Path, cache: Path | None = None) -> None:
        self.root = root
        self.recalled = 0
        name = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=12).hexdigest()
        self._folder = (cache or cache_folder()) / "runs" / name
        self._like: Counter[str] = Counter()

    def record(self, depends: object, run: Callable[[], Record]) -> Record:
        """What ``run`` gives, or gave before an interruption; it ``depends`` on the tree and on what is named here.

        ``depends`` is told apart by its ``repr``. A run that a limit ended is not remembered.
        """
        key = self._key(depends)
        self._like[key] += 1
        file = self._folder / f"{key}-{self._like[key]}.json"
        known = _read(file)
        if known is not None:
            self.recalled += 1
            return known
        made = run()
        if not made.suite.cut_short:
            _write(file, made)
        return made

    def close(self) -> None:
        """Forget all: the validation came to its end."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _key(self, depends: object) -> str:
        state = hashlib.blake2b(f"{apimig.__version__}\0{depends!r}".encode("utf-8", "surrogateescape"), digest_size=16)
        for probe in sorted(PROBE.glob("*.py")):
            state.update(probe.read_bytes())
        for name, stat in files(self.root):
            state.update(f"\0{name}\0{stat.st_mode}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "replace"))
        return state.hexdigest()


def _adapter() -> TypeAdapter[Record]:
    from pydantic import TypeAdapter

    return TypeAdapter(Record)


def _read(file: Path) -> Record | None:
    try:
        if time.time() - file.stat().st_mtime > _KEPT:
            return None
        return _adapter().validate_json(file.read_bytes())
    except (OSError, ValueError):
        return None


def _write(file: Path, record: Record) -> None:
    """Whole or not at all; text that is no Unicode cannot be kept."""
    with contextlib.suppress(OSError, ValueError):
        content = _adapter().dump_json(record)
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".begun")
        with os.fdopen(descriptor, "wb") as begun:
            begun.write(content)
        Path(name).replace(file)
