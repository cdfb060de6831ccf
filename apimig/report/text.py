"""The summary that a terminal shows: what was done, what is left to do, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apimig.records import LeftAlone, NeedsPerson, Rewritten, RunResult, UnknownReceiver
from apimig.report.counts import (
    TITLES,
    UnknownGroup,
    account_line,
    by_kind,
    by_rule,
    headline,
    of_kind,
    plural,
    rules_named,
    said_by_parts,
    unchecked_groups,
    unknown_groups,
)
from apimig.report.text_validation import validation_lines
from apimig.report.validated import SAID, site, verdicts_of

_BOLD, _DIM, _GREEN, _YELLOW, _CYAN = "1", "2", "32", "33", "36"
_KIND_STYLE = {"rewritten": _GREEN, "needs_person": _YELLOW, "unknown_receiver": _CYAN, "left_alone": _DIM}
_PLACES_SHOWN = 8
_UNCHECKED_SHOWN = 3


def text(result: RunResult, *, color: bool = False, verbose: bool = False) -> str:
    """The run for a person at a terminal; ``verbose`` lists every site, not groups and counts only."""
    lines = list(_Page(color=color, verbose=verbose).lines(result))
    return "\n".join(lines) + "\n"


class _Page:
    def __init__(self, *, color: bool, verbose: bool) -> None:
        self.color = color
        self.verbose = verbose

    def lines(self, result: RunResult) -> Iterator[str]:
        yield self.paint(", ".join(result.migrations) or "nothing to migrate", _BOLD)
        yield headline(result)
        if result.account is not None:
            yield account_line(result.account)
        yield from self.counts(result)
        yield from self.rules(result)
        yield from validation_lines(result, self.paint, verbose=self.verbose)
        yield from self.rewritten(result)
        yield from self.needs_person(of_kind(result.outcomes, NeedsPerson))
        yield from self.unknown(result)
        yield from self.left_alone(of_kind(result.outcomes, LeftAlone))
        yield from self.unchecked(result)
        yield from self.skipped(result)
        yield from self.notes(result.notes)

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color else text

    def title(self, text: str) -> Iterator[str]:
        yield ""
        yield self.paint(text, _BOLD)

    def counts(self, result: RunResult) -> Iterator[str]:
        counted = by_kind(result.outcomes)
        if not result.outcomes:
            return
        yield ""
        width = max(len(f"{count:,}") for count in counted.values())
        for kind, count in counted.items():
            if count:
                yield f"  {count:>{width},}  {self.paint(TITLES[kind], _KIND_STYLE[kind])}"

    def rules(self, result: RunResult) -> Iterator[str]:
        counted = by_rule(result.outcomes)
        if not counted:
            return
        yield from self.title("By rule")
        width = max(map(len, counted))
        for rule, kinds in counted.items():
            said = ", ".join(f"{TITLES[kind]} {count:,}" for kind, count in kinds.items() if count)
            info = result.rules.get(rule)
            yield f"  {rule:<{width}}  {said}" + (self.paint(f"  {info.summary}", _DIM) if info else "")

    def rewritten(self, result: RunResult) -> Iterator[str]:
        if not self.verbose:
            return
        found = of_kind(result.outcomes, Rewritten)
        if found:
            yield from self.title(f"Rewritten ({len(found):,})")
        verdicts = verdicts_of(result)
        for outcome in found:
            said = f"  [{SAID[verdicts[site(outcome)].verdict]}]" if verdicts else ""
            proof = f"{outcome.certainty}: {outcome.reason}"
            yield f"  {outcome.location}  {self.paint(outcome.rule, _GREEN)}  {proof}{said}"
            yield f"      {_one_line(outcome.before)}  ->  {_one_line(outcome.after)}"

    def needs_person(self, found: Sequence[NeedsPerson]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Needs a person ({len(found):,})")
        for outcome in found:
            yield f"  {outcome.location}  {self.paint(rules_named(outcome), _YELLOW)}  {_one_line(outcome.code)}"
            yield f"      {outcome.why}"
            if outcome.advice and outcome.advice != outcome.why:
                yield from (f"      {line}" for line in outcome.advice.strip().splitlines())
            yield from (f"      - {part.rule}: {said}" for part, said in said_by_parts(outcome))
            for reference in dict.fromkeys(each.reference for each in (outcome, *outcome.parts) if each.reference):
                yield self.paint(f"      {reference}", _DIM)
            if self.verbose and outcome.reason:
                yield self.paint(f"      {outcome.certainty}: {outcome.reason}", _DIM)

    def unknown(self, result: RunResult) -> Iterator[str]:
        found = of_kind(result.outcomes, UnknownReceiver)
        if not found:
            return
        yield from self.title(f"Receiver unknown ({len(found):,}): nothing says whether these are the library's")
        if self.verbose:
            for outcome in found:
                yield f"  {outcome.location}  {self.paint(outcome.rule, _CYAN)}  {_one_line(outcome.code)}"
                yield f"      {outcome.why}"
            return
        yield from self.groups(unknown_groups(result.outcomes))

    def groups(self, groups: Sequence[UnknownGroup]) -> Iterator[str]:
        path = ""
        for group in groups:
            if group.path != path:
                path = group.path
                yield f"  {path}"
            word = "line" if len(group.places) == 1 else "lines"
            lines = f"{word} {_some(group.places)}"
            example = self.paint(_one_line(group.example, 40), _DIM)
            yield f"      {len(group.places):>3,} x {self.paint(group.rule, _CYAN)}  {lines}  {example}"

    def left_alone(self, found: Sequence[LeftAlone]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Left alone ({len(found):,})")
        for outcome in found:
            yield f"  {outcome.location}  {outcome.rule}  {outcome.why}"

    def unchecked(self, result: RunResult) -> Iterator[str]:
        if not result.unchecked:
            return
        yield from self.title(f"Not checked ({len(result.unchecked):,})")
        for why, found in unchecked_groups(result):
            yield f"  {len(found):>3,} x {why}"
            shown = found if self.verbose else found[:_UNCHECKED_SHOWN]
            for each in shown:
                more = f"  {each.why}" if self.verbose and each.why != why else ""
                yield self.paint(f"        {each.location}  {_one_line(each.code, 60)}{more}", _DIM)
            if len(found) > len(shown):
                yield self.paint(f"        and {len(found) - len(shown):,} more", _DIM)

    def skipped(self, result: RunResult) -> Iterator[str]:
        if not result.skipped:
            return
        yield from self.title(f"Skipped ({plural(len(result.skipped), 'file')})")
        for skipped in result.skipped:
            at = f"{skipped.name}:{skipped.line}" if skipped.line is not None else skipped.name
            yield f"  {at}  {skipped.reason}"

    def notes(self, notes: Sequence[str]) -> Iterator[str]:
        if not notes:
            return
        yield from self.title("Notes")
        for note in notes:
            first, *rest = note.splitlines() or [""]
            yield f"  - {first}"
            yield from (f"    {line}" for line in rest)


def _one_line(code: str, limit: int = 100) -> str:
    line = " ".join(code.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _some(places: Sequence[str]) -> str:
    shown = ", ".join(places[:_PLACES_SHOWN])
    more = len(places) - _PLACES_SHOWN
    return shown if more <= 0 else f"{shown} and {more:,} more"
