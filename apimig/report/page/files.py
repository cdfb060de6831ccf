"""The changed files: old and new side by side, and below each change the sites that it is made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from apimig.records import FileChange, Rewritten
from apimig.report.counts import of_kind, plural
from apimig.report.page.index import Index, file_address
from apimig.report.page.markup import Html, el, joined, text
from apimig.report.page.sides import Hunk, Line, Row, hunks
from apimig.report.page.sites import site
from apimig.report.validated import SAID
from apimig.verdicts import Verdict

Placed = dict[tuple[int, int], list[Rewritten]]  # by the number of the hunk, and of the row in it
_SIDES = ("o", "i")


def files(index: Index) -> Iterator[Html]:
    """Every changed file, and every other one with rewritten sites, in the order of their names."""
    found: defaultdict[str, list[Rewritten]] = defaultdict(list)
    for outcome in of_kind(index.outcomes, Rewritten):
        found[outcome.location.path].append(outcome)
    changes = {change.name: change for change in index.result.changes if change.before != change.after}
    for name in sorted({*found, *changes}):
        yield _file(index, name, changes.get(name), found[name])


def _file(index: Index, name: str, change: FileChange | None, found: list[Rewritten]) -> Html:
    shown = hunks(change) if change is not None else []
    placed, rest = _place(shown, found)
    parts: list[Html] = []
    cell: int | None = None
    for number, hunk in enumerate(shown):
        if hunk.cell is not None and hunk.cell != cell:
            parts.append(el("h4", f"cell {hunk.cell}"))
        cell = hunk.cell
        parts.append(_hunk(index, name, number, hunk, placed))
    if rest:
        parts.append(el("ul", *(site(index, outcome) for outcome in rest), cls="sites"))
    heading = el("h3", el("span", name, cls="path"), " ", el("span", _counted(index, found), cls="muted"))
    return el("section", heading, *parts, cls="file", id=file_address(name), data_f=index.file_number(name))


def _counted(index: Index, found: Sequence[Rewritten]) -> str:
    if not found:
        return "no site of a rule: a pin, or what goes with one"
    counted = Counter(verdict.verdict for outcome in found if (verdict := index.verdict(outcome)) is not None)
    said = [f"{counted[verdict]:,} {SAID[verdict]}" for verdict in Verdict if counted[verdict]]
    return ", ".join([plural(len(found), "edit"), *said])


# --------------------------------------------------------------------------- where sites stand


def _place(shown: Sequence[Hunk], found: Sequence[Rewritten]) -> tuple[Placed, list[Rewritten]]:
    """Sites by the row that they stand below, and those whose line is in no hunk."""
    rows = {
        (hunk.cell, row.old.number): (number, at)
        for number, hunk in enumerate(shown)
        for at, row in enumerate(hunk.rows)
        if row.old is not None
    }
    placed: Placed = defaultdict(list)
    rest: list[Rewritten] = []
    for outcome in found:
        where = rows.get((outcome.location.cell, outcome.location.line))
        if where is None:
            rest.append(outcome)
        else:
            number, at = where
            placed[number, _end_of_change(shown[number].rows, at)].append(outcome)
    return placed, rest


def _end_of_change(rows: Sequence[Row], at: int) -> int:
    """The last row of the change that the row is in, or of the next one: a long call may change in a later line."""
    start = next((row for row in range(at, len(rows)) if rows[row].changed), None)
    if start is None:
        return at
    end = start
    while end + 1 < len(rows) and rows[end + 1].changed:
        end += 1
    return end


# --------------------------------------------------------------------------- rows


def _hunk(index: Index, name: str, number: int, hunk: Hunk, placed: Placed) -> Html:
    rows: list[Html] = []
    for at, row in enumerate(hunk.rows):
        rows.append(_row(row))
        if below := placed.get((number, at)):
            sites = [site(index, outcome, in_diff=True) for outcome in below]
            rows.append(el("tr", el("td", el("ul", *sites, cls="sites"), colspan="4"), cls="notes"))
    table = el("table", el("tbody", *rows), cls="diff", aria_label=f"Old and new lines of {name}")
    return el("div", table, cls="hunk")


def _row(row: Row) -> Html:
    """Written by hand: a page has tens of thousands."""
    sides = "".join(
        _side(line, side if row.changed else "") for side, line in zip(_SIDES, (row.old, row.new), strict=True)
    )
    return Html(f"<tr class=c>{sides}</tr>" if row.changed else f"<tr>{sides}</tr>")


def _side(line: Line | None, side: str) -> str:
    if line is None:
        return "<td class=n></td><td class=z></td>"
    kind = f" class={side}" if side else ""
    return f"<td class=n>{line.number}</td><td{kind}>{_marked(line, 'del' if side == 'o' else 'ins')}</td>"


def _marked(line: Line, tag: str) -> Html:
    return joined(
        Html(f"<{tag}>{text(piece)}</{tag}>") if marked else Html(text(piece)) for piece, marked in line.pieces
    )
