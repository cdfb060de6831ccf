"""Patterns against code: what matches, what a metavariable stands for, and where that cannot be told."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import Rewrite, Template
from tests.engine import FRAME, INDEX, rule, upgrade

IMPORTS = "import numpy as np\nimport pandas as pd\n"


def rewritten(code: str, *templates: Template, signature: str = "", **where: tuple[str, ...]):
    body = Rewrite(templates, where, signature)
    return upgrade(IMPORTS + code + "\nnp, pd\n", rule(body, name="numpy/pattern"))


def after(code: str, *templates: Template, **options) -> str:
    return rewritten(code, *templates, **options).text.removeprefix(IMPORTS).removesuffix("\nnp, pd\n")


# ------------------------------------------------------------------------ without a signature

ONE = Template("numpy.old($x)", "new($x)")
KEY = Template("numpy.old($x, axis=1)", "new($x)")
TEXT = Template("numpy.old($x, 'a')", "new($x)")
ANY = Template("numpy.old($_, $x)", "new($x)")
SAME = Template("numpy.old($x, $x)", "new($x)")
MAYBE = Template("numpy.old($x, copy=$?copy)", "new($x, copy=$?copy)")
REST = Template("numpy.old($x, $*rest)", "new($*rest, x=$x)")
LIST = Template("numpy.old([$first, $*rest, $last])", "new($last, [$*rest], $first)")
NESTED = Template("numpy.outer(numpy.inner($x), k=[$y, 1])", "new($x, $y)")
ATTRIBUTE = Template("numpy.old($x).part", "new($x)")
ITEM = Template("numpy.old[$x]", "new($x)")
SUM = Template("numpy.old($x) + $y", "new($x, $y)")


@pytest.mark.parametrize(
    ("template", "code", "expected"),
    [
        pytest.param(ONE, "np.old(a)", "new(a)", id="one"),
        pytest.param(ONE, "(np.old)(a)", "new(a)", id="parentheses around the function"),
        pytest.param(ONE, "np.old((a))", "new((a))", id="parentheses around the argument"),
        pytest.param(ONE, "np.old((a, b))", "new((a, b))", id="a tuple"),
        pytest.param(ONE, "np.old(a,)", "new(a)", id="trailing comma"),
        pytest.param(ONE, "np.old(i for i in a)", "new((i for i in a))", id="bare generator"),
        pytest.param(ONE, "np.old(lambda: 1)", "new(lambda: 1)", id="lambda"),
        pytest.param(ONE, "np.old(np.old(a))", "new(new(a))", id="nested"),
        pytest.param(KEY, "np.old(a, axis=1)", "new(a)", id="keyword"),
        pytest.param(KEY, "np.old(axis = 1, *[], **{})", None, id="the argument may be in a star"),
        pytest.param(KEY, "np.old(a, axis=(1))", "new(a)", id="value in parentheses"),
        pytest.param(TEXT, 'np.old(a, "a")', "new(a)", id="the other quotes"),
        pytest.param(TEXT, 'np.old(a, """a""")', "new(a)", id="three quotes"),
        pytest.param(TEXT, "np.old(a, '\\x61')", "new(a)", id="escaped"),
        pytest.param(ANY, "np.old(f(1), 2)", "new(2)", id="anything"),
        pytest.param(Template("numpy.old($_, $_)", "new()"), "np.old(a, b)", "new()", id="anything twice need not be the same"),
        pytest.param(SAME, "np.old(a.b, a . b)", "new(a.b)", id="the same twice"),
        pytest.param(MAYBE, "np.old(a)", "new(a)", id="optional, absent"),
        pytest.param(MAYBE, "np.old(copy=c, *[a])", None, id="optional, with a star"),
        pytest.param(MAYBE, "np.old(a, copy=c)", "new(a, copy=c)", id="optional, given"),
        pytest.param(REST, "np.old(a)", "new(x=a)", id="a run of none"),
        pytest.param(REST, "np.old(a, b, c=1)", "new(b, c=1, x=a)", id="a run of two"),
        pytest.param(REST, "np.old(a, *b, c=1, **d)", "new(*b, c=1, **d, x=a)", id="a run with stars"),
        pytest.param(LIST, "np.old([1, 2, 3, 4])", "new(4, [2, 3], 1)", id="a run in a list"),
        pytest.param(LIST, "np.old([1, 2])", "new(2, [], 1)", id="an empty run in a list"),
        pytest.param(NESTED, "np.outer(np.inner(a), k=[b, 1])", "new(a, b)", id="in depth"),
        pytest.param(NESTED, "np.outer(k=[b, 1,], *(), **{})", None, id="in depth, with stars"),
        pytest.param(ATTRIBUTE, "np.old(a).part.other", "new(a).other", id="attribute"),
        pytest.param(ATTRIBUTE, "(np.old(a)).part", "new(a)", id="attribute of something in parentheses"),
        pytest.param(ITEM, "np.old[a]", "new(a)", id="item"),
        pytest.param(SUM, "c * (np.old(a) + b)", "c * new(a, b)", id="operator"),
        pytest.param(SUM, "np.old(a) + b + c", "new(a, b) + c", id="operators group"),
    ],
)  # fmt: skip
def test_matches(template: Template, code: str, expected: str | None) -> None:
    assert after(code, template) == (code if expected is None else expected)


@pytest.mark.parametrize(
    ("template", "code"),
    [
        pytest.param(ONE, "np.old()", id="too few"),
        pytest.param(ONE, "np.old(a, b)", id="too many"),
        pytest.param(ONE, "np.old(x=a)", id="by keyword, and no signature tells which"),
        pytest.param(ONE, "np.old", id="not called"),
        pytest.param(ONE, "np.older(a), np.sub.old(a), old(a)", id="other names"),
        pytest.param(KEY, "np.old(a, axis=2)", id="another value"),
        pytest.param(KEY, "np.old(a, axis=True)", id="an equal value of another spelling"),
        pytest.param(KEY, "np.old(a, 1)", id="by place, and no signature tells which"),
        pytest.param(TEXT, "np.old(a, b'a')", id="bytes"),
        pytest.param(TEXT, "np.old(a, f'a')", id="f-string"),
        pytest.param(SAME, "np.old(a, b)", id="not the same"),
        pytest.param(LIST, "np.old([1])", id="a list that is too short"),
        pytest.param(LIST, "np.old((1, 2))", id="a tuple for a list"),
        pytest.param(NESTED, "np.outer(inner(a), k=[b, 1])", id="another function in depth"),
        pytest.param(ATTRIBUTE, "np.old(a).other", id="another attribute"),
        pytest.param(SUM, "np.old(a) - b", id="another operator"),
        pytest.param(SUM, "b + np.old(a)", id="the other way round"),
    ],
)  # fmt: skip
def test_does_not_match(template: Template, code: str) -> None:
    found = rewritten(code, template)
    assert found.text == IMPORTS + code + "\nnp, pd\n"
    assert found.refused == ()


@pytest.mark.parametrize(
    ("template", "code", "reason"),
    [
        pytest.param(KEY, "np.old(a, **k)", "`**k` may hold `axis`", id="keyword in **"),
        pytest.param(ONE, "np.old(*a)", "`*a` may hold the arguments that matter here", id="place in *"),
        pytest.param(ONE, "np.old(a, *b)", "`*b` may hold arguments that matter here", id="more in *"),
        pytest.param(ONE, "np.old(a, **b)", "`**b` may hold arguments that matter here", id="more in **"),
        pytest.param(KEY, "np.old(*a, *b, **c)", "`*a` or `*b` or `**c` may hold", id="several stars"),
        pytest.param(ONE, "np.old(a).x = np.old(b)", "", id="part of a target is read"),
        pytest.param(ITEM, "np.old[a:b]", "the new code would not be valid Python", id="a slice is no expression"),
        pytest.param(ATTRIBUTE, "np.old(a).part = 1", "it is assigned to here, not used", id="assigned"),
        pytest.param(ATTRIBUTE, "del np.old(a).part", "it is deleted here, not used", id="deleted"),
        pytest.param(ATTRIBUTE, "for np.old(a).part in b: pass", "it is assigned to here, not used", id="loop target"),
        pytest.param(ATTRIBUTE, "with a as np.old(b).part: pass", "it is assigned to here, not used", id="with target"),
        pytest.param(ATTRIBUTE, "np.old(a).part += 1", "it is assigned to here, not used", id="augmented"),
        pytest.param(ATTRIBUTE, "(b, [*np.old(a).part]) = 1", "it is assigned to here, not used", id="unpacked"),
    ],
)  # fmt: skip
def test_doubts(template: Template, code: str, reason: str) -> None:
    found = rewritten(code, template)
    assert [why for _, why in found.refused if reason in why] or not reason
    assert bool(found.refused) == bool(reason)


# ------------------------------------------------------------------------ with a signature

SIGNATURE = "(x, axis=0, *, out=None)"
BOUND = Template("numpy.old($x, axis=1, out=$?out)", "new($x, out=$?out)")
RUN = Template("numpy.old($x, $*rest)", "new($x, $*rest)")
TURNED = Template("numpy.old($x, $*rest)", "new($*rest, x=$x)")


@pytest.mark.parametrize(
    ("template", "code", "expected"),
    [
        pytest.param(BOUND, "np.old(a, 1)", "new(a)", id="by place"),
        pytest.param(BOUND, "np.old(a, axis=1)", "new(a)", id="by keyword"),
        pytest.param(BOUND, "np.old(axis=1, x=a, out=b)", "new(a, out=b)", id="all by keyword"),
        pytest.param(RUN, "np.old(a, 1, out=b)", "new(a, axis=1, out=b)", id="a run gets its keywords"),
        pytest.param(RUN, "np.old(out=b, x=a)", "new(a, out=b)", id="a run in another order"),
        pytest.param(TURNED, "np.old(a, 1, out=b)", "new(axis=1, out=b, x=a)", id="a run in another place"),
    ],
)
def test_arguments_are_bound(template: Template, code: str, expected: str) -> None:
    assert after(code, template, signature=SIGNATURE) == expected


@pytest.mark.parametrize(
    ("template", "code", "reason"),
    [
        pytest.param(BOUND, "np.old(a, 2)", "", id="another value"),
        pytest.param(BOUND, "np.old(a)", "", id="absent: a default is not what is written"),
        pytest.param(BOUND, "np.old(a, 1, 2)", "", id="more than the signature has"),
        pytest.param(BOUND, "np.old(a, 1, other=2)", "", id="a keyword that the pattern has not"),
        pytest.param(BOUND, "np.old(a, *b)", "`*b` may hold `axis`", id="maybe by place"),
        pytest.param(BOUND, "np.old(a, **b)", "`**b` may hold `axis`", id="maybe by keyword"),
        pytest.param(BOUND, "np.old(a, 1, **b)", "may hold", id="maybe an optional one"),
    ],
)
def test_arguments_are_bound_or_in_doubt(template: Template, code: str, reason: str) -> None:
    found = rewritten(code, template, signature=SIGNATURE)
    assert found.text == IMPORTS + code + "\nnp, pd\n"
    assert bool(found.refused) == bool(reason)
    assert all(reason in why for why in found.reasons)


# ------------------------------------------------------------------------ receivers

MEMBER = Template("$frame.old($x)", "$frame.new($x)")
BOTH = Template("$frame.old($other)", "pandas.join([$frame, $other])")
KNOWN = "df = pd.DataFrame()\nix = pd.Index([])\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("df.old(1)", "df.new(1)", id="variable"),
        pytest.param("pd.read_csv(p).old(1)", "pd.read_csv(p).new(1)", id="result of a call"),
        pytest.param("(df).old(1)", "(df).new(1)", id="in parentheses"),
        pytest.param("df.old(df.old(1))", "df.new(df.new(1))", id="nested"),
        pytest.param("ix.old(1)", "ix.old(1)", id="another class"),
        pytest.param("[].old(1)", "[].old(1)", id="a list"),
        pytest.param("df.index.old(1)", "df.index.old(1)", id="an attribute of it"),
    ],
)
def test_a_member_belongs_to_its_receiver(code: str, expected: str) -> None:
    assert after(KNOWN + code, MEMBER, frame=(FRAME,)) == KNOWN + expected


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param("x.old(1)", "the type of `x` is not known", id="unknown"),
        pytest.param("y = df if c else ix\ny.old(1)", "`y` is pandas.DataFrame or else pandas.Index", id="one of two"),
        pytest.param("y = df if c else x\ny.old(1)", "", id="perhaps unknown: what is known fits"),
        pytest.param("y = df if c else None\ny.old(1)", "", id="None does not count"),
    ],
)
def test_a_receiver_in_doubt(code: str, reason: str) -> None:
    found = rewritten(KNOWN + code, MEMBER, frame=(FRAME,))
    assert bool(found.refused) == bool(reason)
    assert all(reason in why for why in found.reasons)
    assert (".new(1)" in found.text) == (not reason)


@pytest.mark.parametrize(
    ("code", "certainty"),
    [
        ("df.old(1)", "proven"),
        ("y = df if c else x\ny.old(1)", "inferred"),
        ("y = df if c else None\ny.old(1)", "proven"),
    ],
)
def test_certainty(code: str, certainty: str) -> None:
    (finding,) = rewritten(KNOWN + code, MEMBER, frame=(FRAME,)).done
    assert finding.certainty == certainty


def test_every_metavariable_has_its_own_types() -> None:
    where = {"frame": (FRAME,), "other": (INDEX,)}
    code = KNOWN + "df.old(ix)\ndf.old(df)\ndf.old(x)"
    found = rewritten(code, BOTH, **where)
    assert "pd.join([df, ix])\ndf.old(df)\ndf.old(x)" in found.text
    assert found.reasons == ["the type of `x` is not known"]


def test_of_an_argument_every_branch_must_be_known() -> None:
    code = KNOWN + "z = ix if c else x\ndf.old(z)"
    found = rewritten(code, BOTH, frame=(FRAME,), other=(INDEX,))
    assert ["`z` is pandas.Index or else something of unknown type" in why for why in found.reasons] == [True]


def test_a_class_of_the_code_base_counts_as_what_it_derives_from() -> None:
    code = "class Own(pd.DataFrame): pass\nOwn().old(1)"
    assert after(code, MEMBER, frame=(FRAME,)) == code.replace("old", "new")


# ------------------------------------------------------------------------ several patterns


def test_the_first_pattern_that_matches_wins() -> None:
    templates = (KEY, Template("numpy.old($x, axis=$a)", "other($x, $a)"), Template("numpy.old($x)", "last($x)"))
    assert after("np.old(a, axis=1)", *templates) == "new(a)"
    assert after("np.old(a, axis=2)", *templates) == "other(a, 2)"
    assert after("np.old(a)", *templates) == "last(a)"


def test_a_pattern_that_matches_goes_before_one_that_doubts() -> None:
    templates = (KEY, Template("numpy.old($*all)", "other($*all)"))
    found = rewritten("np.old(a, **k)", *templates)
    assert "other(a, **k)" in found.text
    assert found.refused == ()


def test_a_statement_can_be_a_pattern() -> None:
    template = Template("assert numpy.old($x)", "numpy.check($x)\nprint($x)")
    assert after("assert np.old(a)", template) == "np.check(a)\nprint(a)"
    assert after("assert np.old(a), 'why'", template) == "assert np.old(a), 'why'"
