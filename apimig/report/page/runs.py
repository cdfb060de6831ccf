"""What validation found: the runs compared, what was rolled back, what fails now, what the old release warned of."""

from __future__ import annotations

from collections.abc import Iterator

from apimig.report.counts import plural
from apimig.report.page.markup import Html, el, plain
from apimig.report.page.sites import chip, reference, test_list
from apimig.report.validated import Compared, Recall, compared, seconds, subject, suites
from apimig.verdicts import Explained, OneTest, RolledBack, Status, SuiteRun, Validation

_UNCHANGED_SHOWN = 2_000


def summary(found: Validation) -> Html:
    """A table of the runs: how many tests ended how."""
    runs = suites(found)
    statuses = [status for status in Status if any(status in run.counts() for run in runs.values())]
    head = el("tr", *(el("th", word, scope="col") for word in ("", *statuses, "time")))
    rows = [_run(name, run, statuses) for name, run in runs.items()]
    said = [] if found.tested else [el("p", f"{subject(found)[0].upper()}{subject(found)[1:]}.", cls="strong")]
    table = el("table", el("thead", head), el("tbody", *rows), cls="numbers")
    return el("div", *said, el("div", table, cls="scroll", tabindex="0", role="region", aria_label="Runs"))


def _run(name: str, run: SuiteRun, statuses: list[Status]) -> Html:
    counted = run.counts()
    cells = [el("td", f"{counted[status]:,}" if status in counted else "", cls="number") for status in statuses]
    heading = [name, " ", el("span", run.environment, cls="muted")]
    if run.cut_short:
        heading += [" ", el("span", run.cut_short, cls="bad")]
    named = el("th", *heading, scope="row", title=run.command or None)
    return el("tr", named, *cells, el("td", seconds(run.seconds), cls="number"))


def rolled_back(each: RolledBack) -> Html:
    """A group of edits that was taken back, with the failure."""
    return el(
        "li",
        el("p", el("span", each.path, cls="path"), " ", el("span", each.rule, cls="rule"), " ",
           el("span", plural(each.edits, "edit"), cls="muted"), cls="head"),
        el("div", "fail with them: ", test_list(each.tests), cls="proof") if each.tests else Html(),
        _trace(each.failure),
        cls="item",
    )  # fmt: skip


def failing(test: OneTest) -> Html:
    """A test that passed before and fails now."""
    return el(
        "li",
        el("p", el("code", test.name), " ", _status(test.status), cls="head"),
        el("p", plain(test.message), cls="why strong") if test.message else Html(),
        el("details", el("summary", "traceback"), _trace(test.details)) if test.details else Html(),
        cls="item",
    )


def explained(each: Explained) -> Html:
    """A line that fails under the new release, and the change that explains it."""
    change = each.change or "No change of the library explains it."
    return el(
        "li",
        el("p", el("span", str(each.location), cls="path"), cls="head"),
        el("pre", each.code, cls="code"),
        el("p", change, " ", reference(each.reference), cls="why strong" if each.change else "why"),
        _trace(each.failure),
        el("div", "in ", test_list(each.tests), cls="proof") if each.tests else Html(),
        cls="item",
    )


def missed(measured: Recall) -> Iterator[Html]:
    """Deprecations that the old release raised at lines where apimig found nothing."""
    for each in measured.missed:
        yield el(
            "li",
            el("p", el("span", str(each.location), cls="path"), " ", chip(each.category, "is-unverified"), cls="head"),
            el("p", plain(each.text), cls="why strong"),
            el("p", f"seen in {each.when}", cls="why") if each.when else Html(),
            cls="item",
        )


def tests(found: Validation) -> Html:
    """Every test before and after; of those whose status stayed the same only so many as a page bears."""
    rows = compared(found)
    stayed = [row for row in rows if not row.changed and not row.failing]
    shown = [row for row in rows if row.changed or row.failing] + stayed[:_UNCHANGED_SHOWN]
    head = el("tr", *(el("th", word, scope="col") for word in ("test", "before", "after", "time")))
    table = el("table", el("thead", head), el("tbody", *map(_compared, shown)), cls="tests", id="tests-table")
    left_out = len(stayed) - _UNCHANGED_SHOWN
    more = (
        [el("p", f"{left_out:,} more ended as before; the JSON report has them.", cls="muted")] if left_out > 0 else []
    )
    return el("div", _test_filter(rows), table, *more)


def _test_filter(rows: list[Compared]) -> Html:
    counts = {
        "all": ("all", len(rows)),
        "changed": ("changed", sum(row.changed for row in rows)),
        "failing": ("failing", sum(row.failing for row in rows)),
    }
    choices = [
        el(
            "label",
            el("input", type="radio", name="tests", value=value, checked=value == "all"),
            f" {said} ({count:,})",
        )
        for value, (said, count) in counts.items()
    ]
    return el("fieldset", el("legend", "Show tests"), *choices, cls="script-only", id="test-filter", hidden=True)


def _compared(row: Compared) -> Html:
    name: list[str] = [el("code", row.name)]
    if row.flaky:
        name += [" ", chip("flaky", "is-unverified")]
    message = plain(row.after.message) if row.after else ""
    if message:
        name.append(el("p", message, cls="why"))
    before, after = (Html("&ndash;") if test is None else _status(test.status) for test in (row.before, row.after))
    took = "" if row.after is None else seconds(row.after.seconds)
    return el(
        "tr", el("td", *name), el("td", before), el("td", after), el("td", took, cls="number"),
        data_changed=row.changed, data_failing=row.failing,
    )  # fmt: skip


def _status(status: Status) -> Html:
    return chip("timed out" if status is Status.TIMEOUT else status.value, f"status-{status.value}")


def _trace(failure: str) -> Html:
    said = plain(failure).strip("\n")
    return el("pre", said, cls="trace", tabindex="0") if said else Html()
