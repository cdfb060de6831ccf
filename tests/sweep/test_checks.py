"""The checks of a sweep see what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from apimig.records import Applicability, Certainty, FileChange, Location, Rewritten
from tests.sweep.properties import wrong

BEFORE = b"""\
import numpy as np
from numpy import product  # why

def f(x):
    # about it
    y = product(x)
    z = product(
        y,
    )
    return z  # at the end


if hasattr(np, "prod"):
    a = np.prod
try:
    from numpy import prod
except ImportError:
    prod = np.product
"""
AFTER = BEFORE.replace(b"= product(", b"= prod(").replace(b"import product", b"import prod")
LINES = (2, 6, 7)


def said(before: bytes, after: bytes, lines: tuple[int, ...] = LINES) -> list[str]:
    sites = [
        Rewritten(Location("a.py", line, 1), "r", "product", "prod", Certainty.PROVEN, Applicability.SAFE, "")
        for line in lines
    ]
    return list(wrong(FileChange(Path("a.py"), "a.py", before, after), sites))


def test_a_good_change_is_good() -> None:
    assert said(BEFORE, AFTER) == []
    assert said(BEFORE.replace(b"\n", b"\r\n"), AFTER.replace(b"\n", b"\r\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(b"= prod(x)", b"= prod(x", "no longer parses", id="syntax"),
        pytest.param(b"return z", b"return  z", "beside the sites", id="a space elsewhere"),
        pytest.param(b"\n\n\nif", b"\n\n\nq = 1\nif", "beside the sites", id="a new line elsewhere"),
        pytest.param(b"    return z  # at the end\n", b"", "beside the sites", id="a line lost"),
        pytest.param(b"  # why", b"", "comments changed", id="a comment lost"),
        pytest.param(b"# about it", b"# about them", "comments changed", id="a comment changed"),
        pytest.param(b"    a = np.prod", b"    a = np.product", "compat code changed", id="below hasattr"),
        pytest.param(b"import prod\nexcept", b"import product as prod\nexcept", "compat code changed", id="a tried import"),
        pytest.param(b"prod = np.product", b"prod = np.prod", "compat code changed", id="a fallback"),
        pytest.param(b"y = prod(x)\n", b"y = prod(x)\r\n", "line endings", id="another line ending"),
        pytest.param(b"import numpy as np\n", b"\xef\xbb\xbfimport numpy as np\n", "byte order mark", id="a mark"),
    ],
)  # fmt: skip
def test_a_bad_change_is_seen(old: bytes, new: bytes, words: str) -> None:
    assert AFTER.count(old) == 1
    assert any(words in what for what in said(BEFORE, AFTER.replace(old, new)))


def test_a_site_must_be_where_it_is_said() -> None:
    assert any("beside the sites" in what for what in said(BEFORE, AFTER, lines=(2, 6)))
    assert any("no site is said" in what for what in said(BEFORE, AFTER, lines=()))


def test_a_rule_may_reach_into_its_function() -> None:
    before = b"def f():\n    a = []\n    for b in c:\n        a.append(b)\n    return a\nx = 1\n"
    after = before.replace(b"[]", b"{}").replace(b"a.append", b"a.add")
    change = FileChange(Path("a.py"), "a.py", before, after)
    site = Rewritten(Location("a.py", 4, 9), "r", "", "", Certainty.PROVEN, Applicability.SAFE, "")
    assert list(wrong(change, [site]))
    assert list(wrong(change, [site], reaching={"r"})) == []
    outside = FileChange(Path("a.py"), "a.py", before, after.replace(b"x = 1", b"x = 2"))
    assert list(wrong(outside, [site], reaching={"r"}))
