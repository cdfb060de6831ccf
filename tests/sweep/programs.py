"""Random programs around the code of the shipped rules' cases."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from hypothesis import strategies as st

from apimig.rulebook import Rulebook
from apimig.rulebook.casebook import RuleCase, cases_of
from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import find_packs

Lines = list[str]
Enclosure = Callable[[Lines, str], Lines]


@cache
def book() -> Rulebook:
    """The rules that are shipped."""
    return load_packs([pack for pack in find_packs() if pack.origin == "apimig"])


@cache
def cases() -> tuple[RuleCase, ...]:
    """Their cases that parse as they are."""
    return tuple(case for rule in book().rules for case in cases_of(rule) if parses(case.before))


@cache
def parses(code: str | bytes) -> bool:
    """Whether this interpreter reads the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError):
            return False
    return True


# ------------------------------------------------------------------ what stands around a piece of code


def _in(head: str, *after: str) -> Enclosure:
    """The code as the block below a head; lines of head and tail are indented by >."""

    def enclose(body: Lines, indent: str) -> Lines:
        lines = [_indented(line, indent) for line in head.split("\n")]
        depth = indent * (len(lines[-1]) - len(lines[-1].lstrip()) and 1) + indent
        inner = textwrap.indent("\n".join(body), depth).split("\n")
        return [*lines, *inner, *(_indented(line, indent) for line in after)]

    return enclose


def _indented(line: str, indent: str) -> str:
    text = line.lstrip(">")
    return indent * (len(line) - len(text)) + text


PLAIN = (
    _in("def f(a, b=None, *args, c: int = 3, **kwargs) -> None:"),
    _in("async def f():"),
    _in("class Own(dict):\n>def method(self, x):"),
    _in("class Own:"),
    _in("@decorate(1, key=[2])\n@other\ndef f():  # says nothing", "", ""),
    _in("if a:", "else:", ">b = 1"),
    _in("if a:\n>pass\nelif b:"),
    _in("if a:\n>pass\nelse:"),
    _in("for i in range(3):", "else:", ">done = 1"),
    _in("while True:", ">break"),
    _in("try:", "finally:", ">done = 1"),
    _in("try:", "except ValueError as error:", ">raise"),
    _in("try:\n>pass\nexcept (KeyError, ValueError):"),
    _in("with open(p) as fh, lock:"),
    _in("match a:\n>case {'k': [x, *_]}:"),
    _in("def outer():\n>def inner(x, /):", ">return inner"),
    _in("if __name__ == '__main__':"),
)
COMPAT = (
    _in("if hasattr(np, 'something'):"),
    _in("if not hasattr(pd, 'something'):\n>pass\nelse:"),
    _in("if np.__version__ < '2':", "else:", ">b = 1"),
    _in("if tuple(map(int, pd.__version__.split('.')[:2])) < (2, 0):"),
    _in("try:\n>import numpy.something\nexcept ImportError:"),
    _in("try:\n>from pandas.something import other\nexcept (ImportError, AttributeError) as error:"),
)
NOISE = (
    "# a comment: np.float, df.append(x)",
    "",
    "   ",
    "\f",
    "a = 1; b = 2",
    "z = [\n    (1,\n     {2: 3}),  # note\n]",
    "x = a + \\\n    b",
    '"""np.product and\n  text"""',
    "if a: b = 1; c = 2",
    "print('# no comment')  # é",
    "lst = []\nlst.append(1)",
    "@decorate\ndef g(): return 1",
    "lambda: (yield)",
)


# ------------------------------------------------------------------ pieces


def header(given: Mapping[str, str]) -> Lines:
    """What a snippet takes for granted: the conventional imports, and its variables."""
    aliases = {alias: name for library in book().libraries for alias, name in library.conventional.items()}
    imports = [f"import {name} as {alias}" for alias, name in aliases.items()]
    imports += [f"import {root}" for library in book().libraries for root in library.imports if given]
    return [*imports, *(f"{name} = {expression}" for name, expression in given.items())]


def as_module(case: RuleCase) -> Lines:
    """A case's code, with what it takes for granted written out."""
    tree = ast.parse(case.before)
    own = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))
    return [*([] if own else header(case.given)), *case.before.rstrip("\n").split("\n")]


def on_one_line(lines: Lines) -> Lines:
    """The statements joined by semicolons, where all of them are simple and on a line of their own."""
    tree = ast.parse("\n".join(lines))
    simple = all(node.lineno == node.end_lineno and not hasattr(node, "body") for node in tree.body)
    return ["; ".join(ast.unparse(node) for node in tree.body)] if simple else lines


def in_brackets(lines: Lines, shape: str) -> Lines:
    """The last statement's value put into a larger expression."""
    text = "\n".join(lines)
    last = ast.parse(text).body[-1]
    if not isinstance(last, ast.Expr | ast.Assign):
        return lines
    value = ast.get_source_segment(text, last.value)
    if value is None or not text.endswith(value):
        return lines
    return (text[: len(text) - len(value)] + shape.replace("VALUE", value)).split("\n")


SHAPES = (
    "(\n    VALUE  # why\n)",
    "f(VALUE, key=[VALUE])",
    "{'a': (VALUE,), **other}",
    "[each for each in (VALUE) if each]",
    "not (VALUE)",
    "(lambda: VALUE)()",
    "a if (VALUE) else b",
    "(VALUE)[0].other",
    "-(VALUE) ** 2",
    "f(\n    a,\n    # above\n    VALUE,\n    b=1,\n)",
    "f'{(VALUE)!r:>10}'",
    "(yield_ := (VALUE))",
)


@st.composite
def pieces(draw: st.DrawFn) -> Lines:
    """The code of one case, perhaps written otherwise, perhaps in blocks of several kinds."""
    lines = as_module(draw(st.sampled_from(cases())))
    form = draw(st.integers(0, 5))
    if form == 0:
        lines = on_one_line(lines)
    elif form in (1, 2):
        lines = in_brackets(lines, draw(st.sampled_from(SHAPES)))
    if draw(st.integers(0, 5)) == 0 and lines[-1].strip():
        lines = [*lines[:-1], lines[-1] + "  # after"]
    indent = draw(st.sampled_from(["    ", "    ", "  ", "\t", "        "]))
    for enclosure in draw(st.lists(st.sampled_from(PLAIN * 2 + COMPAT), max_size=3)):
        lines = enclosure(lines, indent)
    return lines


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    """A file with one to three pieces and other code between them, in one of the forms that files have."""
    lines: Lines = []
    for piece in draw(st.lists(pieces(), min_size=1, max_size=3)):
        noise: Sequence[str] = draw(st.lists(st.sampled_from(NOISE), max_size=2))
        lines += [*"\n".join(noise).split("\n"), *piece] if noise else piece
    text = "\n".join(lines) + draw(st.sampled_from(["\n", "\n", "", "\n\n# end\n"]))
    cookie = draw(st.sampled_from(["", "", "", "# -*- coding: latin-1 -*-\n", "#!/usr/bin/env python\n"]))
    text = (cookie + text).replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))
    if "latin-1" in cookie:
        return text.encode("latin-1", "replace")
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode()
