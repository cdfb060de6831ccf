"""Where the strings of a TOML file stand.

The standard library says whether a file is valid TOML and what it means, but no parser says where a
value is. This scanner only does that, and only for files that were found valid, so it need not judge.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

from apimig.pins.model import UnreadableFileError

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")
_STRINGS = (
    (re.compile(r'"""(?:\\.|[^\\])*?"""(?!")', re.DOTALL), 3),
    (re.compile(r"'''.*?'''(?!')", re.DOTALL), 3),
    (re.compile(r'"(?:\\.|[^"\\])*"'), 1),
    (re.compile(r"'[^']*'"), 1),
)
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class TomlString:
    """A string value: its keys and indices from the root, and the span of what is between its quotes."""

    path: Path
    start: int
    end: int


def strings_of(text: str) -> tuple[TomlString, ...]:
    """All string values of a TOML file, in order; raises ``UnreadableFileError`` when it is not valid TOML."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        line = _LINE.match(place)
        last = text.rstrip().count("\n") + 1
        raise UnreadableFileError(f"not valid TOML: {reason}", int(line.group(1)) if line else last) from None
    except RecursionError:
        raise UnreadableFileError("nested too deeply to be read") from None
    return tuple(_Scanner(text).strings())


@dataclass
class _Scanner:
    text: str
    at: int = 0
    counts: dict[Path, int] = field(default_factory=dict)  # how many tables each array of tables has so far

    def strings(self) -> Iterator[TomlString]:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                yield from self._pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _header(self) -> Path:
        is_array = self.text.startswith("[[", self.at)
        self.at += 1 + is_array
        keys = self._keys()
        self.at += 1 + is_array
        path = self._current(keys[:-1])
        if not is_array:
            return self._current(keys)
        path = (*path, keys[-1])
        self.counts[path] = self.counts.get(path, -1) + 1
        return (*path, self.counts[path])

    def _current(self, keys: tuple[str, ...]) -> Path:
        """The path of a header's keys, where a name of an array of tables means its last table."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            keys.append(self._key())
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def _key(self) -> str:
        start = self.at
        if self.text[start] in "\"'":
            self._quoted()
            return next(iter(tomllib.loads(f"{self.text[start : self.at]} = 0")))
        self._skip(_BARE_KEY)
        return self.text[start : self.at]

    def _pair(self, table: Path) -> Iterator[TomlString]:
        path = table + self._keys()
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[TomlString]:
        first = self.text[self.at]
        if first in "\"'":
            yield TomlString(path, *self._quoted())
        elif first == "[":
            yield from self._array(path)
        elif first == "{":
            yield from self._inline_table(path)
        else:
            self._skip(_BARE_VALUE)

    def _quoted(self) -> tuple[int, int]:
        for pattern, quotes in _STRINGS:
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return match.start() + quotes, match.end() - quotes
        raise AssertionError(self.at)  # the file was valid

    def _array(self, path: Path) -> Iterator[TomlString]:
        self.at += 1
        index = 0
        while self.text[self._skip(_BLANK)] != "]":
            yield from self._value((*path, index))
            index += 1
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _inline_table(self, path: Path) -> Iterator[TomlString]:
        self.at += 1
        while self.text[self._skip(_BLANK)] != "}":
            yield from self._pair(path)
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1
