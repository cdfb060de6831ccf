"""(library, a file of its tests before and after) -> the rules that only tests show, and what they add to others."""

from __future__ import annotations

import pytest

from apimig.mining.usage.merging import is_from_tests
from tests.mining.releases.tools import bodies, expected
from tests.mining.usage.tools import learned

HEAD = "import lib\n\n"
GONE = ("def old(a, b=1): ...\ndef new(a, b=1): ...\n", "def new(a, b=1): ...\n")
WARNS = (
    "def f(a, old=None, other=1): ...\n",
    "import warnings\ndef f(a, old='no', new=None, other=1):\n    '''Do.\n\n    Parameters\n    ----------\n    old : int\n\n        .. deprecated:: 2.0\n           old is deprecated.\n    '''\n    if old != 'no': warnings.warn('old is deprecated', FutureWarning)\n",
)
SAME = "def test_f():\n    assert lib.old(1) == 1\n"

# the library, tests before, tests after, and the rules that they alone give
OWN = {
    "a name that is gone, of which the releases say nothing": (
        GONE,
        "def test_f():\n    assert lib.old(1, b=2) == 1\n",
        "def test_f():\n    assert lib.new(1, b=2) == 1\n",
        "old_2: {rename: {lib.old: lib.new}}",
    ),
    "a method whose receiver has a type": (
        ("class K:\n    def old(self): ...\n", "class K:\n    parts = {}\n"),
        "def test_f():\n    k = lib.K()\n    assert k.old() == 1\n",
        "def test_f():\n    k = lib.K()\n    assert k.parts['a'] == 1\n",
        "old: {match: $k.old(), rewrite: '$k.parts[''a'']', where: {k: lib.K}}",
    ),
    "an import alone": (
        ("class Old: ...\nclass Older: ...\n", "class Older: ...\n"),
        "from lib import Old\n\ndef test_f():\n    assert Old\n",
        "from lib import Older as Old\n\ndef test_f():\n    assert Old\n",
        "old_2: {rename: {lib.Old: lib.Older}}",
    ),
    "what became of a test beside it is nothing": (
        GONE,
        "def test_f():\n    assert lib.old(1) == 1\n",
        "def test_g():\n    assert lib.new(1) == 1\n",
        "{}",
    ),
    "another name in a list of what is tested": (
        ("def old(a): ...\ndef unlike(a): ...\n", "def unlike(a): ...\n"),
        "ALL = [lib.old]\n",
        "ALL = [lib.unlike]\n",
        "{}",
    ),
    "one of two names of a thing, when the other went": (
        ("def kept(a): ...\nold = kept\n", "def kept(a): ...\ndef other(a): ...\n"),
        "def test_f():\n    assert lib.kept(1) == 1\n    lib.old\n",
        "def test_f():\n    assert lib.other(1) == 1\n",
        "{}",
    ),
    "a name that both releases have": (
        ("def f(a): ...\ndef g(a): ...\ndef gone(): ...\n", "def f(a): ...\ndef g(a): ...\n"),
        "def test_f():\n    assert lib.f(1) == 1\n    lib.gone\n",
        "def test_f():\n    assert lib.g(1) == 1\n",
        "{}",
    ),
    "a name that users should not know": (
        ("def old(a): ...\ndef _inner(a): ...\n", "def _inner(a): ...\n"),
        "def test_f():\n    assert lib.old(1) == 1\n",
        "def test_f():\n    assert lib._inner(1) == 1\n",
        "{}",
    ),
    "an argument that did not change": (
        WARNS,
        "def test_f():\n    assert lib.f(1, other=2) == 1\n",
        "def test_f():\n    assert lib.f(1, other=3) == 1\n",
        "{}",
    ),
    "an argument that changed, and one that did not": (
        WARNS,
        "def test_f():\n    assert lib.f(1, old=2, other=2) == 1\n",
        "def test_f():\n    assert lib.f(1, new=2, other=3) == 1\n",
        "{}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OWN)
def test_rules_that_only_tests_show(case, tmp_path):
    library, before, after, wanted = OWN[case]
    texts = ({"lib/tests/test_a.py": HEAD + text} for text in (before, after))
    found = learned(tmp_path, library, *texts)
    own = tuple(each for each in found.candidates if is_from_tests(each))
    assert bodies(type(found)(own, {})) == expected(wanted)


def only(found):
    (one,) = (each for each in found.candidates if "cases" in each.rule)
    return one


def test_tests_that_say_the_same_support_a_rule(tmp_path):
    shim = "import warnings\ndef old(a):\n    warnings.warn('old is deprecated', FutureWarning)\n    return new(a)\ndef new(a): ...\n"
    before, after = (
        {"lib/tests/test_a.py": f"{HEAD}def test_f():\n    assert lib.{name}(1) == 1\n    assert lib.{name}(x) == 2\n"}
        for name in ("old", "new")
    )
    alone, together = (
        only(learned(tmp_path, (shim, "def new(a): ...\n"), *each)) for each in (({}, {}), (before, after))
    )
    assert together.support > alone.support
    assert together.against == 0
    last = together.evidence[-1]
    assert (last.kind, last.text, last.place) == (
        "test", "lib.old(1) -> lib.new(1)", "lib 2.0.0: lib/tests/test_a.py",
    )  # fmt: skip


def test_tests_that_say_otherwise_count_against_it(tmp_path):
    shim = "import warnings\ndef old(a):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a)\ndef new(a): ...\ndef newer(a): ...\n"
    before, after = (
        {"lib/tests/test_a.py": f"{HEAD}def test_f():\n    assert lib.{name}(1) == 1\n"} for name in ("old", "newer")
    )
    found = only(learned(tmp_path, (shim, "def new(a): ...\ndef newer(a): ...\n"), before, after))
    assert (found.rule["rename"], found.against) == ({"lib.old": "lib.new"}, 1)


def test_what_the_library_says_of_a_name_goes_with_the_rule(tmp_path):
    warns = "import warnings\ndef old(a):\n    warnings.warn('old is deprecated and gone in 2.0', FutureWarning)\n    print(a); print(a)\ndef new(a): ...\n"
    before, after = (
        {"lib/tests/test_a.py": f"{HEAD}def test_f():\n    assert lib.{name}(1) == 1\n"} for name in ("old", "new")
    )
    found = learned(tmp_path, (warns, "def new(a): ...\n"), before, after)
    (own,) = (each for each in found.candidates if is_from_tests(each))
    assert [each.kind for each in own.evidence] == ["test", "deprecation"]
    assert own.rule["removed"] == "2.0.0"


# where the code stands before and after
PLACES = {
    "tests of the package": ("lib/tests/test_a.py", "lib/tests/test_a.py", True),
    "tests beside the package": ("tests/test_a.py", "tests/test_a.py", True),
    "moved tests": ("lib/test/test_a.py", "tests/unit/test_a.py", True),
    "examples": ("examples/plot_a.py", "examples/plot_a.py", True),
    "benchmarks": ("benchmarks/bench_a.py", "benchmarks/bench_a.py", False),
    "the package itself": ("lib/a.py", "lib/a.py", False),
}


@pytest.mark.parametrize("case", PLACES)
def test_files_that_are_read(case, tmp_path):
    old, new, is_read = PLACES[case]
    text = f"{HEAD}def test_f():\n    assert lib.{{}}(1) == 1\n"
    found = learned(tmp_path, GONE, {old: text.format("old")}, {new: text.format("new")})
    assert any(map(is_from_tests, found.candidates)) == is_read


# a file before and after
WRITTEN = {
    "a docstring": ("lib/a.py", "def f():\n    '''Do.\n\n    >>> import lib\n    >>> lib.{}(1)\n    2\n    '''\n"),
    "the docstring of a module": ("lib/a.py", "'''Do.\n\n>>> import lib\n>>> lib.{}(1)\n'''\n"),
    "a page": ("doc/page.rst", "Page\n====\n\n>>> import lib\n>>> lib.{}(1)\n2\n"),
    "an import from around": ("lib/tests/test_a.py", "from .. import {0}\n\ndef test_f():\n    assert {0}(1)\n"),
    "an import from where it is defined": (
        "tests/test_a.py",
        "from lib._a import {0}\n\ndef test_f():\n    assert {0}(1)\n",
    ),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_code_that_is_found(case, tmp_path):
    path, text = WRITTEN[case]
    found = learned(tmp_path, GONE, {path: text.format("old")}, {path: text.format("new")})
    assert [each.rule["rename"] for each in found.candidates if is_from_tests(each)] == [{"lib.old": "lib.new"}]


@pytest.mark.parametrize("text", ["def f(:\n    lib.old\n", ">>> lib.old(\n", "\0 lib.old"])
def test_what_is_no_python_is_passed_over(text, tmp_path):
    paths = ("lib/tests/test_a.py", "doc/a.rst", "lib/a.py")
    found = learned(tmp_path, GONE, dict.fromkeys(paths, text), dict.fromkeys(paths, f"{text} "))
    assert not any(map(is_from_tests, found.candidates))
