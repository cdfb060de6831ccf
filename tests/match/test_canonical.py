"""Preferred names of objects."""

import pytest

from apimig.match.index import canonical
from apimig.rulebook.rule import Library

LIBRARY = Library(
    "lib",
    ("lib",),
    aliases={
        "lib.core.frame": "lib",
        "lib.old": "lib.new",
        "lib.bridges": "lib.bridges.bridges",
        "lib.same": "lib.same",
    },
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lib.core.frame.Frame", "lib.Frame"),
        ("lib.core.frame.old.f", "lib.new.f"),
        ("lib.same.f", "lib.same.f"),
        ("lib.bridges", "lib.bridges"),
        ("lib.bridges.bridges", "lib.bridges.bridges"),
        ("lib.bridges.has_bridges", "lib.bridges.has_bridges"),
    ],
)
def test_preferred(name, expected):
    assert canonical([LIBRARY])(name) == expected
