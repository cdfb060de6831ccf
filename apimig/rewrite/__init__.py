"""Turns findings into edits and edits into text; refuses with a reason where none is certain."""

from apimig.rewrite.engine import RewriteResult, rewrite

__all__ = ["RewriteResult", "rewrite"]
