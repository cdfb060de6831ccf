"""The parts of the page, the pressing ones first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from apimig.records import LeftAlone, NeedsPerson, RunResult, UnknownReceiver
from apimig.report.counts import by_kind, of_kind, unchecked_groups
from apimig.report.page import runs
from apimig.report.page.files import files
from apimig.report.page.index import Index
from apimig.report.page.markup import Html, el, number
from apimig.report.page.sites import by_file, place_of
from apimig.report.validated import recall

_UNCHECKED_SHOWN = 50


class Section:
    """A part of the page; one that holds ``sites`` stays when the sites are filtered."""

    def __init__(
        self, id_: str, title: str, count: int, content: Iterable[Html], *, about: str = "", sites: bool = False
    ) -> None:
        self.id, self.title, self.count = id_, title, count
        heading = el("h2", title, " ", number(count))
        said = [el("p", about, cls="muted")] if about else []
        kind = "part with-sites" if sites else "part"
        self.html = el("section", heading, *said, *content, cls=kind, id=id_)


def sections(index: Index) -> Iterator[Section]:
    """Those that have something in them."""
    yield from filter(None, _all(index))


def _all(index: Index) -> Iterator[Section | None]:
    yield from _troubles(index)
    person = of_kind(index.outcomes, NeedsPerson)
    yield _sites("needs_person", "Needs a person", len(person), by_file(index, person))
    changed = list(files(index))
    rewritten = by_kind(index.outcomes)["rewritten"]
    if changed:
        yield Section("rewritten", "Rewritten", rewritten, changed, sites=True)
    unknown = of_kind(index.outcomes, UnknownReceiver)
    about = "Nothing says whether these are the library's. They were not touched."
    yield _sites("unknown_receiver", "Receiver unknown", len(unknown), by_file(index, unknown), about)
    alone = of_kind(index.outcomes, LeftAlone)
    yield _sites("left_alone", "Left alone", len(alone), by_file(index, alone))
    yield from _seen(index)
    yield from _rest(index.result)


def _sites(id_: str, title: str, count: int, content: Iterable[Html], about: str = "") -> Section | None:
    return Section(id_, title, count, content, about=about, sites=True) if count else None


def _troubles(index: Index) -> Iterator[Section | None]:
    """What running found wrong, which comes first."""
    found = index.result.validation
    if found is None:
        return
    about = "Tests fail with these edits and pass without them."
    yield _items("rolled-back", "Rolled back", list(map(runs.rolled_back, found.rolled_back)), about)
    yield _items("failing", "Fail now", list(map(runs.failing, found.failing)), "These tests passed before.")
    about = "Lines of tests that passed, and the change of the library that explains each."
    yield _items("explained", "Fail under the new release", list(map(runs.explained, found.explained)), about)


def _seen(index: Index) -> Iterator[Section | None]:
    found = index.result.validation
    if found is None:
        return
    about = "The old release warns about these lines when they run, and apimig has no finding there."
    yield _items("missed", "Deprecated, not found", list(runs.missed(recall(found))), about)
    total = len({test.name for test in (*found.baseline.tests, *found.after.tests)})
    if total:
        yield Section("tests", "Tests" if found.tested else "Modules", total, [runs.tests(found)])
    yield _texts("validation-notes", "Notes on validation", found.notes)


def _rest(result: RunResult) -> Iterator[Section | None]:
    groups = []
    for why, found in unchecked_groups(result):
        shown = [
            el(
                "li",
                el("span", f"{each.location.path}:{place_of(each.location)}", cls="path"),
                " ",
                el("code", each.code),
            )
            for each in found[:_UNCHECKED_SHOWN]
        ]
        more = [el("li", f"and {len(found) - len(shown):,} more", cls="muted")] if len(found) > len(shown) else []
        groups.append(el("details", el("summary", f"{len(found):,} x {why}"), el("ul", *shown, *more, cls="plain")))
    about = "Uses of the library of which nothing can be said."
    if groups:
        yield Section("unchecked", "Not checked", len(result.unchecked), groups, about=about)
    skipped = [f"{s.name}: {s.reason}" if s.line is None else f"{s.name}:{s.line}: {s.reason}" for s in result.skipped]
    yield _texts("skipped", "Skipped files", skipped)
    yield _texts("notes", "Notes", result.notes)


def _items(id_: str, title: str, items: Sequence[Html], about: str) -> Section | None:
    return Section(id_, title, len(items), [el("ul", *items, cls="items")], about=about) if items else None


def _texts(id_: str, title: str, said: Sequence[str]) -> Section | None:
    return (
        Section(id_, title, len(said), [el("ul", *(el("li", each) for each in said), cls="plain pre")])
        if said
        else None
    )
