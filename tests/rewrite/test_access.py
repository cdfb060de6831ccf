"""Members and functions that changed their form: renamed, called or not called, method or function."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import FunctionToMethod, MethodToFunction, MethodToProperty, PropertyToMethod, RenameMember
from tests.engine import FRAME, rule, upgrade

HEAD = "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame()\n"
TAIL = "\nnp, pd\n"

RENAMED = rule(RenameMember(((f"{FRAME}.old", "new"),)))
CALLED = rule(PropertyToMethod((f"{FRAME}.old",)))
UNCALLED = rule(MethodToProperty((f"{FRAME}.old",)))
METHOD = rule(FunctionToMethod((("numpy.old", f"{FRAME}.new"),)))
FUNCTION = rule(MethodToFunction(((f"{FRAME}.old", "numpy.new"),)))


@pytest.mark.parametrize(
    ("one", "code", "after"),
    [
        pytest.param(RENAMED, "df.old()", "df.new()", id="renamed, called"),
        pytest.param(RENAMED, "map(df.old, x)", "map(df.new, x)", id="renamed, passed on"),
        pytest.param(RENAMED, "df . old", "df . new", id="renamed, spaces"),
        pytest.param(RENAMED, "(df\n .old\n .x)", "(df\n .new\n .x)", id="renamed, in a chain"),
        pytest.param(RENAMED, "(df.  # since 1.2\n old)", "(df.  # since 1.2\n new)", id="renamed, after a comment"),
        pytest.param(RENAMED, "df. \\\n old", "df. \\\n new", id="renamed, after a backslash"),
        pytest.param(RENAMED, "pd.DataFrame.old(df)", "pd.DataFrame.new(df)", id="renamed, through the class"),
        pytest.param(RENAMED, "f'{df.old}'", "f'{df.new}'", id="renamed, in an f-string"),
        pytest.param(CALLED, "df.old", "df.old()", id="to a method"),
        pytest.param(CALLED, "df.old.x[0]", "df.old().x[0]", id="to a method, in a chain"),
        pytest.param(CALLED, "-df.old ** 2", "-df.old() ** 2", id="to a method, in an expression"),
        pytest.param(CALLED, "(df\n .old  # why\n .x)", "(df\n .old()  # why\n .x)", id="to a method, in a broken chain"),
        pytest.param(UNCALLED, "df.old()", "df.old", id="to a property"),
        pytest.param(UNCALLED, "df.old ( ) .x", "df.old  .x", id="to a property, spaces"),
        pytest.param(UNCALLED, "(df\n .old()\n .x)", "(df\n .old\n .x)", id="to a property, in a chain"),
        pytest.param(UNCALLED, "df.old()if x else y", "df.old if x else y", id="to a property, tight"),
        pytest.param(METHOD, "np.old(df)", "df.new()", id="function to method"),
        pytest.param(METHOD, "np.old(a + b, c, d=1)", "(a + b).new(c, d=1)", id="to a method, brackets"),
        pytest.param(METHOD, "np.old(1)", "(1).new()", id="to a method of an integer"),
        pytest.param(METHOD, "np.old(1.5)", "1.5.new()", id="to a method of a float"),
        pytest.param(METHOD, "np.old('a' 'b')", "'a' 'b'.new()", id="to a method of joined strings"),
        pytest.param(METHOD, "np.old(x for x in y)", "(x for x in y).new()", id="to a method of a generator"),
        pytest.param(METHOD, "np.old((a, b), *c)", "(a, b).new(*c)", id="to a method of a tuple"),
        pytest.param(METHOD, "np.old(\n    a,\n    b,\n)", "a.new(b,\n)", id="to a method, one a line"),
        pytest.param(METHOD, "np.old(a,)", "a.new()", id="to a method, trailing comma"),
        pytest.param(METHOD, "np.old(await_(a), b)[0]", "await_(a).new(b)[0]", id="to a method of a call"),
        pytest.param(METHOD, "np.old(lambda: a)", "(lambda: a).new()", id="to a method of a lambda"),
        pytest.param(METHOD, "np.old(np.old(a))", "a.new().new()", id="to a method, nested"),
        pytest.param(FUNCTION, "df.old()", "np.new(df)", id="method to function"),
        pytest.param(FUNCTION, "df.old(a, *b, c=1)", "np.new(df, a, *b, c=1)", id="to a function, arguments"),
        pytest.param(FUNCTION, "df.old(x for x in y)", "np.new(df, (x for x in y))", id="to a function of a generator"),
        pytest.param(FUNCTION, "df.old(\n    a,\n    b,\n)", "np.new(\n    df,\n    a,\n    b,\n)", id="to a function, one a line"),
        pytest.param(FUNCTION, "df.old(  # why\n    a)", "np.new(df,   # why\n    a)", id="to a function, comment"),
        pytest.param(FUNCTION, "(df).old()", "np.new((df))", id="to a function, brackets stay"),
        pytest.param(FUNCTION, "df.head().old().old()", "np.new(df.head()).old()", id="to a function, in a chain"),
    ],
)  # fmt: skip
def test_access(one, code: str, after: str) -> None:
    assert upgrade(HEAD + code + TAIL, one).text == HEAD + after + TAIL


@pytest.mark.parametrize(
    ("one", "code", "reason"),
    [
        pytest.param(RENAMED, "df.old = 1", "it is assigned to here, not used", id="renamed, assigned"),
        pytest.param(RENAMED, "del df.old", "it is deleted here, not used", id="renamed, deleted"),
        pytest.param(RENAMED, "x.old()", "the type of the receiver is not known", id="renamed, unknown"),
        pytest.param(CALLED, "df.old = 1", "it is assigned to here, not used", id="to a method, assigned"),
        pytest.param(CALLED, "pd.DataFrame.old", "the property itself is taken from its class here", id="to a method, class"),
        pytest.param(CALLED, "df.old()", "", id="to a method, is one already"),
        pytest.param(UNCALLED, "f(df.old)", "", id="to a property, is one already"),
        pytest.param(UNCALLED, "df.old(1)", "it is called with arguments, which a property cannot take", id="to a property, arguments"),
        pytest.param(UNCALLED, "df.old(*a)", "it is called with arguments, which a property cannot take", id="to a property, star"),
        pytest.param(UNCALLED, "pd.DataFrame.old(df)", "it is called through its class", id="to a property, class"),
        pytest.param(METHOD, "np.old()", "it is called without arguments", id="to a method, none"),
        pytest.param(METHOD, "np.old", "it is passed on without being called; a method needs its receiver", id="to a method, uncalled"),
        pytest.param(METHOD, "np.old(*a)", "`*a` may not be the object whose method it is now", id="to a method, star"),
        pytest.param(METHOD, "np.old(b=1)", "`b=1` may not be the object whose method it is now", id="to a method, keyword"),
        pytest.param(METHOD, "np.old(a,  # why\n  b)", "a comment inside it would be lost", id="to a method, comment"),
        pytest.param(FUNCTION, "df.old", "the method is passed on without being called", id="to a function, uncalled"),
        pytest.param(FUNCTION, "pd.DataFrame.old(df)", "it is called through its class", id="to a function, class"),
    ],
)  # fmt: skip
def test_access_that_is_refused(one, code: str, reason: str) -> None:
    found = upgrade(HEAD + code + TAIL, one)
    assert found.text == HEAD + code + TAIL
    assert found.reasons == ([reason] if reason else [])
