"""Turns a run's result into text, JSON, SARIF, Markdown, an HTML page or a diff; reads nothing but the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from apimig.errors import UsageError
from apimig.records import RunResult
from apimig.report.diff import unified
from apimig.report.text import text

__all__ = ["FORMATS", "render", "text", "unified"]

FORMATS = {".json": "JSON", ".sarif": "SARIF 2.1.0", ".md": "Markdown", ".html": "a page for a browser", ".txt": "text"}


def renderer(file: str) -> Callable[[RunResult], str]:
    """The report that a file's suffix asks for; an unknown suffix is a usage error."""
    suffix = PurePath(file).suffix.lower()
    # Imported on use: a run that writes no report pays for none.
    if suffix == ".json":
        from apimig.report.json_report import json_report

        return json_report
    if suffix == ".sarif":
        from apimig.report.sarif import sarif

        return sarif
    if suffix == ".md":
        from apimig.report.markdown import markdown

        return markdown
    if suffix in (".html", ".htm"):
        from apimig.report.page import page

        return page
    if suffix == ".txt":
        return text
    known = ", ".join(f"{suffix} ({name})" for suffix, name in FORMATS.items())
    raise UsageError(f"No report format is known for {file}", help=f"The suffix says the format: {known}.")


def render(result: RunResult, file: str) -> str:
    """The report for a file of this name."""
    return renderer(file)(result)
