"""Whatever the program, resolving it ends, and every span means what it says."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apimig.records import UseKind
from tests.resolve.library import resolve

NAMES = st.sampled_from(["tab", "tb", "a", "b", "f", "self", "append", "Frame"])
LEAVES = NAMES | st.sampled_from(["1", "'s'", "None", "[]", "{}", "tab.Frame()", "tb.read('x')", "..."])


def _grow(inner):
    return st.one_of(
        st.builds("{}.{}".format, inner, NAMES),
        st.builds("{}({})".format, inner, inner),
        st.builds("{}.append({}, ignore_index=True)".format, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("[{} for {} in {}]".format, inner, NAMES, inner),
        st.builds("(lambda {}: {})".format, NAMES, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(b := {})".format, inner),
        st.builds("({}, {})".format, inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=6)


def _indent(lines):
    return "\n".join("    " + line for line in "\n".join(lines).split("\n"))


def _compound(inner):
    body = st.lists(inner, min_size=1, max_size=3).map(_indent)
    return st.one_of(
        st.builds("if {}:\n{}\nelse:\n{}".format, EXPRESSIONS, body, body),
        st.builds("for {} in {}:\n{}".format, NAMES, EXPRESSIONS, body),
        st.builds("while {}:\n{}\n    break".format, EXPRESSIONS, body),
        st.builds("try:\n{}\nexcept ImportError:\n{}".format, body, body),
        st.builds(
            "def {}({}, b={}):\n{}\n    return {}".format,
            NAMES,
            NAMES.filter(lambda n: n != "b"),
            EXPRESSIONS,
            body,
            EXPRESSIONS,
        ),
        st.builds("class {}({}):\n{}".format, NAMES, EXPRESSIONS, body),
        st.builds("with {} as {}:\n{}".format, EXPRESSIONS, NAMES, body),
    )


SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("self.{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("{}, {} = {}".format, NAMES, NAMES, EXPRESSIONS),
    st.builds("{} += {}".format, NAMES, EXPRESSIONS),
    st.builds("del {}".format, NAMES),
    st.builds("global {}".format, NAMES),
    st.builds("import tab as {}".format, NAMES),
    st.builds("from tab import Frame as {}".format, NAMES),
    st.just("from tab import *"),
    EXPRESSIONS,
)
STATEMENTS = st.recursive(SIMPLE, _compound, max_leaves=8)
MODULES = st.lists(STATEMENTS, max_size=6).map("\n".join)


@given(MODULES)
@settings(max_examples=300, deadline=None)
def test_every_use_stands_where_it_says(code):
    found = resolve("import tab as tb\n" + code + "\n")
    text = found.source.text
    for use in found.uses:
        piece = text[use.span.start : use.span.end].decode()
        assert piece, use
        if use.kind is UseKind.MEMBER:
            assert piece.endswith(use.symbol)
            assert text[use.receiver_span.start : use.receiver_span.end].decode() in piece
    for binding in found.imports:
        for span in binding.uses:
            assert text[span.start : span.end].decode() == binding.name


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_is_too_strange(data):
    text = data.decode("utf-8", "replace")
    list(resolve(f"import tab\n{text}").uses)


@pytest.mark.parametrize(
    "code",
    [
        "x = " + " + ".join(["a"] * 3000),
        "x = tab.Frame()" + ".append(1)" * 1000,
        "x = " + "(" * 150 + "tab" + ")" * 150,
        "x = " + "[" * 500 + "]" * 500,
        "if a: pass\n" + "".join(f"elif a == {n}: b = {n}\n" for n in range(1500)),
        "x = " + "not " * 900 + "a",
        "x = [x]\n" * 200,
        "def f(n):\n    return f(n - 1) or tab.Frame()\nf(1).append(2)",
        "x: ' ' = tab.Frame()\ndef f(a: '#', b: '\\n') -> '': tab.Frame()",
        "class A(A): pass\nA().append(1)",
        "class A:\n    def f(self): return self.f().append(1)",
        "\n".join(f"{'    ' * n}for x in y:" for n in range(18)) + "\n" + "    " * 18 + "x = tab.Frame()",
    ],
    ids=[
        "sum",
        "chain",
        "parentheses",
        "lists",
        "elif",
        "not",
        "self-containing",
        "blank annotations",
        "recursion",
        "own base",
        "own result",
        "loops",
    ],
)
def test_deep_and_circular_code_ends(code):
    limit = sys.getrecursionlimit()
    list(resolve("import tab\n" + code + "\n").uses)
    assert sys.getrecursionlimit() == limit
