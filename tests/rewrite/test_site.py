"""What a codemod sees of its site, and the edits it can ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apimig.match import Matcher
from apimig.records import Edit, SourceFile, Span, UseKind
from apimig.resolve import Project
from apimig.rewrite.codemod import Refusal, Site
from apimig.rewrite.compose import compose
from apimig.rewrite.naming import Names
from apimig.rewrite.templates import Refused
from apimig.rulebook.calls import Facts
from apimig.rulebook.rule import Codemod
from tests.engine import FRAME, LIBRARIES, SERIES, rule

API = ("numpy.old", f"{FRAME}.old")


def sites(code: str) -> list[Site]:
    """The sites of ``numpy.old`` and ``DataFrame.old``, in order."""
    source = SourceFile(path=Path("m.py"), name="m.py", text=code.encode(), module="m")
    matcher = Matcher([rule(Codemod("numpy/old", API))], LIBRARIES)
    resolution = Project(LIBRARIES, matcher.interest).resolve(source)
    names, facts = Names(resolution, LIBRARIES), Facts(resolution)
    uses = [finding.use for finding in matcher.find(resolution) if finding.use.kind is not UseKind.IMPORT]
    return [Site(use, "numpy/old", names, facts) for use in uses]


HEAD = "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame()\n"


def site(code: str) -> Site:
    """The one site of some code."""
    (found,) = sites(HEAD + code)
    return found


def made(code: str, change: Callable[[Site], Edit]) -> str:
    """The code after an edit of its one site."""
    found = site(code)
    edit = change(found)
    return compose(found.resolution.source.text, [edit]).text.decode().removeprefix(HEAD)


def refused(code: str, change: Callable[[Site], object]) -> str:
    """Why an edit is refused."""
    with pytest.raises(Refused) as refusal:
        change(site(code))
    return refusal.value.reason


# ------------------------------------------------------------------------ what is there


@pytest.mark.parametrize(
    ("code", "call", "receiver"),
    [
        ("np.old(1)", "np.old(1)", "np"),
        ("df.old(1)", "df.old(1)", "df"),
        ("(df.old)(1)", "(df.old)(1)", "df"),
        ("pd.DataFrame().old(1)", "pd.DataFrame().old(1)", "pd.DataFrame()"),
        ("f(df.old)", None, "df"),
        ("from numpy import old\nold(1)", "old(1)", None),
    ],
)
def test_call_and_receiver(code: str, call: str | None, receiver: str | None) -> None:
    found = site(code)
    assert (found.call and found.text(found.call.node)) == call
    assert (found.receiver and found.text(found.receiver)) == receiver


def test_partial() -> None:
    found = site("from functools import partial\npartial(np.old, 1, a=2)")
    assert found.call is None
    assert found.partial is not None
    assert [found.text(argument.span) for argument in found.partial.arguments] == ["1", "a=2"]
    assert site("np.old(1)").partial is None


@pytest.mark.parametrize(
    ("code", "given", "maybe", "extra"),
    [
        ("np.old(1, b=2)", {"a": "1", "b": "2"}, set(), []),
        ("np.old(1, 2, 3)", {"a": "1", "b": "2"}, set(), ["3"]),
        ("np.old(*x)", {}, {"a", "b"}, []),
        ("np.old(1, **x)", {"a": "1"}, {"b"}, []),
        ("np.old", {}, set(), []),
    ],
)
def test_bind(code: str, given: dict[str, str], maybe: set[str], extra: list[str]) -> None:
    found = site(code)
    bound = found.bind("(a, b=0)")
    assert {name: found.text(argument) for name, argument in bound.given.items()} == given
    assert bound.maybe == maybe
    assert [found.text(argument) for argument in bound.extra] == extra


@pytest.mark.parametrize(
    ("argument", "frame", "nothing", "symbol"),
    [
        ("df", True, False, ""),
        ("pd.Series([])", False, False, ""),
        ("None", None, True, ""),
        ("[]", False, False, ""),
        ("unknown", None, None, ""),
        ("df if unknown else []", None, False, ""),
        ("np.inf", False, False, "numpy.inf"),
    ],
)
def test_what_an_argument_is(argument: str, frame: bool | None, nothing: bool | None, symbol: str) -> None:
    found = site(f"np.old({argument})")
    assert found.call is not None
    (given,) = found.call.arguments
    assert found.is_a(given, FRAME) is frame
    assert found.holds(given, "None") is nothing
    assert found.symbol(given) == symbol
    assert found.types(given) == found.types(found.node_at(given))


def test_subclasses_and_several_classes() -> None:
    found = site("class Own(pd.Series): pass\nnp.old(Own())")
    assert found.call is not None
    assert found.is_a(found.call.arguments[0], FRAME, SERIES) is True
    assert found.is_a(found.call.arguments[0], FRAME) is False


@pytest.mark.parametrize("code", ["getattr(np, 'old')(1)", "x: 'np.old' = 1", "x: 'list[np.old]' = 1"])
def test_a_string_has_no_node(code: str) -> None:
    with pytest.raises(Refused, match="inside a string"):
        sites(HEAD + code)


# ------------------------------------------------------------------------ where it is

AROUND = """\
def f():
    '''text'''
    # comment
    a = 1
    for x in np.zeros(3):
        if x:
            b = (np.old(x),
                 2)
            c = b
    return a
"""


def test_places() -> None:
    found = site(AROUND)
    assert found.text(found.statement) == "b = (np.old(x),\n                 2)"
    assert found.loop is not None
    assert found.text(found.loop).startswith("for x in")
    assert found.scope.type == "function_definition"
    assert [found.text(n) for n in found.following()] == ["c = b"]
    assert found.preceding() == ()
    assert [n.type for n in found.block(found.loop)] == [
        "expression_statement", "expression_statement", "for_statement", "return_statement",
    ]  # fmt: skip
    assert [found.text(n) for n in found.preceding(found.loop)] == ["'''text'''", "a = 1"]
    assert [found.text(n) for n in found.following(found.loop)] == ["return a"]
    assert found.enclosing("if_statement") is not None
    assert found.enclosing("while_statement") is None


@pytest.mark.parametrize(
    ("code", "in_loop"),
    [
        ("for x in np.old(y): pass", False),
        ("for x in y: np.old(x)", True),
        ("while np.old(x): pass", False),
        ("while x:\n    np.old(x)", True),
        ("for x in y:\n    pass\nelse:\n    np.old(x)", False),
        ("for x in y:\n    def f(): return np.old(x)", False),
        ("for x in y:\n    lambda: np.old(x)", False),
        ("[np.old(x) for x in y]", False),
    ],
)
def test_loop(code: str, in_loop: bool) -> None:
    assert (site(code).loop is not None) == in_loop


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("np.old(1)", "module"),
        ("class A:\n    x = np.old(1)", "class_definition"),
        ("def f():\n    np.old(1)", "function_definition"),
        ("def f():\n    lambda: np.old(1)", "function_definition"),
    ],
)
def test_scope(code: str, scope: str) -> None:
    assert site(code).scope.type == scope


REFERENCES = """\
def f(a, *b, c=1, d: int = 2, **e):
    global g
    a = b.a; a += 1
    for a, (b, *c) in d: pass
    with e as a: del a
    import a.x, y as a
    [a for a in a]
    (a := 1)
    def a(): a
    class A:
        a = a
    lambda a: a
    try: pass
    except E as a: f(a=a)
    a[0] = a.b = 1
    return np.old(a)
"""


def test_references() -> None:
    found = site(REFERENCES)
    said = [(r.kind, r.nested) for r in found.references("a")]
    assert said == [
        ("write", False), ("write", False), ("update", False), ("write", False), ("write", False), ("delete", False),
        ("write", False), ("write", False), ("read", True), ("write", True), ("read", True), ("write", False),
        ("write", False), ("read", True), ("write", True), ("read", True), ("write", True), ("read", True),
        ("write", False), ("read", False), ("read", False), ("read", False), ("read", False),
    ]  # fmt: skip
    assert [r.kind for r in found.references("g")] == ["declare"]
    assert [r.kind for r in found.references("b")] == ["write", "read", "write"]
    assert [found.text(r.node) for r in found.references("c")] == ["c", "c"]
    assert found.references("nothing") == ()
    assert [r.kind for r in found.references("a", found.statement)] == ["read"]


def test_names() -> None:
    found = site("def f(b):\n    b_2 = np.old(b)\n    return c")
    assert found.is_bound("b")
    assert found.is_bound("np")
    assert not found.is_bound("c")
    assert found.fresh("b") == "b_3"
    assert found.fresh("c", "d") == "d"
    assert found.fresh("new") == "new"


@pytest.mark.parametrize("code", ["x = np.old(1)  # why", "if a:\n    x = np.old(1)", "é; x = np.old(1)"])
def test_a_statement_as_a_tree_of_libcst_knows_its_places(code: str) -> None:
    found = site(code)
    places = {found.text(span) for span in found.cst.spans.values()}
    assert {"x", "np.old(1)", "old", "1"} <= places
    assert found.text(found.cst.span(found.cst.node)) == "x = np.old(1)"
    assert type(found.cst.at(found.use.span)).__name__ == "Attribute"
    assert found.cst.at(Span(0, 1)) is None


# ------------------------------------------------------------------------ what becomes of it


def call_of(found: Site):
    assert found.call is not None
    return found.call.node


@pytest.mark.parametrize(
    ("code", "template", "after"),
    [
        pytest.param("x = np.old(a)", "numpy.new($x)", "x = np.new(a)", id="spelled for the file"),
        pytest.param("x = np.old(a, b)", "numpy.new($x)", "x = np.new(a)", id="the first argument"),
        pytest.param("x = -np.old(a)", "$x + 1", "x = -(a + 1)", id="brackets outside"),
        pytest.param("x = np.old(a or b)", "$x + 1", "x = (a or b) + 1", id="brackets inside"),
        pytest.param("x = np.old(a or b)", "[$x]", "x = [a or b]", id="no brackets"),
        pytest.param("x = np.old(\n    a)", "$x + 1", "x = a + 1", id="the breaks around it go"),
        pytest.param("np.old(a).b", "lambda: $x", "(lambda: a).b", id="lambda"),
    ],
)
def test_replace(code: str, template: str, after: str) -> None:
    assert made(code, lambda s: s.replace(call_of(s), template, x=s.call.arguments[0])) == after


def test_fillings() -> None:
    def change(found: Site) -> Edit:
        assert found.call is not None
        first, *rest = found.call.arguments
        inner = found.code("[$x, $text]", x=first.value, text="'a' if b else c")
        return found.replace(found.call.node, "new($inner, $?none, $*rest)", inner=inner, none=None, rest=rest)

    assert made("np.old(a, *b, k=1)", change) == "new([a, 'a' if b else c], *b, k=1)"


def test_statements() -> None:
    code = "if x:\n    y = np.old(a)  # why\n    z = 1\n"
    assert made(
        code,
        lambda s: s.replace_statements(s.statement, s.statement, "b = $x\ny = numpy.new(b)", x=s.call.arguments[0]),
    ) == ("if x:\n    b = a\n    y = np.new(b)  # why\n    z = 1\n")
    assert made(code, lambda s: s.replace_statements(s.statement, s.following()[0], "pass")) == "if x:\n    pass\n"
    assert made(code, lambda s: s.insert_before(s.statement, "b = 1\nc = 2")) == (
        "if x:\n    b = 1\n    c = 2\n    y = np.old(a)  # why\n    z = 1\n"
    )
    assert made(code, lambda s: s.insert_after(s.statement, "b = 1\nc = 2")) == (
        "if x:\n    y = np.old(a)  # why\n    b = 1\n    c = 2\n    z = 1\n"
    )


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("np.old(a)\nb\n", "b\n"),
        ("b\nnp.old(a)", "b\n"),
        ("if x:\n    np.old(a)\n", "if x:\n    pass\n"),
        ("if x:\n    np.old(\n        a)\n    b\n", "if x:\n    b\n"),
        ("b\r\nnp.old(a)\r\nc\r\n", "b\r\nc\r\n"),
    ],
)
def test_remove_statement(code: str, after: str) -> None:
    head = HEAD.replace("\n", "\r\n") if "\r" in code else HEAD
    (found,) = sites(head + code)
    edit = found.remove_statement(found.statement)
    assert compose(found.resolution.source.text, [edit]).text.decode() == head + after


def test_line_endings_are_the_files() -> None:
    (found,) = sites((HEAD + "if x:\n\ty = np.old(a)  # why\n\tz\n").replace("\n", "\r\n"))
    edit = found.insert_after(found.statement, "b = 1\nc = 2")
    after = compose(found.resolution.source.text, [edit]).text.decode()
    assert after.endswith("if x:\r\n\ty = np.old(a)  # why\r\n\tb = 1\r\n\tc = 2\r\n\tz\r\n")


@pytest.mark.parametrize(
    ("code", "change", "why"),
    [
        ("a; np.old(b)", lambda s: s.insert_before(s.statement, "c"), "shares a line"),
        ("a; np.old(b)", lambda s: s.insert_after(s.statement, "c"), "shares a line"),
        ("a; np.old(b)", lambda s: s.replace_statements(s.statement, s.statement, "c"), "shares a line"),
        ("a; np.old(b)", lambda s: s.remove_statement(s.statement), "shares a line"),
        ("if a: np.old(b)", lambda s: s.insert_before(s.statement, "c"), "shares a line"),
        ("np.old(b); a", lambda s: s.insert_after(s.statement, "c"), "other statements follow"),
        ("np.old(b); a", lambda s: s.remove_statement(s.statement), "another statement follows"),
        ("np.old(b)  # why\na", lambda s: s.remove_statement(s.statement), "a comment or another statement follows"),
    ],
)
def test_statements_that_share_a_line(code: str, change: Callable[[Site], object], why: str) -> None:
    assert why in refused(code, change)


def test_together() -> None:
    def both(found: Site) -> Edit:
        assert found.call is not None
        first, second = found.call.arguments
        return found.together(found.replace(second, "2"), found.replace(first, "1"))

    assert made("np.old(a, b)", both) == "np.old(1, 2)"
    assert "overlap" in refused(
        "np.old(a, b)", lambda s: s.together(s.replace(call_of(s), "1"), s.replace(s.call.arguments[0], "2"))
    )


def test_a_place_that_is_no_expression() -> None:
    found = site("np.old(a, b)")
    assert found.call is not None
    first, second = found.call.arguments
    both = Span(first.span.start, second.span.end)
    with pytest.raises(Refusal, match="is not one expression"):
        found.node_at(both)
