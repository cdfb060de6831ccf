"""What parses, and what the parsers say when something does not."""

import pytest

from apimig.syntax import check_python, check_python2, depth_of, parse

FINE = [
    "",
    "x = 1",
    "x = '\\d'\n",
    "type X[T] = list[T]\n",
    "def f[T: int](x: T): pass\n",
    "x = f'{a['b']}'\n",
    "x = f'{a:{'b'}}'\n",
    "x = t'{a}'\n",
    "try:\n    pass\nexcept A, B:\n    pass\n",
    "try:\n    pass\nexcept A, b.C:\n    pass\n",
    "for x in *a, b: pass\n",
    "await x\n",
]


@pytest.mark.parametrize("code", FINE)
def test_python_3(code):
    assert check_python(code.encode()) is None


BROKEN = [
    (b"x = 1\nx = = 2\n", 2, "invalid syntax"),
    (b"f() = 1\n", 1, "cannot assign to function call"),
    (b"if x:\npass\n", 2, "expected an indented block"),
    (b"if x:\n\ty\n        z\n", 3, "inconsistent use of tabs and spaces"),
    (b"# coding: latin-1\n'\xe9'\n", 2, "is not UTF-8"),
    (b"x\ny = '\0'\n", 2, "null bytes"),
    (b"type X = int\nprint 'x'\n", 1, ""),
    (b"x = f'{a['b']}'\nf() = 1\n", 1, "f-string"),
    (b"try:\n    pass\nexcept A, e:\n    pass\n", 3, "multiple exception types must be parenthesized"),
    (b"(" * 4000 + b")" * 4000, 1, "too many nested parentheses"),
    (b"type X = int\n" + b"(" * 4000 + b")" * 4000, 2, "too many nested parentheses"),
    (b"-" * 100_000 + b"1", 1, "nests too deeply"),
]


@pytest.mark.parametrize(("code", "line", "words"), BROKEN)
def test_not_python_3(code, line, words):
    problem = check_python(code)
    assert problem is not None
    assert problem[0] == line
    assert words in problem[1]


def test_python_2():
    assert check_python2(b"print `x`, 0777L\nexec y in z") is None
    assert check_python2(b"from __future__ import print_function\nprint(`x`, file=f)\n") is None
    assert check_python2(b"print 'a'\nx = :=\n") == (2, "invalid syntax, as Python 2 too")
    assert check_python2(b"print 'a' % (\n") == (2, "EOF in multi-line statement")
    assert check_python2(b"if x:\n        y\n    z\n") is not None


def test_depth():
    assert depth_of(parse(b"")) == 1
    assert depth_of(parse(b"x")) == 3
    assert depth_of(parse(b"((x))")) == depth_of(parse(b"x")) + 2


def test_a_text_is_parsed_once():
    assert parse(b"x = 1") is parse(b"x = 1")
