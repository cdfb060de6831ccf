"""Notebooks: the Python cells as one virtual module, and edits of it back into the JSON.

The virtual module has, for each code cell, a comment that no cell contains, then the cell's
masked text, then a newline. Only what lies within a cell can be edited. A cell's new text is
written over its ``source`` in the JSON; every other byte of the file stays.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apimig.records import Language, Skipped, SourceFile, Span
from apimig.scan.jsonplaces import Place, cell_places, escapes_non_ascii, with_source
from apimig.scan.magics import MaskedCell, Names, find_masks, hidden, mask_cell, unmask
from apimig.syntax import check_python, first_error, parse

_OLDEST_FORMAT = 3
_OTHER_KERNEL = re.compile(
    r"(?:ir|julia|bash|calysto|scala|almond|spylon|sos|octave|matlab|xcpp|rust|evcxr|deno|js|node|go|sage)(?:\b|\d|_)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its index among all cells, the span of its masked text, and its source's place in the JSON."""

    index: int
    span: Span
    masked: MaskedCell
    place: Place


@dataclass(frozen=True, slots=True)
class Layout:
    """How the virtual module is made up. ``mark`` with a cell's index is the comment above it."""

    mark: bytes
    cells: tuple[Cell, ...]


def layout_of(source: SourceFile) -> Layout | None:
    """The layout, if the source is a notebook."""
    return source.layout if isinstance(source.layout, Layout) else None


# --------------------------------------------------------------------------- reading


def decode(raw: bytes, path: Path, name: str) -> SourceFile | Skipped:
    """The notebook as a virtual module, or why it cannot be one."""
    try:
        json_text = _json_text(raw)
        notebook = json.loads(json_text)
    except UnicodeDecodeError as problem:
        return Skipped(name, "is not valid utf-8", raw.count(b"\n", 0, problem.start) + 1)
    except json.JSONDecodeError as problem:
        return Skipped(name, f"is not valid JSON: {problem.msg}", problem.lineno)
    except (RecursionError, ValueError):
        return Skipped(name, "is JSON that nests too deeply, or has numbers too long to read")
    reason = _why_not(notebook)
    if reason:
        return Skipped(name, reason)
    text, layout = _virtual_module(_code_cells(notebook, json_text))
    if check_python(text) is not None or first_error(parse(text)) is not None:
        return Skipped(name, "its cells parse one by one, but not together")
    return SourceFile(path=path, name=name, text=text, language=Language.NOTEBOOK, raw=raw, layout=layout)


def _json_text(raw: bytes) -> str:
    return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")


def _why_not(notebook: Any) -> str:  # noqa: ANN401 - whatever the JSON holds
    """Why this JSON is no notebook of Python; "" when it is one."""
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        return "is JSON, but not a notebook"
    if notebook["nbformat"] < _OLDEST_FORMAT:
        return f"is a notebook of format {notebook['nbformat']}; save it once with a newer Jupyter"
    cells = _cells(notebook)
    if cells is None:
        return "is a notebook whose cells are not where its format has them"
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict) or (cell.get("cell_type") == "code" and _source(cell) is None):
            return f"is a notebook whose cell {index} has no source"
    language = _language(notebook)
    return "" if language is None else f"is a notebook of {language}, not of Python"


def _cells(notebook: Mapping[str, Any]) -> list[Any] | None:
    """All cells of a notebook, of one sheet or several as format 3 has them."""
    if "cells" in notebook:
        sheets = [notebook]
    else:
        sheets = notebook.get("worksheets", [{}] if notebook["nbformat"] > _OLDEST_FORMAT else [])
    if not isinstance(sheets, list):
        return None
    cells: list[Any] = []
    for sheet in sheets:
        if not isinstance(sheet, dict) or not isinstance(sheet.get("cells"), list):
            return None
        cells += sheet["cells"]
    return cells


def _source(cell: Mapping[str, Any]) -> str | None:
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _language(notebook: Mapping[str, Any]) -> str | None:
    """The language of the notebook's kernel, if it is said and not Python."""
    metadata = notebook.get("metadata")
    info, kernel = (_section(metadata, key) for key in ("language_info", "kernelspec"))
    language = info.get("name") or kernel.get("language") or _section(info, "codemirror_mode").get("name")
    if isinstance(language, str):
        return None if language.lower().startswith(("python", "ipython")) else language
    name = kernel.get("name")
    return name if isinstance(name, str) and _OTHER_KERNEL.match(name) else None


def _section(mapping: Any, key: str) -> Mapping[str, Any]:  # noqa: ANN401
    value = mapping.get(key) if isinstance(mapping, dict) else None
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class _Code:
    """A code cell as it stands in the file."""

    index: int
    source: str
    place: Place
    is_python: bool


def _code_cells(notebook: Mapping[str, Any], json_text: str) -> list[_Code]:
    found = []
    for index, (cell, places) in enumerate(zip(_cells(notebook) or [], cell_places(json_text), strict=True)):
        if cell.get("cell_type") == "code":
            place = places.get("source") or places["input"]
            found.append(_Code(index, _source(cell) or "", place, _is_python(cell)))
    return found


def _is_python(cell: Mapping[str, Any]) -> bool:
    """Whether nothing says that the cell is of another language than the notebook."""
    language = cell.get("language") or _section(cell.get("metadata"), "vscode").get("languageId") or "python"
    return str(language).lower().startswith(("python", "ipython"))


def _virtual_module(codes: list[_Code]) -> tuple[bytes, Layout]:
    sources = [code.source.encode("utf-8", errors="surrogatepass") for code in codes]
    corpus = b"\n".join(sources)
    mark = b"# %% cell "
    while mark in corpus:
        mark = b"#" + mark
    names = Names(corpus)
    text = bytearray()
    cells = []
    for code, source in zip(codes, sources, strict=True):
        masked = _mask(code, source, names)
        text += _heading(mark, code.index, masked)
        cells.append(Cell(code.index, Span(len(text), len(text) + len(source)), masked, code.place))
        text += masked.text + b"\n"
    return bytes(text), Layout(mark, tuple(cells))


def _mask(code: _Code, source: bytes, names: Names) -> MaskedCell:
    if not code.is_python:
        return hidden(source)
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return hidden(source, "holds half a character")
    if b"\0" in source:
        return hidden(source, "holds NUL bytes")
    return mask_cell(source, names)


def _heading(mark: bytes, index: int, masked: MaskedCell) -> bytes:
    """The line above a cell; an indented cell is put into a block, since IPython would dedent it."""
    return mark + b"%d\n" % index + (b"if 1:\n" if masked.is_indented else b"")


# --------------------------------------------------------------------------- writing


def encode(source: SourceFile, text: bytes) -> bytes | Skipped:
    """The notebook's bytes with the cells as ``text`` has them."""
    layout = layout_of(source)
    if text == source.text or layout is None:
        return source.raw
    contents = _split(layout, text)
    if contents is None:
        return Skipped(source.name, "an edit crosses from one cell into another")
    changed: list[tuple[Cell, str]] = []
    for cell, content in zip(layout.cells, contents, strict=True):
        if content == cell.masked.text:
            continue
        original = unmask(cell.masked, content)
        if original is None:
            return Skipped(source.name, f"an edit touches what is not Python in cell {cell.index}")
        changed.append((cell, original.decode("utf-8")))
    return _write(source, changed)


def _split(layout: Layout, text: bytes) -> list[bytes] | None:
    """The cells' new texts; None when the headings are not all there, once and in order."""
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for cell in layout.cells:
        heading = _heading(layout.mark, cell.index, cell.masked)
        at = text.find(heading, position)
        if at < 0 or (at if not starts else text[at - 1 : at] != b"\n"):
            return None
        ends.append(at - 1)
        position = at + len(heading)
        starts.append(position)
    if not starts:
        return None if text else []
    if text.count(layout.mark) != len(layout.cells) or not text.endswith(b"\n"):
        return None
    return [text[start:end] for start, end in zip(starts, [*ends[1:], len(text) - 1], strict=True)]


def _write(source: SourceFile, changed: list[tuple[Cell, str]]) -> bytes:
    json_text = _json_text(source.raw)
    ascii_only = escapes_non_ascii(json_text)
    pieces, position = [], 0
    for cell, new in changed:
        place = cell.place
        pieces += [json_text[position : place.start], with_source(json_text, place, new, ascii_only=ascii_only)]
        position = place.end
    written = "".join([*pieces, json_text[position:]])
    mark = codecs.BOM_UTF8 if source.raw.startswith(codecs.BOM_UTF8) else b""
    return mark + written.encode("utf-8")


# --------------------------------------------------------------------------- places


def notes(source: SourceFile) -> tuple[Skipped, ...]:
    """The cells that are not looked into although they may be Python, each with its reason."""
    layout = layout_of(source)
    cells = layout.cells if layout else ()
    return tuple(
        Skipped(f"{source.name}#cell{cell.index}", cell.masked.note, cell.masked.line)
        for cell in cells
        if cell.masked.note
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a cell and its masks are in a text, which edits may have moved."""

    cell: Cell
    span: Span
    masks: tuple[Span, ...]


def _placed(source: SourceFile, layout: Layout) -> list[_Placed] | None:
    """The cells as they lie in ``source.text``, which may be a later one than the layout's; None if torn."""
    contents = _split(layout, source.text)
    if contents is None:
        return None
    placed, position = [], 0
    for cell, content in zip(layout.cells, contents, strict=True):
        start = position + len(_heading(layout.mark, cell.index, cell.masked))
        masks = find_masks(cell.masked, content)
        if masks is None:
            return None
        spans = tuple(Span(start + mask.start, start + mask.end) for mask in masks)
        placed.append(_Placed(cell, Span(start, start + len(content)), spans))
        position = start + len(content) + 1
    return placed


def cell_of(source: SourceFile, offset: int) -> tuple[int, int, int] | None:
    """The cell that holds a byte of the text: its index, and line and column in it, both from 1."""
    layout = layout_of(source)
    placed = _placed(source, layout) if layout else None
    if not placed:
        return None
    found = next((one for one in placed if offset <= one.span.end), placed[-1])
    before = source.text[found.span.start : max(offset, found.span.start)]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8", errors="replace")) + 1
    return found.cell.index, before.count(b"\n") + 1, column


def boundaries(source: SourceFile, layout: Layout) -> tuple[Span, ...]:
    """The stretches open to edits: of each cell that is not hidden, what follows its cell magics."""
    placed = _placed(source, layout) or []
    open_cells = [one for one in placed if not one.cell.masked.hidden]
    return tuple(Span(one.span.start + one.cell.masked.fixed, one.span.end) for one in open_cells)


def masked_spans(source: SourceFile, layout: Layout) -> tuple[Span, ...]:
    """Headings, hidden cells and masks, in order; all of a text whose cells cannot be told apart."""
    placed = _placed(source, layout)
    if placed is None:
        return (Span(0, len(source.text)),)
    spans: list[Span] = []
    end = 0
    for one in placed:
        spans += [Span(end, one.span.start), *([one.span] if one.cell.masked.hidden else one.masks)]
        end = one.span.end
    return tuple(spans)
