"""setup.cfg and tox.ini: the multi-line lists of requirements in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from apimig.pins.document import Document, lines_of, mentions
from apimig.pins.model import Entry, Role
from apimig.pins.specifier import read_requirement

_SECTION = re.compile(r"\[([^\]]+)\]")
_OPTION = re.compile(r"([^\s=:][^=:]*?)[ \t]*[=:]")
_FACTOR = re.compile(r"\s*(!?[A-Za-z0-9_{},.!-]+):(?!//)\s*")
_LISTS = (
    (re.compile(r"options"), re.compile(r"install[_-]requires|setup[_-]requires|tests[_-]require")),
    (re.compile(r"options\.extras_require"), re.compile(r".*")),
    (re.compile(r"(?:tox:)?testenv.*|(?:tox:)?base|env_run_base|\.pkg"), re.compile(r"deps")),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a value: where its text is, and under which option."""

    section: str
    option: str
    start: int
    end: int
    is_first: bool  # it stands behind the equals sign


def ini_entries(document: Document, distribution: str) -> Iterator[Entry]:
    """Every requirement of the distribution in the options that list requirements."""
    for line in _value_lines(document.text):
        if not any(s.fullmatch(line.section) and o.fullmatch(line.option) for s, o in _LISTS):
            continue
        for start, end in _items(document.text, line):
            entry = _entry(document.text, start, end, distribution, is_tox=line.option == "deps")
            if entry is not None:
                yield replace(entry, section=f"{line.section}.{line.option}")


def _entry(text: str, start: int, end: int, distribution: str, *, is_tox: bool) -> Entry | None:
    names = {canonicalize_name(distribution)}
    factor = _FACTOR.match(text, start, end) if is_tox else None
    if factor is None:
        return read_requirement(text, start, end, names)
    entry = read_requirement(text, factor.end(), end, names)
    if entry is None:
        return None
    hold = entry.hold or f"it is set for the tox factor `{factor.group(1)}`"
    role = Role.MATRIX if entry.alternatives or mentions(factor.group(1), distribution) else Role.RUN
    return replace(entry, hold=hold, role=role, marker=factor.group(1))


def _items(text: str, line: _Line) -> Iterator[tuple[int, int]]:
    """A value on the option's own line may hold several requirements between semicolons, as setuptools reads it."""
    if not line.is_first or line.option == "deps":
        yield line.start, line.end
        return
    at = line.start
    for item in text[line.start : line.end].split(";"):
        yield at, at + len(item)
        at += len(item) + 1


def _value_lines(text: str) -> Iterator[_Line]:
    """The lines of all values. As configparser has it, what is indented deeper than its option goes on with it."""
    section = option = ""
    depth = 0
    for start, end in lines_of(text):
        line = text[start:end]
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        indent = len(line) - len(line.lstrip())
        if option and indent > depth:
            yield _Line(section, option, start, end, is_first=False)
        elif header := _SECTION.match(line, indent):
            section, option = header.group(1).strip(), ""
        elif key := _OPTION.match(line, indent):
            option, depth = key.group(1).strip().lower(), indent
            yield _Line(section, option, start + key.end(), end, is_first=True)
