"""Failures under the new release: the line that fails, and the change of the library that explains it."""

from __future__ import annotations

import pytest

from apimig.surface.changes import Change, ChangeKind
from apimig.surface.model import Kind
from apimig.validation.events import Frame, Raised
from apimig.validation.failures import explanation, lines_of, names_in, old_line
from apimig.validation.statements import Statements


def change(kind: ChangeKind, name: str, **more) -> Change:
    return Change(kind, name, Kind.FUNCTION, **more)


CHANGES = [
    change(ChangeKind.REMOVED, "numpy.float"),
    change(ChangeKind.REMOVED, "pandas.DataFrame.append", names=("pandas.DataFrame.append", "pandas.Series.append")),
    change(ChangeKind.RENAMED, "pandas.DataFrame.iteritems", before="iteritems", after="items"),
    change(ChangeKind.MOVED, "scipy.misc.derivative"),
    change(ChangeKind.REMOVED, "lib.old"),
    change(ChangeKind.PARAMETER_REMOVED, "pandas.read_csv", parameter="squeeze"),
    change(ChangeKind.PARAMETER_REMOVED, "pandas.read_csv", parameter="prefix"),
    change(ChangeKind.PARAMETER_KIND, "pandas.DataFrame.pivot", parameter="index"),
    change(ChangeKind.PARAMETER_DEFAULT, "numpy.float.of"),
]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (
            "AttributeError",
            "module 'numpy' has no attribute 'float'.\n`np.float` was a deprecated alias",
            "numpy.float",
        ),
        ("AttributeError", "'DataFrame' object has no attribute 'append'", "pandas.DataFrame.append"),
        ("AttributeError", "'Series' object has no attribute 'append'", "pandas.DataFrame.append"),
        ("AttributeError", "'Mine' object has no attribute 'iteritems'", "pandas.DataFrame.iteritems"),
        ("ImportError", "cannot import name 'derivative' from 'scipy.misc' (/x/misc.py)", "scipy.misc.derivative"),
        ("ModuleNotFoundError", "No module named 'lib.old'", "lib.old"),
        ("TypeError", "read_csv() got an unexpected keyword argument 'prefix'", "pandas.read_csv"),
        ("TypeError", "DataFrame.pivot() takes 1 positional argument but 4 were given", "pandas.DataFrame.pivot"),
        # what no change explains
        ("AttributeError", "module 'numpy' has no attribute 'flaot'", None),
        ("AttributeError", "module 'torch' has no attribute 'float'", None),
        ("AttributeError", "'NoneType' object has no attribute 'append'", None),
        ("AttributeError", "'dict' object has no attribute 'iteritems'", None),
        ("TypeError", "read_csv() got an unexpected keyword argument 'colour'", None),
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'", None),
        ("ImportError", "cannot import name 'derivative' from 'other'", None),
        ("ValueError", "read_csv() got an unexpected keyword argument 'prefix'", None),
    ],
)
def test_the_change_behind_an_exception(kind, text, expected):
    found = explanation(Raised(kind, text, ()), CHANGES)
    assert (found and found.name) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("module 'numpy' has no attribute 'float'.\n`np.float` was", {"float"}),
        ("'Frame' object has no attribute 'append'", {"append"}),
        ("cannot import name 'Frame' from 'acme.gone' (unknown location)", set()),
        ("Table.update() got an unexpected keyword argument 'values'", {"update", "values"}),
        ("load() takes 1 positional argument but 2 were given", {"load"}),
        ("Frame.__init__() missing 1 required positional argument: 'rows'", {"Frame"}),
        ("f.<locals>.<lambda>() takes 0 positional arguments but 1 was given", {"f"}),
        ("unsupported operand type(s) for +: 'int' and 'str'", set()),
        ("'NoneType' object is not callable", set()),
    ],
)
def test_the_names_that_an_exception_is_about(text, names):
    assert names_in(Raised("TypeError", text, ())) == names


def test_of_changes_of_one_name_that_fit_as_well_the_first_is_told():
    several = [change(ChangeKind.REMOVED, "a.A.go"), change(ChangeKind.REMOVED, "a.B.go")]
    assert explanation(Raised("AttributeError", "'C' object has no attribute 'go'", ()), several) is several[0]


def test_a_failure_is_placed_at_the_innermost_line_of_the_repository():
    raised = Raised(
        "TypeError", "no", (Frame("tests/test_a.py", 3, "t"), Frame("a.py", 7, "f"), Frame("/site/lib.py", 1, "g"))
    )
    outside = Raised("TypeError", "no", (Frame("/usr/lib/x.py", 3, "t"), Frame(".venv/lib/site-packages/x.py", 3, "t")))
    lines = lines_of({"t::1": raised, "t::2": raised, "t::3": outside}, ["t::1", "t::2", "t::3", "t::4"])
    assert [(each.path, each.line, each.tests) for each in lines] == [("a.py", 7, ("t::1", "t::2"))]


def test_a_test_of_a_file_that_cannot_be_collected_fails_where_the_file_does():
    raised = Raised("ImportError", "no", (Frame("test_a.py", 1, "<module>"),))
    (line,) = lines_of({"test_a.py": raised}, ["test_a.py::test_1", "test_a.py::test_2"])
    assert (line.path, line.line, len(line.tests)) == ("test_a.py", 1, 2)


@pytest.mark.parametrize(
    ("before", "after", "line", "expected"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", 2, 2),
        ("a\nb\nc\n", "new\na\nb\nc\n", 4, 3),
        ("a\nb\nc\n", "a\nB\nc\n", 2, 2),
        ("a\nb\nb\nc\n", "a\nc\n", 2, 4),
        ("a\n", "a\nb\nc\n", 3, 1),
        ("", "a\n", 1, 1),
    ],
)
def test_the_old_line_of_a_new_one(before, after, line, expected):
    assert old_line(before, after, line) == expected


CODE = """\
@decorate(
    1)
def f(a,
      b=2):
    x = call(
        a,
        b)
    for y in (
            x):
        if y: return (
            y)
class C: pass
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [(1, range(1, 5)), (4, range(1, 5)), (6, range(5, 8)), (8, range(8, 10)), (11, range(10, 12)), (12, range(12, 13))],
)
def test_a_statement_has_its_lines_and_a_block_those_of_its_head(line, expected):
    assert Statements(CODE).around(line) == expected


def test_of_a_text_that_does_not_parse_each_line_is_for_itself():
    assert Statements("print 'x'\n(\n").around(2) == range(2, 3)
