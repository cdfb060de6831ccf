"""The engine edits text; this compares its results with the same changes made on the syntax tree by other means."""

from __future__ import annotations

import ast
import warnings

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apimig.rulebook.rule import FunctionToMethod, Rename, Rewrite, Template
from tests.engine import rule, upgrade

RULES = (
    rule(Rename((("numpy.product", "numpy.prod"), ("numpy.float", "builtins.float"))), name="numpy/renames"),
    rule(Rewrite((Template("numpy.NINF", "-numpy.inf"),)), name="numpy/ninf"),
    rule(
        Rewrite(
            (
                Template("numpy.msort($x)", "numpy.sort($x, axis=0)"),
                Template("numpy.sq($x, $*r)", "$x.sq($*r) ** 2"),
                Template("numpy.either($x, $y)", "$x if $y else $y"),
                Template("numpy.neg($x)", "-$x"),
                Template("numpy.power($x, $y)", "$x ** $y"),
                Template("numpy.late($x)", "lambda: $x"),
                Template("numpy.flip($x, $y)", "$y - $x"),
                Template("numpy.no($x)", "not $x"),
            )
        ),
        name="numpy/templates",
    ),
    rule(FunctionToMethod((("numpy.tofoo", "numpy.ndarray.foo"),)), name="numpy/foo"),
)

OPERANDS = ["a", "1", "'s'", "x.y", "a[0]", "np.NINF", "None", "'p' 'q'", "1.5", "[]"]
USES = [
    "np.product({0})", "np.float({0})", "np.msort({0})", "np.sq({0}, {1}, k={2})", "np.sq({0})", "np.neg({0})",
    "np.power({0}, {1})", "np.late({0})", "np.flip({0}, {1})", "np.no({0})", "np.tofoo({0}, {1})", "np.tofoo({0})",
]  # fmt: skip
SHAPES = [
    "({0} + {1})", "({0} - {1})", "({0} ** {1})", "(-{0})", "(not {0})", "({0} if {1} else {2})", "(lambda: {0})", "({0}).attr",
    "({0})[{1}]", "(({0}) < ({1}))", "(({0}) and ({1}))", "(({0}) or ({1}))", "f({0}, *{1}, k={2})", "[{0}, {1}]", "{{{0}: {1}}}",
    "({0},)", "({0} * {1})", "(~{0})", "[q for q in {0} if {1}]", "({0})({1})", "f(q for q in {0})", "(w := {0})", "{0}\n",
]  # fmt: skip


def _fill(shape: str, parts: tuple[str, str, str]) -> str:
    return shape.format(*parts)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(_fill, st.sampled_from(SHAPES + USES * 2), st.tuples(inner, inner, inner))


EXPRESSIONS = st.recursive(st.sampled_from(OPERANDS), _grow, max_leaves=8)
STATEMENTS = [
    "x = ({0})", "assert ({0}), ({1})", "def f(a=({0})):\n    return ({1})", "for k in ({0}): yield_ = ({1})", "x = [({0}), ({1})]",
    "if ({0}): pass", "x: a = ({0})", "with ({0}) as g: pass", "print(({0}), end=({1}))", "x = lambda q=({0}): ({1})",
]  # fmt: skip


def _numpy(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
        return node.attr
    return ""


class Oracle(ast.NodeTransformer):
    """The rules above, on the tree."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        match _numpy(node):
            case "NINF":
                return ast.UnaryOp(ast.USub(), _np("inf"))
            case "product":
                return _np("prod")
            case "float":
                return ast.Name("float", ast.Load())
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = _numpy(node.func)
        self.generic_visit(node)
        args = node.args
        if any(isinstance(a, ast.Starred) for a in args) or (args and len(args) < 2 and name in ("power", "flip")):
            return node
        match name:
            case "msort":
                return ast.Call(_np("sort"), args, [ast.keyword("axis", ast.Constant(0))])
            case "sq":
                call = ast.Call(ast.Attribute(args[0], "sq", ast.Load()), args[1:], node.keywords)
                return ast.BinOp(call, ast.Pow(), ast.Constant(2))
            case "neg":
                return ast.UnaryOp(ast.USub(), args[0])
            case "power":
                return ast.BinOp(args[0], ast.Pow(), args[1])
            case "late":
                return ast.Lambda(ast.arguments([], [], None, [], [], None, []), args[0])
            case "flip":
                return ast.BinOp(args[1], ast.Sub(), args[0])
            case "no":
                return ast.UnaryOp(ast.Not(), args[0])
            case "tofoo":
                return ast.Call(ast.Attribute(args[0], "foo", ast.Load()), args[1:], node.keywords)
        return node


def _np(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(STATEMENTS), EXPRESSIONS, EXPRESSIONS)
def test_the_text_says_what_the_tree_says(statement: str, first: str, second: str) -> None:
    code = "import numpy as np\n" + statement.format(first, second) + "\nnp\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(code)
        except SyntaxError:
            return
        outcome = upgrade(code, *RULES)
        expected = ast.dump(Oracle().visit(tree))
        assert not outcome.refused, outcome.refused
        assert ast.dump(ast.parse(outcome.text)) == expected, outcome.text
