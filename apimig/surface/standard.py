"""Members of the standard library's classes that libraries derive from."""

from __future__ import annotations

import builtins
from functools import lru_cache
from importlib import import_module

# Modules that may be imported to look: plain data types and protocols, none with an effect of its own.
_LOOKED_INTO = frozenset(
    {
        "abc", "argparse", "array", "ast", "collections", "collections.abc", "contextlib", "dataclasses",
        "datetime", "decimal", "enum", "fractions", "functools", "io", "json", "logging", "numbers", "pathlib",
        "queue", "socket", "string", "threading", "types", "typing", "unittest", "uuid", "warnings", "http",
        "http.client", "configparser", "email.message", "random", "optparse", "concurrent.futures"
    }
)  # fmt: skip


@lru_cache(maxsize=512)
def standard_members(name: str) -> frozenset[str] | None:
    """The members of a class of the standard library; None when the name is none of those that are looked into."""
    module, _, last = name.rpartition(".")
    if not module:
        found = getattr(builtins, last, None)
        if isinstance(found, type):
            return frozenset(dir(found))
        return frozenset() if last in ("Generic", "Protocol", "NamedTuple", "TypedDict") else None
    if module not in _LOOKED_INTO:
        return None
    found = getattr(import_module(module), last, None)
    return frozenset(dir(found)) if isinstance(found, type) else None
