"""Made-up packages on disk, and their surfaces."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from apimig.surface.changes import diff
from apimig.surface.loading import surface
from apimig.surface.model import Surface

Files = str | Mapping[str, str]


def put(folder: Path, files: Files) -> Path:
    """Write a package: a text is the `__init__` of `lib`, a mapping has paths of its own."""
    for name, text in ({"lib/__init__.py": files} if isinstance(files, str) else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def read(folder: Path, files: Files) -> Surface:
    return surface(put(folder, files), cache=False)


def changed(folder: Path, before: Files, after: Files) -> list[str]:
    """The changes as lines; `!` marks those that can break a caller."""
    found = diff(read(folder / "old", before), read(folder / "new", after))
    return [f"{'!' if change.breaking else '-'} {change}" for change in found]
