"""What counts as the same under two releases, and what is a difference."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import json
import math
import re
import sys
import types
from pathlib import Path

import pytest

import apimig.mining.trials
from apimig.mining.trials.comparing import compared, differences, same

PROBE = Path(apimig.mining.trials.__file__).parent / "probe"


@pytest.fixture(scope="module")
def describe():
    """The probe's function; its values go through JSON as they do in a run."""
    sys.path.insert(0, str(PROBE))
    try:
        import apimig_describing
    finally:
        sys.path.remove(str(PROBE))
    return lambda value: json.loads(json.dumps(apimig_describing.describe(value)))


def cls(name, module, **body):
    """A class of a library's module."""
    return type(name, (), {"__module__": module, **body})


def thing(name, module, **state):
    made = cls(name, module)()
    vars(made).update(state)
    return made


def circle():
    found = [1]
    found.append(found)
    return found


class Colour(enum.IntEnum):
    RED = 3


SAME = {
    "numbers within rounding": (0.1 + 0.2, 0.3),
    "NaN": ([math.nan, 1], [math.nan, 1]),
    "what is missing": ([None, math.nan], [math.nan, None]),
    "an iterator and another with the same items": (iter([1, 2]), (each for each in (1, 2))),
    "iterators that never end": (itertools.count(), itertools.count()),
    "a class that moved to another module": (cls("Box", "lib.core"), cls("Box", "lib.boxes")),
    "an object whose class moved": (thing("Box", "lib.core", size=3), thing("Box", "lib.boxes", size=3)),
    "an object with other private state": (thing("Box", "lib", _x=1, size=3), thing("Box", "lib", _y=2, size=3)),
    "an object that has got more attributes": (thing("Box", "lib", a=1), thing("Box", "lib", a=1, b=2)),
    "objects whose repr has an address": ([object()], [object()]),
    "modules that moved": (types.ModuleType("lib.core.boxes"), types.ModuleType("lib._core.boxes")),
    "functions of a library under other names": (cls.__class__, cls.__class__),
    "sets in any order": ({"a", "b", "c"}, {"c", "b", "a"}),
    "members of an enumeration of numbers, and numbers": (Colour.RED, 3),
    "things that hold themselves": (circle(), circle()),
    "dates": (dt.date(2020, 1, 1), dt.date(2020, 1, 1)),
    "patterns": (re.compile("a+"), re.compile("a+")),
}
DIFFERENT = {
    "numbers": (1, 2),
    "a number and a truth": (1, True),
    "whole and other numbers": (1, 1.0),
    "a number and NaN": (1.0, math.nan),
    "texts": ("a", "b"),
    "bytes and text": (b"a", "a"),
    "a list and a tuple": ([1], (1,)),
    "lists of other lengths": ([1], [1, 1]),
    "something deep inside": ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}),
    "keys": ({"a": 1}, {"b": 1}),
    "keys in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "classes": (cls("Box", "lib"), cls("Bag", "lib")),
    "objects of other classes": (thing("Box", "lib"), thing("Bag", "lib")),
    "public state": (thing("Box", "lib", size=3), thing("Box", "lib", size=4)),
    "items of iterators": (iter([1, 2]), iter([1, 3])),
    "something and nothing": ([1], None),
    "errors": (ValueError("a"), ValueError("b")),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same(describe, case):
    old, new = SAME[case]
    assert same(describe(old), describe(new))


@pytest.mark.parametrize("case", DIFFERENT)
def test_different(describe, case):
    old, new = DIFFERENT[case]
    assert not same(describe(old), describe(new))


def column(dtype, *cells):
    return ["cells", dtype, [cell if isinstance(cell, list) else ["int", str(cell)] for cell in cells], len(cells)]


def index(dtype, *cells, frequency=("none",)):
    return ["index", ["items", "list", [["none"]], 1], column(dtype, *cells), list(frequency)]


def frame(*columns, labels=None):
    return ["frame", labels or index("int64", 0, 1), index("object", ["str", "a"]), list(columns)]


A, B = ["str", "a"], ["str", "b"]
MISSING, NAN, NAT = ["none"], ["float", "nan"], ["text", "NaTType", "NaT"]
RELEASES = {
    "texts have a dtype of their own in pandas 3": (column("object", A, MISSING), column("str", A, NAN), True),
    "texts are not times": (column("object", A), column("datetime64[ns]", A), False),
    "objects that are no texts": (column("object", A, 1), column("str", A, 1), False),
    "the unit of times": (column("datetime64[ns]", NAT), column("datetime64[us]", NAT), True),
    "times with and without a zone": (column("datetime64[ns, UTC]", NAT), column("datetime64[ns]", NAT), False),
    "whole numbers are not others": (column("int64", 1), column("float64", ["float", "1.0"]), False),
    "sizes of whole numbers": (column("int64", 1), column("int32", 1), False),
    "what is empty has any dtype": (column("object"), column("int64"), True),
    "a frame": (frame(column("int64", 1, 2)), frame(column("int64", 1, 2)), True),
    "a cell": (frame(column("int64", 1, 2)), frame(column("int64", 1, 3)), False),
    "labels": (frame(column("int64", 1)), frame(column("int64", 1), labels=index("int64", 1, 2)), False),
    "one column more": (frame(column("int64", 1)), frame(column("int64", 1), column("int64", 1)), False),
    "the frequency of an index": (
        index("int64", 1, frequency=("text", "Day", "1 ")),
        index("int64", 1, frequency=("text", "Day", "2 ")),
        False,
    ),
    "a number of numpy's is a number": (["scalar", "int64", ["int", "5"]], ["int", "5"], True),
    "but not another": (["scalar", "float64", ["float", "5.0"]], ["int", "5"], False),
    "single precision is rounded more": (
        ["array", "ndarray", "float32", [1], [["float", "0.1000001"]]],
        ["array", "ndarray", "float32", [1], [["float", "0.1000002"]]],
        True,
    ),
    "the shape of an array": (
        ["array", "ndarray", "int64", [1, 2], [["int", "1"], ["int", "2"]]],
        ["array", "ndarray", "int64", [2, 1], [["int", "1"], ["int", "2"]]],
        False,
    ),
    "what cannot be described is not compared": (["deep", "x"], ["int", "1"], True),
}


@pytest.mark.parametrize("case", RELEASES)
def test_what_releases_spell_differently(case):
    old, new, expected = RELEASES[case]
    assert same(old, new) is expected
    assert same(new, old) is expected


def result(
    names=(), imported=(), given=(), value=None, text="", printed=(), written=None, files=(), acts=True, calls=()
):
    return {
        "names": dict(names),
        "imported": list(imported),
        "given": list(given),
        "value": value,
        "text": text,
        "printed": list(printed),
        "written": text if written is None else written,
        "files": dict(files),
        "acts": acts,
        "calls": dict(calls),
    }


ONE, TWO = ["int", "1"], ["int", "2"]
CLASS, OTHER = ["named", "class", "Box", False], ["named", "class", "Bag", False]
BUILTIN, OWN_BOOL = ["named", "class", "bool", False, True], ["named", "class", "bool_", False, False]
RESULTS = {
    "a builtin class, then a library's": (
        result({"x": BUILTIN}),
        result({"x": OWN_BOOL}),
        ["x: the builtin class bool, then the class bool_"],
    ),
    "a library's class under another name": (
        result({"x": OWN_BOOL}),
        result({"x": ["named", "class", "bool", False, False]}),
        [],
    ),
    "the same name": (result({"x": ONE}), result({"x": ONE}), []),
    "another value": (result({"x": ONE}), result({"x": TWO}), ["x: 1, then 2"]),
    "a name that is gone": (result({"x": ONE}), result(), ["x is not bound any more"]),
    "a name more, for what is in between": (result({"x": ONE}), result({"x": ONE, "box": TWO}), []),
    "other imports": (result({"a": CLASS}, ["a"]), result({"b": OTHER}, ["b"]), []),
    "an import of something else under the same name": (result({"a": CLASS}, ["a"]), result({"a": OTHER}, ["a"]), []),
    "the last expression": (result(value=ONE), result(value=TWO), ["the value: 1, then 2"]),
    "reprs that differ, of the same value": (
        result(text="1", printed=[[ONE]], written=""),
        result(text="np.int64(1)", printed=[[["scalar", "int64", ONE]]], written=""),
        [],
    ),
    "other things are printed": (
        result(text="1", printed=[[ONE]], written=""),
        result(text="2", printed=[[TWO]], written=""),
        ["what is printed[0]: 1, then 2"],
    ),
    "the same text in another way": (result(text="1\n", printed=[[ONE]], written=""), result(text="1\n"), []),
    "files": (result(files={"a": "1"}), result(files={"a": "2"}), ["the file a is '1', then '2'"]),
    "other files": (result(files={"a": "1"}), result(), ["the files are a, then none"]),
    "what a function gives": (result(calls={"f": ONE}), result(calls={"f": TWO}), ["f(…): 1, then 2"]),
}


@pytest.mark.parametrize("case", RESULTS)
def test_results(case):
    old, new, expected = RESULTS[case]
    assert differences(old, new) == expected


def test_a_value_that_nobody_takes_does_not_count():
    assert differences(result(value=ONE), result(value=TWO), discards=True) == []


OWN = ["named", "function", "f", True]
COMPARED = {
    "a value": (result({"x": ONE}), True),
    "the last expression": (result(value=["none"]), True),
    "only a function that is never called": (result({"f": OWN}, acts=False), False),
    "a function that could be called": (result({"f": OWN}, calls={"f": ONE}, acts=False), True),
    "a function of the library, whatever its name": (result({"f": ["named", "function", "load", False]}), False),
    "an import of a class": (result({"Box": CLASS}, ["Box"], acts=False), True),
    "an import of a module": (result({"lib": ["named", "module", "lib", False]}, ["lib"], acts=False), False),
}


@pytest.mark.parametrize("case", COMPARED)
def test_whether_anything_was_compared(case):
    seen, expected = COMPARED[case]
    assert compared(seen, seen) is expected
