"""Places in a source's text: where people find them, and where edits may go.

A notebook's ``text`` may be a later one than it was read with, as edits follow on edits.
"""

from __future__ import annotations

from apimig.records import Location, SourceFile, Span
from apimig.scan import notebook


def locate(source: SourceFile, offset: int) -> Location:
    """The line and column (in characters, both from 1) of a byte of ``source.text``; in a notebook, within its cell."""
    in_cell = notebook.cell_of(source, offset)
    if in_cell is not None:
        cell, line, column = in_cell
        return Location(source.name, line, column, cell)
    line_start = source.text.rfind(b"\n", 0, offset) + 1
    line = source.text.count(b"\n", 0, line_start) + 1
    column = len(source.text[line_start:offset].decode("utf-8", errors="replace")) + 1
    return Location(source.name, line, column)


def boundaries(source: SourceFile) -> tuple[Span, ...]:
    """The stretches of text that an edit must lie in and must not cross, in order.

    One for each cell of a notebook that is Python, without the cell magics at its start, which
    nothing may precede; for any other file the whole text.
    """
    layout = notebook.layout_of(source)
    return (Span(0, len(source.text)),) if layout is None else notebook.boundaries(source, layout)


def masked_spans(source: SourceFile) -> tuple[Span, ...]:
    """The stretches of text that stand for something else and must not be edited, in order."""
    layout = notebook.layout_of(source)
    return () if layout is None else notebook.masked_spans(source, layout)
