"""A unified diff of a run's changes that ``git apply`` and ``patch -p1`` take, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from apimig.records import FileChange

CONTEXT = 3
_NO_NEWLINE = b"\n\\ No newline at end of file\n"
_STYLES = {b"---": "1", b"+++": "1", b"@@": "36", b"-": "31", b"+": "32"}

Opcode = tuple[str, int, int, int, int]
Text = TypeVar("Text", bound=bytes | str)


def unified(changes: Iterable[FileChange], *, color: bool = False) -> Iterator[bytes]:
    """Each change as a chunk of bytes: header and hunks; nothing for files whose bytes are equal."""
    for change in sorted(changes, key=lambda change: change.name):
        if change.before != change.after:
            lines = _file(change)
            yield b"".join(_painted(line) for line in lines) if color else b"".join(lines)


def _file(change: FileChange) -> Iterator[bytes]:
    old, new = _lines(change.before), _lines(change.after)
    yield b"--- " + _label("a/", change.name)
    yield b"+++ " + _label("b/", change.name)
    for group in groups(old, new):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n".encode()
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from (_line(b" ", line) for line in old[old_from:old_to])
            else:
                yield from (_line(b"-", line) for line in old[old_from:old_to])
                yield from (_line(b"+", line) for line in new[new_from:new_to])


def _lines(data: bytes) -> list[bytes]:
    # Only \n ends a line for git; bytes.splitlines would also split at a lone \r.
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def groups(old: Sequence[Text], new: Sequence[Text]) -> Iterator[list[Opcode]]:
    """The opcodes of the hunks. difflib compares only what lies between the common head and the common tail.

    Head and tail are equal in the result whatever difflib would make of them: a hunk with less context than there are
    lines left is taken by git for one at the end of the file.
    """
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=len(old) + len(new) > 20_000)
    middle = [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in matcher.get_opcodes()]
    ends = [("equal", 0, head, 0, head)], [("equal", old_end, len(old), new_end, len(new))]
    whole = [*ends[0][: bool(head)], *middle, *ends[1][: bool(tail)]]
    setattr(matcher, "get_opcodes", lambda: whole)  # noqa: B010 - grouping asks for them by this name
    yield from matcher.get_grouped_opcodes(CONTEXT)


def _common(old: Sequence[Text], new: Sequence[Text]) -> int:
    count = 0
    for mine, other in zip(old, new, strict=False):
        if mine != other:
            break
        count += 1
    return count


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + _NO_NEWLINE


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _label(prefix: str, name: str) -> bytes:
    raw = (prefix + name).encode("utf-8", "surrogateescape")
    if any(byte < 0x20 or byte in b'"\\' or byte >= 0x7F for byte in raw):
        return b'"' + b"".join(_quoted(byte) for byte in raw) + b'"\n'
    return raw + (b"\t\n" if b" " in raw else b"\n")


def _quoted(byte: int) -> bytes:
    if byte in b'"\\':
        return b"\\" + bytes([byte])
    return bytes([byte]) if 0x20 <= byte < 0x7F else f"\\{byte:03o}".encode()


def _painted(line: bytes) -> bytes:
    for start, style in _STYLES.items():
        if line.startswith(start):
            text = line.rstrip(b"\r\n")
            return b"\x1b[" + style.encode() + b"m" + text + b"\x1b[0m" + line[len(text) :]
    return line
