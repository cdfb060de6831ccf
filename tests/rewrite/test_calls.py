"""Operations on the arguments of a call: what they make of it, its layout, and what they refuse."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import ChangeCall, ParameterOp
from tests.engine import FRAME, rule, upgrade

HEAD = "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame()\n"
TAIL = "\nnp, pd\n"
SIGNATURE = "(x, axis=0, out=None, *, how='any', **kwargs)"


def changed(code: str, *ops: ParameterOp, signature: str = SIGNATURE):
    return upgrade(HEAD + code + TAIL, rule(ChangeCall(("numpy.old", f"{FRAME}.old"), signature, ops)))


RENAME = ParameterOp("rename", name="axis", new="dim")
REMOVE = ParameterOp("remove", name="out", holds=("None",))
OMIT = ParameterOp("omit", name="out", holds=("None",))
DROP = ParameterOp("remove", name="how")
ADD = ParameterOp("add", name="mode", value='"r"')
EXPLICIT = ParameterOp("explicit", name="how", value='"all"')
KEYWORDS = ParameterOp("keyword_only", count=1)
ORDER = ParameterOp("order", names=("axis", "x", "out"))
VALUES = ParameterOp("values", name="how", mapping=(("'any'", "'some'"), ("None", "'none'")))
REPLACE = ParameterOp("replace", name="how", mapping=(("'any'", "any=True, all=False"), ("'all'", "")))


@pytest.mark.parametrize(
    ("op", "code", "after"),
    [
        pytest.param(RENAME, "np.old(a, axis=1)", "np.old(a, dim=1)", id="rename"),
        pytest.param(RENAME, "np.old(a, axis = 1)", "np.old(a, dim = 1)", id="rename, spaces"),
        pytest.param(RENAME, "np.old(a, axis=1, **k)", "np.old(a, dim=1, **k)", id="rename, with a star"),
        pytest.param(REMOVE, "np.old(a, out=None)", "np.old(a)", id="remove, last"),
        pytest.param(REMOVE, "np.old(a, out=None, how=1)", "np.old(a, how=1)", id="remove, in the middle"),
        pytest.param(REMOVE, "np.old(out=None, x=a)", "np.old(x=a)", id="remove, first"),
        pytest.param(REMOVE, "np.old(out=None)", "np.old()", id="remove, the only one"),
        pytest.param(REMOVE, "np.old(out=None,)", "np.old()", id="remove, the only one with a comma"),
        pytest.param(REMOVE, "np.old(a, 0, None)", "np.old(a, 0)", id="remove, by place"),
        pytest.param(REMOVE, "np.old(\n    a,\n    out=None,\n    how=1,\n)", "np.old(\n    a,\n    how=1,\n)", id="remove, a line"),
        pytest.param(REMOVE, "np.old(\n    a,\n    out=None\n)", "np.old(\n    a,\n)", id="remove, the last line"),
        pytest.param(REMOVE, "np.old(a, out=None  # why\n)", "np.old(a  # why\n)", id="remove, its comment stays"),
        pytest.param(REMOVE, "np.old(a,  # why\n       out=None)", "np.old(a,  # why\n       )", id="remove, the comment before stays"),
        pytest.param(DROP, "np.old(a, how=b)", "np.old(a)", id="remove whatever it holds"),
        pytest.param(OMIT, "np.old(a, out=None)", "np.old(a)", id="omit"),
        pytest.param(OMIT, "np.old(a, 0, None)", "np.old(a, 0)", id="omit, by place"),
        pytest.param(ADD, "np.old(a)", 'np.old(a, mode="r")', id="add"),
        pytest.param(ADD, "np.old()", 'np.old(mode="r")', id="add the first"),
        pytest.param(ADD, "np.old(a,)", 'np.old(a, mode="r",)', id="add, trailing comma"),
        pytest.param(ADD, "np.old(\n    a,\n    b,  # b\n)", 'np.old(\n    a,\n    b,  # b\n    mode="r",\n)', id="add a line"),
        pytest.param(ADD, "np.old(\n    a,\n    b)", 'np.old(\n    a,\n    b,\n    mode="r")', id="add a line at the end"),
        pytest.param(ADD, "np.old(i for i in a)", 'np.old((i for i in a), mode="r")', id="add to a bare generator"),
        pytest.param(EXPLICIT, "np.old('a')", "np.old('a', how='all')", id="make explicit, in the quotes of the file"),
        pytest.param(KEYWORDS, "np.old(a, 1, b)", "np.old(a, axis=1, out=b)", id="keywords"),
        pytest.param(KEYWORDS, "np.old(a, 1, how=2)", "np.old(a, axis=1, how=2)", id="keywords beside keywords"),
        pytest.param(KEYWORDS, "np.old(a,\n       1)", "np.old(a,\n       axis=1)", id="keywords keep the lines"),
        pytest.param(KEYWORDS, "np.old(a, 1, **k)", "np.old(a, axis=1, **k)", id="keywords before a star"),
        pytest.param(KEYWORDS, "np.old(a, lambda: 1)", "np.old(a, axis=lambda: 1)", id="keyword for a lambda"),
        pytest.param(KEYWORDS, "np.old(a, (i for i in b))", "np.old(a, axis=(i for i in b))", id="keyword for a generator"),
        pytest.param(KEYWORDS, "np.old(a, np.old(b, 1))", "np.old(a, axis=np.old(b, axis=1))", id="keywords, nested"),
        pytest.param(ORDER, "np.old(a, 1)", "np.old(x=a, axis=1)", id="order"),
        pytest.param(ORDER, "np.old(a, 1, b)", "np.old(x=a, axis=1, out=b)", id="order, the rest by keyword too"),
        pytest.param(VALUES, "np.old(a, how='any')", "np.old(a, how='some')", id="value"),
        pytest.param(VALUES, 'np.old(a, how="any")', 'np.old(a, how="some")', id="value, in its quotes"),
        pytest.param(VALUES, "np.old(a, how=None)", "np.old(a, how='none')", id="another value"),
        pytest.param(REPLACE, "np.old(a, how='any', x=1)", "np.old(a, any=True, all=False, x=1)", id="replace"),
        pytest.param(REPLACE, "np.old(a, how='all')", "np.old(a)", id="replace by nothing"),
        pytest.param(RENAME, "df.old(a, axis=1)", "df.old(a, dim=1)", id="of a method"),
    ],
)  # fmt: skip
def test_operation(op: ParameterOp, code: str, after: str) -> None:
    found = changed(code, op)
    assert found.text == HEAD + after + TAIL
    assert found.refused == ()


@pytest.mark.parametrize(
    ("op", "code", "reason"),
    [
        pytest.param(RENAME, "np.old(a, 1)", "", id="rename, by place"),
        pytest.param(RENAME, "np.old(a, dim=2)", "", id="rename, done"),
        pytest.param(RENAME, "np.old(a, axis=1, dim=2)", "`axis` and `dim` are both given", id="rename, both"),
        pytest.param(RENAME, "np.old(a, **k)", "`**k` may hold `axis`", id="rename, in a star"),
        pytest.param(RENAME, "np.old(*a)", "", id="rename: a star passes no keyword"),
        pytest.param(REMOVE, "np.old(a, how=1)", "", id="remove, absent"),
        pytest.param(OMIT, "np.old(a, out=b)", "", id="omit, another value"),
        pytest.param(OMIT, "np.old(a, *b)", "", id="omit, perhaps in a star"),
        pytest.param(REMOVE, "np.old(a, out=b)", "`out` no longer exists, and only None can be left out; here it is `b`", id="remove, holds something else"),
        pytest.param(DROP, "np.old(a, how=f(1))", "its value `f(1)` would not be evaluated any more", id="remove what acts"),
        pytest.param(REMOVE, "np.old(*a)", "`*a` may hold `out`", id="remove, in a star"),
        pytest.param(REMOVE, "np.old(a, 0, None, 1)", "the arguments after it are positional and cannot be passed by keyword", id="remove, more follow by place"),
        pytest.param(ADD, "np.old(a, mode='w')", "", id="add, given"),
        pytest.param(EXPLICIT, "np.old(a, how=1)", "", id="explicit, given"),
        pytest.param(EXPLICIT, "np.old(a, **k)", "`**k` may hold `how`", id="explicit, in a star"),
        pytest.param(EXPLICIT, "f(np.old)", "it is passed on without being called: look at the calls made with it", id="explicit, uncalled"),
        pytest.param(RENAME, "f(np.old)", "", id="rename, uncalled"),
        pytest.param(KEYWORDS, "np.old(a)", "", id="keywords, none"),
        pytest.param(KEYWORDS, "np.old(a, *b)", "`*b` may hold arguments that must be passed by keyword", id="keywords, star"),
        pytest.param(KEYWORDS, "np.old(a, 1, b, 2)", "more positional arguments than the signature", id="keywords, too many"),
        pytest.param(ORDER, "np.old(a, *b)", "cannot be passed by keyword", id="order, star"),
        pytest.param(ORDER, "np.old(*b)", "`*b` may hold arguments whose order changed", id="order, star first"),
        pytest.param(ORDER, "np.old(x=a, axis=1)", "", id="order, by keyword"),
        pytest.param(VALUES, "np.old(a, how='other')", "", id="value of no interest"),
        pytest.param(VALUES, "np.old(a, how=b)", "`how` is `b` here, which may be 'any' or None", id="value unknown"),
        pytest.param(REPLACE, "np.old(a, how=b)", "here it is `b`, whose value is not known", id="replace, unknown"),
        pytest.param(REPLACE, "np.old(a, how='any', all=1)", "`how` and `all` are both given", id="replace, both"),
        pytest.param(REPLACE, "np.old(a, **k)", "`**k` may hold `how`", id="replace, in a star"),
    ],
)  # fmt: skip
def test_operation_without_effect_or_refused(op: ParameterOp, code: str, reason: str) -> None:
    found = changed(code, op)
    assert found.text == HEAD + code + TAIL
    assert bool(found.refused) == bool(reason), found.reasons
    assert all(reason in why for why in found.reasons), found.reasons


def test_operations_follow_each_other() -> None:
    code = "np.old(a, 1, None, how='any')"
    assert changed(code, REMOVE, KEYWORDS, RENAME, VALUES, ADD).text == (
        HEAD + "np.old(a, dim=1, how='some', mode='r')" + TAIL
    )


def test_a_method_called_through_its_class_has_its_receiver_first() -> None:
    found = changed("pd.DataFrame.old(df, a, 1)", KEYWORDS, signature="(self, x, axis=0)")
    assert "pd.DataFrame.old(df, a, axis=1)" in found.text
    doubt = changed("pd.DataFrame.old(df, a, 1)", KEYWORDS)
    assert doubt.reasons == ["it is called through its class, so its first argument may be the receiver"]


def test_partial_calls_are_changed_too() -> None:
    code = "import functools\nfunctools.partial(np.old, a, axis=1)"
    assert "functools.partial(np.old, a, dim=1)" in changed(code, RENAME).text


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        pytest.param("f(np.old)", True, id="argument"),
        pytest.param("g = np.old", True, id="assigned"),
        pytest.param("return_ = [np.old]", True, id="listed"),
        pytest.param("x: np.old = 1", False, id="annotation"),
        pytest.param("def f(x: list[np.old]): pass", False, id="annotation in depth"),
        pytest.param("class A(np.old): pass", False, id="base"),
        pytest.param("try: pass\nexcept np.old: pass", False, id="exception"),
        pytest.param("isinstance(x, np.old), issubclass(x, (np.old, A))", False, id="isinstance"),
        pytest.param("np.old[int]", False, id="generic"),
        pytest.param("np.old.method(x)", False, id="looked into"),
    ],
)
def test_calls_elsewhere_must_say_more_only_where_a_function_is_passed_on(code: str, reported: bool) -> None:
    assert bool(changed(code, ADD).refused) == reported
