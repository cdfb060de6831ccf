"""What docstrings say: sections, parameters, return types, deprecations. NumPy and Google style."""

from __future__ import annotations

import ast
import hashlib
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from apimig.surface.model import Deprecation
from apimig.surface.wording import replacement_in

_UNDERLINED = re.compile(r"^([A-Z][A-Za-z ]+)\n(?:-{3,}|={3,})[ \t]*$", re.MULTILINE)
_GOOGLE = re.compile(r"^(Args|Arguments|Returns|Attributes):[ \t]*$", re.MULTILINE)
_GOOGLE_NAMES = {"Args": "Parameters", "Arguments": "Parameters"}
_NUMPY_ENTRY = re.compile(r"^(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)(?:\s*:\s*(.*))?$")
_GOOGLE_ENTRY = re.compile(r"^[ \t]+(\*{0,2}\w+)(?:\s*\(([^)]*)\))?\s*:(.*)$")
_DIRECTIVE = re.compile(
    r"^([ \t]*)\.\. deprecated::[ \t]*([^\n]*)\n?((?:(?:\1[ \t]+[^\n]*|[ \t]*)(?:\n|\Z))*)", re.MULTILINE
)
_OF_ONE_WAY = re.compile(
    r"\b(?:creating|passing|calling|providing|specifying|supplying|giving|constructing)\b(?:(?!\. |;).)*?"
    r"\b(?:with|without|no|to|as|both)\b(?:(?!\. |;).)*?\b(?:is|are) (?:now )?deprecated",
    re.IGNORECASE,
)
_VERSION = re.compile(r"^v?(\d[\w.]*)\s*(.*)$", re.DOTALL)
# What a parameter was called says nothing of what it is: text before and after a rename is alike without it.
_FORMERLY = re.compile(r"\s*\((?:formerly|previously)\b(?: called| named)?:?\s*`{0,2}\w+`{0,2}\)", re.IGNORECASE)
_DEFAULT = re.compile(r"\bdefault(?:s to|\s*[=:]|\s)\s*(?:``?)?(.+?)(?:``?)?[.)]?\s*$")
_SOMETIMES = re.compile(
    r"\boptional\b|\bonly\b[^.]*\b(?:if|when)\b|\b(?:present|returned|given) (?:if|when)\b", re.IGNORECASE
)
_MOST = 40_000  # characters of one docstring that are read


@dataclass(frozen=True, slots=True)
class Documented:
    """One docstring, taken apart.

    ``deprecated_parameters``, ``parameters`` and ``defaults`` (those that are literals) are by name.
    """

    deprecated: Deprecation | None = None
    deprecated_parameters: Mapping[str, Deprecation] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""
    summary: str = ""


def read_docstring(text: str) -> Documented:
    """Take a docstring apart; what is not understood is left out."""
    text = textwrap.dedent(text[:_MOST].expandtabs()).strip("\n")
    head, sections = _sections(text)
    entries = dict(_entries(sections.get("Parameters", "")))
    entries.update(_entries(sections.get("Other Parameters", "")))
    found = {name: each for name, body in entries.items() if (each := _directive(body)) is not None}
    return Documented(
        _directive(head, whole=True),
        found,
        {name: _squeezed(_FORMERLY.sub("", body)) for name, body in entries.items()},
        {name: default for name, body in entries.items() if (default := _default(body))},
        dict(_attributes(sections.get("Attributes", ""))),
        _returned(sections.get("Returns", "")),
        _squeezed(head.strip().split("\n\n", 1)[0]),
    )


def fingerprint(text: str) -> str:
    """Four characters that tell texts apart well enough to say "the same documentation"."""
    return hashlib.blake2b(_squeezed(text).encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _sections(text: str) -> tuple[str, dict[str, str]]:
    marks = [(m.start(), m.end(), m.group(1)) for m in _UNDERLINED.finditer(text)]
    if not marks:
        marks = [(m.start(), m.end(), m.group(1)) for m in _GOOGLE.finditer(text)]
    if not marks:
        return text, {}
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    bodies = {_GOOGLE_NAMES.get(name, name): text[end:stop] for (_, end, name), stop in zip(marks, ends, strict=True)}
    return text[: marks[0][0]], bodies


def _entries(section: str) -> Iterator[tuple[str, str]]:
    """Parameters and all that is written of each, the line of its name included."""
    names: list[str] = []
    lines: list[str] = []
    google = bool(section.strip()) and section.strip("\n").startswith(" ")
    depth = len(section.strip("\n")) - len(section.strip("\n").lstrip()) if google else 0
    for line in section.splitlines():
        indent = len(line) - len(line.lstrip())
        entry = (_GOOGLE_ENTRY if google else _NUMPY_ENTRY).match(line) if line.strip() and indent == depth else None
        if entry is not None:
            yield from ((name, "\n".join(lines)) for name in names)
            names = [name.strip().lstrip("*") for name in entry.group(1).split(",")]
            lines = [entry.group(2) or "", *([entry.group(3)] if google else [])]
        else:
            lines.append(line)
    yield from ((name, "\n".join(lines)) for name in names)


def _default(entry: str) -> str:
    """The default in `normalize : bool, default=False`, spelt as Python does; empty when it is no literal."""
    match = _DEFAULT.search(entry.partition("\n")[0])
    try:
        return repr(ast.literal_eval(match.group(1).strip())) if match else ""
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return ""


def _attributes(section: str) -> Iterator[tuple[str, str]]:
    for name, body in _entries(section):
        if name.isidentifier():
            yield name, body.split("\n", 1)[0].strip()


def _returned(section: str) -> str:
    """The type in the first lines of a Returns section, as it is written; those of several values, with semicolons.

    Of several values none has one where some are not always returned.
    """
    lines = [line for line in section.splitlines() if line.strip()]
    at_margin = [line.partition(" : ") for line in lines if not line.startswith(" ")]
    if len(at_margin) > 1:
        sure = all(name.isidentifier() and type_ for name, _, type_ in at_margin) and not _SOMETIMES.search(section)
        return "; ".join(type_.strip() for _, _, type_ in at_margin) if sure else ""
    if not at_margin:
        return ""
    name, colon, type_ = at_margin[0]
    if name.strip() == "self":
        return "Self"
    return (type_ if colon else name).strip()


def _directive(text: str, *, whole: bool = False) -> Deprecation | None:
    """What a directive says is deprecated; of a ``whole`` object not where it speaks of one way to use it."""
    match = _DIRECTIVE.search(text)
    if match is None:
        return None
    argument, body = match.group(2).strip(), _squeezed(match.group(3))
    version = _VERSION.match(argument)
    since, rest = (version.group(1).rstrip("."), version.group(2)) if version else ("", argument)
    said = " ".join(each for each in (rest, body) if each)
    if whole and _OF_ONE_WAY.search(said):
        return None
    return Deprecation(said, since, replacement_in(said))
