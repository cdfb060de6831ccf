"""The beginning of the page: what was found, in numbers."""

from __future__ import annotations

from collections.abc import Iterator

from apimig.report.counts import TITLES, account_line, by_kind, by_rule, headline
from apimig.report.page import runs
from apimig.report.page.index import Index
from apimig.report.page.markup import Html, el, joined, link
from apimig.report.page.sites import verdict_chip
from apimig.report.validated import all_verdicts, count_verdicts, recall, verdict_line
from apimig.verdicts import Verdict


def overview(index: Index) -> Html:
    """Counts of all that was found."""
    result = index.result
    parts: list[Html] = [el("p", headline(result))]
    if result.account is not None:
        parts.append(el("p", account_line(result.account), "."))
    parts.append(_tiles(index))
    found = result.validation
    if found is not None:
        verdicts = count_verdicts(all_verdicts(result))
        parts += [el("h2", "Validation"), _bar(verdicts), runs.summary(found)]
        measured = recall(found)
        told = {
            "deprecations": str(measured) if measured.seen else "",
            "test runs": f"{found.runs:,}" if found.runs else "",
            "receivers observed": f"{found.observed:,}" if found.observed else "",
            "sandbox": found.sandbox,
        }
        parts.append(_facts(told))
    parts.append(_rules(index))
    return el("section", *parts, cls="overview", aria_label="Overview", id="overview")


def _tiles(index: Index) -> Html:
    items = []
    for kind, count in by_kind(index.outcomes).items():
        said = joined([el("strong", f"{count:,}"), " ", TITLES[kind]])
        items.append(el("li", el("a", said, href=f"#{kind}") if count else said, cls=f"tile kind-{kind}"))
    return el("ul", *items, cls="tiles", aria_label="Sites by outcome")


def _bar(counted: dict[Verdict, int]) -> Html:
    """The verdicts as one bar, and in words."""
    total = sum(counted.values())
    if not total:
        return Html()
    pieces: list[Html] = []
    start = 0.0
    for verdict, count in counted.items():
        width = count * 100 / total
        pieces.append(
            el("rect", x=f"{start:.3f}", y="0", width=f"{width:.3f}", height="1", cls=f"fill-{verdict.value}")
        )
        start += width
    drawn = el(
        "svg",
        *pieces,
        cls="bar",
        viewBox="0 0 100 1",
        preserveAspectRatio="none",
        role="img",
        aria_label=verdict_line(counted),
    )
    legend = [el("li", verdict_chip(verdict), f" {count:,}") for verdict, count in counted.items()]
    return el("div", drawn, el("ul", *legend, cls="legend"), cls="verdicts")


def _facts(told: dict[str, str]) -> Html:
    pairs = [el("div", el("dt", name), el("dd", value)) for name, value in told.items() if value]
    return el("dl", *pairs, cls="facts") if pairs else Html()


def _rules(index: Index) -> Html:
    counted = by_rule(index.outcomes)
    if not counted:
        return Html()
    head = el("tr", *(el("th", word, scope="col") for word in ("rule", *TITLES.values())))
    rows = [
        el(
            "tr",
            el("th", *_rule(index, rule), scope="row"),
            *(el("td", f"{n:,}" if n else "", cls="number") for n in kinds.values()),
        )
        for rule, kinds in counted.items()
    ]
    table = el(
        "div",
        el("table", el("thead", head), el("tbody", *rows), cls="numbers"),
        cls="scroll",
        tabindex="0",
        role="region",
        aria_label="Sites by rule",
    )
    return el("details", el("summary", f"By rule ({len(counted):,})"), table)


def _rule(index: Index, rule: str) -> Iterator[str]:
    info = index.result.rules.get(rule)
    yield link(info.reference, rule, cls="rule") if info else el("span", rule, cls="rule")
    if info:
        yield from (" ", el("span", info.summary, cls="muted"))
