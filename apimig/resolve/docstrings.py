"""Types of parameters and results from docstrings, in the forms of numpydoc, Google and Sphinx.

People write them for people, so they are evidence (``inferred``), and only where the whole type is
understood: "DataFrame or None" and "DataFrame with one row a user" are, "DataFrame or path" is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tree_sitter import Node

from apimig.syntax import first_part, text_of

_ALTERNATIVES = re.compile(r"\s*(?:,|/|\||\bor\b)\s*")
_NUMPYDOC = re.compile(r"(?m)^[ \t]*([A-Za-z_][\w, ]*?)[ \t]*:[ \t]*(\S[^\n]*)$")
_GOOGLE = re.compile(r"(?m)^[ \t]+\*{0,2}([A-Za-z_]\w*)[ \t]*\(([^()\n]+)\)[ \t]*:")
_SPHINX = re.compile(r"(?m)^[ \t]*:type[ \t]+([A-Za-z_]\w*)[ \t]*:[ \t]*(\S[^\n]*)$")
_IGNORED = frozenset(
    {"optional", "none", "required", "default none", "default is none", "default: none", "default=none"}
)


_NUMPYDOC_RESULT = re.compile(r"(?m)^[ \t]*Returns?[ \t]*\n[ \t]*-{3,}[ \t]*\n")
_GOOGLE_RESULT = re.compile(r"(?m)^[ \t]*Returns?:[ \t]*\n?[ \t]*(\S[^\n]*)$")
_SPHINX_RESULT = re.compile(r"(?m)^[ \t]*:rtype:[ \t]*(\S[^\n]*)$")
_CONDITION = re.compile(
    r"(?i)[|/]|\b(?:or|if|unless|else|otherwise|when|depending|either|list|dict|tuple|array|none|scalar|str|float|int|"
    r"like|each|mapping|iterable|iterator|generator)\b"
)


def documented_types(definition: Node, words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Parameter name to qualified class names; none of them where a type is given and not wholly known.

    ``words`` maps lower-case spellings (``dataframe``, ``pd.dataframe``) to qualified names.
    """
    text = _docstring(definition)
    found: dict[str, tuple[str, ...]] = {}
    for pattern in (_NUMPYDOC, _GOOGLE, _SPHINX):
        for match in pattern.finditer(text):
            types = _types(match.group(2), words)
            for name in match.group(1).split(","):
                if not found.get(name.strip()):
                    found[name.strip()] = types
    return found


def documented_result(definition: Node, words: Mapping[str, str]) -> tuple[str, ...]:
    """Qualified class names of the one result that the docstring describes; none where it is not wholly known."""
    text = _docstring(definition)
    if match := _SPHINX_RESULT.search(text):
        return _types(match.group(1), words)
    if match := _NUMPYDOC_RESULT.search(text):
        entry = _only_entry(text[match.end() :].split("\n"))
        return _types(entry.partition(" : ")[2] or _after_name(entry), words)
    if match := _GOOGLE_RESULT.search(text):
        return _types(match.group(1).partition(": ")[0].strip(":"), words)
    return ()


def _after_name(entry: str) -> str:
    """``df: DataFrame`` without its name; a type that stands alone as it is."""
    name, colon, rest = entry.partition(": ")
    return rest if colon and name.isidentifier() else entry


def _only_entry(lines: list[str]) -> str:
    """The first line of a section of numpydoc with one entry; several are the items of a tuple."""
    entries: list[str] = []
    for number, line in enumerate(lines):
        if number and line.strip().startswith("---"):
            entries = entries[:-1]  # the line above was the title of the next section
            break
        if line.strip() and _indent(line) <= _indent(lines[0]):
            if _indent(line) < _indent(lines[0]):
                break
            entries.append(line.strip())
    return entries[0] if len(entries) == 1 else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _types(text: str, words: Mapping[str, str]) -> tuple[str, ...]:
    names = []
    for part in _ALTERNATIVES.split(text.strip().rstrip(".")):
        word = _plain(part)
        if word in _IGNORED or not word:
            continue
        if word not in words:
            return _described(text, words)
        names.append(words[word])
    return tuple(dict.fromkeys(names))


def _plain(text: str) -> str:
    word = text.strip(" `~.:").lower().removeprefix("class:`").removeprefix("a ").removeprefix("py:class:`")
    return word.removesuffix(" object").removesuffix(" instance").strip("`")


def _described(text: str, words: Mapping[str, str]) -> tuple[str, ...]:
    """A class followed by what the object holds: "`DataFrame` with one row a user"."""
    pieces = text.strip().split()
    for count in (2, 1):
        head, rest = " ".join(pieces[:count]).rstrip(",;"), " ".join(pieces[count:])
        others = [word for word in rest.split() if _is_class(word.strip("(),;"), words)]
        if _is_class(head, words) and not others and not _CONDITION.search(rest):
            return (words[_plain(head)],)
    return ()


def _is_class(text: str, words: Mapping[str, str]) -> bool:
    """Whether a class is meant, and not the word: "index" is one, "Index" and "pd.Index" are the other."""
    return _plain(text) in words and ("." in text or text.strip("`~") != text.strip("`~").lower())


def _docstring(definition: Node) -> str:
    body = definition.child_by_field_name("body")
    first = first_part(body) if body is not None else None
    inner = first_part(first) if first is not None and first.type == "expression_statement" else None
    return text_of(inner).rstrip("\"'") if inner is not None and inner.type == "string" else ""
