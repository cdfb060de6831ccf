"""Decides by running: the tests under both releases, what they show of receivers and of edits, and what is taken back.

The tests run on the old code under the old release, and on the new code under the new one. A test that passed and
fails then is traced to the edits of one rule in one file, its group, in three ways: edits that the new release can do
without are taken back there; those it needs are tried under the old release, where code without them works; and an
edit in whose own statement the new release refuses a call was not what it wants. A group that breaks tests is taken
back alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.version import Version

from apimig.checker.model import Answer
from apimig.pipeline import asking
from apimig.pipeline.edited import Edited, Group, Snapshot
from apimig.pipeline.plan import Plan
from apimig.records import Certainty, NeedsPerson, Rewritten, Span
from apimig.rulebook.rule import Rule
from apimig.validation import culprits, failures, marks, suite
from apimig.validation.bench import Bench, Side, merged, passed, regressed
from apimig.validation.marks import Mark
from apimig.validation.suite import Record
from apimig.verdicts import EditVerdict, OneTest, RolledBack, Status, SuiteRun, Validation, Verdict

_NAMED = 5  # tests that a sentence names
_ROUNDS = 5  # searches for edits that break tests, at most


@dataclass(slots=True)
class Before:
    """The run of the old code: what a plain run shows, and the record that later ones are compared with."""

    plain: SuiteRun
    record: Record


@dataclass(slots=True)
class After:
    """The last run of the new code, with the tree that it ran on."""

    plain: SuiteRun
    record: Record
    tree: Snapshot


@dataclass(slots=True)
class Prover:
    """One validation."""

    bench: Bench
    old: Side
    new: Side
    plan: Plan
    edited: Edited
    rolled_back: list[RolledBack] = field(default_factory=list)

    # ------------------------------------------------------------------ the old code

    def baseline(self, left: Sequence[asking.Open]) -> tuple[Before, list[Path]]:
        """Run the old code under the old release; the files that are to be done again, since types were seen there."""
        asked = [each for each in left if each.path.suffix != ".ipynb"]
        watch = [Mark(marks.TYPE, each.name, span) for each in asked for span in (*each.spans, *each.quiet)]
        texts = {each.name: each.text for each in asked}
        plain, record = self.bench.checked("old code", self.old, watch=watch, texts=texts)
        return Before(plain, record), self._learn(asked, watch, record)

    def _learn(self, asked: Sequence[asking.Open], watch: Sequence[Mark], record: Record) -> list[Path]:
        """Tell the resolver which classes were seen; an expression that had several is all of them."""
        answers: dict[str, dict[Span, Answer]] = {}
        reason = f"seen when the tests ran under {self.old.name}"
        for number, kinds in record.observed.types.items():
            mark = watch[number]
            names = frozenset(bases[0] for bases in kinds)
            answers.setdefault(mark.file, {})[mark.span] = Answer(names, reason, certainty=Certainty.PROVEN)
        told = self.edited.workshop.told
        for each in asked:
            if each.name in answers:
                told.texts[each.name] = each.text
                told.answers[each.name] = {**told.answers.get(each.name, {}), **answers[each.name]}
        return [each.path for each in asked if each.name in answers]

    # ------------------------------------------------------------------ the new code

    def prove(self, before: Before) -> After:
        """Run the new code under the new release, and take back what breaks tests."""
        after = self._run()
        for _ in range(_ROUNDS):  # an edit with which nothing can be imported hides what the others break
            failing = self._steady(regressed(before.record.suite, after.record.suite) - self.bench.flaky)
            if not failing or not self._blame(after, failing):
                break
            after = self._run()
        return after

    def keep(self, before: Before, after: After) -> SuiteRun:
        """Run the new code under the old release too; tests that reach no edited place do there what they did."""
        reached = frozenset[str]().union(*after.record.observed.reached.values())
        names = before.record.suite.statuses()
        only = frozenset(names) if "" in reached else reached & frozenset(names)
        ran = before.record.suite
        if only:
            ran = merged(ran, self.bench.run("new code", self.old, after.tree.contents, only=only).suite)
        return replace(ran, title=f"new code, {self.old.name}")

    def _run(self) -> After:
        tree = self.edited.snapshot()
        watch = [Mark(marks.REACH, each.group[0], each.span) for each in tree.placed]
        plain, record = self.bench.checked("new code", self.new, tree.contents, watch=watch, texts=tree.texts)
        return After(plain, record, tree)

    def _steady(self, failing: frozenset[str]) -> frozenset[str]:
        """Those of the tests that pass again under the old release; that they fail again was seen already."""
        if failing:
            before = self.bench.run("old code", self.old, only=failing)
            self.bench.flaky |= failing - passed(before.suite, failing)
        return failing - self.bench.flaky

    # ------------------------------------------------------------------ which edits break tests

    def _blame(self, after: After, failing: frozenset[str]) -> bool:
        """Take back what breaks the tests; whether anything was."""
        so_far = len(self.rolled_back)
        groups = _reached(after, failing)
        needed = [group for group in groups if self._is_needed(group)]
        # What the new release can do without is searched there: a test that passes without an edit was broken by it.
        failing = self._search(after, [group for group in groups if group not in needed], failing, self.new)
        failing = self._under_old(after, needed, failing)
        self._refused(after, failing)
        return len(self.rolled_back) > so_far

    def _is_needed(self, group: Group) -> bool:
        """Whether the new release does not do without the edits of a rule."""
        rule = self._rule(group)
        if rule is None or rule.derived:
            return rule is not None and bool(rule.changed)
        target = next((m.to_version for m in self.plan.migrations if m.library == rule.library), "0")
        return any(Version(version) <= Version(target) for version in (rule.removed, rule.changed) if version)

    def _is_only_new(self, group: Group) -> bool:
        """Whether what a rule writes does not work under the old release."""
        rule = self._rule(group)
        if rule is None or not rule.replacement_since:
            return False
        origin = next((m.from_version for m in self.plan.migrations if m.library == rule.library), "0")
        return Version(rule.replacement_since) > Version(origin)

    def _rule(self, group: Group) -> Rule | None:
        return next((rule for rule in self.plan.rules if rule.id == group[1]), None)

    def _under_old(self, after: After, groups: Sequence[Group], failing: frozenset[str]) -> frozenset[str]:
        """Edits that the new release needs: under the old one, where code without them works, they can be tried.

        Edits that are known to use what only the new release has are left out there; tests that fail because another
        one does say nothing.
        """
        only_new = frozenset(group for group in groups if self._is_only_new(group))
        groups = [group for group in groups if group not in only_new]
        if not groups or not failing:
            return failing
        tree = self.edited.snapshot()
        record = self.bench.run("new code", self.old, self.edited.contents(only_new), only=failing)
        wrong = failing - passed(record.suite, failing)
        lines = failures.lines_of(record.observed.raised, wrong)
        refused = (each for each in lines if each.raised.kind in failures.API_ERRORS and tree.at(each.path, each.line))
        wrong -= {test for each in refused for test in each.tests}
        return failing - wrong | self._search(after, groups, wrong, self.old, without=only_new)

    def _refused(self, after: After, failing: frozenset[str]) -> None:
        """Edits in whose own statements the new release refuses what they wrote."""
        for each in failures.lines_of(after.record.observed.raised, failing):
            if each.raised.kind in failures.API_ERRORS:
                for group in after.tree.at(each.path, each.line, failures.names_in(each.raised)):
                    self._take_back(after, group, each.tests, f"{each.raised} under {self.new.name}")

    def _search(
        self,
        after: After,
        groups: Sequence[Group],
        failing: frozenset[str],
        side: Side,
        without: frozenset[Group] = frozenset(),
    ) -> frozenset[str]:
        """Take back those of the groups that break tests on one side; the tests that none of them explains."""

        def passing(back: frozenset[Group], tests: Collection[str]) -> frozenset[str]:
            run = self.bench.run("some edits taken back", side, self.edited.contents(back | without), only=tests)
            return passed(run.suite, tests)

        found = culprits.find(groups, failing, passing)
        for group in sorted(found.culprits):
            tests = tuple(sorted(test for test, broken in found.broken.items() if group in broken))
            self._take_back(after, group, tests, f"without it they pass under {side.name}")
        return failing - found.broken.keys()

    def _take_back(self, after: After, group: Group, tests: tuple[str, ...], why: str) -> None:
        if any((each.path, each.rule) == group for each in self.rolled_back):
            return
        named = ", ".join(tests[:_NAMED]) + (", ..." if len(tests) > _NAMED else "")
        count = "a test fails" if len(tests) == 1 else f"{len(tests)} tests fail"
        self.edited.take_back(group, f"taken back, since {count} with this edit ({named}); {why}")
        shown = next((test for test in after.record.suite.tests if test.name in tests), None)
        self.rolled_back.append(
            RolledBack(
                *group,
                edits=sum(each.group == group for each in after.tree.placed),
                tests=tests,
                failure="" if shown is None else shown.details or shown.message,
            )
        )

    # ------------------------------------------------------------------ what was found

    def validation(self, before: Before, after: After, kept: SuiteRun | None) -> Validation:
        """The runs and what follows from them for each edit."""
        suite_run = after.record.suite
        failing = regressed(before.record.suite, suite_run) - self.bench.flaky
        there = suite_run.statuses()
        lost = (OneTest(name, Status.ERROR, message="not collected any more") for name in failing - there.keys())
        return Validation(
            baseline=before.plain,
            after=after.plain,
            kept=kept,
            verdicts=(*self._verdicts(after), *self._broken()),
            rolled_back=tuple(self.rolled_back),
            failing=(*(test for test in suite_run.tests if test.name in failing), *sorted(lost, key=_by_name)),
            flaky=tuple(sorted(self.bench.flaky)),
            observed=len(before.record.observed.types),
            runs=self.bench.runs,
            tested=self.bench.plan.runner != suite.IMPORTS,
        )

    def _verdicts(self, after: After) -> Iterable[EditVerdict]:
        good = passed(after.record.suite, after.record.suite.statuses()) - self.bench.flaky
        numbers = {each.outcome: number for number, each in enumerate(after.tree.placed)}
        for _, result in sorted(self.edited.results.items()):
            for outcome in result.outcomes:
                if isinstance(outcome, Rewritten):
                    reached = after.record.observed.reached.get(numbers.get(outcome, -1), set())
                    verdict, why, tests = _judged(outcome, frozenset(reached), good, self.new)
                    yield EditVerdict(outcome.location, outcome.rule, verdict, why, tests)

    def _broken(self) -> Iterable[EditVerdict]:
        for back in self.rolled_back:
            outcomes = self.edited.results[back.path].outcomes
            for outcome in outcomes:
                if isinstance(outcome, NeedsPerson) and outcome.rule == back.rule:
                    yield EditVerdict(outcome.location, back.rule, Verdict.BROKE, outcome.why, back.tests[:_NAMED])


def _by_name(test: OneTest) -> str:
    return test.name


def _reached(after: After, failing: frozenset[str]) -> list[Group]:
    """The groups that failing tests reach; all of them where one of the tests never got so far as to reach any."""
    reached = after.record.observed.reached
    said = frozenset[str]().union(*reached.values())
    numbers = {number for number, tests in reached.items() if tests & failing or "" in tests}
    wanted = [each for number, each in enumerate(after.tree.placed) if number in numbers or failing - said]
    return list(dict.fromkeys(each.group for each in wanted))


def _judged(
    outcome: Rewritten, tests: frozenset[str], good: frozenset[str], new: Side
) -> tuple[Verdict, str, tuple[str, ...]]:
    if outcome.prose:
        return Verdict.UNVERIFIED, "in a comment or a docstring, which nothing runs", ()
    if outcome.location.cell is not None:
        return Verdict.UNVERIFIED, "tests do not run notebooks", ()
    if passing := sorted(tests & good):
        count = "a test" if len(passing) == 1 else f"{len(passing)} tests"
        return Verdict.CONFIRMED, f"{count} that passed under {new.name} ran it", tuple(passing[:_NAMED])
    if "" in tests and good:
        return Verdict.CONFIRMED, f"it ran under {new.name} when its module was imported", ()
    if tests:
        return Verdict.UNVERIFIED, "only tests that fail reach it", tuple(sorted(filter(None, tests))[:_NAMED])
    return Verdict.UNVERIFIED, "no test reaches it", ()
