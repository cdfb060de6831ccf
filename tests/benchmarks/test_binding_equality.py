"""Which observed values are equal, and how values are observed."""

import pytest

from benchmarks.binding.equality import equal, same_names
from benchmarks.binding.observing import observe


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1.0, 1.0 + 1e-12, True),
        (1.0, 1.001, False),
        (True, 1, False),
        (None, None, True),
        (None, 0, False),
        (["nan"], ["nan"], True),
        (["nan"], 1.0, False),
        ("a", "b", False),
        (["items", [1, 2]], ["items", [1, 2, 3]], False),
        (["mapping", [["a", 1]]], ["mapping", [["a", 2]]], False),
        (["attributes", "Line", {"x": 1, "old": 2}], ["attributes", "Line", {"x": 1, "new": 3}], True),
        (["attributes", "Line", {"x": 1}], ["attributes", "Line", {"x": 2}], False),
        (["attributes", "Line", {"x": 1}], ["attributes", "Text", {"x": 1}], False),
        (["attributes", "Model", {"n": 10}], ["attributes", "Model", {"n": "warn"}], True),
    ],
)
def test_equal(one: object, other: object, expected: bool) -> None:
    assert equal(one, other) is expected
    assert equal(other, one) is expected


def test_every_variable_of_the_first_program_counts() -> None:
    assert same_names({"result": 1}, {"result": 1, "helper": 2})
    assert not same_names({"result": 1, "frame": 2}, {"result": 1})
    assert not same_names({"result": 1, "frame": 2}, {"result": 1, "frame": 3})


class Point:
    def __init__(self, x: int) -> None:
        self.x, self._cache = x, object()


class Node:
    def __init__(self) -> None:
        self.me = self


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (float("nan"), ["nan"]),
        (float("-inf"), ["inf", False]),
        (1 + 2j, ["complex", 1.0, 2.0]),
        ((1, "a"), ["items", [1, "a"]]),
        ({2, 1}, ["set", [1, 2]]),
        ({"a": None}, ["mapping", [["a", None]]]),
        (b"ab", ["bytes", "6162"]),
        (iter([1, 2]), ["items", [1, 2]]),
        (len, ["named", "len"]),
        (Point(1), ["attributes", "Point", {"x": 1}]),
        (Node(), ["attributes", "Node", {"me": ["deeper", "Node"]}]),
    ],
)
def test_observed(value: object, expected: object) -> None:
    assert observe(value) == expected
