"""What Python warns of in a library's text is no business of who reads the surface."""

from __future__ import annotations

import warnings

import pytest

from tests.surface.tools import read

TEXTS = {
    "a comparison with a literal": ("def f(a):\n    return a is 1\n", "(a)"),
    "a number with a word on its heels": ("def f(a=1if True else 2): ...\n", "(a=1 if True else 2)"),
    "a string with a stray backslash": ("def f(a):\n    return '\\d'\n", "(a)"),
    "a literal that is called": ("def f(a):\n    return (1)(a)\n", "(a)"),
    "a documented default": (
        "def f(a=None):\n    '''Do.\n\n    Parameters\n    ----------\n    a : int, default=1if True else 2\n    '''\n",
        "(a=None)",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_warning_about_the_text_of_a_library_reaches_nobody(name, tmp_path):
    text, signature = TEXTS[name]
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        made = read(tmp_path, text)
    assert [str(each.message) for each in seen] == []
    assert made.entries["lib.f"]["s"] == signature


def test_other_warnings_are_heard_again_afterwards(tmp_path):
    read(tmp_path, "def f(): ...\n")
    with pytest.warns(SyntaxWarning, match="is"):
        compile("1 is 1", "<text>", "eval")
