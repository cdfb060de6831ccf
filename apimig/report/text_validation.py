"""The part of the terminal's summary that says what the tests did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from apimig.records import RunResult
from apimig.report.counts import plural
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
from apimig.verdicts import EditVerdict, Explained, OneTest, RolledBack, SeenWarning, Validation

Paint = Callable[[str, str], str]
_BOLD, _DIM, _RED, _YELLOW = "1", "2", "31", "33"
_SHOWN = 3
_TESTS_SHOWN = 10
_TRACE_SHOWN = 6


def validation_lines(result: RunResult, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """A summary, then what needs a person; ``verbose`` cuts nothing short. Nothing when nothing was run."""
    if result.validation is not None:
        yield from _Page(result, result.validation, paint, verbose=verbose).lines()


class _Page:
    def __init__(self, result: RunResult, validation: Validation, paint: Paint, *, verbose: bool) -> None:
        self.validation = validation
        self.verdicts = all_verdicts(result)
        self.recall = recall(validation)
        self.paint = paint
        self.verbose = verbose

    def lines(self) -> Iterator[str]:
        found = self.validation
        yield from self.summary()
        yield from self.rolled_back(found.rolled_back)
        yield from self.failing(found.failing)
        yield from self.explained(found.explained)
        yield from self.unverified(unverified_groups(self.verdicts))
        yield from self.missed(self.recall.missed)
        yield from self.flaky(found.flaky)
        if found.notes:
            yield from self.title("Notes on validation")
            yield from (f"  - {note}" for note in found.notes)

    def title(self, text: str) -> Iterator[str]:
        yield ""
        yield self.paint(text, _BOLD)

    def summary(self) -> Iterator[str]:
        found = self.validation
        yield from self.title(f"Validation ({subject(found)})")
        rows = {name: (suite_line(run), run.environment) for name, run in suites(found).items()}
        rows["edits"] = (verdict_line(count_verdicts(self.verdicts)), "")
        if self.recall.seen:
            rows["deprecations"] = (str(self.recall), "")
        if found.sandbox:
            rows["sandbox"] = (found.sandbox, "")
        names = max(map(len, rows))
        said = max((len(text) for text, more in rows.values() if more), default=0)
        for name, (text, more) in rows.items():
            yield f"  {name:<{names}}  " + (f"{text:<{said}}  {self.paint(more, _DIM)}" if more else text)

    def rolled_back(self, found: Sequence[RolledBack]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Rolled back ({len(found):,}): tests fail with these edits and pass without them")
        for each in found:
            yield f"  {each.path}  {self.paint(each.rule, _RED)}  {plural(each.edits, 'edit')}"
            yield from self.tests(each.tests)
            yield from self.trace(each.failure)

    def failing(self, found: Sequence[OneTest]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Fail now ({len(found):,}): passed before")
        shown = found if self.verbose else found[:_TESTS_SHOWN]
        for test in shown:
            yield f"  {test.name}  {self.paint(test.status, _RED)}  {_one_line(test.message)}".rstrip()
            if self.verbose:
                yield from self.trace(test.details)
        yield from self.more(len(found) - len(shown))

    def explained(self, found: Sequence[Explained]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Fail under the new release ({len(found):,}): lines of tests that passed")
        for each in found:
            yield f"  {each.location}  {self.paint(_one_line(each.code), _YELLOW)}"
            yield f"      {each.change or 'no change of the library explains it'}"
            yield from self.trace(each.failure)
            yield from self.tests(each.tests)
            if each.reference:
                yield self.paint(f"      {each.reference}", _DIM)

    def unverified(self, groups: Sequence[tuple[str, list[EditVerdict]]]) -> Iterator[str]:
        if not groups:
            return
        count = sum(len(found) for _, found in groups)
        yield from self.title(f"Unverified ({plural(count, 'edit')}): no test vouches for these, so read them")
        for why, found in groups:
            yield f"  {len(found):>3,} x {why}"
            shown = found if self.verbose else found[:_SHOWN]
            yield from (self.paint(f"        {each.location}  {each.rule}", _DIM) for each in shown)
            yield from self.more(len(found) - len(shown), "        ")

    def missed(self, found: Sequence[SeenWarning]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Deprecated, and not found by apimig ({len(found):,})")
        for each in found:
            yield f"  {each.location}  {self.paint(each.category, _YELLOW)}  {_one_line(each.text)}"
            if self.verbose and each.when:
                yield self.paint(f"      seen in {each.when}", _DIM)

    def flaky(self, found: Sequence[str]) -> Iterator[str]:
        if not found:
            return
        yield from self.title(f"Flaky ({len(found):,}): ended differently when run again, and count for nothing")
        shown = found if self.verbose else found[:_SHOWN]
        yield from (f"  {name}" for name in shown)
        yield from self.more(len(found) - len(shown))

    def tests(self, names: Sequence[str]) -> Iterator[str]:
        shown = names if self.verbose else names[:_SHOWN]
        yield from (self.paint(f"      in {name}", _DIM) for name in shown)
        yield from self.more(len(names) - len(shown), "      ")

    def trace(self, failure: str) -> Iterator[str]:
        """A failure; its end alone, where the exception stands, unless all is asked for."""
        lines = [line.rstrip() for line in failure.strip().splitlines()]
        shown = lines if self.verbose else lines[-_TRACE_SHOWN:]
        yield from (f"      | {line}".rstrip() for line in shown)

    def more(self, count: int, indent: str = "  ") -> Iterator[str]:
        if count > 0:
            yield self.paint(f"{indent}and {count:,} more", _DIM)


def _one_line(text: str, limit: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
