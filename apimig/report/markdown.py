"""A Markdown report: the description of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from apimig.records import LeftAlone, NeedsPerson, Rewritten, RunResult, UnknownReceiver
from apimig.report.counts import (
    TITLES,
    account_line,
    by_kind,
    by_rule,
    headline,
    of_kind,
    said_by_parts,
    unchecked_groups,
    unknown_groups,
)
from apimig.report.markdown_text import cell, code, fold, link
from apimig.report.markdown_validation import validation_lines
from apimig.report.validated import SAID, site, verdicts_of

_REWRITES_SHOWN = 50


def markdown(result: RunResult) -> str:
    """The run as GitHub-flavoured Markdown; long lists are folded."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: RunResult) -> Iterator[str]:
    yield f"## Upgrade: {', '.join(result.migrations) or 'nothing to migrate'}"
    yield ""
    yield headline(result)
    if result.account is not None:
        yield ""
        yield f"{account_line(result.account)}."
    yield from _counts(result)
    yield from validation_lines(result)
    yield from _needs_person(result)
    yield from _unknown(result)
    yield from _rewritten(result)
    yield from _left_alone(result)
    yield from _unchecked(result)
    yield from _skipped(result)
    if result.notes:
        yield from ("", "### Notes", "", *(f"- {cell(note)}" for note in result.notes))


def _counts(result: RunResult) -> Iterator[str]:
    rules = by_rule(result.outcomes)
    if not rules:
        return
    yield ""
    yield "| rule | " + " | ".join(TITLES.values()) + " |"
    yield "|---|" + "---:|" * len(TITLES)
    for rule, counted in rules.items():
        yield f"| {_rule(result, rule)} | " + " | ".join(str(count or "") for count in counted.values()) + " |"
    total = by_kind(result.outcomes)
    yield "| **all** | " + " | ".join(f"**{count}**" for count in total.values()) + " |"


def _rule(result: RunResult, rule: str) -> str:
    info = result.rules.get(rule)
    name = f"[`{rule}`]({info.reference})" if info and info.reference else f"`{rule}`"
    return f"{name} {cell(info.summary)}" if info else name


def _needs_person(result: RunResult) -> Iterator[str]:
    found = of_kind(result.outcomes, NeedsPerson)
    if not found:
        return
    yield from ("", f"### Needs a person ({len(found)})", "")
    for outcome in found:
        yield f"- [ ] `{outcome.location}` {code(outcome.code)}: {cell(outcome.why)}"
        if more := " ".join(filter(None, [cell(outcome.advice), link(outcome.reference)])):
            yield f"  {more}"
        for part, said in said_by_parts(outcome):
            yield f"  - `{part.rule}`: " + " ".join(filter(None, [cell(said), link(part.reference)]))


def _unknown(result: RunResult) -> Iterator[str]:
    groups = unknown_groups(result.outcomes)
    if not groups:
        return
    count = len(of_kind(result.outcomes, UnknownReceiver))
    yield from fold(
        f"Receiver unknown ({count})",
        [f"- `{g.path}` `{g.rule}` {len(g.places)} times: {_at(g.places)}, {code(g.example)}" for g in groups],
    )


def _rewritten(result: RunResult) -> Iterator[str]:
    found = of_kind(result.outcomes, Rewritten)
    if not found:
        return
    verdicts = verdicts_of(result)
    shown = [
        f"- `{o.location}` {code(o.before)} → {code(o.after)}"
        + (f" ({SAID[verdicts[site(o)].verdict]})" if verdicts else "")
        for o in found[:_REWRITES_SHOWN]
    ]
    if len(found) > _REWRITES_SHOWN:
        shown.append(f"- and {len(found) - _REWRITES_SHOWN} more")
    yield from fold(f"Rewritten ({len(found)})", shown)


def _left_alone(result: RunResult) -> Iterator[str]:
    found = of_kind(result.outcomes, LeftAlone)
    if found:
        yield from fold(f"Left alone ({len(found)})", [f"- `{o.location}` `{o.rule}`: {cell(o.why)}" for o in found])


def _unchecked(result: RunResult) -> Iterator[str]:
    if result.unchecked:
        lines = [
            f"- {len(found)} times {cell(why)}, such as `{found[0].location}` {code(found[0].code)}"
            for why, found in unchecked_groups(result)
        ]
        yield from fold(f"Not checked ({len(result.unchecked)})", lines)


def _skipped(result: RunResult) -> Iterator[str]:
    if not result.skipped:
        return
    yield from ("", f"### Skipped files ({len(result.skipped)})", "")
    for skipped in result.skipped:
        at = skipped.name if skipped.line is None else f"{skipped.name}:{skipped.line}"
        yield f"- `{at}` {cell(skipped.reason)}"


def _at(places: tuple[str, ...]) -> str:
    return ", ".join(places)
