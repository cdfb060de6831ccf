"""Several packs as one rulebook: a stronger pack's rule replaces the weaker one's of the same id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from apimig.rulebook.rule import Library


def merged(weak: Library, strong: Library) -> Library:
    """Both packs' facts about one library; where they differ, the stronger one's hold."""
    changes: dict[str, object] = {}
    for field in fields(Library):
        old, new = getattr(weak, field.name), getattr(strong, field.name)
        if isinstance(new, Mapping):
            changes[field.name] = {**old, **new}
        elif isinstance(new, tuple):
            changes[field.name] = tuple(dict.fromkeys((*old, *new)))
        elif field.name == "oldest":
            changes[field.name] = new or old
    return replace(weak, **changes)  # type: ignore[arg-type]
