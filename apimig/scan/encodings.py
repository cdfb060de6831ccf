"""A file's bytes to UTF-8 text and back: encoding cookies, byte order marks, line endings."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK_OR_COMMENT = re.compile(rb"[ \t\f]*(?:#|$)")
_LINE = re.compile(rb"[^\r\n]*")
_ENDING = re.compile(rb"\r\n|\r|\n")
_BARE_RETURN = re.compile(rb"\r(?!\r*(?:\n|\Z))")

_UTF8_NAMES = frozenset({"utf-8", "utf8", "u8", "utf", "cp65001"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why bytes cannot be text, or text not bytes, and the 1-based line where it is known."""

    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class BareReturns:
    """The layout of a file whose lines all end in a carriage return alone; its text ends them in newlines."""


def encoding_of(raw: bytes) -> str | Problem:
    """The codec that PEP 263 gives the file; ``utf-8-sig`` when it starts with a byte order mark."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem("is UTF-16, which Python does not read")
    marked = raw.startswith(codecs.BOM_UTF8)
    found = _cookie(raw.removeprefix(codecs.BOM_UTF8))
    if found is None:
        return "utf-8-sig" if marked else "utf-8"
    return _codec(*found, marked=marked)


def _codec(name: str, line: int, *, marked: bool) -> str | Problem:
    """The codec for an encoding as a cookie on some line names it."""
    plain = name.lower().replace("_", "-")
    if plain in _UTF8_NAMES or plain.startswith("utf-8-"):
        return "utf-8-sig" if marked else "utf-8"
    if marked:
        return Problem(f"starts with a UTF-8 mark but says it is {name}", line)
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return Problem(f"unknown encoding {name}", line)
    if not codec._is_text_encoding:  # the only way to ask; rot13 and hex are codecs too
        return Problem(f"{name} is not an encoding of text", line)
    return codec.name


def _cookie(raw: bytes) -> tuple[str, int] | None:
    """The encoding named on the first line, or on the second below a comment or a blank line."""
    start = 0
    for number in (1, 2):
        line = _LINE.match(raw, start)
        text = line.group() if line else b""
        cookie = _COOKIE.match(text)
        if cookie:
            return cookie.group(1).decode("ascii", "replace"), number
        ending = _ENDING.match(raw, start + len(text))
        if ending is None or not _BLANK_OR_COMMENT.match(text):
            return None
        start = ending.end()
    return None


def to_text(raw: bytes, encoding: str) -> bytes | Problem:
    """The bytes as UTF-8 without mark, provided that ``to_raw`` gives exactly these bytes again."""
    if encoding == "utf-8":
        return _checked_utf8(raw)
    if encoding == "utf-8-sig":
        return _checked_utf8(raw.removeprefix(codecs.BOM_UTF8))
    try:
        text = raw.decode(encoding).encode("utf-8")
    except UnicodeError as problem:
        return Problem(f"is not valid {encoding}", _line_of(raw, problem))
    if to_raw(text, encoding) != raw:
        return Problem(f"does not round-trip through {encoding}")
    return text


def _checked_utf8(raw: bytes) -> bytes | Problem:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        return Problem("is not valid utf-8, and names no other encoding", _line_of(raw, problem))
    return raw


def _line_of(raw: bytes, problem: UnicodeError) -> int | None:
    start = getattr(problem, "start", None)
    return None if start is None else 1 + len(_ENDING.findall(raw, 0, start))


def to_raw(text: bytes, encoding: str) -> bytes | Problem:
    """The text in the file's encoding, with its mark."""
    if encoding == "utf-8":
        return text
    if encoding == "utf-8-sig":
        return codecs.BOM_UTF8 + text
    decoded = text.decode("utf-8")
    try:
        return decoded.encode(encoding)
    except UnicodeEncodeError as problem:
        line = decoded.count("\n", 0, problem.start) + 1
        return Problem(f"{decoded[problem.start]!r} cannot be written in {encoding}", line)
    except UnicodeError:
        return Problem(f"cannot be written in {encoding}")


def bare_returns(text: bytes) -> list[int]:
    """Where carriage returns stand that Python takes for line ends, but tree-sitter for blanks."""
    return [] if b"\r" not in text else [found.start() for found in _BARE_RETURN.finditer(text)]
