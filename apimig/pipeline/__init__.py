"""The corridor: the only room that knows the order of the others."""

from apimig.pipeline.run import check, undo, upgrade, validate
from apimig.pipeline.sources import SourceResult, apply_rules, upgrade_source, upgrade_stream
from apimig.pipeline.store import Undone

__all__ = [
    "SourceResult",
    "Undone",
    "apply_rules",
    "check",
    "undo",
    "upgrade",
    "upgrade_source",
    "upgrade_stream",
    "validate",
]
