"""Which statement became which: insertions, moves, blocks, changed statements."""

from __future__ import annotations

import pytest

from apimig.mining.diffs.alignment import align
from apimig.mining.diffs.tree import text_of
from tests.mining.diffs.tools import LANGUAGE, read

TABLE = [
    ("nothing changed", "a = f(1)\nb = g(2)", "a = f(1)\nb = g(2)", {"a = f(1)": "a = f(1)", "b = g(2)": "b = g(2)"}),
    (
        "a statement was put in between",
        "a = f(1)\nb = g(2)",
        "a = f(1)\nprint('here it is')\nb = g(3)",
        {"a = f(1)": "a = f(1)", "b = g(2)": "b = g(3)"},
    ),
    (
        "a statement went",
        "a = f(1)\nlog(a, 9)\nb = g(2)",
        "a = f(1)\nb = g(2)",
        {"log(a, 9)": None, "b = g(2)": "b = g(2)"},
    ),
    (
        "statements changed places",
        "first = compute(one, 1)\nsecond = compute(two, 2)",
        "second = compute(two, 2)\nfirst = compute(one, 1)",
        {"first = compute(one, 1)": "first = compute(one, 1)", "second = compute(two, 2)": "second = compute(two, 2)"},
    ),
    (
        "a statement moved into a function, and changed",
        "value = tool.measure(width, height, unit='mm')\nother = 1",
        "other = 1\ndef run():\n    value = tool.measured(width, height, unit='mm')",
        {'value = tool.measure(width, height, unit="mm")': 'value = tool.measured(width, height, unit="mm")'},
    ),
    (
        "the same statement in two functions stays in its own",
        "def f():\n    x = read(path, 1)\n    return x\ndef g():\n    x = read(path, 1)\n    return -x",
        "def g():\n    x = read(path, 2)\n    return -x\ndef f():\n    x = read(path, 1)\n    return x",
        {"return x": "return x", "return -x": "return -x"},
    ),
    (
        "a block that a condition was put around",
        "a = f(1)\nfor x in xs:\n    use(x, a)\n    done(x, a)",
        "a = f(1)\nif a:\n    for x in xs:\n        use(x, a)\n        done(x, a)",
        {"use(x, a)": "use(x, a)", "done(x, a)": "done(x, a)"},
    ),
    (
        "the only statement of a block, of which little stayed",
        "def f():\n    return toolbox.old(a, b, c)",
        "def f():\n    return -x",
        {"return toolbox.old(a, b, c)": "return -x"},
    ),
    ("imports of other things are no pair", "import itertools", "import toolbox", {"import itertools": None}),
]


@pytest.mark.parametrize(("old", "new", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_statements_find_their_counterparts(old: str, new: str, wanted: dict[str, str | None]) -> None:
    pairs = align(read(old, LANGUAGE), read(new, LANGUAGE))

    found = {
        shown(pair.old.tree): None if pair.new is None else shown(pair.new.tree)
        for pair in pairs
        if pair.old is not None and not pair.old.children
    }
    assert {statement: found[statement] for statement in wanted} == wanted


def shown(tree) -> str:  # type: ignore[no-untyped-def]
    """A statement as text; imports, which are trees of symbols, by what they bring."""
    if tree.kind == "Imports":
        return f"import {tree.children[0].children[0].name}"
    return text_of(tree)


def test_each_statement_has_at_most_one_counterpart() -> None:
    old = read("x = f(1)\n" * 5 + "y = g(x)\n", LANGUAGE)
    new = read("x = f(1)\n" * 3 + "y = g(x, 2)\n", LANGUAGE)

    taken = [id(pair.new) for pair in align(old, new) if pair.new is not None]

    assert len(taken) == len(set(taken)) == 4


def test_what_was_added_comes_last() -> None:
    pairs = align(read("a = f(1)", LANGUAGE), read("a = f(1)\nb = quite(another, thing)", LANGUAGE))

    assert [pair.old is None for pair in pairs] == [False, True]
