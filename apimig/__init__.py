"""Moves a Python code base to a new version of a library, and proves that it did."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apimig.records import Argument, Edit, Span, Value
    from apimig.rewrite.codemod import Reference, Refusal, Site
    from apimig.rewrite.templates import Code
    from apimig.rulebook.calls import Call
    from apimig.rulebook.signature import Binding

__version__ = "0.1.0"

# Loaded on first use: `apimig --help` and a codemod that needs three of them pay for nothing else.
_PLACES = {
    "Argument": "apimig.records",
    "Binding": "apimig.rulebook.signature",
    "Call": "apimig.rulebook.calls",
    "Code": "apimig.rewrite.templates",
    "Edit": "apimig.records",
    "Reference": "apimig.rewrite.codemod",
    "Refusal": "apimig.rewrite.codemod",
    "Site": "apimig.rewrite.codemod",
    "Span": "apimig.records",
    "Value": "apimig.records",
}

__all__ = [
    "Argument",
    "Binding",
    "Call",
    "Code",
    "Edit",
    "Reference",
    "Refusal",
    "Site",
    "Span",
    "Value",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'apimig' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
