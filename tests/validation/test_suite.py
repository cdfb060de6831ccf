"""One run of a repository's tests in the sandbox: what is said of each test, and what is seen on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from apimig.records import Span
from apimig.sandbox import Limits
from apimig.validation import suite
from apimig.validation.marks import REACH, TYPE, Mark
from apimig.validation.suite import Job, run
from apimig.verdicts import Status

SITE = Path(pytest.__file__).parent.parent
EVERY_WAY = """
import os, signal, time
import pytest

def test_good(): assert True
def test_bad(): assert 1 == 2, "sums"
@pytest.fixture
def broken():
    raise ValueError("set-up")
def test_set_up(broken): pass
@pytest.fixture
def leaking():
    yield
    raise ValueError("tear-down")
def test_tear_down(leaking): pass
@pytest.mark.xfail
def test_x(): assert False
@pytest.mark.xfail
def test_xx(): pass
@pytest.mark.skip(reason="not today")
def test_s(): pass
@pytest.mark.parametrize("n", [1, 2])
def test_many(n): assert n == 1
"""


def job(tree: Path, **more) -> Job:
    more.setdefault("runner", suite.PYTEST)
    more.setdefault("arguments", ("-q", "-p", "no:cacheprovider"))
    return Job("code", "here", Path(sys.executable), tree, paths=(tree,), readable=(SITE,), **more)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "repo"
    folder.mkdir()
    return folder


def put(tree: Path, name: str, text: str) -> bytes:
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text(text)
    return text.encode()


def mark(kind: str, name: str, text: bytes, code: str) -> Mark:
    start = text.index(code.encode())
    return Mark(kind, name, Span(start, start + len(code.encode())))


def statuses(record) -> dict[str, str]:
    return {test.name.partition("::")[2] or test.name: test.status.value for test in record.suite.tests}


# ------------------------------------------------------------------------------------------ how tests end


def test_every_way_in_which_a_test_can_end_is_told_in_pytests_words(tree):
    put(tree, "test_it.py", EVERY_WAY)
    record = run(job(tree))
    assert statuses(record) == {
        "test_good": "passed",
        "test_bad": "failed",
        "test_set_up": "error",
        "test_tear_down": "passed",
        "test_tear_down (tear-down)": "error",
        "test_x": "xfailed",
        "test_xx": "xpassed",
        "test_s": "skipped",
        "test_many[1]": "passed",
        "test_many[2]": "failed",
    }
    assert "2 failed, 3 passed, 1 skipped, 1 xfailed, 1 xpassed, 2 errors" in record.output
    counted = {status.value: number for status, number in record.suite.counts().items()}
    assert counted == {"passed": 3, "failed": 2, "error": 2, "skipped": 1, "xfailed": 1, "xpassed": 1}
    bad = next(test for test in record.suite.tests if test.name.endswith("test_bad"))
    assert bad.message == "AssertionError: sums" + "\nassert 1 == 2".partition("\n")[0]
    assert "assert 1 == 2" in bad.details
    assert (record.suite.exit_code, record.suite.cut_short) == (1, "")


def test_a_file_that_cannot_be_collected_is_an_error_of_its_name(tree):
    put(tree, "test_a.py", "import nothing_of_the_kind\n")
    put(tree, "test_b.py", "def test_b(): pass\n")
    record = run(job(tree))
    assert statuses(record) == {"test_a.py": "error"}
    assert record.observed.raised["test_a.py"].kind == "ModuleNotFoundError"
    assert record.observed.raised["test_a.py"].frames[-1].path.endswith("test_a.py")


def test_a_file_that_is_collected_twice_counts_twice_as_it_does_for_pytest(tree):
    put(tree, "test_a.py", "import nothing_of_this_name\n")
    record = run(job(tree, arguments=("-q", "-p", "no:cacheprovider", "--doctest-modules")))
    assert "2 errors" in record.output
    assert [(test.name, test.status.value) for test in record.suite.tests] == [
        ("test_a.py", "error"),
        ("test_a.py (again)", "error"),
    ]


def test_a_test_that_kills_the_process_has_crashed_and_the_rest_was_not_run(tree):
    put(tree, "test_a.py", "import os\ndef test_1(): pass\ndef test_2(): os.abort()\ndef test_3(): pass\n")
    record = run(job(tree))
    assert statuses(record) == {"test_1": "passed", "test_2": "crashed"}
    assert "the process died" in record.suite.cut_short


def test_a_test_that_never_ends_times_out(tree):
    put(tree, "test_a.py", "import time\ndef test_1(): pass\ndef test_2(): time.sleep(600)\n")
    record = run(job(tree, limits=Limits(wall_seconds=4)))
    assert statuses(record) == {"test_1": "passed", "test_2": "timeout"}
    assert record.suite.cut_short.startswith("out of time")


def test_only_the_tests_that_are_named_are_run(tree):
    put(tree, "tests/test_a.py", "def test_1(): pass\ndef test_2(): pass\n")
    put(tree, "tests/test_b.py", "raise SystemExit('not even collected')\n")
    record = run(job(tree), only=["tests/test_a.py::test_2"])
    assert statuses(record) == {"test_2": "passed"}


def test_unittest_tells_the_same(tree):
    put(
        tree,
        "tests/test_a.py",
        "import unittest\n"
        "class T(unittest.TestCase):\n"
        "    def test_good(self): pass\n"
        "    def test_bad(self): self.assertEqual(1, 2)\n"
        "    def test_error(self): 1 / 0\n"
        "    @unittest.skip('no')\n"
        "    def test_skipped(self): pass\n"
        "    @unittest.expectedFailure\n"
        "    def test_expected(self): self.fail()\n"
        "    def test_parts(self):\n"
        "        for n in range(3):\n"
        "            with self.subTest(n=n): self.assertLess(n, 2)\n",
    )
    put(tree, "tests/__init__.py", "")
    record = run(job(tree, runner=suite.UNITTEST, arguments=("discover",)))
    assert {name.rpartition(".")[2]: status for name, status in statuses(record).items()} == {
        "test_bad": "failed",
        "test_error": "error",
        "test_expected": "xfailed",
        "test_good": "passed",
        "test_parts": "failed",
        "test_skipped": "skipped",
    }
    only = [test.name for test in record.suite.tests if test.status is Status.FAILED]
    again = run(job(tree, runner=suite.UNITTEST, arguments=("discover",)), only=only)
    assert sorted(test.name for test in again.suite.tests) == sorted(only)


def test_where_there_are_no_tests_modules_are_imported(tree):
    put(tree, "good.py", "x = 1\n")
    put(tree, "bad.py", "import nothing_of_the_kind\n")
    put(tree, "leaving.py", "raise SystemExit(3)\n")
    put(tree, "last.py", "x = 1\n")
    record = run(job(tree, runner=suite.IMPORTS, arguments=("good", "bad", "leaving", "last")))
    assert statuses(record) == {"good": "passed", "bad": "error", "leaving": "error", "last": "passed"}


@pytest.mark.parametrize(
    ("command", "status"), [(("python", "-c", "pass"), "passed"), (("python", "-c", "raise SystemExit('no')"), "error")]
)
def test_a_command_that_tells_nothing_is_one_test(tree, command, status):
    record = run(job(tree, runner=suite.COMMAND, arguments=command))
    assert [test.status.value for test in record.suite.tests] == [status]


def test_variables_of_the_repository_are_set_and_shown(tree):
    put(tree, "test_a.py", "import os\ndef test_1(): assert os.environ['MODE'] == 'a b'\n")
    record = run(job(tree, variables={"MODE": "a b"}))
    assert statuses(record) == {"test_1": "passed"}
    assert record.suite.command.startswith("MODE='a b' python -m pytest ")


def test_pytest_within_a_command_tells_all(tree):
    put(tree, "test_a.py", "def test_1(): pass\ndef test_2(): assert 0\n")
    put(tree, "run.py", "import pytest, sys; sys.exit(pytest.main(['-q']))\n")
    record = run(job(tree, runner=suite.COMMAND, arguments=("python", "run.py")))
    assert statuses(record) == {"test_1": "passed", "test_2": "failed"}


# ------------------------------------------------------------------------------------------ what is seen


CODE = b"""\
import collections
from json import dumps

def f(d, flag=True):
    x = d.append(3) if flag else d.append(
        4)
    return [y.upper() for y in "ab"], x

def lazy():
    return lambda: [1].copy()

class K:
    z = dict(a=1).get("a")

async def g(q):
    return (await q).bit_length()

@collections.OrderedDict.fromkeys
def decorated(): pass
"""


def test_what_each_test_reaches_is_told_to_the_expression(tree):
    text = put(tree, "mod.py", CODE.decode().replace("@collections.OrderedDict.fromkeys\n", "@staticmethod\n"))
    put(
        tree,
        "test_it.py",
        "import asyncio\nimport mod\n"
        "def test_a(): mod.f([1])\n"
        "def test_b(): mod.f([1], False)\n"
        "def test_c(): mod.lazy()\n"
        "def test_d():\n"
        "    async def one(): return 5\n"
        "    assert asyncio.run(mod.g(one())) == 3\n",
    )
    places = ["d.append(3)", "d.append(\n        4)", "y.upper()", "[1].copy()", 'dict(a=1).get("a")', "dumps"]
    places += ["(await q).bit_length()", "staticmethod"]
    record = run(job(tree), watch=[mark(REACH, "mod.py", text, place) for place in places], texts={"mod.py": text})
    assert set(statuses(record).values()) == {"passed"}
    a, b, d = (f"test_it.py::test_{name}" for name in "abd")
    assert record.observed.reached == {0: {a}, 1: {b}, 2: {a, b}, 4: {""}, 5: {""}, 6: {d}, 7: {""}}


def test_the_types_that_receivers_have_are_told_with_their_bases(tree):
    text = put(tree, "mod.py", "class Rows(list): pass\ndef f(x):\n    return x.copy()\n")
    put(tree, "test_it.py", "import mod\ndef test_a():\n    mod.f([])\n    mod.f(mod.Rows())\n    mod.f({})\n")
    record = run(job(tree), watch=[mark(TYPE, "mod.py", text, "x.copy"[:1])], texts={"mod.py": text})
    assert record.observed.types == {}  # the parameter is no expression
    at = Mark(TYPE, "mod.py", Span(text.index(b"x.copy"), text.index(b"x.copy") + 1))
    record = run(job(tree), watch=[at], texts={"mod.py": text})
    assert record.observed.types == {
        0: {
            ("builtins.list", "builtins.object"),
            ("mod.Rows", "builtins.list", "builtins.object"),
            ("builtins.dict", "builtins.object"),
        }
    }


def test_marks_change_neither_lines_nor_messages_nor_what_pytest_shows(tree):
    text = put(tree, "test_it.py", "def test_a():\n    xs = [1]\n    assert xs.copy() == [2]\n")
    plain = run(job(tree))
    marked = run(job(tree), watch=[mark(REACH, "test_it.py", text, "xs.copy()")], texts={"test_it.py": text})
    assert marked.observed.reached == {0: {"test_it.py::test_a"}}
    assert marked.suite.tests[0].details == plain.suite.tests[0].details


@pytest.mark.parametrize(
    "text",
    [
        '"""Doc."""\nfrom __future__ import annotations\nimport json\n',
        "x: int = 1\ndef f(a: int = 2, *, b: str = '') -> int: return a\n",
        "try:\n    import json\nexcept ImportError:\n    json = None\nelse:\n    y = json\nfinally:\n    z = 1\n",
        "if 0:\n    pass\nelif json_ := 2:\n    x = json_\n",
        "with open(__file__) as f, open(__file__) as g: x = f.read()\n",
        "x, *y = [1, 2]\nx = (*y, x)\ny[0:1] = [3]\ndel y[0]\nx = y[0:1]\n",
        "x = f'{1 + 1:>{2}} {3!r}'\n",
        "match 3:\n    case int(x) if x > 2: y = x\n    case _: y = 0\n",
        "def g():\n    x = yield 1\n    yield from [x]\n    return (y for y in [1] if y)\nlist(g())\n",
        "class A(dict, metaclass=type):\n    b = 1\n    def c(self): return super().keys()\nx = list(A(a=1).c())\n",
        "lambda *a, k=1, **kw: (a, k, kw)\nassert (lambda x: x)(1), 'said'\nglobal q\nq = 1\n",
        "print(*[1], sep='', end='', **{})\n@property\n@property\ndef f(x): return x\n",
    ],
)
def test_every_place_of_a_file_may_be_marked(tree, text):
    import ast

    raw = put(tree, "mod.py", text)
    put(tree, "test_it.py", "def test_a(): import mod\n")
    lines = [0]
    for line in raw.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    spans = {
        Span(lines[node.lineno - 1] + node.col_offset, lines[node.end_lineno - 1] + node.end_col_offset)
        for node in ast.walk(ast.parse(text))
        if hasattr(node, "lineno")
    }
    watch = [Mark(kind, "mod.py", span) for span in sorted(spans) for kind in (REACH, TYPE)]
    record = run(job(tree), watch=watch, texts={"mod.py": raw})
    assert statuses(record) == {"test_a": "passed"}, record.output
    assert record.observed.reached


LIBRARY = """\
import warnings
def old(): warnings.warn("old is going, use new", FutureWarning, stacklevel=2)
def odd(): warnings.warn("said without a place", DeprecationWarning)
def inner(): old()
def mere(): warnings.warn("nothing of the kind", UserWarning)
def call(f): f()
"""


def test_deprecations_of_the_library_are_told_with_the_line_that_led_to_them(tree, tmp_path):
    put(tmp_path, "site/lib.py", LIBRARY)
    put(tmp_path, "site/other.py", "import lib\ndef via(): lib.old()\n")
    put(
        tree,
        "mod.py",
        "import lib, other\nlib.old()\ndef f():\n    lib.odd()\n    lib.inner()\n    lib.mere()\n    other.via()\n",
    )
    put(
        tree,
        "test_it.py",
        "import warnings, mod\n"
        "def test_a():\n"
        "    with warnings.catch_warnings():\n"
        "        warnings.simplefilter('ignore')\n"
        "        mod.f()\n"
        "def test_b(): warnings.warn('our own', DeprecationWarning)\n",
    )
    site = tmp_path / "site"
    record = run(
        Job(
            "code", "here", Path(sys.executable), tree, suite.PYTEST, ("-q",), (tree, site), (SITE, site),
            libraries=frozenset({"lib"}),
        )
    )  # fmt: skip
    seen = [(Path(w.path).name, w.line, w.category, w.test) for w in record.observed.warned if "own" not in w.text]
    assert seen == [
        ("mod.py", 2, "FutureWarning", ""),
        ("mod.py", 4, "DeprecationWarning", "test_it.py::test_a"),
        ("mod.py", 5, "FutureWarning", "test_it.py::test_a"),
    ]
