"""``when``: each kind of requirement on an argument, a capture and a result, and what cannot be told."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import ChangeCall, Condition, ParameterOp, Rename, Rewrite, Template
from tests.engine import FRAME, SERIES, rule, upgrade

HEAD = "import functools\nimport numpy as np\nimport pandas as pd\ndf = pd.DataFrame()\nit = np.array([])\n"
TAIL = "\nnp, pd, functools\n"
SIGNATURE = "(x, axis=0, *, how='any')"

IS = Condition("axis", values=("0", "None"))
IS_NOT = Condition("axis", values=("0", "None"), negated=True)
PRESENT = Condition("how", present=True)
ABSENT = Condition("how", present=False)
TYPE = Condition("x", types=(FRAME,))
NOT_TYPE = Condition("x", types=(FRAME,), negated=True)
CERTAIN = Condition("x", types=(FRAME,), certain=True)
USED = Condition("", result_used=True)
UNUSED = Condition("", result_used=False)

YES, NO = True, False


def verdict(condition: Condition, code: str) -> bool | str:
    """Whether the rule was applied, or the reason why that cannot be told."""
    body = ChangeCall(("numpy.old",), SIGNATURE, (ParameterOp("add", name="mark", value="1"),))
    found = upgrade(HEAD + code + TAIL, rule(body, when=[condition]))
    changed = found.text != HEAD + code + TAIL
    assert not (changed and found.refused)
    return found.reasons[0] if found.refused else changed


@pytest.mark.parametrize(
    ("condition", "code", "expected"),
    [
        pytest.param(IS, "np.old(1, 0)", YES, id="is, by place"),
        pytest.param(IS, "np.old(1, axis=None)", YES, id="is, by keyword"),
        pytest.param(IS, "np.old(1)", YES, id="is, by default"),
        pytest.param(IS, "np.old(1, axis=1)", NO, id="is not"),
        pytest.param(IS, "np.old(1, axis=[])", NO, id="a display is none of them"),
        pytest.param(IS, "np.old(1, axis=df)", NO, id="an object of a known class is none of them"),
        pytest.param(IS, "np.old(1, axis=a)", "`axis` is `a` here: check whether it is 0 or None", id="unknown value"),
        pytest.param(IS, "np.old(1, *a)", "`*a` may hold `axis`", id="in a star"),
        pytest.param(IS, "np.old(1, **a)", "`**a` may hold `axis`", id="in two stars"),
        pytest.param(IS, "np.old(1, 0, **a)", YES, id="given, so not in a star"),
        pytest.param(IS_NOT, "np.old(1, 1)", YES, id="negated, another"),
        pytest.param(IS_NOT, "np.old(1, 0)", NO, id="negated, one of them"),
        pytest.param(IS_NOT, "np.old(1)", NO, id="negated, by default"),
        pytest.param(IS_NOT, "np.old(1, a)", "`axis` is `a` here: check whether it is 0 or None", id="negated, unknown"),
        pytest.param(PRESENT, "np.old(1, how='a')", YES, id="present"),
        pytest.param(PRESENT, "np.old(1)", NO, id="not present"),
        pytest.param(PRESENT, "np.old(1, *a)", NO, id="a keyword-only one is in no star"),
        pytest.param(PRESENT, "np.old(1, **a)", "`**a` may hold `how`", id="perhaps present"),
        pytest.param(ABSENT, "np.old(1)", YES, id="absent"),
        pytest.param(ABSENT, "np.old(1, how='a', **b)", NO, id="not absent"),
        pytest.param(ABSENT, "np.old(1, **a)", "`**a` may hold `how`", id="perhaps absent"),
        pytest.param(TYPE, "np.old(df)", YES, id="type"),
        pytest.param(TYPE, "np.old(df if a else None)", YES, id="type, or None"),
        pytest.param(TYPE, "np.old(it)", NO, id="another type"),
        pytest.param(TYPE, "np.old([])", NO, id="a builtin type"),
        pytest.param(TYPE, "np.old(pd.DataFrame)", NO, id="the class itself"),
        pytest.param(TYPE, "np.old(a)", f"`x` is `a` here: check whether it is {FRAME}", id="unknown type"),
        pytest.param(TYPE, "np.old(df if a else it)", f"`x` is `df if a else it` here: check whether it is {FRAME}", id="one of two types"),
        pytest.param(TYPE, "np.old()", NO, id="no argument has no type"),
        pytest.param(NOT_TYPE, "np.old(it)", YES, id="not the type"),
        pytest.param(NOT_TYPE, "np.old(df)", NO, id="the type"),
        pytest.param(NOT_TYPE, "np.old(a)", f"`x` is `a` here: check whether it is {FRAME}", id="perhaps the type"),
        pytest.param(CERTAIN, "np.old(df)", YES, id="certain"),
        pytest.param(CERTAIN, "np.old(a)", NO, id="what is not known is not certain"),
        pytest.param(USED, "y = np.old(1)", YES, id="assigned"),
        pytest.param(USED, "f(np.old(1))", YES, id="passed on"),
        pytest.param(USED, "np.old(1).z", YES, id="looked into"),
        pytest.param(USED, "np.old(1)", NO, id="thrown away"),
        pytest.param(USED, "(np.old(1))", NO, id="thrown away in parentheses"),
        pytest.param(UNUSED, "np.old(1)", YES, id="unused"),
        pytest.param(UNUSED, "async def f():\n    await np.old(1)", YES, id="unused, awaited"),
        pytest.param(UNUSED, "def f(): return np.old(1)", NO, id="returned"),
        pytest.param(UNUSED, "[np.old(1)]", NO, id="put in a list"),
    ],
)  # fmt: skip
def test_condition(condition: Condition, code: str, expected: bool | str) -> None:
    assert verdict(condition, code) == expected


def test_a_partial_may_get_more_where_it_is_called() -> None:
    op = ParameterOp("rename", name="x", new="y")
    asked = rule(ChangeCall(("numpy.old",), SIGNATURE, (op,)), when=[PRESENT])
    found = upgrade(HEAD + "functools.partial(np.old, x=1, how=2)\nfunctools.partial(np.old, x=1)" + TAIL, asked)
    assert "functools.partial(np.old, y=1, how=2)\nfunctools.partial(np.old, x=1)" in found.text
    assert found.reasons == ["`how` may be given where the partial is called"]


def test_all_conditions_must_hold() -> None:
    body = Rename((("numpy.old", "numpy.new"),))
    both = rule(body, when=[PRESENT, Condition("other", values=("1",))])
    for code, applied in [
        ("np.old(how=1, other=1)", True),
        ("np.old(how=1, other=2)", False),
        ("np.old(other=1)", False),
    ]:
        assert (upgrade(HEAD + code + TAIL, both).text != HEAD + code + TAIL) == applied


def test_a_condition_that_fails_goes_before_one_in_doubt() -> None:
    body = Rename((("numpy.old", "numpy.new"),))
    both = rule(body, when=[Condition("axis", values=("1",)), PRESENT])
    assert upgrade(HEAD + "np.old(axis=a)" + TAIL, both).refused == ()


def test_what_is_not_called_has_no_arguments_to_look_at() -> None:
    found = upgrade(HEAD + "f(np.old)" + TAIL, rule(Rename((("numpy.old", "numpy.new"),)), when=[PRESENT]))
    assert found.reasons == ["it is passed on without being called: look at its arguments there"]


@pytest.mark.parametrize(
    ("condition", "code", "changed", "reported"),
    [
        (Condition("value", types=(SERIES,)), "pd.DataFrame()['a']", YES, NO),
        (Condition("value", types=(SERIES,)), "[]", NO, NO),
        (Condition("value", types=(SERIES,)), "a", NO, YES),
        (Condition("value", values=("1",)), "1", YES, NO),
        (Condition("value", values=("1",)), "2", NO, NO),
        (Condition("key", present=True), "1", NO, NO),
        (Condition("key", present=True), "1, k=2", YES, NO),
        (Condition("key", values=("2",)), "1, k=2", YES, NO),
        (Condition("key", values=("2",), negated=True), "1", YES, NO),
    ],
)
def test_conditions_on_metavariables(condition: Condition, code: str, changed: bool, reported: bool) -> None:
    body = Rewrite((Template("numpy.old($value, k=$?key)", "new($value, k=$?key)"),))
    found = upgrade(f"{HEAD}np.old({code}){TAIL}", rule(body, when=[condition]))
    assert ("new(" in found.text) == changed
    assert bool(found.refused) == reported
