"""IPython's own syntax in notebook cells, masked by Python of the same length.

What IPython would take out of a cell before Python sees it (``%magic``, ``!shell``, ``help?``) is
replaced byte for byte, so that every offset stays where it is. Each mask can be told from all
else in its cell, so it is found again after edits around it.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count, islice
from string import ascii_letters, digits

from apimig.records import Span
from apimig.scan.encodings import bare_returns
from apimig.syntax import check_python, first_error, parse

_CELL_MAGIC = re.compile(rb"(?:[ \t]*\r?\n)*[ \t]*(%%(\w+)\b(?!\?)[^\r\n]*)(?:\r?\n|\Z)")
# Their bodies are Python that runs in the notebook's own namespace.
_PYTHON_BODIES = frozenset(
    {b"time", b"capture", b"prun", b"memit", b"mprun", b"lprun", b"snakeviz", b"pyinstrument", b"debug"}
)
# This one's body is Python too, but what it assigns is gone afterwards.
_LOCAL_BODIES = frozenset({b"timeit"})
_CODE_MAGIC = re.compile(
    rb"%(timeit|time|prun|memit)(?:[ \t]+-(?:[nrpPlsTDi][ \t]*\S+|[tcqov]+|-[\w-]+))*[ \t]+(?=[^ \t\r\n#%!?\\])"
)
# Commands that IPython also takes without the percent sign, where they are not Python.
_AUTOMAGIC = re.compile(
    rb"[ \t]*(?:pip3?|conda|mamba|cd|ls|ll|pwd|cat|cp|mv|rm|mkdir|rmdir|less|more|man|matplotlib|load_ext|pylab)"
    rb"(?:[ \t]+[^=(\s][^\r\n]*)?"
)
_LINE = re.compile(rb"[^\r\n]*")
_CONTINUED_LINE = re.compile(rb"(?:[^\r\n]*\\\r?\n)*[^\r\n]*")
_INDENT = re.compile(rb"[ \t\f]*")
_TOKEN = re.compile(
    rb'''(?P<string>"""(?:\\.|[^\\])*?(?:"""|\Z)|\'\'\'(?:\\.|[^\\])*?(?:\'\'\'|\Z)'''
    rb"""|"(?:\\(?:\r\n|.)|[^\\"\r\n])*"?|'(?:\\(?:\r\n|.)|[^\\'\r\n])*'?)"""
    rb"""|(?P<comment>\#[^\r\n]*)|(?P<join>\\\r?\n)|(?P<end>\r?\n)|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    rb"""|(?P<help>\?)|(?P<assign>(?<![=!<>:+\-*/%&|^@~])=(?!=)[ \t]*(?=[%!]))|(?P<other>[^"'\#\\\r\n()\[\]{}?=]+|.)""",
    re.DOTALL,
)
_MOST_TRIES = 2000


class Kind(StrEnum):
    """What a mask stands in for, which says what it must parse as and where it can stand."""

    STATEMENT = "statement"  # a whole logical line
    VALUE = "value"  # what is assigned: `files = !ls`
    PREFIX = "prefix"  # what precedes code: `%time model.fit(x)`


@dataclass(frozen=True, slots=True)
class Mask:
    """A stretch of a cell (offsets within it) that stands for ``original``; both have the same length."""

    span: Span
    kind: Kind
    text: bytes
    original: bytes


@dataclass(frozen=True, slots=True)
class MaskedCell:
    """A cell that parses. ``fixed`` bytes at its start are cell magics, which nothing may precede.

    A cell that is ``hidden`` is blank to the last byte: it is not Python, or Python that does not
    parse; ``note`` then says why, where that is worth saying, and ``line`` where.
    """

    text: bytes
    masks: tuple[Mask, ...] = ()
    fixed: int = 0
    hidden: bool = False
    note: str = ""
    line: int | None = None

    @property
    def is_indented(self) -> bool:
        """Whether all of it is indented, which IPython takes back."""
        return _starts_indented(self.text)


@dataclass(slots=True)
class Names:
    """Gives names that no cell of the notebook uses: a value behind one is unknown to everyone."""

    corpus: bytes
    _given: set[bytes] = field(default_factory=set)

    def fresh(self, length: int) -> bytes | None:
        """An unused name of this length; None when there is none."""
        for number in range(_MOST_TRIES):
            name = _name(number, length)
            if name and name not in self._given and name not in self.corpus and not _has_meaning(name):
                self._given.add(name)
                return name
        return None


def mask_cell(cell: bytes, names: Names) -> MaskedCell:
    """The cell with everything masked that is IPython's, or hidden as a whole."""
    if bare_returns(cell):
        return hidden(cell, "ends lines in a bare carriage return")
    fixed, foreign = _cell_magics(cell)
    if foreign:
        return foreign
    commands: set[int] = set()
    while True:
        masked = _mask_regions(cell, list(_regions(cell, fixed, commands)), names)
        if masked is None:
            return hidden(cell, "has magics that are too short to stand in for")
        problem = _check(masked)
        if problem is None:
            return _local_body(cell, replace(masked, fixed=fixed))
        command = _line_start(cell, problem[0])
        if command in commands or not _AUTOMAGIC.fullmatch(_at(_LINE, cell, command)):
            return hidden(cell, f"does not parse: {problem[1]}", problem[0])
        commands.add(command)


def unmask(masked: MaskedCell, text: bytes) -> bytes | None:
    """The cell that ``text``, an edited ``masked.text``, stands for; None if a mask was touched.

    The result is masked again to see that every piece of IPython's is still what it was: an edit
    may have torn a ``%time`` from its code, or written something that IPython takes for its own.
    """
    spans = None if masked.hidden else find_masks(masked, text)
    if spans is None:
        return None
    pieces, position = [], 0
    for mask, span in zip(masked.masks, spans, strict=True):
        pieces += [text[position : span.start], mask.original]
        position = span.end
    cell = b"".join([*pieces, text[position:]])
    again = mask_cell(cell, Names(cell + text))
    return cell if _shape(again) == _shape(masked) else None


def find_masks(masked: MaskedCell, text: bytes) -> list[Span] | None:
    """Where the masks stand in an edited ``masked.text``; None unless each is there once, and in order."""
    spans: list[Span] = []
    for mask in masked.masks:
        found = list(islice(_pattern(mask.text, mask.kind).finditer(text), 2))
        if len(found) != 1 or (spans and found[0].start("mask") < spans[-1].end):
            return None
        spans.append(Span(*found[0].span("mask")))
    return spans


def _shape(masked: MaskedCell) -> tuple[object, ...]:
    return (masked.hidden, masked.is_indented, masked.fixed, [(mask.kind, mask.original) for mask in masked.masks])


def hidden(cell: bytes, note: str = "", line: int | None = None) -> MaskedCell:
    """A cell that nobody looks into."""
    blank = re.sub(rb"[^\r\n]", b" ", cell)
    return MaskedCell(blank, hidden=True, note=note, line=line)


# --------------------------------------------------------------------------- cell magics


def _cell_magics(cell: bytes) -> tuple[int, MaskedCell | None]:
    """How many bytes of cell magics the cell starts with, and the cell itself if they hide it."""
    fixed = 0
    while magic := _CELL_MAGIC.match(cell, fixed):
        if magic[2] not in _PYTHON_BODIES | _LOCAL_BODIES:
            return fixed, hidden(cell, _why_hidden(magic[2], cell[magic.end() :]))
        fixed = magic.end()
    return fixed, None


_NOT_PYTHON = frozenset(
    b"bash sh script system sx cmd powershell ruby perl pypy html HTML svg SVG latex markdown javascript js"
    b" writefile file R sql bigquery cython fortran julia css".split()
)


def _why_hidden(magic: bytes, body: bytes) -> str:
    """Something to say only where the body could be Python that is the user's to upgrade."""
    if magic in _NOT_PYTHON or not body.strip() or check_python(body) is not None:
        return ""
    return f"runs under %%{magic.decode('utf-8', errors='replace')}, which is not looked into"


def _local_body(cell: bytes, masked: MaskedCell) -> MaskedCell:
    """The cell, hidden if it is timed by %%timeit and binds names: they mean nothing elsewhere."""
    magic = _CELL_MAGIC.match(cell)
    if magic is None or magic[2] not in _LOCAL_BODIES or _only_expressions(masked.text):
        return masked
    return hidden(cell, f"assigns names under %%{magic[2].decode()}, which is not looked into")


def _only_expressions(code: bytes) -> bool:
    """Whether the code binds no names at its top level."""
    for statement in parse(code).root_node.named_children:
        inner = statement.named_children[0].type if statement.named_children else ""
        if statement.type == "comment":
            continue
        if statement.type != "expression_statement" or inner in {"assignment", "augmented_assignment"} or b":=" in code:
            return False
    return True


# --------------------------------------------------------------------------- regions


@dataclass(frozen=True, slots=True)
class _Region:
    start: int
    end: int
    kind: Kind


def _regions(cell: bytes, fixed: int, commands: set[int]) -> Iterator[_Region]:
    """What is IPython's in the cell, in order. ``commands`` are line starts known to be magics."""
    position = 0
    while position < len(cell):
        start = _at_end(_INDENT, cell, position)
        rest = cell[start : start + 1]
        if not rest or rest in b"#\r\n":
            position = _next_line(cell, _at_end(_LINE, cell, start))
        elif rest in b"%!?,;/" or position in commands:
            code = None if position < fixed else _code_after_magic(cell, start)
            if code is None:
                end = _at_end(_LINE if position < fixed else _CONTINUED_LINE, cell, start)
                yield _Region(start, end, Kind.STATEMENT)
                position = _next_line(cell, end)
            else:
                yield _Region(start, code, Kind.PREFIX)
                position = _next_line(cell, _at_end(_LINE, cell, code))
        else:
            position = yield from _logical_line(cell, start)


def _logical_line(cell: bytes, start: int) -> Generator[_Region, None, int]:
    """The region of a logical line of Python, if it has one; returns where the next line starts."""
    position, depth, asks_help = start, 0, False
    while position < len(cell):
        token = _TOKEN.match(cell, position)
        if token is None:
            break
        position = token.end()
        match token.lastgroup:
            case "open":
                depth += 1
            case "close":
                depth = max(depth - 1, 0)
            case "help":
                asks_help = True
            case "assign" if depth == 0:
                end = _at_end(_CONTINUED_LINE, cell, position)
                yield _Region(position, end, Kind.VALUE)
                return _next_line(cell, end)
            case "end" if depth == 0:
                break
    if asks_help:
        yield _Region(start, len(cell[:position].rstrip(b"\r\n")), Kind.STATEMENT)
    return position


def _code_after_magic(cell: bytes, start: int) -> int | None:
    """Where the Python of a line such as ``%time model.fit(x)`` starts, if it can be left in sight."""
    magic = _CODE_MAGIC.match(cell, start)
    if magic is None:
        return None
    code = _at(_LINE, cell, magic.end())
    if code.endswith(b"\\") or check_python(b"0;" + code) is not None:
        return None
    if magic[1] == b"timeit" and not _only_expressions(code):
        return None
    return magic.end()


def _next_line(cell: bytes, end: int) -> int:
    if cell[end : end + 2] == b"\r\n":
        return end + 2
    return end + 1


def _line_start(cell: bytes, line: int) -> int:
    position = 0
    for _ in range(line - 1):
        position = cell.find(b"\n", position) + 1
    return position


def _at(pattern: re.Pattern[bytes], cell: bytes, position: int) -> bytes:
    return cell[position : _at_end(pattern, cell, position)]


def _at_end(pattern: re.Pattern[bytes], cell: bytes, position: int) -> int:
    found = pattern.match(cell, position)
    return position if found is None else found.end()


# --------------------------------------------------------------------------- masks


def _mask_regions(cell: bytes, regions: list[_Region], names: Names) -> MaskedCell | None:
    pieces: list[bytes] = []
    masks: list[Mask] = []
    position = 0
    for region in regions:
        original = cell[region.start : region.end]
        text = _stand_in(original, region.kind, cell, masks, names)
        if text is None:
            return None
        masks.append(Mask(Span(region.start, region.end), region.kind, text, original))
        pieces += [cell[position : region.start], text]
        position = region.end
    return MaskedCell(b"".join([*pieces, cell[position:]]), tuple(masks))


def _stand_in(original: bytes, kind: Kind, cell: bytes, masks: list[Mask], names: Names) -> bytes | None:
    """Python of the same length and on as many lines, found nowhere else in the cell."""
    head = _at(_LINE, original, 0)
    tail = re.sub(rb"[^\r\n]", b" ", original[len(head) :])
    if kind is Kind.VALUE:
        name = names.fresh(len(head))
        return None if name is None else name + tail
    make = _statement if kind is Kind.STATEMENT else _prefix
    used = {_at(_LINE, mask.text, 0) for mask in masks}
    for number in count():
        text = make(number, len(head))
        if text is None:
            return None
        if text not in used and not _pattern(text, kind).search(cell):
            return text + tail
    return None


def _pattern(text: bytes, kind: Kind) -> re.Pattern[bytes]:
    """Finds a mask where one of its kind can stand."""
    exact = rb"(?P<mask>%b)" % re.escape(text)
    if kind is Kind.VALUE:
        return re.compile(rb"(?<!\w)%b(?!\w)" % exact)
    return re.compile(rb"(?m)^[ \t\f]*%b%b" % (exact, rb"(?=\r?$)" if kind is Kind.STATEMENT else b""))


def _statement(number: int, length: int) -> bytes | None:
    """A constant, as an expression statement, with a comment to fill the line."""
    if length <= 2:
        choices = [*digits, *ascii_letters] if length == 1 else [d + fill for fill in "# ;" for d in digits]
        return choices[number].encode() if number < len(choices) else None
    label = b"%d" % number
    return b"0#" + label.rjust(length - 2, b"~") if len(label) <= length - 2 else None


def _prefix(number: int, length: int) -> bytes | None:
    """A constant statement that ends in a semicolon, so that code can follow."""
    label = b"%d" % number
    return b"1" + label.rjust(length - 2, b"0") + b";" if len(label) <= length - 2 else None


def _name(number: int, length: int) -> bytes | None:
    label = _base(number)
    if length >= 4:
        return (b"_m" + label).ljust(length, b"_") if len(label) + 2 <= length else None
    return label.rjust(length, b"Q") if len(label) <= length else None


def _base(number: int) -> bytes:
    """The number in letters alone."""
    label = ""
    while True:
        number, rest = divmod(number, len(ascii_letters))
        label = ascii_letters[rest] + label
        if number == 0:
            return label.encode()


def _has_meaning(name: bytes) -> bool:
    text = name.decode()
    return keyword.iskeyword(text) or hasattr(builtins, text)


# --------------------------------------------------------------------------- checking


def _check(masked: MaskedCell) -> tuple[int, str] | None:
    """Why the masked cell does not parse by itself, with the line in the cell."""
    text = masked.text
    if text.rstrip(b" \t\f").endswith(b"\\"):
        return text.count(b"\n") + 1, "ends in a backslash"
    above = 1 if masked.is_indented else 0
    whole = b"if 1:\n" * above + text
    problem = check_python(whole)
    if problem is not None:
        return max(problem[0] - above, 1), problem[1]
    error = first_error(parse(whole))
    if error is not None:
        return error.start_point.row + 1 - above, "its syntax is not understood here"
    return None


def _starts_indented(text: bytes) -> bool:
    first = re.search(rb"^[ \t\f]*[^\s#]", text, re.MULTILINE)
    return first is not None and first.group()[:1] in b" \t"
