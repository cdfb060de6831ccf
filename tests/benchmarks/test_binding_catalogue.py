"""What the benchmark knows of a callable under two releases."""

from __future__ import annotations

from benchmarks.binding.binds import signature
from benchmarks.binding.catalogue import Callable

NONE = {"text": "None", "plain": True, "value": True}
PLACED = "POSITIONAL_OR_KEYWORD"


def _callable(old: list[list[object]], new: list[list[object]]) -> Callable:
    return Callable("a.f", "function", "a.f", (signature(old),), (signature(new),), gone=False)


def test_what_stands_before_a_parameter_that_moved_is_given_too() -> None:
    old = [["x", PLACED, None], ["colors", PLACED, NONE], ["styles", PLACED, NONE], ["last", "KEYWORD_ONLY", NONE]]
    new = [*old[:2], ["alpha", PLACED, NONE], *old[2:]]

    called = _callable(old, new)

    assert called.touched() == ["styles"]
    assert called.before_touched() == ["x", "colors"]


def test_nothing_stands_before_a_parameter_that_goes_by_name() -> None:
    old = [["x", PLACED, None], ["y", PLACED, NONE], ["last", "KEYWORD_ONLY", NONE]]

    assert _callable(old, old[:2]).before_touched() == []
