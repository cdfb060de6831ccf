"""Places in a source's text: where people find them, and where edits may go.

A notebook's ``text`` may be a later one than it was read with, as edits follow on edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apimig.records import Language, Location, Skipped, SourceFile, Span

if TYPE_CHECKING:
    from apimig.scan.notebook import Layout


def locate(source: SourceFile, offset: int) -> Location:
    """The line and column (in characters, both from 1) of a byte of ``source.text``; in a notebook, within its cell."""
    in_cell = cell_of(source, offset)
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
    layout = _layout_of(source)
    if layout is None:
        return (Span(0, len(source.text)),)
    from apimig.scan import notebook

    return notebook.boundaries(source, layout)


def masked_spans(source: SourceFile) -> tuple[Span, ...]:
    """The stretches of text that stand for something else and must not be edited, in order."""
    layout = _layout_of(source)
    if layout is None:
        return ()
    from apimig.scan import notebook

    return notebook.masked_spans(source, layout)


def cell_of(source: SourceFile, offset: int) -> tuple[int, int, int] | None:
    """The cell of a notebook that holds a byte of the text: its index, and line and column in it, both from 1."""
    if source.language is not Language.NOTEBOOK:
        return None
    from apimig.scan import notebook

    return notebook.cell_of(source, offset)


def notes(source: SourceFile) -> tuple[Skipped, ...]:
    """The cells of a notebook that are not looked into although they may be Python, each with its reason."""
    if source.language is not Language.NOTEBOOK:
        return ()
    from apimig.scan import notebook

    return notebook.notes(source)


def _layout_of(source: SourceFile) -> Layout | None:
    # Here and above: only runs that meet a notebook load what reads them.
    if source.language is not Language.NOTEBOOK:
        return None
    from apimig.scan import notebook

    return notebook.layout_of(source)
