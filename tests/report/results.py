"""A run's result with one outcome of each kind and the awkward ones among them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from apimig.records import (
    Applicability,
    Certainty,
    FileChange,
    LeftAlone,
    Location,
    NeedsPerson,
    Rewritten,
    RuleInfo,
    RunResult,
    Skipped,
    UnknownReceiver,
)
from apimig.verdicts import (
    EditVerdict,
    Explained,
    OneTest,
    RolledBack,
    SeenWarning,
    Status,
    SuiteRun,
    Validation,
    Verdict,
)

ITERITEMS = "pandas/dataframe_iteritems"
APPEND = "pandas/dataframe_append"
LOOKUP = "pandas/dataframe_lookup"
REFERENCE = "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html"

OUTCOMES = (
    Rewritten(
        Location("b.py", 3, 5), ITERITEMS, "df.iteritems()", "df.items()",
        Certainty.PROVEN, Applicability.SAFE, "returned by pandas.read_csv (line 2)", REFERENCE,
    ),
    Rewritten(
        Location("a b.py", 1, 1), ITERITEMS, "s.iteritems()", "s.items()",
        Certainty.INFERRED, Applicability.SAFE, "used like one", REFERENCE,
    ),
    NeedsPerson(
        Location("b.py", 10, 1), LOOKUP, "df.lookup(\n    rows, columns)", Certainty.PROVEN, Applicability.SAFE,
        "the arguments are spread with *", "Use melt, or loc with `|` and <em>.", REFERENCE,
    ),
    NeedsPerson(Location("n.ipynb", 2, 4, cell=3), LOOKUP, "df.lookup(a, b)", Certainty.INFERRED, Applicability.UNSAFE, "unsafe"),
    UnknownReceiver(Location("b.py", 20, 1), APPEND, "rows.append(1)", "nothing says what rows is", REFERENCE),
    UnknownReceiver(Location("b.py", 21, 1), APPEND, "rows.append(1)", "nothing says what rows is", REFERENCE),
    UnknownReceiver(Location("c.py", 1, 1), APPEND, "x.append(`y`)", "nothing says what x is", REFERENCE),
    LeftAlone(Location("b.py", 30, 9), ITERITEMS, "df.iteritems()", "inside hasattr (line 29)"),
)  # fmt: skip

RESULT = RunResult(
    root=Path("project"),
    migrations=("pandas 1.5.3 -> 2.0.3",),
    outcomes=OUTCOMES,
    changes=(FileChange(Path("b.py"), "b.py", b"old\n", b"new\n"), FileChange(Path("a b.py"), "a b.py", b"x", b"y")),
    skipped=(Skipped("broken.py", "does not parse: unexpected indent", 7), Skipped("gone.py", "cannot be read")),
    notes=("uv.lock is stale: run `uv lock`",),
    files_seen=12,
    files_with_library=5,
    written=False,
    rules={
        ITERITEMS: RuleInfo("DataFrame.iteritems became items", REFERENCE),
        LOOKUP: RuleInfo("lookup | is gone", REFERENCE),
    },
)
EMPTY = RunResult(root=Path("project"), migrations=("pandas 1.5.3 -> 2.0.3",), files_seen=3)

# ------------------------------------------------------------------------------------------ with validation

GROUPBY = "pandas/groupby_axis"
TRACE = "def test_sum():\n>       assert total(frame) == 3\nE       assert 4 == 3\ntests/test_b.py:9: AssertionError"
ROLLED = NeedsPerson(
    Location("b.py", 15, 8), GROUPBY, "df.groupby(axis=0)", Certainty.PROVEN, Applicability.UNSAFE,
    "rolled back: tests/test_b.py::test_sum fails with the edit",
)  # fmt: skip
BEFORE = SuiteRun(
    "old code, pandas 1.5.3", "CPython 3.10.13, pandas 1.5.3", "python -m pytest -q",
    (
        OneTest("tests/test_b.py::test_sum", Status.PASSED, 0.25),
        OneTest("tests/test_b.py::test_append[a|b]", Status.PASSED, 0.5),
        OneTest("tests/test_b.py::test_flaky", Status.PASSED),
        OneTest("tests/test_b.py::test_old", Status.FAILED, 0.1, "assert 1 == 2", "E  assert 1 == 2"),
        OneTest("tests/test_gone.py", Status.ERROR, 0.0, "No module named gone", "ImportError: No module named gone"),
        OneTest("tests/test_b.py::test_linux", Status.SKIPPED),
    ),
    1, "", 3.21,
)  # fmt: skip
AFTER = SuiteRun(
    "new code, pandas 2.0.3", "CPython 3.11.9, pandas 2.0.3", "python -m pytest -q",
    (
        OneTest("tests/test_b.py::test_sum", Status.PASSED, 0.2),
        OneTest("tests/test_b.py::test_append[a|b]", Status.FAILED, 0.5, "AttributeError: no attribute append", "E  AttributeError"),
        OneTest("tests/test_b.py::test_flaky", Status.FAILED, 0.0, "out of luck"),
        OneTest("tests/test_b.py::test_old", Status.PASSED, 0.1),
        OneTest("tests/test_gone.py", Status.ERROR, 0.0, "No module named gone", "ImportError: No module named gone"),
        OneTest("tests/test_b.py::test_linux", Status.SKIPPED),
    ),
    1, "", 64.6,
)  # fmt: skip
VALIDATION = Validation(
    baseline=BEFORE,
    after=AFTER,
    verdicts=(
        EditVerdict(Location("b.py", 3, 5), ITERITEMS, Verdict.CONFIRMED, "2 tests run the line", ("tests/test_b.py::test_sum",)),
        EditVerdict(ROLLED.location, GROUPBY, Verdict.BROKE, "test_sum fails with it", ("tests/test_b.py::test_sum",)),
        EditVerdict(Location("a b.py", 1, 1), ITERITEMS, Verdict.UNVERIFIED, "no test runs the line"),
    ),
    rolled_back=(RolledBack("b.py", GROUPBY, 1, ("tests/test_b.py::test_sum",), f"assert 4 == 3\n\n{TRACE}"),),
    explained=(
        Explained(
            Location("b.py", 40, 12), "return frame.append(row)", "AttributeError: no attribute append",
            ("tests/test_b.py::test_append[a|b]",), "pandas.DataFrame.append was removed", REFERENCE,
        ),
        Explained(Location("b.py", 44, 1), "frame.odd()", "KeyError: 'odd'", ()),
    ),
    warnings=(
        SeenWarning(Location("b.py", 3, 5), "FutureWarning", "iteritems is deprecated", "tests/test_b.py::test_sum", ITERITEMS),
        SeenWarning(Location("b.py", 3, 5), "FutureWarning", "iteritems is deprecated", "import"),
        SeenWarning(Location("b.py", 50, 1), "FutureWarning", "swapaxes | is <deprecated>", "tests/test_b.py::test_sum"),
        SeenWarning(Location("b.py", 50, 1), "FutureWarning", "swapaxes | is <deprecated>", "import"),
        SeenWarning(Location("c.py", 9, 1), "FutureWarning", "iteritems is deprecated", "import", ITERITEMS),
    ),
    failing=(AFTER.tests[1],),
    flaky=("tests/test_b.py::test_flaky",),
    observed=12,
    runs=5,
    sandbox="bubblewrap, no network",
    notes=("tests/test_gone.py was never collected",),
)  # fmt: skip
VALIDATED = dataclasses.replace(RESULT, outcomes=(*OUTCOMES, ROLLED), written=True, validation=VALIDATION)
