"""Types as docstrings write them: ``DataFrame or None``, ``ndarray of shape (n_samples,)``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_KNOWN = {
    **{name: name for name in ("bool", "str", "int", "float", "bytes", "list", "dict", "tuple", "set", "frozenset")},
    **{name: name for name in ("complex", "None", "slice")},
    "boolean": "bool", "string": "str", "integer": "int", "dictionary": "dict", "none": "None",
    **dict.fromkeys(("ndarray", "np.ndarray", "numpy.ndarray", "numpy array"), "numpy.ndarray"),
    "self": "Self", "Self": "Self", "same type as caller": "Self", "same type as input": "Self",
    "same type as self": "Self", "same as caller": "Self", "same type as calling object": "Self",
}  # fmt: skip
_QUALIFIERS = re.compile(
    r"\s*\(?\b(?:of shape|of length|of size|of dtype|, shape|shape=|with shape|of type)\b.*$|,? optional$|\.$"
)
_OF = re.compile(r"^(list|dict|tuple|set|generator|iterator|array|ndarray)\s+of\s+.*$", re.IGNORECASE)
_MARKUP = re.compile(r":\w+(?::\w+)?:`~?([^`<]+)`|`+([^`]+)`+")
_ALTERNATIVES = re.compile(r"\s+or\s+|\s*\|\s*|,\s*(?:or\s+)?")
_SPLITTABLE = re.compile(r"^[\w.\s|,]+$")


class TypesInProse:
    """Reads them, given the public classes of the library by their homes."""

    def __init__(self, classes: Iterable[str]) -> None:
        by_last: dict[str, set[str]] = {}
        for home in classes:
            by_last.setdefault(home.rpartition(".")[2], set()).add(home)
        self._classes = {last: next(iter(homes)) for last, homes in by_last.items() if len(homes) == 1}

    def read(self, text: str) -> str:
        """The type that the text names, as an annotation; empty unless every word of it is understood."""
        text = _MARKUP.sub(lambda m: (m.group(1) or m.group(2)).strip(), text)
        text = _QUALIFIERS.sub("", text.strip()).strip()
        if not text or not _SPLITTABLE.match(text):
            return ""
        parts = [self._one(part) for part in _ALTERNATIVES.split(text)]
        return " | ".join(dict.fromkeys(parts)) if all(parts) else ""

    def _one(self, word: str) -> str:
        word = word.strip()
        if match := _OF.match(word):
            word = match.group(1).lower()
        if word in _KNOWN:
            return _KNOWN[word]
        return self._classes.get(word.rpartition(".")[2], "") if re.fullmatch(r"[\w.]+", word) else ""
