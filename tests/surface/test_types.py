"""What is returned: annotations with qualified names, and docstrings that name a type."""

from __future__ import annotations

import pytest

from apimig.surface.model import Kind
from apimig.surface.parameters import write_signature
from apimig.surface.prose import TypesInProse
from apimig.surface.stubs import read_stubs, with_stubs
from tests.surface.tools import put, read

HEAD = """
from __future__ import annotations
import numpy as np
from typing import Any, Iterator, List, Literal, Optional, TypeVar, Union
from typing_extensions import Self
from lib._impl import Frame
T = TypeVar("T")
Axis = Union[int, str]
"""

ANNOTATIONS = {
    "Frame": "lib.Frame",
    "Optional[Frame]": "lib.Frame | None",
    "Union[Frame, int, None]": "lib.Frame | int | None",
    "Frame | None": "lib.Frame | None",
    "List[Frame]": "List[lib.Frame]",
    "np.ndarray": "numpy.ndarray",
    "Axis": "int | str",
    "Literal['a', 'b']": "Literal['a', 'b']",
    "Self": "Self",
    "Any": "",
    "T": "",
}


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_annotations(annotation, tmp_path):
    files = {"lib/__init__.py": f"{HEAD}\ndef f() -> {annotation}: ...\n", "lib/_impl.py": "class Frame: ..."}
    assert read(tmp_path, files).find("lib.f").returns == ANNOTATIONS[annotation]


def test_an_annotation_in_quotes(tmp_path):
    text = "class K:\n    def m(self) -> 'K': ...\n"
    assert read(tmp_path, text).find("lib.K.m").returns == "lib.K"


def test_a_type_variable_of_the_receiver_is_self(tmp_path):
    text = "from typing import TypeVar\nT = TypeVar('T')\nclass K:\n    def m(self: T) -> T: ...\n"
    assert read(tmp_path, text).find("lib.K.m").returns == "Self"


def test_overloads_keep_the_literal_that_decides(tmp_path):
    text = """
        from typing import Literal, overload
        class K:
            @overload
            def drop(self, inplace: Literal[True]) -> None: ...
            @overload
            def drop(self, inplace: Literal[False] = ...) -> K: ...
            def drop(self, inplace: bool = False): ...
        """
    symbol = read(tmp_path, text).find("lib.K.drop")
    assert symbol.returns == "None | lib.K"
    assert symbol.overloads == (
        "(inplace) -> None if inplace: Literal[True]",
        "(inplace=...) -> lib.K if inplace: Literal[False]",
    )


PROSE = {
    "DataFrame": "lib.frame.DataFrame",
    "Series or DataFrame": "lib.frame.Series | lib.frame.DataFrame",
    ":class:`~lib.DataFrame` or None": "lib.frame.DataFrame | None",
    "``DataFrame``": "lib.frame.DataFrame",
    "ndarray of shape (n_samples, n_features)": "numpy.ndarray",
    "list of str": "list",
    "bool, optional": "bool",
    "same type as caller": "Self",
    "`~.frame.DataFrame`, or a subclass of `~.frame.DataFrame`": "lib.frame.DataFrame",
    "`.a.Twin`": "lib.a.Twin",
    "Twin": "",
    "DataFrame; Series or array of Series": "tuple[lib.frame.DataFrame, lib.frame.Series | numpy.ndarray]",
    "DataFrame; a nice thing": "tuple[lib.frame.DataFrame, typing.Any]",
    "a thing; a nice thing": "",
    "array-like of shape (n,)": "",
    "the frame, sorted": "",
    "Series or scalar": "",
    "{ndarray, sparse matrix}": "",
    "": "",
}


@pytest.mark.parametrize("text", PROSE)
def test_types_in_prose_are_read_only_when_every_word_is_understood(text):
    assert (
        TypesInProse(["lib.frame.DataFrame", "lib.frame.Series", "lib.a.Twin", "lib.b.Twin"]).read(text) == PROSE[text]
    )


RETURNS = '''
class Frame: ...
def f():
    """Make one.

    Returns
    -------
    {}
        It.
    """
'''


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Frame", "lib.Frame"),
        ("result : Frame", "lib.Frame"),
        ("a : Frame\n        It.\n    b : int", "tuple[lib.Frame, int]"),
        ("a : Frame\n        It.\n    b : Frame, optional", ""),
        ("a : Frame\n        It.\n    b : Frame\n        Only returned if asked for.\n    c : int", ""),
        ("Frame\n        It.\n    str\n        Its name.", ""),
        ("self : object", "Self"),
    ],
)
def test_returns_sections(written, read_as, tmp_path):
    symbol = read(tmp_path, RETURNS.format(written)).find("lib.f")
    assert (symbol.returns, symbol.returns_from) == (read_as, "docstring" if read_as else "")


def test_documentation_that_a_decorator_copies(tmp_path):
    text = """
        def copy_docstring(source): return lambda target: target
        class K:
            def f(self):
                '''Do.

                Returns
                -------
                K
                '''
        @copy_docstring(K.f)
        def f(): ...
        @other(K.f)
        def g(): ...
    """
    surface = read(tmp_path, text)
    assert (surface.find("lib.f").returns, surface.find("lib.g").returns) == ("lib.K", "")


def test_an_annotation_goes_before_a_docstring(tmp_path):
    text = RETURNS.format("Frame").replace("def f():", "def f() -> int:")
    symbol = read(tmp_path, text).find("lib.f")
    assert (symbol.returns, symbol.returns_from) == ("int", "annotation")


LIBRARY = """
from lib._impl import Frame
def load(path): ...
def told() -> int: ...
def documented():
    '''Do.

    Returns
    -------
    Frame
    '''
size = 3
"""
STUBS = """
from lib._impl import Frame as Frame
from typing import overload, Literal
def load(path: str) -> Frame: ...
def told() -> str: ...
def documented() -> Frame | None: ...
def never() -> Frame: ...
def size() -> int: ...
"""


def test_stubs_of_another_distribution_fill_in_what_the_library_does_not_say(tmp_path):
    impl = "class Frame:\n    def head(self, n=5): ...\n    @property\n    def T(self): ...\n"
    made = read(tmp_path / "lib", {"lib/__init__.py": LIBRARY, "lib/_impl.py": impl})
    stub = "from typing_extensions import Self\nclass Frame:\n    def head(self, n: int = ...) -> Self: ...\n    @property\n    def T(self) -> Frame: ...\n"
    folder = put(tmp_path / "stubs", {"lib-stubs/__init__.pyi": STUBS, "lib-stubs/_impl.pyi": stub})
    typed = with_stubs(made, read_stubs(folder, made))
    found = {
        symbol.name: (symbol.returns, symbol.returns_from)
        for symbol in typed.symbols()
        if symbol.kind is not Kind.MODULE
    }
    assert found == {
        "lib.Frame": ("", ""),
        "lib.Frame.head": ("Self", "stub"),
        "lib.Frame.T": ("lib.Frame", "stub"),
        "lib.load": ("lib.Frame", "stub"),
        "lib.told": ("int", "annotation"),
        "lib.documented": ("lib.Frame | None", "stub"),
        "lib.size": ("", ""),
    }


def test_a_setter_of_a_base_s_property_makes_a_property(tmp_path):
    text = "class B:\n    @property\n    def x(self): ...\nclass C(B):\n    @B.x.setter\n    def x(self, value): ...\n"
    assert read(tmp_path, text).find("lib.C.x").kind is Kind.PROPERTY


def test_a_decorator_that_states_the_constructor(tmp_path):
    text = "class B:\n    def __init__(self, a): ...\n@make(S, init=lambda b, c=1, *, base=10: None)\nclass C(B): ...\n"
    assert write_signature(read(tmp_path, text).find("lib.C").signature.parameters) == "(b, c=1, *, base=10)"


MADE = {
    "the class that is called": ("def f(): return K()", "lib.K"),
    "a variable that holds it": ("def f():\n    k = K()\n    k.x = 1\n    return k", "lib.K"),
    "each return": ("def f(a):\n    if a:\n        return K(a)\n    return K()", "lib.K"),
    "an imported class": ("from lib import K as L\ndef f(): return L()", "lib.K"),
    "a function": ("def g(): ...\ndef f(): return g()", ""),
    "different classes": ("class L: ...\ndef f(a):\n    if a:\n        return K()\n    return L()", ""),
    "perhaps nothing": ("def f(a):\n    if a:\n        return K()", ""),
    "a variable assigned twice": ("def f(a):\n    k = K()\n    k = a\n    return k", ""),
    "a variable that a loop binds": ("def f(a):\n    k = K()\n    for k in a: ...\n    return k", ""),
    "a parameter": ("def f(k):\n    return k", ""),
    "a generator": ("def f():\n    yield 1\n    return K()", ""),
    "a decorated function": ("@other\ndef f(): return K()", ""),
    "a function inside": ("def f():\n    def g(): return K()\n    return g", ""),
    "a class of another library": ("import other\ndef f(): return other.K()", ""),
    "an annotation goes before": ("def f() -> int: return K()", "int"),
}


@pytest.mark.parametrize("name", MADE)
def test_what_a_function_makes(name, tmp_path):
    code, returns = MADE[name]
    symbol = read(tmp_path, f"class K:\n    def __init__(self, a=0): ...\n{code}\n").find("lib.f")
    assert symbol.returns == returns
    assert symbol.returns_from == {"": "", "int": "annotation"}.get(returns, "body")
