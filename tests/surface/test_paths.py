"""Which names are public, which of several paths is the name, and what classes inherit."""

from __future__ import annotations

import pytest

from apimig.surface.model import Kind
from tests.surface.tools import read


def names(surface) -> set[str]:
    return {symbol.name for symbol in surface.symbols() if symbol.public and symbol.kind is not Kind.MODULE}


EXPORTS = {
    "a list": ("__all__ = ['a']", {"lib.a"}),
    "a tuple, annotated": ("__all__: tuple = ('a', 'b')", {"lib.a", "lib.b"}),
    "a sum": ("__all__ = ['a'] + ['b']", {"lib.a", "lib.b"}),
    "added to": ("__all__ = ['a']\n__all__ += ['b']", {"lib.a", "lib.b"}),
    "extended": ("__all__ = ['a']\n__all__.extend(['b'])", {"lib.a", "lib.b"}),
    "appended to": ("__all__ = ['a']\n__all__.append('b')", {"lib.a", "lib.b"}),
    "removed from": ("__all__ = ['a', 'b']\n__all__.remove('b')", {"lib.a"}),
    "of another module": (
        "from lib import _c\nfrom lib._c import *\n__all__ = ['a']\n__all__ += _c.__all__",
        {"lib.a", "lib.c"},
    ),
    "everything there is": (
        "from lib._c import c\n__all__ = [s for s in dir() if not s.startswith('_')]",
        {"lib.a", "lib.b", "lib.c"},
    ),
    "in either branch": ("import sys\nif sys.x:\n    __all__ = ['a']\nelse:\n    __all__ = ['b']", {"lib.a", "lib.b"}),
    "computed: what is defined counts": ("__all__ = compute()", {"lib.a", "lib.b"}),
    "none: what a package defines and imports from itself": (
        "from lib._c import c\nimport os",
        {"lib.a", "lib.b", "lib.c"},
    ),
    "a private name in it stays private": ("__all__ = ['a', '_hidden']", {"lib.a"}),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_exports(name, tmp_path):
    text, expected = EXPORTS[name]
    files = {
        "lib/__init__.py": f"{text}\ndef a(): ...\ndef b(): ...\ndef _hidden(): ...\n",
        "lib/_c.py": "__all__ = ['c']\ndef c(): ...\ndef d(): ...\n",
    }
    assert names(read(tmp_path, files)) == expected


def test_an_import_in_a_plain_module_works_but_is_not_meant(tmp_path):
    files = {"lib/__init__.py": "", "lib/a.py": "class A: ...", "lib/b.py": "from lib.a import A\ndef f(): ..."}
    surface = read(tmp_path, files)
    assert names(surface) == {"lib.a.A", "lib.b.f"}
    assert surface.canonical("lib.b.A") == "lib.a.A"


def test_a_module_that_a_plain_module_imports_works_there_with_what_it_holds(tmp_path):
    files = {
        "lib/__init__.py": "",
        "lib/colours.py": "def mix(): ...",
        "lib/_inner.py": "def hidden(): ...",
        "lib/plot.py": "import os\nfrom lib import _inner as inner, colours\nimport lib.colours as paint\n",
    }
    found = read(tmp_path, files)
    assert found.find("lib.plot.colours.mix").name == found.find("lib.plot.paint.mix").name == "lib.colours.mix"
    assert found.offers("lib.plot.colours") == "lib.colours"
    assert found.find("lib.plot.colours.mix").paths == ()
    assert found.find("lib.plot.os") is None
    assert found.find("lib.plot.inner") is None


def test_every_path_leads_to_one_object_and_the_shortest_public_one_is_its_name(tmp_path):
    files = {
        "lib/__init__.py": "from lib.core.frame import Frame",
        "lib/core/__init__.py": "from lib.core.frame import Frame",
        "lib/core/frame.py": "class Frame:\n    def head(self, n=5): ...",
    }
    surface = read(tmp_path, files)
    for path in ("lib.Frame", "lib.core.Frame", "lib.core.frame.Frame"):
        assert surface.canonical(path) == "lib.Frame"
        assert surface.canonical(path + ".head") == "lib.Frame.head"
    assert surface.find("lib.Frame").paths == ("lib.core.Frame", "lib.core.frame.Frame")


def test_a_private_place_of_definition_still_leads_to_the_public_name(tmp_path):
    files = {"lib/__init__.py": "from lib._impl import f", "lib/_impl.py": "def f(): ..."}
    surface = read(tmp_path, files)
    assert (surface.canonical("lib._impl.f"), surface.offers("lib._impl.f")) == ("lib.f", None)


def test_a_function_named_as_its_module(tmp_path):
    files = {"lib/__init__.py": "from .dbscan import dbscan", "lib/dbscan.py": "def dbscan(X, eps=0.5): ..."}
    symbol = read(tmp_path, files).find("lib.dbscan")
    assert (symbol.kind, list(symbol.signature.names)) == (Kind.FUNCTION, ["X", "eps"])


def test_names_for_type_checkers_alone_are_not_there(tmp_path):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib._a import A\n"
    assert names(read(tmp_path, {"lib/__init__.py": text, "lib/_a.py": "class A: ..."})) == set()


def test_what_is_imported_for_type_checkers_and_listed_is_there_at_run_time(tmp_path):
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib.a import A\n"
        "__all__ = ('A',)\ndef __getattr__(name): ...\n"
    )
    surface = read(tmp_path, {"lib/__init__.py": text, "lib/a.py": "class A: ..."})
    assert surface.canonical("lib.A") == surface.canonical("lib.a.A") == "lib.A"


def test_helpers_at_the_top_of_a_module_are_not_meant(tmp_path):
    text = "import logging\nfrom typing import TypeVar\nT = TypeVar('T')\nlog = logging.getLogger()\ntext = 'for docs'\nLIMIT = 3\n"
    assert names(read(tmp_path, {"lib/__init__.py": "", "lib/a.py": text})) == {"lib.a.LIMIT"}


def test_members_come_from_bases_in_the_order_of_lookup(tmp_path):
    text = """
        class _Top:
            def m(self): ...
            def top(self): ...
        class _Left(_Top):
            def m(self, left): ...
        class _Right(_Top):
            def m(self, right): ...
            def right(self): ...
        class K(_Left, _Right): ...
        """
    surface = read(tmp_path, text)
    assert surface.mro("lib.K") == ("lib.K", "lib._Left", "lib._Right", "lib._Top")
    assert surface.members("lib.K") == {"m": "lib._Left", "right": "lib._Right", "top": "lib._Top"}
    assert list(surface.find("lib.K.m").signature.names) == ["left"]


def test_how_classes_are_called(tmp_path):
    text = """
        from dataclasses import dataclass
        from other import Foreign
        class Plain: ...
        class Made(Plain):
            def __init__(self, a, b=1): ...
        class Inherits(Made): ...
        class New:
            def __new__(cls, x): ...
        @dataclass
        class Data:
            x: int
            y: str = "a"
        class Unknown(Foreign): ...
        """
    surface = read(tmp_path, text)
    called = {symbol.last: symbol.signature for symbol in surface.symbols() if symbol.kind is Kind.CLASS}
    assert {name: signature and list(signature.names) for name, signature in called.items()} == {
        "Plain": [], "Made": ["a", "b"], "Inherits": ["a", "b"], "New": ["x"], "Data": ["x", "y"], "Unknown": None,
    }  # fmt: skip


def test_an_enumeration_has_members(tmp_path):
    text = "import enum\nclass Color(enum.Enum):\n    RED = 1\n    def mix(self): ...\n"
    surface = read(tmp_path, text)
    assert surface.find("lib.Color.RED").kind is Kind.ENUM_MEMBER
    assert surface.find("lib.Color.mix").kind is Kind.METHOD


def test_a_member_assigned_to_another_is_that_other(tmp_path):
    symbol = read(tmp_path, "class K:\n    def aggregate(self, func): ...\n    agg = aggregate\n").find("lib.K.agg")
    assert (symbol.kind, symbol.home, list(symbol.signature.names)) == (Kind.METHOD, "lib.K.aggregate", ["func"])


STUBS = {
    "lib/__init__.py": "from lib._fast import zeros\n",
    "lib/__init__.pyi": "from lib._fast import zeros as zeros, nansum as nansum\nclass Box:\n    def get(self) -> int: ...\n",
    "lib/_fast.pyi": """
        from typing import overload
        @overload
        def zeros(n: int) -> list[int]: ...
        @overload
        def zeros(n: str, order: str = ...) -> list[str]: ...
        def total(x) -> int: ...
        nansum = total
        """,
}


def test_stubs_say_what_compiled_modules_hold(tmp_path):
    surface = read(tmp_path, STUBS)
    zeros = surface.find("lib.zeros")
    assert (zeros.kind, list(zeros.signature.names), zeros.returns) == (
        Kind.FUNCTION,
        ["n", "order"],
        "list[int] | list[str]",
    )
    assert zeros.overloads == ("(n) -> list[int]", "(n, order=...) -> list[str]")
    assert surface.find("lib.Box.get").returns == "int"


def test_in_a_stub_an_assignment_says_only_how_a_function_is_called(tmp_path):
    surface = read(tmp_path, STUBS)
    assert surface.find("lib.nansum").name == "lib.nansum"
    assert surface.find("lib.nansum").returns == "int"


def test_a_private_module_that_a_public_one_shows_under_a_name_of_its_own(tmp_path):
    files = {
        "lib/__init__.py": "from lib._core import strings as char",
        "lib/_core/__init__.py": "",
        "lib/_core/strings.py": "__all__ = ['add']\ndef add(a, b): ...\ndef helper(): ...\n",
    }
    surface = read(tmp_path, files)
    assert names(surface) == {"lib.char.add"}
    assert surface.find("lib._core.strings.add").name == "lib.char.add"
    assert surface.find("lib.char").kind is Kind.MODULE


def test_a_module_under_another_name_leads_to_what_it_takes_from_elsewhere(tmp_path):
    files = {
        "lib/__init__.py": "from lib.sub import mod\nfrom lib.sub.mod import f\n",
        "lib/core.py": "def f(): ...\n",
        "lib/sub/__init__.py": "",
        "lib/sub/mod.py": "from lib.core import f\n",
    }
    surface = read(tmp_path, files)
    assert surface.canonical("lib.mod.f") == "lib.f"
    assert surface.find("lib.mod.f") == surface.find("lib.f")
