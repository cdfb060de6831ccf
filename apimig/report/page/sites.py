"""One site: its place, rule, proof and verdict, with what the filters go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from apimig.records import LeftAlone, Location, NeedsPerson, Outcome, Rewritten, RuleInfo, UnknownReceiver, rules_of
from apimig.report.counts import kind_of, said_by_parts
from apimig.report.page.index import Index
from apimig.report.page.markup import Html, el, joined, link
from apimig.report.validated import SAID
from apimig.verdicts import EditVerdict, Verdict

_SEARCHED = 300  # characters of code that the search finds a site by
_TESTS_SHOWN = 3


def site(index: Index, outcome: Outcome, *, in_diff: bool = False) -> Html:
    """An outcome as an item of a list; ``in_diff`` leaves out the code, which stands above it."""
    verdict = index.verdict(outcome)
    address = index.address(outcome)
    code = outcome.before if isinstance(outcome, Rewritten) else outcome.code
    after = outcome.after if isinstance(outcome, Rewritten) else ""
    return el(
        "li",
        el("p", *_heading(index, outcome, address, verdict), cls="head"),
        *(() if in_diff else _code(outcome)),
        *_proof(outcome, index.result.rules),
        *(() if verdict is None else _judged(verdict)),
        cls="site",
        id=address,
        data_r=index.rule_numbers(outcome),
        data_f=index.file_number(outcome.location.path),
        data_o=kind_of(outcome),
        data_v=None if verdict is None else verdict.verdict.value,
        data_s=_one_line(f"{code} {after}")[:_SEARCHED] if in_diff else None,
    )


def by_file(index: Index, outcomes: Iterable[Outcome]) -> Iterator[Html]:
    """Lists of sites, one a file, with the file's name above."""
    for path, found in groupby(outcomes, key=lambda outcome: outcome.location.path):
        items = [site(index, outcome) for outcome in found]
        yield el("section", el("h3", path, cls="path"), el("ul", *items, cls="sites"), cls="group")


def reference(address: str) -> Html:
    """A link to what a change is described by."""
    shown = address.removeprefix("https://").removeprefix("http://")
    return link(address, shown, cls="reference") if address else Html()


def place_of(at: Location) -> str:
    """``12:4``, or ``cell 3, 12:4``."""
    return f"{at.line}:{at.column}" if at.cell is None else f"cell {at.cell}, {at.line}:{at.column}"


def chip(said: str, kind: str) -> Html:
    """A word in a small frame."""
    return el("span", said, cls=f"chip {kind}")


def verdict_chip(verdict: Verdict) -> Html:
    """A verdict in a small frame."""
    return chip(SAID[verdict], f"is-{verdict.value}")


def test_list(names: tuple[str, ...]) -> Html:
    """Some names of tests; what does not fit is folded."""
    shown = [el("code", name) for name in names[:_TESTS_SHOWN]]
    if len(names) <= _TESTS_SHOWN:
        return joined(shown, ", ")
    rest = el("ul", *(el("li", el("code", name)) for name in names[_TESTS_SHOWN:]))
    more = el("details", el("summary", f"and {len(names) - _TESTS_SHOWN:,} more"), rest)
    return joined([joined(shown, ", "), more])


def _heading(index: Index, outcome: Outcome, address: str, verdict: EditVerdict | None) -> Iterator[str]:
    yield el("a", place_of(outcome.location), cls="at", href=f"#{address}")
    for rule in rules_of(outcome):
        info = index.result.rules.get(rule)
        address_ = info.reference if info else ""
        yield " "
        yield link(address_, rule, cls="rule") if address_ else el("span", rule, cls="rule")
    if isinstance(outcome, Rewritten | NeedsPerson):
        yield " "
        yield chip(outcome.certainty.value, f"is-{outcome.certainty.value}")
        if outcome.applicability.value == "unsafe":
            yield from (" ", chip("unsafe", "is-unsafe"))
    if verdict is not None:
        yield " "
        yield verdict_chip(verdict.verdict)


def _code(outcome: Outcome) -> Iterator[Html]:
    if isinstance(outcome, Rewritten):
        yield el("pre", el("del", outcome.before), "\n", el("ins", outcome.after), cls="code")
    else:
        yield el("pre", outcome.code, cls="code")


def _proof(outcome: Outcome, rules: Mapping[str, RuleInfo]) -> Iterator[Html]:
    """Why it was rewritten, or why not and what to do."""
    if isinstance(outcome, Rewritten):
        yield el("p", outcome.reason, cls="why")
        return
    yield el("p", outcome.why, cls="why" if isinstance(outcome, LeftAlone) else "why strong")
    if isinstance(outcome, NeedsPerson):
        if outcome.advice and outcome.advice != outcome.why:
            yield el("p", outcome.advice.strip(), cls="advice")
        if outcome.parts:
            said = [el("li", el("span", part.rule, cls="rule"), f": {words}") for part, words in said_by_parts(outcome)]
            yield el("ul", *said, cls="parts")
        if outcome.reason:
            yield el("p", outcome.reason, cls="why")
    # Receivers that are unknown are many, and the name of the rule links to its reference already.
    linked = outcome.rule in rules and bool(rules[outcome.rule].reference) and isinstance(outcome, UnknownReceiver)
    if not isinstance(outcome, LeftAlone) and outcome.reference and not linked:
        yield el("p", reference(outcome.reference), cls="why")


def _judged(verdict: EditVerdict) -> Iterator[Html]:
    said: list[str] = [verdict.why] if verdict.why else []
    if verdict.tests:
        said.append(test_list(verdict.tests))
    if said:
        yield el("div", joined(said, ": "), cls="proof")


def _one_line(code: str) -> str:
    return " ".join(code.split())
