"""What the words of a deprecation say: since when, and what to use instead."""

from __future__ import annotations

import re

_NAME = r"(?:the\s+)?(?:new\s+)?(?::\w+:)?[`'\"~]*([A-Za-z_][\w.]*)"
# Of "renamed `old` to `new`" the first name is the old one, of "renamed `new`" it is not.
_NO_MORE = r"(?![\w.])(?![`'\"]*\s+(?:to|as|into)\b)"
_PHRASES = tuple(
    re.compile(f"{pattern}\\s+{_NAME}{after}", re.IGNORECASE)
    for pattern, after in (
        (r"\brenamed (?:to|as)", ""),
        (r"\brenamed", _NO_MORE),
        (r"\breplaced (?:by|with)", ""),
        (r"\bin favou?r of(?: using)?", ""),
        (r"\bmoved to", ""),
        (r"\bplease use", ""),
        (r"\binstead use", ""),
        (r"\buse", ""),
        (r"\bswitch to", ""),
        (r"\bconsider(?: using)?", ""),
        (r"\balias (?:for|of)(?: the builtin)?", ""),
    )
)
_NO_NAMES = frozenset(
    {
        "a", "an", "the", "this", "that", "these", "those", "it", "its", "instead", "of", "only", "to", "in", "for",
        "one", "your", "keyword", "keywords", "explicit", "either", "any", "all", "other", "another", "them",
        "named", "with", "from", "at", "and", "or", "not", "is", "are", "be", "if", "when", "where", "another's",
        "method", "function", "class"
    }
)  # fmt: skip
_SINCE = re.compile(r"(?:since|in|as of|from)\s+(?:version\s+)?[A-Za-z]*\s?v?(\d+\.\d[\w.]*)", re.IGNORECASE)


def replacement_in(text: str) -> str:
    """The name that the text says to use instead; empty when it names none."""
    for phrase in _PHRASES:
        for match in phrase.finditer(text):
            name = match.group(1).rstrip(".")
            if name.lower() not in _NO_NAMES and _looks_like_a_name(name, text[match.start() : match.end() + 12]):
                return name
    return ""


def _looks_like_a_name(name: str, context: str) -> bool:
    """A name in quotes, with dots, brackets or underscores; a bare English word is none."""
    quoted = re.search(r"[`'\"~]+" + re.escape(name), context) is not None
    called = context.find(name) >= 0 and context[context.find(name) + len(name) :].startswith(("(", "=", " instead"))
    return quoted or called or "." in name or "_" in name.strip("_") or any(c.isupper() for c in name[1:])


def since_in(text: str) -> str:
    """The version from which the text says the thing is deprecated; empty when it does not."""
    match = _SINCE.search(text)
    return match.group(1).rstrip(".") if match else ""
