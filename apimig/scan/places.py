"""Places in a source's text: where people find them, and where edits may go."""

from __future__ import annotations

from apimig.records import Location, SourceFile, Span


def locate(source: SourceFile, offset: int) -> Location:
    """The line and column (in characters, both from 1) of a byte of ``source.text``."""
    line_start = source.text.rfind(b"\n", 0, offset) + 1
    line = source.text.count(b"\n", 0, line_start) + 1
    column = len(source.text[line_start:offset].decode("utf-8", errors="replace")) + 1
    return Location(source.name, line, column)


def boundaries(source: SourceFile) -> tuple[Span, ...]:
    """The stretches of text that an edit must not cross: one for each cell, or the whole text."""
    return (Span(0, len(source.text)),)


def masked_spans(source: SourceFile) -> tuple[Span, ...]:  # noqa: ARG001
    """The stretches of text that stand for something else and must not be edited."""
    return ()
