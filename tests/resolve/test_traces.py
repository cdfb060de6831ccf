"""Bodies that would learn nothing new are not interpreted again, and nobody can tell from the results."""

from unittest import mock

import pytest
from hypothesis import given, settings

from apimig import syntax
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.traces import Trace
from tests.resolve.library import resolve
from tests.resolve.test_any_program import MODULES

IMPORT = "import tab as tb\n"


def everything(code, others):
    """All that a resolution says of a module: its uses, its imports and the value of every expression."""
    found = resolve(code, others=others)
    spans = {syntax.span_of(node) for node in syntax.walk(found.tree.root_node)}
    return list(found.uses), list(found.imports), {span: found.value_at(span) for span in spans}


def in_every_pass(code, others):
    """The same, with every body interpreted in every pass."""
    with mock.patch.object(Trace, "holds", return_value=False):
        return everything(code, others)


LEARNED = {
    "a parameter's type from a caller below": "def f(x):\n    return x.append(1)\n\ndef g():\n    return f(tb.Frame())\n",
    "from a caller in another module": "from other import make\n\ndef f(x):\n    return x.append(1)\n\ndef g():\n    f(make())\n",
    "an attribute set by a later method": (
        "class A:\n    def use(self):\n        self.x.append(1)\n    def fill(self):\n        self.x = tb.Frame()\n"
    ),
    "an attribute set by another function": (
        "class A:\n    def use(self):\n        self.x.append(1)\n\ndef fill():\n    a = A()\n    a.x = tb.read('x')\n"
    ),
    "a global that a later function binds": (
        "x = None\n\ndef use():\n    x.append(1)\n\ndef fill():\n    global x\n    x = tb.Frame()\n"
    ),
    "results that go round in a circle": (
        "def f(n):\n    return g(n - 1) if n else tb.Frame()\n\ndef g(n):\n    return f(n)\n\nf(1).append(g(2))\n"
    ),
    "a function in a function": (
        "def outer(x):\n    def inner(y):\n        return y.append(1)\n    return inner(x)\n\nouter(tb.Frame())\n"
    ),
    "a lambda's surroundings": "def f():\n    x = later()\n    return lambda y: x.append(y)\n\ndef later():\n    return tb.Frame()\n",
    "a class in a function": (
        "def f(x):\n    class A:\n        def __init__(self):\n            self.x = x\n    return A().x.append(1)\n\nf(tb.Frame())\n"
    ),
    "a function defined twice": (
        "if tb:\n    def f(x):\n        return x\nelse:\n    def f(x):\n        return tb.Frame()\n\ndef g():\n    f(1).append(2)\n"
    ),
    "a class defined twice": (
        "if tb:\n    class A:\n        def fill(self):\n            self.x = tb.Frame()\nelse:\n"
        "    class A:\n        def use(self):\n            self.x.append(1)\n\ndef g(a: A):\n    a.x.append(1)\n"
    ),
    "a property": (
        "class A:\n    @property\n    def x(self):\n        return self.y\n    def fill(self):\n        self.y = tb.Frame()\n"
        "\ndef g():\n    A().x.append(1)\n"
    ),
    "a fixture": (
        "import pytest\n\n@pytest.fixture\ndef frame():\n    return make()\n\ndef test_a(frame):\n    frame.append(1)\n"
        "\ndef make():\n    return tb.Frame()\n"
    ),
    "a base class in another module": (
        "import other\n\nclass B(other.A):\n    def use(self):\n        self.kept.append(1)\n\ndef g():\n    B(tb.Frame())\n"
    ),
    "a name behind a star": "from other import *\n\ndef f():\n    return make().append(FRAME)\n",
}
OTHER = """\
import tab
import mod

FRAME = tab.Frame()

def make():
    return tab.read("x")

class A:
    def __init__(self, kept):
        self.kept = kept
"""


@pytest.mark.parametrize("code", LEARNED.values(), ids=LEARNED)
def test_what_is_learned_late_reaches_all_who_ask(code):
    code = IMPORT + code
    assert everything(code, {"other": OTHER}) == in_every_pass(code, {"other": OTHER})


@given(MODULES, MODULES)
@settings(max_examples=150, deadline=None)
def test_any_two_modules_mean_what_they_mean_interpreted_in_full(code, other):
    code, others = f"{IMPORT}from other import *\n{code}\n", {"other": f"{IMPORT}import mod\n{other}\n"}
    assert everything(code, others) == in_every_pass(code, others)


def bodies_run(code):
    ran = []
    run = Interpreter._run_body

    def counted(self, node, *rest):
        ran.append(node.id)
        run(self, node, *rest)

    with mock.patch.object(Interpreter, "_run_body", counted):
        resolve(code)
    return ran


SETTLED = {
    "nothing to learn": ("def f():\n    return tb.Frame().append(1)\n", 1),
    "nothing new from a result": ("def f():\n    return g().append(1)\n\ndef g():\n    return tb.Frame()\n", 2),
    "a parameter once": ("def f(x):\n    return x.append(1)\n\ndef g():\n    return f(tb.Frame())\n", 4),
    "locals and loops": ("def f(xs):\n    y = None\n    for x in xs:\n        y = x\n    return y\n", 1),
}


@pytest.mark.parametrize(("code", "times"), SETTLED.values(), ids=SETTLED)
def test_a_body_that_learns_nothing_runs_once(code, times):
    assert len(bodies_run(IMPORT + code)) == times
