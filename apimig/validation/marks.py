"""Places in a repository's code of which a run is to tell whether they are reached, or what stands there."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apimig.records import Span

REACH, TYPE = "reach", "type"
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Mark:
    """One place: ``kind`` is REACH or TYPE, ``file`` the name in the repository, ``span`` in ``SourceFile.text``."""

    kind: str
    file: str
    span: Span


class Ruler:
    """Turns offsets of a text into lines (from 1) and columns in bytes (from 0), as syntax trees have them."""

    def __init__(self, text: bytes) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]


def save(marks: Iterable[tuple[int, Mark]], texts: dict[str, bytes], tree: Path, file: Path) -> None:
    """Write numbered marks as the probe reads them, for files of a copy; ``texts`` has what those hold, as UTF-8."""
    rulers = {name: Ruler(text) for name, text in texts.items()}
    found: defaultdict[str, list[list[int | str]]] = defaultdict(list)
    for number, mark in marks:
        ruler = rulers[mark.file]
        start, end = ruler.place(mark.span.start), ruler.place(mark.span.end)
        found[str((tree / mark.file).resolve())].append([number, mark.kind, *start, *end])
    file.write_text(json.dumps(found), encoding="utf-8")
