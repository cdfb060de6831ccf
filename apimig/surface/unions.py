"""Annotations that are text: their alternatives."""

from __future__ import annotations

from collections.abc import Iterable


def union(parts: Iterable[str]) -> str:
    """One annotation for any of them."""
    flat = [each for part in parts for each in split_union(part)]
    return " | ".join(dict.fromkeys(flat))


def split_union(text: str) -> list[str]:
    """The alternatives of an annotation's text."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char in "[(") - (char in "])")
        if char == "|" and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()]
