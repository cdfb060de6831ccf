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
_SHORTENED = re.compile(r"~(?=[\w.])")  # Sphinx shows the last part alone
_SUBCLASS = re.compile(r"\b(?:a|another) subclass of\s+")
_PRIVATE = re.compile(r"\b_\w+\.")
_ALTERNATIVES = re.compile(r"\s+or\s+|\s*\|\s*|,\s*(?:or\s+)?")
_SPLITTABLE = re.compile(r"^[\w.\s|,]+$")


class TypesInProse:
    """Reads them, given the public classes of the library by their homes."""

    def __init__(self, classes: Iterable[str]) -> None:
        self._homes: dict[str, set[str]] = {}
        for home in classes:
            self._homes.setdefault(home.rpartition(".")[2], set()).add(home)

    def read(self, text: str) -> str:
        """The type that the text names, as an annotation; empty unless every word of it is understood.

        Of several values, with semicolons between them, those that are not understood may be anything.
        """
        if ";" in text:
            parts = [self.read(part) for part in text.split(";")]
            return f"tuple[{', '.join(part or 'typing.Any' for part in parts)}]" if any(parts) else ""
        text = _MARKUP.sub(lambda m: (m.group(1) or m.group(2)).strip(), text)
        text = _SUBCLASS.sub("", _SHORTENED.sub("", text))
        text = _QUALIFIERS.sub("", text.strip()).strip()
        if not text or not _SPLITTABLE.match(text):
            return ""
        parts = [self._one(part) for part in _ALTERNATIVES.split(text)]
        return " | ".join(dict.fromkeys(parts)) if all(parts) else ""

    def _one(self, word: str) -> str:
        word = word.strip()
        if match := _OF.match(word):
            word = {"array": "ndarray"}.get(match.group(1).lower(), match.group(1).lower())
        if word in _KNOWN:
            return _KNOWN[word]
        return self._class(word) if re.fullmatch(r"[\w.]+", word) else ""

    def _class(self, name: str) -> str:
        """The one class of the name; of several, the one whose public path ends as the name is written."""
        found = self._homes.get(name.rpartition(".")[2], set())
        if len(found) > 1:
            end = f".{name.lstrip('.')}"
            found = {home for home in found if f".{_PRIVATE.sub('', home)}".endswith(end)}
        return next(iter(found)) if len(found) == 1 else ""
