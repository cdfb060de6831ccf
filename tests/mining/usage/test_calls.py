"""Code of a release -> the calls in it, with what they need; and made-up cases with the arguments of such calls."""

from __future__ import annotations

import pytest

from apimig.mining.usage.calls import Call
from apimig.mining.usage.grafting import Rule, grafted
from apimig.rulebook.signature import parse_signature
from tests.mining.usage.tools import used

LIBRARY = (
    "def old(a, b=1): ...\nclass K:\n    def gone(self, n=1): ...\n    def stays(self): ...\ndef stays(a): ...\n",
    "class K:\n    def stays(self): ...\ndef stays(a): ...\n",
)
IMPORT = "import lib\n"

# a file of the old release: the calls by name, as (call, what it needs)
CALLS = {
    "a call that needs nothing": ("lib.old(1)", {"lib.old": [("lib.old(1)", "")]}),
    "a variable": ("x = [1]\nlib.old(x)", {"lib.old": [("lib.old(x)", "x = [1]")]}),
    "a variable that is made anew": ("x = 1\nx = 2\nlib.old(x)", {"lib.old": [("lib.old(x)", "x = 2")]}),
    "a variable that is filled": (
        "x = []\ny = 1\nx.append(2)\nlib.old(x)",
        {"lib.old": [("lib.old(x)", "x = []\nx.append(2)")]},
    ),
    "a variable that is put together": (
        "x = {}\nx['a'] = 2\nx += 1\nlib.old(x)",
        {"lib.old": [("lib.old(x)", "x = {}\nx['a'] = 2\nx += 1")]},
    ),
    "a module": ("import math\nlib.old(math.pi)", {"lib.old": [("lib.old(math.pi)", "import math")]}),
    "a function": (
        "def f(n):\n    return n\nlib.old(f(2))",
        {"lib.old": [("lib.old(f(2))", "def f(n):\n    return n")]},
    ),
    "a member of an instance": ("k = lib.K()\nk.gone(n=2)", {".gone": [("k.gone(n=2)", "")]}),
    "within a test": (
        "import math\ndef test_f():\n    x = math.pi\n    assert lib.old(x) == 1",
        {"lib.old": [("lib.old(x)", "import math\nx = math.pi")]},
    ),
    "an instance of a class beside the tests": (
        "class A:\n    n = 1\ndef test_f():\n    lib.old(A())",
        {"lib.old": [("lib.old(A())", "class A:\n    n = 1")]},
    ),
    "within a test of a class": (
        "class TestF:\n    def test_f(self):\n        lib.old(2)",
        {"lib.old": [("lib.old(2)", "")]},
    ),
    "an import within a test": (
        "def test_f():\n    from lib import old as f\n    f(2)",
        {"lib.old": [("f(2)", "")]},
    ),
    "a test that is given something": ("def test_f(x):\n    lib.old(x)", {}),
    "a test with marks": ("@mark\ndef test_f():\n    lib.old(1)", {}),
    "what nobody makes": ("lib.old(x)", {}),
    "an attribute of the test": ("class TestF:\n    def test_f(self):\n        lib.old(self.x)", {}),
    "under a condition": ("if x:\n    lib.old(1)", {}),
    "what did not change": ("lib.stays(1)\nlib.K().stays()", {}),
}


@pytest.mark.parametrize("case", CALLS)
def test_calls(case, tmp_path):
    code, wanted = CALLS[case]
    found = used(tmp_path, LIBRARY, {"tests/test_a.py": f"{IMPORT}{code}\n"}, {}).calls
    assert {name: [(each.text, each.setup) for each in them] for name, them in found.items()} == wanted


def test_documentation_needs_no_imports_for_what_everybody_calls_so(tmp_path):
    found = used(tmp_path, LIBRARY, {"doc/a.rst": ">>> from lib import old\n>>> old(np.pi)\n"}, {}).calls
    assert [(each.text, each.setup) for each in found["lib.old"]] == [("old(np.pi)", "import numpy as np")]


def test_of_many_calls_those_stay_that_need_the_least(tmp_path):
    lines = [f"x{n} = {'1' * n}\nlib.old(x{n})" for n in range(30, 0, -1)]
    found = used(tmp_path, LIBRARY, {"tests/test_a.py": IMPORT + "\n".join(lines)}, {}).calls["lib.old"]
    assert len(found) == 6
    assert [len(each.setup) for each in found] == sorted(len(each.setup) for each in found)


# signature, operations, the last line of the case, a call: the last line of the case with the call's arguments
GRAFTED = {
    "arguments that are required": ("(a, b=1)", (), "lib.old(1)", "lib.old([2])", "lib.old([2])"),
    "what else is given": ("(a, b=1)", (), "lib.old(1)", "old([2], b=3)", "lib.old([2], b=3)"),
    "by place what the case gives by place": (
        "(a, b=1)", ({"keyword_only": 1},), "lib.old(1, 5)", "lib.old(a=[2])", "lib.old([2], 5)",
    ),
    "the value that the case is about": (
        "(a, b=1)", ({"remove": {"name": "b", "holds": ["5"]}},), "lib.old(1, b=5)", "lib.old(2, b=3)", "lib.old(2, b=5)",
    ),
    "a value of an argument with another name": (
        "(a, b=1)", ({"rename": {"b": "c"}},), "lib.old(1, b=5)", "lib.old(2, b=3)", "lib.old(2, b=3)",
    ),
    "an argument with another name that holds its default": (
        "(a, b=None)", ({"rename": {"b": "c"}},), "lib.old(1, b=None)", "lib.old(2)", None,
    ),
    "an argument whose absence the case is about": (
        "(a, b=1)", ({"explicit": {"b": "1"}},), "lib.old(1)", "lib.old(2, 3)", "lib.old(2)",
    ),
    "as many as there are": ("(*xs, b=1)", (), "lib.old(b=5)", "lib.old(1, 2, 3)", "lib.old(1, 2, 3, b=5)"),
    "stars": ("(a, b=1)", (), "lib.old(1)", "lib.old(*x)", None),
    "the same call": ("(a, b=1)", (), "lib.old(1)", "lib.old(1)", None),
    "no call": ("(a, b=1)", (), "lib.old", "lib.old(1)", None),
}  # fmt: skip


@pytest.mark.parametrize("case", GRAFTED)
def test_a_case_with_the_arguments_of_a_call(case):
    signature, operations, ours, theirs, wanted = GRAFTED[case]
    made = {"before": f"import lib\n\nresult = {ours}", "after": "", "given": {"unused": "1"}}
    rule = Rule(operations, parse_signature(signature))
    found = grafted(made, Call("lib.old", theirs, "x = 1", ""), rule, lambda code, _given: code.replace("old", "new"))
    assert (found and found["before"].splitlines()[-1]) == (wanted and f"result = {wanted}")
    if found is not None:
        assert found["after"] == found["before"].replace("old", "new")
        assert (found["setup"], "given" in found) == ("x = 1", False)


def test_a_case_of_a_rule_that_is_not_safe_stays_one():
    made = {"before": "result = lib.old(1)", "after": "", "unsafe": True}
    found = grafted(made, Call("lib.old", "lib.old(2)", "", ""), Rule((), None), lambda *_: "result = lib.new(2)")
    assert found == {"before": "result = lib.old(2)", "after": "result = lib.new(2)", "unsafe": True}


def test_a_case_that_the_rule_leaves_alone_is_none():
    made = {"before": "result = lib.old(1)", "after": ""}
    call = Call("lib.old", "lib.old(2)", "", "")
    assert grafted(made, call, Rule((), None), lambda code, _given: code) is None
