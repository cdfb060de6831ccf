"""What parses, and what the parsers say when something does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig import syntax
from apimig.syntax import Words, check_python, check_python2, depth_of, parse

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
    assert check_python2("`\u00b2".encode()) == (1, "invalid syntax, as Python 2 too")


def test_depth():
    assert depth_of(parse(b"")) == 1
    assert depth_of(parse(b"x")) == 3
    assert depth_of(parse(b"((x))")) == depth_of(parse(b"x")) + 2


def test_a_text_is_parsed_once():
    assert parse(b"x = 1") is parse(b"x = 1")


# --------------------------------------------------------------------------- looking for things

SPELLED = st.sampled_from(["append", "np", "x1", "größe", "_", "app"])
TEXTS = st.lists(st.sampled_from([b"append", b"np", b"x1", "größe".encode(), b"_", b".", b" ", b"\n", b"\xe9", b"\0"]))


@given(st.sets(SPELLED), TEXTS.map(b"".join))
def test_words_are_found_as_a_regular_expression_finds_them(words, raw):
    spelled = b"|".join(re.escape(word.encode()) for word in words) or b"(?!)"
    alone = re.search(rb"(?<![A-Za-z0-9_])(?:" + spelled + rb")(?![A-Za-z0-9_])", raw)
    others = [word for word in words if not word.isascii()]  # these count inside of others too
    assert Words(words).found_in(raw) == (alone is not None or any(word.encode() in raw for word in others))


@pytest.mark.parametrize("before", [0, 1, 65_530, 65_536, 65_540, 200_000])
def test_a_word_is_found_wherever_it_stands(before):
    assert Words(["append"]).found_in(b"x." * (before // 2) + b" append")
    assert Words(["append"]).found_in(b"x" * before + b" append")
    assert not Words(["append"]).found_in(b"x" * before + b"append" + b"y" * before + b"_append")


@pytest.mark.parametrize(
    "types",
    [{"identifier"}, {"assignment", "comment"}, {"attribute", "call", "expression_statement"}],
    ids=["leaves", "several types", "nodes with one span"],
)
def test_nodes_are_found_in_the_order_of_a_walk(types):
    tree = parse(
        b"a = b = c.d.e(f).g  # h\nclass A:\n    x: int = [y.z for y in (z := 1, 2)]\n    def f(self): self.x.y()\n"
    )
    for top in syntax.walk(tree.root_node):
        walked = [node.id for node in syntax.walk(top) if node.type in types]
        assert [node.id for node in syntax.of_types(top, frozenset(types))] == walked
