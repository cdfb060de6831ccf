"""Properties of every rewrite, over random modules that use the library here and there."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apimig import syntax
from apimig.match import Matcher
from apimig.records import SourceFile, Span
from apimig.resolve import Project
from apimig.rewrite import rewrite
from apimig.rulebook.rule import (
    ChangeCall,
    FunctionToMethod,
    MethodToFunction,
    MethodToProperty,
    ParameterOp,
    PropertyToMethod,
    Rename,
    RenameMember,
    Rewrite,
    Template,
)
from tests.engine import LIBRARIES, rule, upgrade

RULES = (
    rule(
        Rename(
            (
                ("numpy.product", "numpy.prod"),
                ("numpy.Inf", "numpy.inf"),
                ("numpy.float", "builtins.float"),
                ("numpy.core", "numpy._core"),
                ("numpy.alltrue", "numpy.all"),
                ("numpy.safe", "ast.literal_eval"),
            )
        ),
        name="numpy/renames",
    ),
    rule(Rewrite((Template("numpy.NINF", "-numpy.inf"),)), name="numpy/ninf"),
    rule(
        Rewrite(
            (Template("numpy.msort($x)", "numpy.sort($x, axis=0)"), Template("numpy.sq($x, $*r)", "$x.sq($*r) ** 2"))
        ),
        name="numpy/msort",
    ),
    rule(MethodToFunction((("numpy.ndarray.ptp", "numpy.ptp"),)), name="numpy/ptp"),
    rule(RenameMember((("pandas.DataFrame.iteritems", "items"),)), name="pandas/iteritems"),
    rule(PropertyToMethod(("pandas.Index.is_all_dates",)), name="pandas/dates"),
    rule(MethodToProperty(("pandas.DataFrame.get_shape",)), name="pandas/shape"),
    rule(FunctionToMethod((("pandas.isfoo", "pandas.DataFrame.foo"),)), name="pandas/foo"),
    rule(
        ChangeCall(
            ("pandas.read_csv",),
            "(path, sep=',', header=0, squeeze=False, error_bad_lines=True, **kwargs)",
            (
                ParameterOp("remove", name="squeeze", holds=("False",)),
                ParameterOp(
                    "replace", name="error_bad_lines", mapping=(("False", 'on_bad_lines="skip"'), ("True", ""))
                ),
                ParameterOp("keyword_only", count=1),
                ParameterOp("add", name="engine", value='"c"'),
            ),
        ),
        name="pandas/csv",
    ),
    rule(
        Rewrite((Template("$a & $b", "$a.intersection($b)"),), where={"a": ("pandas.Index",)}),
        name="pandas/and",
    ),
)

# ------------------------------------------------------------------------ random modules

NAMES = st.sampled_from(["a", "b", "df", "index", "arr", "prod", "all", "float", "math"])
ATOMS = st.one_of(
    NAMES, st.sampled_from(["1", "2.5", "'s'", '"d"', "None", "True", "()", "[]", "...", "x.y", "'a' \"b\""])
)
USES = [
    "np.product({0})", "np.Inf", "-np.Inf", "np.NINF", "np.float({0})", "np.core.numeric.ones", "np.alltrue({0})",
    "np.msort({0})", "np.msort({0}, )", "np.sq({0}, {1})", "np.sq({0}, k={1}, *{2})", "arr.ptp()", "arr.ptp({0}, axis={1})",
    "df.iteritems()", "df.iteritems", "index.is_all_dates", "df.get_shape()", "(df\n .get_shape())", "pd.isfoo({0})",
    "pd.isfoo({0}, {1},)", "pd.read_csv({0}, {1}, error_bad_lines=False)", "pd.read_csv({0})", "index & {0}",
    "pd.read_csv(\n    {0},\n    squeeze=False,  # why\n    sep={1},\n)", "product({0})", "Inf", "NINF", "map(product, {0})",
    "df[{0}]", "pd.DataFrame({0})", "np.zeros({0}).ptp()", "other.product({0})", "{0}.iteritems()", "np.safe({0})",
    "(np.NINF)", "np\\\n.NINF", "np.product(q for q in {0})", "pd.read_csv(q for q in {0})", "pd.read_csv(*{0})",
]  # fmt: skip
SHAPES = [
    "({0})", "[{0}, {1}]", "({0}, {1})", "{{{0}: {1}}}", "f({0}, *{1}, k={2})", "{0} + {1}", "{0} ** {1}", "-({0})", "not ({0})",
    "({0}) if ({1}) else ({2})", "(lambda q: {0})", "({0}).attr", "({0})[{1}:{2}]", "({0} for q in {1} if {2})",
    "[{0} for q in ({1})]", "({0}) < ({1})", "({0}) and ({1})", "f'{{{0}}}'", "(\n    {0}  # note\n)", "f(\n    {0},\n    k={1},\n)",
    "(yield_ := {0})", "({0})if({1})else({2})",
]  # fmt: skip


def _fill(shape: str, parts: tuple[str, str, str]) -> str:
    return shape.format(*parts)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(_fill, st.sampled_from(SHAPES + USES), st.tuples(inner, inner, inner))


EXPRESSIONS = st.recursive(st.one_of(ATOMS, st.sampled_from(USES[:2])), _grow, max_leaves=6)
STATEMENTS = [
    "x = {0}", "x = {0}; y = {1}", "if {0}: pass", "if ({0}):\n    x = {1}\nelif {2}:\n    pass", "for k in {0}:\n    z = {1}  # last",
    "def f(a, b={0}):\n    prod = {1}\n    return {2}", "class C(np.float):\n    attr = {0}\n    def m(self): return {1}",
    "with open({0}) as g:\n\tw = {1}", "assert {0}, {1}", "del (x)", "x += {0}", "return_ = lambda: {0}", "# np.product({0})".replace("{0}", "1"),
    "try:\n    from numpy import product\nexcept ImportError:\n    from numpy import prod as product\n    x = 3", "print({0})",
    "x: 'np.float' = {0}", "while {0}: break", "'''np.product(1)'''", "f({0})  # np.Inf", "@np.deprecate\ndef g(): return {0}",
    "if hasattr(np, 'prod'):\n    x = np.prod({0})\nelse:\n    x = np.product({0})", "global_ = {0}", "async def h():\n    await ({0})\n",
    "match a:\n    case np.Inf:\n        pass\n    case _:\n        x = {0}", "x = \\\n    {0}", "import math; x = {0}",
]  # fmt: skip
IMPORTS = [
    "import numpy as np", "import pandas as pd", "from numpy import product, Inf", "from numpy import NINF", "import numpy",
    "from numpy import (\n    alltrue,\n    product,  # two\n)", "import numpy.core.numeric as cn", "from math import prod",
    "import numpy as np, pandas as pd", "from numpy.core import numeric", "df = pd.DataFrame()", "index = pd.Index([1])",
    "arr = np.array([1])", "from numpy import product as pr", "import os; import numpy as np", "from numpy import *",
]  # fmt: skip


@st.composite
def modules(draw: st.DrawFn) -> str:
    """The text of a module that parses."""
    head = [
        "import numpy as np",
        "import pandas as pd",
        "df = pd.DataFrame()",
        "index = pd.Index([1])",
        "arr = np.array([1])",
    ]
    lines = draw(st.lists(st.sampled_from(IMPORTS), max_size=4)) + (head if draw(st.booleans()) else [])
    for _ in range(draw(st.integers(1, 4))):
        parts = draw(st.tuples(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS))
        lines.append(draw(st.sampled_from(STATEMENTS)).format(*parts))
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# end\n"]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 else text


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return not syntax.parse(text.encode()).root_node.has_error


def once(text: bytes):
    source = SourceFile(path=Path("m.py"), name="m.py", text=text, module="m")
    matcher = Matcher(RULES, LIBRARIES)
    resolution = Project(LIBRARIES, matcher.interest).resolve(source)
    findings = matcher.find(resolution)
    return rewrite(resolution, findings, {r.id: r for r in RULES}, libraries=LIBRARIES), findings


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(modules())
def test_output_parses_and_a_second_run_changes_nothing(text: str) -> None:
    if not parses(text):
        return
    new = upgrade(text, *RULES).text
    ast.parse(new)
    assert upgrade(new, *RULES).text == new


@SETTINGS
@given(modules())
def test_untouched_bytes_are_identical(text: str) -> None:
    if not parses(text):
        return
    result, _ = once(text.encode())
    if result.patch is None:
        return
    outer = _outermost([edit.span for edit in result.patch.edits])
    at, new = 0, result.patch.text
    for piece in _between(text.encode(), outer):
        found = new.find(piece, at)
        assert found >= 0, (piece, new)
        at = found + len(piece)


@SETTINGS
@given(modules())
def test_every_finding_is_accounted_for_and_compat_code_stays(text: str) -> None:
    if not parses(text):
        return
    result, findings = once(text.encode())
    refused = [finding for finding, _ in result.refused]
    assert all(reason for _, reason in result.refused)
    for finding in findings:
        if finding.left_alone:
            assert finding in refused
    compat = "from numpy import product\nexcept ImportError:\n    from numpy import prod as product"
    if compat in text.replace("\r\n", "\n"):
        assert compat in upgrade(text, *RULES).text.replace("\r\n", "\n")


@SETTINGS
@given(modules())
def test_without_the_library_nothing_changes(text: str) -> None:
    other = text.replace("numpy", "mumpy").replace("pandas", "mandas")
    if parses(other):
        outcome = upgrade(other, *RULES)
        assert outcome.text == other
        assert not outcome.done


def _outermost(spans: list[Span]) -> list[Span]:
    return sorted(s for s in set(spans) if not any(o != s and o.contains(s) for o in spans))


def _between(text: bytes, spans: list[Span]) -> list[bytes]:
    pieces, at = [], 0
    for span in spans:
        pieces.append(text[at : span.start])
        at = span.end
    return [*pieces, text[at:]]
