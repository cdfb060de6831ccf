"""Runs the cases of rules through the real engine, with no library installed: ``apimig rules test``."""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apimig.pipeline.pool import spread
from apimig.pipeline.sources import SourceResult, apply_rules
from apimig.records import NeedsPerson, Outcome, UnknownReceiver
from apimig.rulebook.casebook import RuleCase
from apimig.rulebook.rule import Library, Rule

_IMPORT = re.compile(r"^\s*(import|from)\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What the engine made of a case; ``failures`` says what is wrong with it, empty when nothing is."""

    case: RuleCase
    got: str
    failures: tuple[str, ...] = ()


def run_cases(
    cases: Sequence[RuleCase],
    rules: Sequence[Rule],
    libraries: Sequence[Library],
    *,
    jobs: int = 1,
    allow_codemods: bool = False,
) -> Iterator[CaseResult]:
    """The result of every case, as they come."""
    make = _MakeTester({rule.id: rule for rule in rules}, tuple(libraries), allow_codemods)
    return spread(make, cases, jobs=jobs, died=lambda case: CaseResult(case, "", ("the process did not survive it",)))


@dataclass(frozen=True, slots=True)
class _MakeTester:
    """Makes the function that a worker process calls for each case."""

    rules: Mapping[str, Rule]
    libraries: tuple[Library, ...]
    allow_codemods: bool

    def __call__(self) -> Callable[[RuleCase], CaseResult]:
        return self._check

    def _check(self, case: RuleCase) -> CaseResult:
        return check(case, self.rules[case.rule], self.libraries, allow_codemods=self.allow_codemods)


def check(case: RuleCase, rule: Rule, libraries: Sequence[Library], *, allow_codemods: bool = False) -> CaseResult:
    """Run the rule alone on the case's code, twice, and compare exactly.

    Also checked: what comes out parses, a second run changes nothing, a case that needs ``--unsafe`` stays as it is
    without, and ``reported`` holds. Code that has no import line is taken as a snippet.
    """

    def run(code: str, *, unsafe: bool) -> SourceResult:
        snippet = _IMPORT.search(case.before) is None
        return apply_rules(
            code, (rule,), libraries, given=case.given, snippet=snippet, unsafe=unsafe, allow_codemods=allow_codemods
        )

    result = run(case.before, unsafe=case.unsafe)
    if result.skipped is not None:
        return CaseResult(case, result.text, (f"the code could not be analysed: {result.skipped.reason}",))
    failures = [*_wrong_text(case, result.text), *_wrong_report(case, result.outcomes)]
    again = run(result.text, unsafe=case.unsafe).text
    if again != result.text:
        failures.append(f"a second run changes the code again:\n{_diff(result.text, again, 'first run', 'second run')}")
    if case.unsafe and run(case.before, unsafe=False).text != case.before:
        failures.append("the code is changed without --unsafe too")
    return CaseResult(case, result.text, tuple(failures))


def _wrong_text(case: RuleCase, got: str) -> Iterator[str]:
    if got != case.after:
        what = "the code must stay as it is" if case.is_no_op else "the code becomes something else"
        yield f"{what}:\n{_diff(case.after, got, 'expected', 'got')}"
    if _parses(case.before) and not _parses(got):
        yield f"what comes out is not Python:\n{got}"


def _wrong_report(case: RuleCase, outcomes: Sequence[Outcome]) -> Iterator[str]:
    ours = [outcome for outcome in outcomes if outcome.rule == case.rule]
    if case.reported is True and not any(isinstance(outcome, NeedsPerson | UnknownReceiver) for outcome in ours):
        yield "the site must be reported, and is not"
    if case.reported is False and ours:
        yield f"this must not be a site, and is reported: {_said(ours[0])}"


def _said(outcome: Outcome) -> str:
    why = getattr(outcome, "why", None) or getattr(outcome, "reason", "")
    return f"line {outcome.location.line}, {why}"


def _parses(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a case is none of our business
            ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _diff(before: str, after: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm="")
    return "\n".join(lines) or "(only the end of the last line differs)"
