"""A run's result with one outcome of each kind and the awkward ones among them."""

from __future__ import annotations

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
