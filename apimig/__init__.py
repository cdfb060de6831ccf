"""Moves a Python code base to a new version of a library, and proves that it did.

The public names; each is imported when it is first asked for, so that ``import apimig`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apimig.errors import (
        ApimigError,
        DirtyTreeError,
        RulebookError,
        UnknownLibraryError,
        UnknownVersionError,
        UsageError,
        WriteError,
    )
    from apimig.pipeline import SourceResult, check, undo, upgrade, upgrade_source, validate
    from apimig.pipeline.packing import Pack
    from apimig.pipeline.teaching import Sources, learn
    from apimig.records import (
        Account,
        Applicability,
        Argument,
        Certainty,
        Edit,
        FileChange,
        LeftAlone,
        Location,
        NeedsPerson,
        Outcome,
        Rewritten,
        RunResult,
        Sink,
        Skipped,
        Span,
        Unchecked,
        UnknownReceiver,
    )
    from apimig.rewrite.codemod import Refusal, Site
    from apimig.rewrite.templates import Code
    from apimig.surface.changes import Change, ChangeKind
    from apimig.surface.changes import diff as surface_changes
    from apimig.surface.loading import surface
    from apimig.surface.model import Surface, Symbol
    from apimig.verdicts import (
        EditVerdict,
        Explained,
        OneTest,
        RolledBack,
        SeenWarning,
        Status,
        SuiteRun,
        Validation,
        Verdict,
    )

__version__ = "0.1.0"

__all__ = [
    "Account",
    "ApimigError",
    "Applicability",
    "Argument",
    "Certainty",
    "Change",
    "ChangeKind",
    "Code",
    "DirtyTreeError",
    "Edit",
    "EditVerdict",
    "Explained",
    "FileChange",
    "LeftAlone",
    "Location",
    "NeedsPerson",
    "OneTest",
    "Outcome",
    "Pack",
    "Refusal",
    "Rewritten",
    "RolledBack",
    "RulebookError",
    "RunResult",
    "SeenWarning",
    "Sink",
    "Site",
    "Skipped",
    "SourceResult",
    "Sources",
    "Span",
    "Status",
    "SuiteRun",
    "Surface",
    "Symbol",
    "Unchecked",
    "UnknownLibraryError",
    "UnknownReceiver",
    "UnknownVersionError",
    "UsageError",
    "Validation",
    "Verdict",
    "WriteError",
    "__version__",
    "check",
    "learn",
    "surface",
    "surface_changes",
    "undo",
    "upgrade",
    "upgrade_source",
    "validate",
]

_HOMES = {
    "apimig.pipeline": ("SourceResult", "check", "undo", "upgrade", "upgrade_source", "validate"),
    "apimig.pipeline.packing": ("Pack",),
    "apimig.pipeline.teaching": ("Sources", "learn"),
    "apimig.rewrite.codemod": ("Refusal", "Site"),
    "apimig.rewrite.templates": ("Code",),
    "apimig.surface.changes": ("Change", "ChangeKind", "surface_changes"),
    "apimig.surface.model": ("Surface", "Symbol"),
    "apimig.verdicts": (
        "EditVerdict",
        "Explained",
        "OneTest",
        "RolledBack",
        "SeenWarning",
        "Status",
        "SuiteRun",
        "Validation",
        "Verdict",
    ),
    "apimig.errors": tuple(name for name in __all__ if name.endswith("Error")),
}
_NAME_THERE = {"surface_changes": "diff"}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "surface":
        return import_module("apimig.surface")  # the room itself, which can be called
    value = getattr(import_module(_HOME_OF.get(name, "apimig.records")), _NAME_THERE.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
