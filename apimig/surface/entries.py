"""Entries of a surface as they lie in its file: one line of JSON each, read when it is asked for.

A run looks at a part of a large library at most, so reading all of it would be most of the time that loading takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apimig.surface.model import Entry


class Entries(Mapping[str, Entry]):
    """A mapping of names to entries; an entry that was asked for once is the same object from then on."""

    def __init__(self, lines: Iterable[tuple[str, bytes]]) -> None:
        self._found: dict[str, Entry | bytes] = dict(lines)

    def __getitem__(self, name: str) -> Entry:
        found = self._found[name]
        if isinstance(found, bytes):
            found = self._found[name] = read_line(found)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def line_of(value: object) -> bytes:
    """A value as one line of JSON, without the line's end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def read_line(line: bytes) -> Any:  # noqa: ANN401 - whatever was written
    """The value in a line of :func:`line_of`."""
    return json.loads(line.decode("utf-8", "surrogatepass"))
