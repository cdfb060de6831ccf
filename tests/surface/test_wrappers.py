"""Wrappers that need the first argument by position, whatever the function inside would take."""

import pytest

from apimig.rulebook.signature import Signature
from tests.surface.tools import changed, read

DECORATOR = """
    import functools

    def dispatch(func=None, *, name=None):
        if func is None:
            return functools.partial(dispatch, name=name)

        @functools.wraps(func)
        def wrapper({parameters}):
            {body}
            return func(*args, **kwargs)

        return wrapper

    @dispatch
    def degree(G, weight=None): ...

    @dispatch(name="other")
    def size(G, weight=None): ...

    def plain(G): ...
"""


def written(parameters: str = "*args, **kwargs", body: str = "graph = args[0]") -> str:
    return DECORATOR.format(parameters=parameters, body=body)


def kinds(signature: Signature | None) -> list[str]:
    assert signature is not None
    return [parameter.kind for parameter in signature.parameters]


@pytest.mark.parametrize("name", ["degree", "size"])
def test_what_the_wrapper_reads_by_place_is_positional_only(name, tmp_path):
    surface = read(tmp_path, written())
    assert kinds(surface.find(f"lib.{name}").signature) == ["positional", "either"]
    assert kinds(surface.find("lib.plain").signature) == ["either"]


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ("*args, **kwargs", "graph = args[0] if args else kwargs['G']"),
        ("*args, **kwargs", "graph = kwargs['G']"),
        ("*args, **kwargs", "graph = args and args[0]"),
        ("*args, **kwargs", "graph = args[1:]"),
        ("G, *args, **kwargs", "graph = args[0]"),
        ("*args, **kwargs", "if args: graph = args[0]"),
        ("*args, **kwargs", "first = lambda: args[0]"),
    ],
)
def test_a_wrapper_that_may_do_without_is_none(parameters, body, tmp_path):
    surface = read(tmp_path, written(parameters, body))
    assert kinds(surface.find("lib.degree").signature) == ["either", "either"]


def test_a_decorator_from_another_module(tmp_path):
    decorator = written().partition("@dispatch")[0]
    files = {
        "lib/__init__.py": "from lib._backends import dispatch as _dispatch\nfrom lib._algorithms import *\n",
        "lib/_backends.py": decorator,
        "lib/_algorithms.py": "import lib as nx\n__all__ = ['degree']\n@nx._dispatch\ndef degree(G): ...\n",
    }
    assert kinds(read(tmp_path, files).find("lib.degree").signature) == ["positional"]


def test_it_is_a_change(tmp_path):
    before = "def degree(G, weight=None): ...\ndef size(G, weight=None): ...\ndef plain(G): ...\n"
    assert [line for line in changed(tmp_path, before, written()) if "degree" in line] == [
        "! lib.degree(G) parameter kind changed: positional or keyword -> positional-only"
    ]
