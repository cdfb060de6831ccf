"""Edits and reports that follow from two releases of a library alone: no rule file speaks of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

import apimig
from apimig.pipeline.options import Options
from apimig.pipeline.surfaces import known, planned
from apimig.records import Account, Applicability, NeedsPerson
from apimig.rulebook import hiding
from apimig.surface import releases as index
from apimig.surface import store
from tests.surface.tools import Files, read

REMOVED_DEFAULT = "def f(a, old=None, b=0): ...", "def f(a, b=0): ..."
RENAMED = (
    "def f(a, color=None):\n    '''Paint.\n\n    Parameters\n    ----------\n    color : str\n        The paint.\n    '''",
    "def f(a, colour=None):\n    '''Paint.\n\n    Parameters\n    ----------\n    colour : str\n        The paint.\n    '''",
)
KEYWORD_ONLY = "def f(a, b=0, c=0): ...", "def f(a, *, b=0, c=0): ..."
ANY_NUMBER = "def f(*args, k=0): ...", "def f(a=None, /, *, k=0): ..."
SHIM = (
    "def g(a, n=0): ...\ndef f(a, n=0):\n    '''An alias.'''\n    return g(a, n=n)",
    "def g(a, n=0): ...",
)
REPLACED = (
    "import warnings\ndef f(top=None, n=1, base_top='no'):\n    if base_top != 'no':\n        warnings.warn('Use `top`.', FutureWarning)",
    "def f(top=None, n=1): ...",
)
# as in scipy's firwin: fs is twice what nyq was
RELATED = tuple(text.replace("base_top", "nyq").replace("top", "fs") for text in REPLACED)
METHOD = (
    "class T:\n    def f(self, a, b=0) -> 'T': ...\n    def gone_away(self): ...",
    "class T:\n    def f(self, a, *, b=0) -> 'T': ...",
)

# What two releases of `lib` define, the code before, and after; None: it stays and is reported, "": it is fine.
EDITS = {
    "positional to keyword": (KEYWORD_ONLY, "lib.f(1, 2, c=3)", "lib.f(1, b=2, c=3)"),
    "what is passed by keyword already": (KEYWORD_ONLY, "lib.f(1, b=2)", ""),
    "a starred argument in a place that stays": (KEYWORD_ONLY, "lib.f(*xs[:1], b=2)", ""),
    "reordered": (("def f(a, b=0, c=0): ...", "def f(a, c=0, b=0): ..."), "lib.f(1, 2, 3)", "lib.f(1, b=2, c=3)"),
    "a parameter added in between": (("def f(a, b=0): ...", "def f(a, new=1, b=0): ..."), "lib.f(1, 2)", "lib.f(1, b=2)"),
    "a parameter added at the end": (("def f(a, b=0): ...", "def f(a, b=0, new=1): ..."), "lib.f(1, 2)", ""),
    "renamed, documented alike": (RENAMED, "lib.f(1, color='red')", "lib.f(1, colour='red')"),
    "renamed, passed by position": (RENAMED, "lib.f(1, 'red')", ""),
    "renamed, for all that names tell": (("def f(a, color=0): ...", "def f(a, colour=0): ..."), "lib.f(1, color=2)", None),
    "another required parameter in its place": (("def f(x, y): ...", "def f(actual, y): ..."), "lib.f(1, 2)", ""),
    "another in its place, passed by name": (("def f(x, y): ...", "def f(actual, y): ..."), "lib.f(x=1, y=2)", None),
    "removed, and it holds its default": (REMOVED_DEFAULT, "lib.f(1, old=None, b=2)", "lib.f(1, b=2)"),
    "removed, and what follows moves up": (REMOVED_DEFAULT, "lib.f(1, None, 2)", "lib.f(1, b=2)"),
    "removed, and it holds something else": (REMOVED_DEFAULT, "lib.f(1, old=5)", None),
    "removed, and it holds who knows what": (REMOVED_DEFAULT, "lib.f(1, old=g())", None),
    "removed, and not given": (REMOVED_DEFAULT, "lib.f(1, b=2)", ""),
    "replaced by one that both have, as the library says": (REPLACED, "lib.f(base_top=5)", None),
    "replaced, and it holds its default": (REPLACED, "lib.f(n=2, base_top='no')", "lib.f(n=2)"),
    "replaced, and not given": (REPLACED, "lib.f(5, n=2)", ""),
    "a required parameter that had a default": (("def f(a, b=3): ...", "def f(a, b): ..."), "lib.f(1)", "lib.f(1, b=3)"),
    "a required parameter that had none": (("def f(a, b=None): ...", "def f(a, b): ..."), "lib.f(1)", None),
    "a required parameter that nobody knew": (("def f(a): ...", "def f(a, b): ..."), "lib.f(1)", None),
    "**options are gone": (("def f(a, **options): ...", "def f(a): ..."), "lib.f(1, b=2)", None),
    "**options are gone, and none is given": (("def f(a, **options): ...", "def f(a): ..."), "lib.f(1)", ""),
    "a parameter that only **options take now": (
        ("def f(a, old=None, b=0): ...", "def f(a, b=0, **options): ..."),
        "lib.f(1, 7, 2)",
        None,
    ),
    "such a parameter, and it holds its default": (
        ("def f(a, old=None, b=0): ...", "def f(a, b=0, **options): ..."),
        "lib.f(1, None, 2)",
        "lib.f(1, b=2)",
    ),
    "overloads with an implementation, which binds the call": (
        (
            "from typing import overload\n@overload\ndef f(a, b=...): ...\n@overload\ndef f(a: str): ...\ndef f(a, b=0, c=0): ...",
            "from typing import overload\n@overload\ndef f(a, *, b=...): ...\n@overload\ndef f(a: str): ...\ndef f(a, *, c=0, b=0): ...",
        ),
        "lib.f(1, 2)",
        "lib.f(1, b=2)",
    ),
    "what was announced to go, though ** would take it": (
        (
            'def f(a, level=None, **options):\n    """Do.\n\n    Parameters\n    ----------\n    level : int\n\n        .. deprecated:: 1.0\n            It does nothing.\n    """',
            "def f(a, **options): ...",
        ),
        "lib.f(1, level=2)",
        None,
    ),
    "what only ** arguments may take now, by name": (
        ("def f(a, level=None, **options): ...", "def f(a, **options): ..."),
        "lib.f(1, level=2)",
        "",
    ),
    "what only ** arguments may take now, by position": (
        ("def f(a, level=None, **options): ...", "def f(a, **options): ..."),
        "lib.f(1, 2)",
        None,
    ),
    "overloads that differ in types alone": (
        (
            "from typing import overload\n@overload\ndef f(a: int, b=0) -> int: ...\n@overload\ndef f(a: str, b=0) -> str: ...\ndef f(a, b=0): ...",
            "from typing import overload\n@overload\ndef f(a: int, *, b=0) -> int: ...\n@overload\ndef f(a: str, *, b=0) -> str: ...\ndef f(a, *, b=0): ...",
        ),
        "lib.f(1, 2)",
        "lib.f(1, b=2)",
    ),
    "what takes any number of arguments now": (
        ("def f(shape, order='C'): ...", "def f(*shape, order='C'): ..."),
        "lib.f(5, 3)",
        "",
    ),
    "what **options took is a parameter now": (("def f(a, **options): ...", "def f(a, b=0): ..."), "lib.f(1, b=2)", ""),
    "what *args took is a parameter now": (ANY_NUMBER, "lib.f('off')", ""),
    "more than one of what *args took": (ANY_NUMBER, "lib.f(1, 2)", None),
    "who knows how many of what *args took": (ANY_NUMBER, "lib.f(1, *xs)", None),
    "positional only now, and passed by keyword": (("def f(a, b): ...", "def f(b, a, /): ..."), "lib.f(a=1, b=2)", None),
    "a default that changed": (("def f(a, n=10): ...", "def f(a, n=5): ..."), "lib.f(1)", None),
    "a default that changed, and it is given": (("def f(a, n=10): ...", "def f(a, n=5): ..."), "lib.f(1, 7)", ""),
    "a default that became a sign for not given": (("def f(a, n=10): ...", "def f(a, n=None): ..."), "lib.f(1)", ""),
    "a default of nothing that is spelt otherwise": (
        ("def f(a, n=(None, None)): ...", "def f(a, n=()): ..."),
        "lib.f(1)",
        "",
    ),
    "a method of an instance": (METHOD, "lib.T().f(1, 2).f(3, 4)", "lib.T().f(1, b=2).f(3, b=4)"),
    "a method of something else": (METHOD, "class T:\n    def f(self, *a): ...\nT().f(1, 2)", ""),
    "a method through its class": (METHOD, "lib.T.f(lib.T(), 1, 2)", "lib.T.f(lib.T(), 1, b=2)"),
    "a removed method": (METHOD, "lib.T().gone_away()", None),
    "a subclass of the code's own": (METHOD, "class U(lib.T): ...\nU().f(1, 2)", "class U(lib.T): ...\nU().f(1, b=2)"),
    "a subclass that overrides it": (METHOD, "class U(lib.T):\n    def f(self, *a): ...\nU().f(1, 2)", ""),
    "a constructor": (
        ("class T:\n    def __init__(self, a, b=0): ...", "class T:\n    def __init__(self, a, *, b=0): ..."),
        "lib.T(1, 2)",
        "lib.T(1, b=2)",
    ),
    "a constructor, from a subclass": (
        ("class T:\n    def __init__(self, a, b=0): ...", "class T:\n    def __init__(self, a, *, b=0): ..."),
        "class U(lib.T):\n    def __init__(self):\n        super().__init__(1, 2)",
        "class U(lib.T):\n    def __init__(self):\n        super().__init__(1, b=2)",
    ),
    "a constructor, from a subclass by the name of the class": (
        ("class T:\n    def __init__(self, a, b=0): ...", "class T:\n    def __init__(self, a, *, b=0): ..."),
        "class U(lib.T):\n    def __init__(self):\n        lib.T.__init__(self, 1, 2)",
        None,
    ),
    "a constructor of another class, from a subclass": (
        ("class T:\n    def __init__(self, a, b=0): ...", "class T:\n    def __init__(self, a, *, b=0): ..."),
        "class V:\n    def __init__(self, *a): ...\nclass U(V):\n    def __init__(self):\n        super().__init__(1, 2)",
        "",
    ),
    "a partial": (KEYWORD_ONLY, "from functools import partial\npartial(lib.f, 1, 2)", "from functools import partial\npartial(lib.f, 1, b=2)"),
    "an alias of the code's own": (KEYWORD_ONLY, "g = lib.f\ng(1, 2)", "g = lib.f\ng(1, b=2)"),
    "a removed function": (("def f(): ...\ndef g(): ...", "def g(): ..."), "lib.f()", None),
    "a function that its deprecation renamed": (
        ("import warnings\ndef f(a): warnings.warn('use `g` instead', FutureWarning)", "def g(a): ..."),
        "lib.f(1)",
        "lib.g(1)",
    ),
    "what only handed its arguments on": (SHIM, "lib.f(1, n=2)", "lib.g(1, n=2)"),
    "what only handed its arguments on, imported by name": (
        SHIM,
        "from lib import f\nf(1, 2)",
        "from lib import g\ng(1, 2)",
    ),
    "what handed them on to something that reads them otherwise": ((SHIM[0], "def g(n, a=0): ..."), "lib.f(1)", None),
    "what handed them on with a default of its own": (
        ("def g(a, n=0): ...\ndef f(a, n=1):\n    return g(a, n=n)", "def g(a, n=0): ..."),
        "lib.f(1)",
        None,
    ),
    "what handed on something else": (
        ("def g(a, n=0): ...\ndef f(a, n=0):\n    return g(a + 1, n=n)", "def g(a, n=0): ..."),
        "lib.f(1)",
        None,
    ),
    "what handed them on under each other's names": (
        ("def g(a=0, n=0): ...\ndef f(a=0, n=0):\n    return g(a=n, n=a)", "def g(a=0, n=0): ..."),
        "lib.f(1)",
        None,
    ),
    "what makes something of the answer": (
        ("def g(a, n=0): ...\ndef f(a, n=0):\n    return h(g(a, n=n))", "def g(a, n=0): ..."),
        "lib.f(1)",
        None,
    ),
    "a method that only handed its arguments on": (
        ("class T:\n    def g(self, a): ...\n    def f(self, a):\n        return self.g(a)", "class T:\n    def g(self, a): ..."),
        "lib.T().f(1)",
        "lib.T().g(1)",
    ),
    "a property that became a method": (
        ("class T:\n    @property\n    def size(self): ...", "class T:\n    def size(self): ..."),
        "lib.T().size",
        None,
    ),
    "compat code": (("def f(): ...\ndef g(): ...", "def g(): ..."), "if hasattr(lib, 'f'):\n    lib.f()", ""),
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    index.releases.cache_clear()


def releases(tmp_path, before: Files, after: Files) -> None:
    """Put two releases of `lib` where a run finds them."""
    for version, files in (("1.0", before), ("2.0", after)):
        digest = sha256(repr(files).encode()).hexdigest()
        store.keep(replace(read(tmp_path / version, files), distribution="lib", version=version, digest=digest))


def upgraded(code: str, **options: object) -> apimig.SourceResult:
    return apimig.upgrade_source(f"import lib\n{code}\n", lib="lib==2.0", from_="1.0", offline=True, **options)


@pytest.mark.parametrize(("both", "code", "after"), EDITS.values(), ids=EDITS)
def test_what_two_releases_say_of_a_call(tmp_path, both, code, after):
    releases(tmp_path, *both)
    result = upgraded(code)
    assert result.text == f"import lib\n{after or code}\n"
    reported = [outcome for outcome in result.outcomes if isinstance(outcome, NeedsPerson)]
    assert bool(reported) is (after is None), result.outcomes
    again = upgraded(result.text.removeprefix("import lib\n").rstrip("\n"))
    assert again.text == result.text


def test_an_old_default_is_written_where_unsafe_edits_are_wanted(tmp_path):
    releases(tmp_path, "def f(a, n=10): ...", "def f(a, n=5): ...")
    assert upgraded("lib.f(1)", unsafe=True).text == "import lib\nlib.f(1, n=10)\n"


@pytest.mark.parametrize(
    ("both", "code", "after"),
    [
        pytest.param(REMOVED_DEFAULT, "lib.f(1, old=5)", "lib.f(1)", id="removed"),
        pytest.param(REMOVED_DEFAULT, "lib.f(1, 5, 2)", "lib.f(1, b=2)", id="removed, by position"),
        pytest.param(
            REMOVED_DEFAULT, "lib.f(1, old=g())", "lib.f(1, old=g())", id="what is called would not be called"
        ),
        pytest.param(("def f(a, b): ...", "def f(a): ..."), "lib.f(1, b=2)", "lib.f(1)", id="required"),
        pytest.param(("def f(x, y): ...", "def f(i, y): ..."), "lib.f(x=1, y=2)", "lib.f(i=1, y=2)", id="likely name"),
        pytest.param(REPLACED, "lib.f(n=2, base_top=5)", "lib.f(n=2, top=5)", id="a parameter that the library names"),
        pytest.param(REPLACED, "lib.f(top=1, base_top=5)", "lib.f(top=1, base_top=5)", id="both are given"),
        pytest.param(RELATED, "lib.f(nyq=5)", "lib.f(nyq=5)", id="one that it names, which may be another thing"),
    ],
)
def test_what_is_likely_is_written_where_unsafe_edits_are_wanted(tmp_path, both, code, after):
    releases(tmp_path, *both)
    assert upgraded(code, unsafe=True).text == f"import lib\n{after}\n"
    (outcome,) = upgraded(code).outcomes
    assert isinstance(outcome, NeedsPerson)
    assert ("--unsafe" in outcome.why) is (after != code)


def test_an_unsafe_edit_says_why_it_is_one(tmp_path):
    releases(tmp_path, *REMOVED_DEFAULT)
    (outcome,) = upgraded("lib.f(1, old=5)", unsafe=True).outcomes
    assert "`old` no longer exists" in outcome.reason


def test_an_announced_default_is_never_written(tmp_path):
    releases(tmp_path, "def f(a, n='warn'): ...", "def f(a, n='auto'): ...")
    result = upgraded("lib.f(1)", unsafe=True)
    (outcome,) = result.outcomes
    assert (result.text, isinstance(outcome, NeedsPerson)) == ("import lib\nlib.f(1)\n", True)


def test_a_default_that_is_announced_to_change_is_a_deprecation(tmp_path):
    text = "def f(a, n=WHAT):\n    '''Do.\n\n    Parameters\n    ----------\n    n : int, default=10\n        A number.\n    '''"
    releases(tmp_path, text.replace("WHAT", "10"), text.replace("WHAT", "'warn'"))
    (outcome,) = upgraded("lib.f(1)", unsafe=True).outcomes
    assert (outcome.rule, isinstance(outcome, NeedsPerson)) == ("lib/lib.f:deprecated", True)
    assert upgraded("lib.f(1, n=3)").outcomes == upgraded("lib.f(1)", only_required=True).outcomes == ()


def test_a_site_names_the_change_and_can_be_ignored(tmp_path):
    releases(tmp_path, *REMOVED_DEFAULT)
    (outcome,) = upgraded("lib.f(1, old=5)").outcomes
    assert outcome.rule == "lib/lib.f"
    assert "lib.f(old): parameter removed" in outcome.advice
    (ignored,) = upgraded("lib.f(1, old=5)  # apimig: ignore[lib/lib.f]").outcomes
    assert isinstance(ignored, apimig.LeftAlone)


def test_releases_are_compared_as_they_were_read_alike(tmp_path):
    releases(tmp_path, "def f(): ...", "def f(): ...")
    seen = replace(read(tmp_path / "seen", "def f(): ...\ndef made(): ..."), distribution="lib", version="1.0")
    store.keep(replace(seen, probed=True))
    assert upgraded("lib.made()").outcomes == ()


def test_a_path_that_moved_is_no_other_name_of_what_stays(tmp_path):
    before = {"lib/__init__.py": "from lib.a import f", "lib/a.py": "def f(): ..."}
    after = {"lib/__init__.py": "from lib._a import f", "lib/_a.py": "def f(): ..."}
    releases(tmp_path, before, after)
    assert upgraded("lib.f()").outcomes == ()
    assert [type(each).__name__ for each in upgraded("import lib.a\nlib.a.f()").outcomes] != []


# ------------------------------------------------------------------ the account

ACCOUNTED = """\
import lib
from lib import *
lib.f(1, 2)
lib.f(1)
lib.f(1, old=7)
lib.T().name
lib.T().made_up
lib._hidden()
getattr(lib, name)
if hasattr(lib, 'gone'):
    lib.gone()
lib.f(**options)
"""


def test_every_use_is_accounted_for(tmp_path):
    releases(
        tmp_path,
        "def f(a, old=0): ...\ndef gone(): ...\nclass T:\n    @property\n    def name(self) -> str: ...",
        "def f(a): ...\nclass T:\n    @property\n    def name(self) -> str: ...",
    )
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "m.py").write_text(ACCOUNTED)
    result = apimig.check(tmp_path / "p", lib="lib==2.0", from_="1.0", offline=True)
    said = {(each.location.line, each.code) for each in result.unchecked}
    assert said == {
        (2, "*"), (7, "lib.T().made_up"), (8, "lib._hidden"), (9, "getattr(lib, name)"), (12, "lib.f"),
    }  # fmt: skip
    # fine: import lib, lib.f(1), lib.T twice, .name, and lib itself given to getattr and hasattr
    assert result.account == Account(rewritten=0, fine=7, needs_person=2, unknown=5, left_alone=1)
    assert result.account.uses == 15


OVERLOADS = "from typing import overload\n@overload\ndef f(a, b{}): ...\n@overload\ndef f(a: str): ...\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(shape, order='C'): ...", "def f(*shape, order='C'): ...", id="any number of arguments"),
        pytest.param(
            {"lib/__init__.pyi": OVERLOADS.format(", c")}, {"lib/__init__.pyi": OVERLOADS.format("")}, id="overloads"
        ),
    ],
)
def test_what_a_call_means_that_nothing_tells_is_unknown(tmp_path, before, after):
    releases(tmp_path, before, after)
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "m.py").write_text("import lib\nlib.f(1, 2)\n")
    result = apimig.check(tmp_path / "p", lib="lib==2.0", from_="1.0", offline=True)
    assert [(each.location.line, each.why) for each in result.unchecked] == [(2, hiding.UNDECIDED)], result.account
    assert result.outcomes == ()


def test_a_default_of_a_class_that_only_announces_a_change(tmp_path):
    said = 'class T:\n    """Do.\n\n    Parameters\n    ----------\n    n : int, default=10\n    """\n    def __init__(self, n={}): ...\n'
    releases(tmp_path, said.format("10"), said.format("'warn'"))
    (outcome,) = upgraded("lib.T()").outcomes
    assert outcome.rule == "lib/lib.T:deprecated"


def test_without_surfaces_there_is_no_account(tmp_path):
    (tmp_path / "m.py").write_text("import pandas as pd\npd.read_csv('a')\n")
    assert apimig.check(tmp_path, lib="pandas==2.0", from_="1.5.3", surfaces=False).account is None
    assert apimig.check(tmp_path, lib="pandas==2.0", from_="1.5.3").account == Account(fine=2)


# ------------------------------------------------------------------ what is asked for


def test_a_library_without_rules_and_surfaces_offline(tmp_path):
    with pytest.raises(apimig.UnknownLibraryError, match="neither rules nor a surface"):
        upgraded("lib.f()")


def test_a_release_that_is_not_listed_may_be_withdrawn(tmp_path):
    releases(tmp_path, "def f(): ...", "def f(): ...")
    with pytest.raises(apimig.UnknownVersionError, match=r"no release 1\.5"):
        apimig.upgrade_source("import lib\n", lib="lib==1.5", from_="1.0", offline=True)
    with pytest.raises(apimig.UsageError, match=r"surface of lib 1\.5\.1 is neither shipped nor cached"):
        apimig.upgrade_source("import lib\n", lib="lib==1.5.1", from_="1.0", offline=True)


def test_where_the_code_comes_from_must_be_known(tmp_path):
    releases(tmp_path, "def f(): ...", "def f(): ...")
    with pytest.raises(apimig.UsageError, match="which version of lib the code was written"):
        apimig.upgrade_source("import lib\n", lib="lib==2.0", offline=True)


def test_beside_a_pack_nothing_is_written_without_its_rules():
    options = Options(libs=("pandas==2.0", "numpy==2.0"), from_=("pandas==1.5.3", "numpy==1.23.5"), offline=True)
    derived = [rule for rule in planned(options, known(options), {}).rules if rule.derived]
    assert len(derived) > 100
    assert {rule.applicability for rule in derived} == {Applicability.MANUAL, Applicability.UNSAFE}


def test_an_import_name_is_told_from_a_distribution():
    with pytest.raises(apimig.UnknownLibraryError, match="import name of scikit-learn"):
        apimig.upgrade_source("", lib="sklearn==1.2", from_="1.1", offline=True)
