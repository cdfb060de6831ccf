"""Bytes of a dependency file as text with positions, and back without touching what was not edited."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from packaging.utils import canonicalize_name

from apimig.pins.model import UnreadableFileError
from apimig.records import Location

# PowerShell's `pip freeze > requirements.txt` writes UTF-16, and pip reads it; longest mark first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Conda has some libraries under another name than the package index.
_CONDA_NAMES = {
    "torch": ("pytorch", "pytorch-cpu", "pytorch-gpu"),
    "matplotlib": ("matplotlib-base",),
    "opencv-python": ("opencv", "py-opencv"),
    "tables": ("pytables",),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text without its byte order mark; ``encode`` of it is the file again."""

    name: str
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    def location(self, offset: int) -> Location:
        """The line and column of a character."""
        before = self.text[:offset]
        return Location(self.name, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)

    def spliced(self, edits: Iterable[tuple[int, int, str]]) -> Document:
        """The document with ``(start, end, new text)`` replaced; the ranges must not overlap."""
        text = self.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return Document(self.name, text, self.encoding, self.mark)

    def encode(self) -> bytes:
        """The bytes of the file."""
        return self.mark + self.text.encode(self.encoding)


def decode(name: str, data: bytes, *, strict: bool) -> Document:
    """Read the bytes of a file.

    Without ``strict`` a file that is not UTF-8 is read byte by character: names and versions are ASCII
    in every such encoding, and the rest is carried over as it is.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(name, data[len(mark) :], encoding, mark)
    if strict:
        return _decoded(name, data, "utf-8", b"")
    try:
        return Document(name, data.decode("utf-8"))
    except UnicodeDecodeError:
        return Document(name, data.decode("latin-1"), "latin-1")


def _decoded(name: str, data: bytes, encoding: str, mark: bytes) -> Document:
    try:
        return Document(name, data.decode(encoding), encoding, mark)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1 if encoding == "utf-8" else None
        raise UnreadableFileError(f"not valid {encoding.upper()}", line) from None


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the lines, without their endings; only a line feed, with or without a return before it, ends one."""
    at = 0
    while at < len(text):
        newline = text.find("\n", at)
        end = len(text) if newline < 0 else newline
        yield at, end - (text[at:end].endswith("\r"))
        at = end + 1


@cache
def conda_names(distribution: str) -> frozenset[str]:
    """The normalised names under which conda knows a distribution."""
    name = canonicalize_name(distribution)
    return frozenset((name, *_CONDA_NAMES.get(name, ())))


def index_name(conda: str) -> str:
    """The name on the package index of what conda has under this name."""
    name = canonicalize_name(conda)
    return next((ours for ours, theirs in _CONDA_NAMES.items() if name in theirs), name)


@cache
def _mention(distribution: str) -> re.Pattern[str]:
    names = sorted(conda_names(distribution))
    spelled = ("[-_.]+".join(map(re.escape, name.split("-"))) for name in names)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(spelled)})(?![A-Za-z0-9])", re.IGNORECASE)


def mentions(text: str, distribution: str) -> re.Match[str] | None:
    """The first place that may name the distribution; a cheap filter before a file is parsed."""
    return _mention(distribution).search(text)
