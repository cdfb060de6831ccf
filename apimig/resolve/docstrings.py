"""Parameter types from docstrings: numpydoc's ``df : DataFrame`` and Google's ``df (pd.DataFrame): ...``.

People write them for people, so they are evidence (``inferred``), and only where every word of the
type is understood: "DataFrame or None" is, "DataFrame or path" is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tree_sitter import Node

from apimig.syntax import text_of

_ALTERNATIVES = re.compile(r"\s*(?:,|/|\||\bor\b)\s*")
_NUMPYDOC = re.compile(r"(?m)^[ \t]*([A-Za-z_][\w, ]*?)[ \t]*:[ \t]*(\S[^\n]*)$")
_GOOGLE = re.compile(r"(?m)^[ \t]+\*{0,2}([A-Za-z_]\w*)[ \t]*\(([^()\n]+)\)[ \t]*:")
_SPHINX = re.compile(r"(?m)^[ \t]*:type[ \t]+([A-Za-z_]\w*)[ \t]*:[ \t]*(\S[^\n]*)$")
_IGNORED = frozenset(
    {"optional", "none", "required", "default none", "default is none", "default: none", "default=none"}
)


def documented_types(definition: Node, words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Parameter name to qualified class names, for the parameters whose documented type is wholly known.

    ``words`` maps lower-case spellings (``dataframe``, ``pd.dataframe``) to qualified names.
    """
    text = _docstring(definition)
    found: dict[str, tuple[str, ...]] = {}
    for pattern in (_NUMPYDOC, _GOOGLE, _SPHINX):
        for match in pattern.finditer(text):
            types = _types(match.group(2), words)
            for name in match.group(1).split(",") if types else ():
                found.setdefault(name.strip(), types)
    return found


def _types(text: str, words: Mapping[str, str]) -> tuple[str, ...]:
    names = []
    for part in _ALTERNATIVES.split(text.strip().rstrip(".")):
        word = part.strip(" `~.:").lower().removeprefix("class:`").removeprefix("a ").removeprefix("py:class:`")
        if word in _IGNORED or not word:
            continue
        if word not in words:
            return ()
        names.append(words[word])
    return tuple(dict.fromkeys(names))


def _docstring(definition: Node) -> str:
    body = definition.child_by_field_name("body")
    first = body.named_child(0) if body is not None else None
    inner = first.named_child(0) if first is not None and first.type == "expression_statement" else None
    return text_of(inner) if inner is not None and inner.type == "string" else ""
