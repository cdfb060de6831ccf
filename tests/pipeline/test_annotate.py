"""TODO comments stand where a comment may stand, once."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.pipeline.annotate import annotated
from apimig.records import Applicability, Certainty, Location, NeedsPerson, Span

TODO = "# TODO(apimig): lib/rule: look here https://x.example"


def person(rule: str = "lib/rule", why: str = "look here", reference: str = "https://x.example") -> NeedsPerson:
    return NeedsPerson(
        Location("a.py", 1, 1), rule, "SITE", Certainty.PROVEN, Applicability.SAFE, why, "advice", reference
    )


def annotate(code: str, outcome: NeedsPerson | None = None, mark: str = "SITE", **more) -> str:
    """The code with a comment for every ``SITE`` in it."""
    text, sites, at = code.encode(), [], code.encode().find(mark.encode())
    while at >= 0:
        sites.append((Span(at, at + len(mark)), outcome or person()))
        at = text.find(mark.encode(), at + 1)
    return annotated(text, sites, **more).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("SITE()\n", "{}\nSITE()\n", id="first line"),
        pytest.param("x = 1\ny = SITE(x)\n", "x = 1\n{}\ny = SITE(x)\n", id="simple statement"),
        pytest.param("def f():\n    return SITE\n", "def f():\n    {}\n    return SITE\n", id="indented"),
        pytest.param("if x:\n\tSITE()\n", "if x:\n\t{}\n\tSITE()\n", id="tabs"),
        pytest.param("x = f(\n    1,\n    SITE,\n)\n", "{}\nx = f(\n    1,\n    SITE,\n)\n", id="inside brackets"),
        pytest.param("x = 1 + \\\n    SITE\n", "{}\nx = 1 + \\\n    SITE\n", id="after a backslash"),
        pytest.param("a = 1; SITE()\n", "{}\na = 1; SITE()\n", id="after a semicolon"),
        pytest.param("if SITE:\n    pass\n", "{}\nif SITE:\n    pass\n", id="header"),
        pytest.param("if a: SITE()\n", "{}\nif a: SITE()\n", id="body on the header's line"),
        pytest.param("if a: \\\n  SITE()\n", "{}\nif a: \\\n  SITE()\n", id="body below a backslash"),
        pytest.param("if a:\n    pass\nelif SITE:\n    pass\n", "if a:\n    pass\n{}\nelif SITE:\n    pass\n", id="elif"),
        pytest.param("@SITE\ndef f(): pass\n", "{}\n@SITE\ndef f(): pass\n", id="decorator"),
        pytest.param("@a\n@SITE(\n  1)\ndef f(): pass\n", "@a\n{}\n@SITE(\n  1)\ndef f(): pass\n", id="second decorator"),
        pytest.param("@a\ndef f(x=SITE): pass\n", "@a\n{}\ndef f(x=SITE): pass\n", id="below a decorator"),
        pytest.param('x = """\n{SITE}\n"""\n', '{}\nx = """\n{SITE}\n"""\n', id="inside a multi-line string"),
        pytest.param('x = f"""\n{SITE}\n"""\n', '{}\nx = f"""\n{SITE}\n"""\n', id="inside a multi-line f-string"),
        pytest.param('"""a\\\n"""\nSITE()\n', '"""a\\\n"""\n{}\nSITE()\n', id="backslash in a docstring above"),
        pytest.param("# a \\\nSITE()\n", "# a \\\n{}\nSITE()\n", id="backslash in a comment above"),
        pytest.param("with a as b, \\\n     SITE as c:\n    pass\n", "{}\nwith a as b, \\\n     SITE as c:\n    pass\n", id="with"),
        pytest.param("try:\n    pass\nexcept SITE:\n    pass\n", "try:\n    pass\n{}\nexcept SITE:\n    pass\n", id="except"),
        pytest.param("match x:\n    case SITE():\n        pass\n", "match x:\n    {}\n    case SITE():\n        pass\n", id="case"),
        pytest.param("#!/usr/bin/python\n# coding: utf-8\nSITE()\n", "#!/usr/bin/python\n# coding: utf-8\n{}\nSITE()\n", id="cookie"),
        pytest.param("SITE()", "{}\nSITE()", id="no final newline"),
        pytest.param("SITE()\nSITE()\n", "{}\nSITE()\n{}\nSITE()\n", id="two statements"),
        pytest.param("f(SITE, SITE)\n", "{}\nf(SITE, SITE)\n", id="two sites of one rule in a statement"),
        pytest.param("class A(\n  B,\n  SITE,\n):\n    pass\n", "{}\nclass A(\n  B,\n  SITE,\n):\n    pass\n", id="class header"),
        pytest.param("x = [\n    y for y in z\n    if SITE(y)\n]\n", "{}\nx = [\n    y for y in z\n    if SITE(y)\n]\n", id="comprehension"),
    ],
)  # fmt: skip
def test_the_comment_stands_above_the_statement(before, after):
    shown = annotate(before)
    assert shown == after.replace("{}", TODO)
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(before))
    assert annotate(shown) == shown


def test_windows_line_endings_stay():
    assert annotate("x = 1\r\nSITE()\r\n") == f"x = 1\r\n{TODO}\r\nSITE()\r\n"


def test_each_rule_has_its_own_comment():
    text = b"f(SITE)\n"
    sites = [(Span(2, 6), person("lib/one")), (Span(2, 6), person("lib/two"))]
    shown = annotated(text, sites)
    assert [line.split(b":")[1] for line in shown.splitlines()[:2]] == [b" lib/one", b" lib/two"]
    moved = len(shown) - len(text)
    assert annotated(shown, [(Span(s.start + moved, s.end + moved), o) for s, o in sites]) == shown


def test_another_comment_between_does_not_hide_ours():
    before = f"{TODO}\n# about f\nf(SITE)\n"
    assert annotate(before) == before


def test_the_reason_may_change_without_a_second_comment():
    before = annotate("f(SITE)\n", person(why="see line 3"))
    assert annotate(before, person(why="see line 4")) == before


def test_the_comment_is_one_line_of_ascii():
    shown = annotate("f(SITE)\n", person(why="two\nlines — of it"))
    assert shown.isascii()
    assert len(shown.splitlines()) == 2


def test_magic_lines_stay_first():
    text = "%%time_masked\nSITE()\n"
    assert annotate(text, protected=(Span(0, 14),)).startswith("%%time_masked\n# TODO")


LINES = st.sampled_from(
    [
        "SITE()", "x = SITE", "if SITE:", "    SITE()", "else:", "    pass", "f(", "  SITE,", ")", '"""', "SITE", "@SITE",
        "def f(a=SITE):", "    return SITE", "a \\", "  + SITE", "# SITE", "", "for a in SITE: pass", "try:", "except SITE:",
        "a = 1; SITE()", "\tSITE",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=12))
def test_code_that_parses_means_the_same_afterwards(lines):
    code = "\n".join(lines)
    try:
        meaning = ast.dump(ast.parse(code))
    except SyntaxError:
        return
    shown = annotate(code)
    assert ast.dump(ast.parse(shown)) == meaning
    assert annotate(shown) == shown
