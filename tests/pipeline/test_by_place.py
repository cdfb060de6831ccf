"""Calls of what takes its first argument by position alone in the new release."""

import pytest

from apimig.pipeline import apply_rules
from apimig.records import NeedsPerson
from apimig.surface.deriving import derive
from apimig.surface.libraries import library_of
from tests.surface.tools import put
from tests.surface.tools import read as surface

BEFORE = "def f(G, weight=None): ...\ndef pair(G, H): ...\n"
AFTER = """
    def dispatch(func):
        def wrapper(*args, **kwargs):
            graph = args[0]
            return func(*args, **kwargs)
        return wrapper

    @dispatch
    def f(G, weight=None): ...

    def pair(G, H, /): ...
"""


@pytest.fixture(scope="module")
def derived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lib")
    old, new = surface(put(folder / "old", BEFORE), {}), surface(put(folder / "new", AFTER), {})
    return derive(old, new), [library_of(old, oldest="1", releases=())]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(G=graph)", "f(graph)"),
        ("f(G = graph, weight=2)", "f(graph, weight=2)"),
        ("f(\n    G=graph,  # the graph\n)", "f(\n    graph,  # the graph\n)"),
        ("f(graph, weight=2)", "f(graph, weight=2)"),
        ("f(graph, 2)", "f(graph, 2)"),
        ("pair(G=graph, H=other)", "pair(graph, other)"),
        ("pair(graph, H=other)", "pair(graph, other)"),
    ],
)
def test_rewritten(call, expected, derived):
    rules, libraries = derived
    result = apply_rules(f"from lib import f, pair\n\n{call}\n", rules, libraries)
    assert result.text == f"from lib import f, pair\n\n{expected}\n"


@pytest.mark.parametrize(
    "call", ["f(weight=2, G=graph)", "pair(H=other, G=graph)", "f(**options, G=graph)", "f(*rest, G=graph)"]
)
def test_for_a_person(call, derived):
    rules, libraries = derived
    code = f"from lib import f, pair\n\n{call}\n"
    result = apply_rules(code, rules, libraries)
    assert result.text == code
    assert [type(outcome) for outcome in result.outcomes] == [NeedsPerson]
