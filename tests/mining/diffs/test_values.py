"""What variables hold where code changes -> what a case gives them."""

from __future__ import annotations

import pytest

from apimig.mining.diffs.tree import Tree
from apimig.mining.diffs.values import held_at, written
from tests.mining.diffs.tools import learned, module

HELD: list[tuple[str, str, str]] = [
    ("a literal", "n = 3\ntb.use(n)", "3"),
    ("what the library makes of one", "n = tb.make([1, 2])\ntb.use(n)", "toolbox.make([1, 2])"),
    ("variables in it are followed", "a = 3\nn = tb.make(a)\ntb.use(n)", "toolbox.make(3)"),
    ("the last value counts", "n = 3\nn = n + 1\ntb.use(n)", "3 + 1"),
    ("values side by side", "m, n = 3, 4\ntb.use(n)", "4"),
    ("in a function, with what the module gives", "a = 3\ndef f():\n    n = [a]\n    tb.use(n)", "[3]"),
    ("the first that a loop goes through", "for n in (3, 4):\n    tb.use(n)", "3"),
    ("not a parameter", "n = 3\ndef f(n):\n    tb.use(n)", ""),
    ("not what something unknown gives", "n = 3\nn = other()\ntb.use(n)", ""),
    ("not what comes after", "def f():\n    tb.use(n)\n    n = 3", ""),
    ("not what a branch may have changed", "n = 3\nif p:\n    n = other()\ntb.use(n)", ""),
    ("not what a loop goes through elsewhere", "n = 3\nfor n in range(m):\n    tb.use(n)", ""),
    ("not what a with statement gives", "n = 3\nwith open(p) as n:\n    tb.use(n)", ""),
    ("not another function's", "def f():\n    n = 3\n\ndef g():\n    tb.use(n)", ""),
    ("not what is too long to be read", f"n = [{', '.join(map(str, range(80)))}]\ntb.use(n)", ""),
]


@pytest.mark.parametrize(("code", "held"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_what_a_variable_holds(code: str, held: str) -> None:
    tree = module(code)
    used = next(node for node in tree.walk() if node.kind == "Call" and node.children[0].name == "toolbox.use")
    assert written(held_at(tree, used.span).get("n", Tree("nothing"))) == held


GIVEN: list[tuple[str, str, str, dict[str, str]]] = [
    ("a variable", "xs = [1, 2]\nr = tb.old(xs)", "xs = [1, 2]\nr = tb.new(xs)", {"xs": "[1, 2]"}),
    (
        "what a longer expression is made of",
        "xs = [1, 2]\nr = tb.old(xs[0] + 4, mode=5)",
        "xs = [1, 2]\nr = tb.new(xs[0] + 4, mode=5)",
        {"value": "[1, 2][0] + 4"},
    ),
]


@pytest.mark.parametrize(("old", "new", "given"), [row[1:] for row in GIVEN], ids=[row[0] for row in GIVEN])
def test_a_case_gives_what_its_code_gave(old: str, new: str, given: dict[str, str]) -> None:
    (candidate,) = learned([(old, new)]).candidates
    assert candidate.rule["cases"][0].get("given") == given
