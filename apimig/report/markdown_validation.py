"""The part of a pull request's description that says what the tests did."""

from __future__ import annotations

from collections.abc import Iterator

from apimig.records import RunResult
from apimig.report.counts import plural
from apimig.report.markdown_text import block, cell, code, fold, link
from apimig.report.validated import (
    all_verdicts,
    count_verdicts,
    recall,
    subject,
    suite_line,
    suites,
    unverified_groups,
    verdict_line,
)
from apimig.verdicts import EditVerdict, Validation

_SHOWN = 20
_TESTS_SHOWN = 3


def validation_lines(result: RunResult) -> Iterator[str]:
    """A table of the runs, then what needs a person; nothing when nothing was run."""
    found = result.validation
    if found is None:
        return
    verdicts = all_verdicts(result)
    yield from _summary(found, verdicts)
    yield from _rolled_back(found)
    yield from _failing(found)
    yield from _explained(found)
    yield from _unverified(verdicts)
    yield from _missed(found)
    if found.flaky:
        names = [f"- {code(name)}" for name in found.flaky]
        yield from fold(f"Flaky tests, which count for nothing ({len(names)})", names)
    if found.notes:
        yield from ("", *(f"- {cell(note)}" for note in found.notes))


def _summary(found: Validation, verdicts: list[EditVerdict]) -> Iterator[str]:
    yield from ("", f"### Validation ({subject(found)})", "")
    yield "| | | |"
    yield "|---|---|---|"
    for name, run in suites(found).items():
        yield f"| {name} | {cell(suite_line(run))} | {cell(run.environment)} |"
    yield f"| edits | **{verdict_line(count_verdicts(verdicts))}** | |"
    if found.warnings:
        yield f"| deprecations | {recall(found)} | |"
    if found.sandbox:
        yield f"| sandbox | {cell(found.sandbox)} | |"


def _rolled_back(found: Validation) -> Iterator[str]:
    if not found.rolled_back:
        return
    yield from ("", f"#### Rolled back ({len(found.rolled_back)})", "")
    for each in found.rolled_back:
        yield f"- [ ] {code(each.path)} `{each.rule}`, {plural(each.edits, 'edit')}: {_tests(each.tests)} with them"
        if each.failure:
            yield from ("", *block(each.failure, "  "), "")


def _failing(found: Validation) -> Iterator[str]:
    if not found.failing:
        return
    yield from ("", f"#### Fail now, passed before ({len(found.failing)})", "")
    for test in found.failing[:_SHOWN]:
        yield f"- [ ] {code(test.name)} {test.status}: {cell(test.message)}"
    yield from _more(len(found.failing))


def _explained(found: Validation) -> Iterator[str]:
    if not found.explained:
        return
    yield from ("", f"#### Lines that fail under the new release ({len(found.explained)})", "")
    for each in found.explained[:_SHOWN]:
        change = cell(each.change) or "no change of the library explains it"
        yield f"- [ ] `{each.location}` {code(each.code)}: {change} {link(each.reference)}".rstrip()
        yield f"  {code(each.failure)}; {_tests(each.tests)}"
    yield from _more(len(found.explained))


def _unverified(verdicts: list[EditVerdict]) -> Iterator[str]:
    groups = unverified_groups(verdicts)
    if not groups:
        return
    lines = []
    for why, found in groups:
        lines.append(f"- {len(found)} times: {cell(why)}")
        lines += [f"  - `{each.location}` `{each.rule}`" for each in found[:_SHOWN]]
        lines += [f"  {line}" for line in _more(len(found))]
    count = sum(len(found) for _, found in groups)
    yield from fold(f"Unverified edits, which no test vouches for ({count})", lines)


def _missed(found: Validation) -> Iterator[str]:
    missed = recall(found).missed
    if not missed:
        return
    lines = [f"- `{each.location}` {each.category}: {cell(each.text)}" for each in missed[:_SHOWN]]
    yield from fold(f"Deprecated, and not found by apimig ({len(missed)})", [*lines, *_more(len(missed))])


def _tests(names: tuple[str, ...]) -> str:
    if not names:
        return "tests fail"
    shown = ", ".join(code(name) for name in names[:_TESTS_SHOWN])
    more = len(names) - _TESTS_SHOWN
    fails = "fails" if len(names) == 1 else "fail"
    return f"{shown} and {more:,} more {fails}" if more > 0 else f"{shown} {fails}"


def _more(count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield f"- and {count - _SHOWN:,} more"
