"""YAML text -> plain data, with the line of every part, so that errors can name it.

The tree is built from parser events, not by the library's recursive composer: a hostile file
(deep nesting, aliases that expand without end) ends as a problem, not as a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Path = tuple[str | int, ...]

_DEEPEST = 40
_STRING = "tag:yaml.org,2002:str"
_constructor = yaml.constructor.SafeConstructor()
_resolver = yaml.resolver.Resolver()


@dataclass(slots=True)
class Document:
    """The data of one YAML file, and where its parts stand.

    ``lines`` maps paths into the data to 1-based lines (of the key, for a mapping's entry), ``plain`` the
    paths of unquoted scalars that are no text to their source; ``mistakes`` are (line, text).
    """

    data: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    plain: dict[Path, str] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of this part, or of the nearest part around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


class _NotReadable(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def read(text: str) -> Document:
    """Parse one YAML document; syntax errors and duplicate keys become ``mistakes``."""
    document = Document()
    try:
        events = yaml.parse(text, Loader=_Loader)
        _Builder(document, events).build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.mistakes.append((mark.line + 1 if mark else 1, f"not YAML: {_said(error)}"))
    except yaml.YAMLError as error:
        document.mistakes.append((1, f"not YAML: {' '.join(str(error).split())}"))
    except _NotReadable as error:
        document.mistakes.append((error.line, str(error)))
    return document


class _Builder:
    def __init__(self, document: Document, events: Iterator[yaml.Event]) -> None:
        self.document = document
        self.events = events

    def build(self) -> None:
        event = next(self.events)
        while not isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.StreamEndEvent):
                raise _NotReadable(1, "the file is empty")
            event = next(self.events)
        self.document.data = self._value(event, ())
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _NotReadable(_line(event), "a file holds one document: remove the ---")

    def _value(self, event: yaml.Event, path: Path) -> object:
        line = _line(event)
        self.document.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            raise _NotReadable(line, f"put text that begins with * in quotes: *{event.anchor}")
        if len(path) > _DEEPEST:
            raise _NotReadable(line, "nested too deeply to be a rule")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> object:
        tag = _tag(event)
        if tag == _STRING:
            return str(event.value)
        self.document.plain[path] = str(event.value)
        try:
            return _constructor.construct_object(yaml.ScalarNode(tag, event.value))
        except (ValueError, OverflowError, yaml.YAMLError):
            raise _NotReadable(_line(event), f"this value cannot be read: {event.value}") from None

    def _sequence(self, path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, object]:
        entries: dict[str, object] = {}
        first: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, line = self._key(event), _line(event)
            if key in entries:
                self.document.mistakes.append((line, f"the key {key!r} stands here twice (first in line {first[key]})"))
                self._value(next(self.events), (*path, key, "(again)"))
                continue
            first[key] = self.document.lines[(*path, key)] = line
            entries[key] = self._value(next(self.events), (*path, key))
        return entries

    def _key(self, event: yaml.Event) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise _NotReadable(_line(event), "a key is one word or text")
        tag = _tag(event)
        if tag != _STRING:
            self.document.mistakes.append(
                (_line(event), f'put the key in quotes, YAML reads more than text: "{event.value}"')
            )
        return str(event.value)


def _tag(event: yaml.ScalarEvent) -> str:
    return str(event.tag or _resolver.resolve(yaml.ScalarNode, event.value, event.implicit))  # type: ignore[no-untyped-call]


def _said(error: yaml.MarkedYAMLError) -> str:
    said = " ".join(filter(None, (error.context, error.problem)))
    return f"{said} (text with a colon needs quotes)" if "mapping values" in said else said


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
