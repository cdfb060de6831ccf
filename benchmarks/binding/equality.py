"""Whether two descriptions of ``observing`` are of equal values. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_RELATIVE, _ABSOLUTE = 1e-6, 1e-9
_NOT_GIVEN = ("deprecated", "warn", "hidden", "<deprecated parameter>")


def equal(one: Any, other: Any) -> bool:  # noqa: ANN401 - any JSON
    """Equal up to rounding; ``attributes`` by the keys that both have: releases keep other things in objects."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if not isinstance(one, list) or not isinstance(other, list):
        return bool(one == other)
    if _attributes(one) and _attributes(other):
        return bool(one[1] == other[1]) and _shared(one[2], other[2])
    return len(one) == len(other) and all(map(equal, one, other))


def _attributes(described: list[Any]) -> bool:
    return len(described) == 3 and described[0] == "attributes" and isinstance(described[2], Mapping)


def _shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(
        equal(one[key], other[key]) for key in one.keys() & other.keys() if not _says_nothing(one[key], other[key])
    )


def _says_nothing(*values: Any) -> bool:
    """A kept parameter that nobody gave: releases write that in different ways."""
    return any(isinstance(each, str) and each in _NOT_GIVEN for each in values)


def same_names(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether every variable that the first program left has an equal value after the second."""
    return all(name in other and equal(value, other[name]) for name, value in one.items())
