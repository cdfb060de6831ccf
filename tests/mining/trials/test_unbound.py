"""Names that code uses and nobody gives."""

from __future__ import annotations

import pytest

from apimig.mining.trials.unbound import unbound

CASES = {
    "x = 1\ny = x": (),
    "y = x": ("x",),
    "def f(a):\n    return a + b": ("b",),
    "def f():\n    return x\nx = 1": (),
    "[a for a in range(3)]": (),
    "[a for b in range(3)]": ("a",),
    "import os.path\nos.path.join('a')": (),
    "from a import *\nf(x)": (),
    "class A:\n    x = 1\n    y = x": (),
    "class A(Base): ...": ("Base",),
    "def f():\n    global x\n    x = 1\nf()\nx": (),
    "x += 1": (),
    "try:\n    pass\nexcept E as e:\n    e": ("E",),
    "lambda a: a + c": ("c",),
    "print(len(__name__))": (),
    "if (n := f()): n": ("f",),
}


@pytest.mark.parametrize("code", CASES)
def test_unbound(code):
    assert unbound(code, ()) == CASES[code]


def test_what_is_given_is_there():
    assert unbound("y = x + z", {"x"}) == ("z",)


def test_no_python_is_an_error():
    with pytest.raises(SyntaxError):
        unbound("print 1", ())
