"""A large run, made up: as many edits as asked for, over files and rules, each judged."""

from __future__ import annotations

from pathlib import Path

from apimig.records import (
    Applicability,
    Certainty,
    FileChange,
    Location,
    NeedsPerson,
    Rewritten,
    RuleInfo,
    RunResult,
    UnknownReceiver,
)
from apimig.verdicts import EditVerdict, OneTest, Status, SuiteRun, Validation, Verdict

RULES = tuple(f"pandas/rule_{number}" for number in range(20))
PER_FILE = 20
VERDICTS = (Verdict.CONFIRMED, Verdict.CONFIRMED, Verdict.UNVERIFIED, Verdict.CONFIRMED)
_BLOCK = (
    "def report_{number}(frame, by, *, limit=10):",
    '    """Totals of the frame by a column, the largest first."""',
    "    groups = frame.groupby(by, sort=False)",
    "    for name, column in frame.old_name_{rule}(axis={number}):  # {number}",
    "        print(name, column.sum(), groups.ngroups)",
    "    kept = frame[frame[by].notna()]",
    "    left = frame.shape[0] - kept.shape[0]",
    "    print(f'{{left}} rows are left out')",
    "    return groups.size().sort_values().tail(limit)",
    "",
    "",
)
_EDITED = 3


def many(edits: int = 2_000, tests: int = 400) -> RunResult:
    """A run with this many rewritten sites, and a tenth as many of two other kinds."""
    files = [
        _file(number, range(start, min(start + PER_FILE, edits)))
        for number, start in enumerate(range(0, edits, PER_FILE))
    ]
    changes = tuple(change for change, _ in files)
    rewritten = tuple(outcome for _, outcomes in files for outcome in outcomes)
    verdicts = tuple(
        EditVerdict(o.location, o.rule, VERDICTS[n % 4], *_why(VERDICTS[n % 4], n)) for n, o in enumerate(rewritten)
    )
    person = tuple(_person(number) for number in range(edits // 10))
    unknown = tuple(_unknown(number) for number in range(edits // 10))
    return RunResult(
        Path("project"), ("pandas 1.5.3 -> 2.0.3",), (*rewritten, *person, *unknown), changes,
        files_seen=3 * len(changes), files_with_library=len(changes), written=True,
        rules={rule: RuleInfo(f"what {rule} is about", f"https://example.org/notes#{rule}") for rule in RULES},
        validation=_validation(verdicts, tests),
    )  # fmt: skip


def rule_of(number: int) -> str:
    """The rule of an edit."""
    return RULES[number * 7 % len(RULES)]


def _file(number: int, edits: range) -> tuple[FileChange, list[Rewritten]]:
    name = f"src/package_{number % 9}/module_{number:03}.py"
    before, outcomes = [], []
    for edit in edits:
        said = {"number": edit, "rule": RULES.index(rule_of(edit))}
        at = Location(name, len(before) + _EDITED + 1, 25)
        old = f"frame.old_name_{said['rule']}(axis={edit})"
        reason = f"parameter of report_{edit}, which is given a pandas.DataFrame (line {at.line})"
        certainty = Certainty.INFERRED if edit % 5 == 0 else Certainty.PROVEN
        outcomes.append(
            Rewritten(at, rule_of(edit), old, old.replace("old", "new"), certainty, Applicability.SAFE, reason)
        )
        before += [line.format(**said) for line in _BLOCK]
    old = "\n".join(before)
    return FileChange(Path(name), name, old.encode(), old.replace("old_name", "new_name").encode()), outcomes


def _why(verdict: Verdict, number: int) -> tuple[str, tuple[str, ...]]:
    if verdict is Verdict.UNVERIFIED:
        return "no test runs the line", ()
    return "2 tests run the line", (f"tests/test_m.py::test_{number % 400}", f"tests/test_m.py::test_{number % 399}")


def _person(number: int) -> NeedsPerson:
    return NeedsPerson(
        Location(f"src/package_{number % 9}/module_{number % 100:03}.py", 1_000 + number, 5), rule_of(number), f"frame.lookup(rows_{number}, *columns)",
        Certainty.PROVEN, Applicability.SAFE, "the arguments are spread with *", "Use melt, or loc.", "https://example.org/notes",
    )  # fmt: skip


def _unknown(number: int) -> UnknownReceiver:
    at = Location(f"lib/other_{number % 40:02}.py", number + 1, 9)
    return UnknownReceiver(at, rule_of(number), f"rows.append(item_{number})", "nothing says what rows is")


def _validation(verdicts: tuple[EditVerdict, ...], count: int) -> Validation:
    names = [f"tests/test_m.py::test_{number}" for number in range(count)]
    before = tuple(OneTest(name, Status.PASSED, 0.01) for name in names)
    after = tuple(
        OneTest(name, Status.FAILED if n % 100 == 0 else Status.PASSED, 0.01, "boom" if n % 100 == 0 else "")
        for n, name in enumerate(names)
    )
    return Validation(
        SuiteRun("old code, pandas 1.5.3", "CPython 3.10.13, pandas 1.5.3", "python -m pytest", before, 0, "", 21.5),
        SuiteRun("new code, pandas 2.0.3", "CPython 3.11.9, pandas 2.0.3", "python -m pytest", after, 1, "", 22.5),
        verdicts=verdicts, failing=tuple(test for test in after if test.status is Status.FAILED), runs=3, sandbox="bubblewrap, no network",
    )  # fmt: skip
