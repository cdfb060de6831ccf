"""Renames in Python-2-only files: by imports alone, and nothing where these do not say it all."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.records import Applicability, Language, SourceFile
from apimig.rewrite.python2 import Change, Python2Keyword, Python2Rename, python2_records, rewrite_python2
from apimig.rulebook.rule import ChangeCall, Condition, ParameterOp, Rename, RenameMember, Rule
from apimig.syntax import check_python2

RECORDS = (
    Python2Rename("numpy.product", "numpy.prod", "numpy/product"),
    Python2Rename("numpy.float", "builtins.float", "numpy/float"),
    Python2Rename("numpy.core.umath.ERR", "numpy.ERR"),
    Python2Rename("numpy.alen", "numpy.size.of"),
    Python2Rename("numpy.one", "numpy.two"),
    Python2Rename("numpy.two", "numpy.three"),
    Python2Rename("scipy.misc.comb", "scipy.special.comb"),
    Python2Rename("scipy.misc.imread", "scipy.special.imread"),
    Python2Rename("sklearn.cross_validation", "sklearn.model_selection"),
    Python2Rename("oldlib", "newlib"),
    Python2Keyword("numpy.sum", "axes", "axis", "numpy/axes"),
    Python2Keyword("numpy.prod", "typ", "dtype"),
)


def source_of(code):
    return SourceFile(Path("a.py"), "a.py", code.encode(), Language.PYTHON2)


def rewritten(code, records=RECORDS):
    return rewrite_python2(source_of(code), records)[0].decode()


RENAMED = [
    ("import numpy as np\nprint np.product(x)\n", "import numpy as np\nprint np.prod(x)\n"),
    ("import numpy\nprint numpy.product(x), `y`\n", "import numpy\nprint numpy.prod(x), `y`\n"),
    ("import numpy, sys\nf = numpy.product\nprint f\n", "import numpy, sys\nf = numpy.prod\nprint f\n"),
    ("import numpy as np\nprint map(np.product, xs)\n", "import numpy as np\nprint map(np.prod, xs)\n"),
    ("import numpy as np\n@np.product\ndef f((a, b)): pass\n", "import numpy as np\n@np.prod\ndef f((a, b)): pass\n"),
    ("import numpy as np\n@np.product(1)\ndef f((a, b)): pass\n", "import numpy as np\n@np.prod(1)\ndef f((a, b)): pass\n"),
    ("import numpy as np\nprint np.product(np.product(x)).y\n", "import numpy as np\nprint np.prod(np.prod(x)).y\n"),
    ("import numpy as np\nexec np.product in d\n", "import numpy as np\nexec np.prod in d\n"),
    ("def f():\n    import numpy as np\n    print np.product(x)\n", "def f():\n    import numpy as np\n    print np.prod(x)\n"),
    ("from numpy import product\nprint product(x)\n", "from numpy import prod\nprint prod(x)\n"),
    ("from numpy import (a,\n    product)\nprint product(x)\n", "from numpy import (a,\n    prod)\nprint prod(x)\n"),
    ("from numpy import product as p\nprint p(x)\n", "from numpy import prod as p\nprint p(x)\n"),
    ("from numpy import product\nprod = 1\nprint product(x)\n", "from numpy import prod as product\nprod = 1\nprint product(x)\n"),
    ("from numpy import product\n__all__ = ['product']\nprint `x`\n", "from numpy import prod as product\n__all__ = ['product']\nprint `x`\n"),
    ("import numpy as np\nprint np.one(x)\n", "import numpy as np\nprint np.three(x)\n"),
    ("import numpy as np\nx = np.float(`y`)\n", "import numpy as np\nx = float(`y`)\n"),
    ("import numpy as np\nprint np.core.umath.ERR.x\n", "import numpy as np\nprint np.ERR.x\n"),
    ("import numpy.core as c\nimport numpy\nprint c.a, numpy.core.umath.ERR\n", "import numpy.core as c\nimport numpy\nprint c.a, numpy.ERR\n"),
    ("from scipy.misc import comb\nprint comb(x)\n", "from scipy.special import comb\nprint comb(x)\n"),
    ("from scipy.misc import comb, imread as r\nprint comb(x)\n", "from scipy.special import comb, imread as r\nprint comb(x)\n"),
    ("from sklearn.cross_validation import a\nprint a\n", "from sklearn.model_selection import a\nprint a\n"),
    ("from sklearn import cross_validation as cv\nprint cv.a\n", "from sklearn import model_selection as cv\nprint cv.a\n"),
    ("from sklearn import cross_validation\nprint cross_validation.a\n", "from sklearn import model_selection\nprint model_selection.a\n"),
    ("import sklearn.cross_validation as cv\nprint cv.a\n", "import sklearn.model_selection as cv\nprint cv.a\n"),
    ("import sklearn.cross_validation\nprint sklearn.cross_validation.a\n", "import sklearn.model_selection\nprint sklearn.model_selection.a\n"),
    ("import oldlib\nprint oldlib.a\n", "import newlib as oldlib\nprint oldlib.a\n"),
    ("import numpy as np\nprint np.sum(x, axes=0)\n", "import numpy as np\nprint np.sum(x, axis=0)\n"),
    ("from numpy import sum as s\nprint s(axes=0)\n", "from numpy import sum as s\nprint s(axis=0)\n"),
    ("import numpy as np\nprint np.product(x, typ=1)\n", "import numpy as np\nprint np.prod(x, dtype=1)\n"),
    ("import numpy as np\nprint np.product(x)", "import numpy as np\nprint np.prod(x)"),
    ("import numpy as np\r\nprint np.product(x)  # é\r\n", "import numpy as np\r\nprint np.prod(x)  # é\r\n"),
    ("from __future__ import print_function\nimport numpy as np\nprint(np.product(`x`), file=f)\n",
     "from __future__ import print_function\nimport numpy as np\nprint(np.prod(`x`), file=f)\n"),
    ("import numpy as np\nif x:\n\tprint np.product(x)\n        print 2\n", "import numpy as np\nif x:\n\tprint np.prod(x)\n        print 2\n"),
    ("import numpy as np\ntry: print np.product(x)\nexcept ValueError, e: pass\n", "import numpy as np\ntry: print np.prod(x)\nexcept ValueError, e: pass\n"),
    ("import numpy as np\nprint np.product(x)  # apimig: ignore[numpy/other]\n", "import numpy as np\nprint np.prod(x)  # apimig: ignore[numpy/other]\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), RENAMED)
def test_certain_renames(before, after):
    assert rewritten(before) == after
    assert rewritten(after) == after, "a second run changes nothing"
    assert check_python2(after.encode()) is None


UNCHANGED = [
    "from sklearn.cross_validation import *\nprint a\n",
    "print np.product(x)\n",
    "import numpy as np\nprint np.prod(x), product(x), x.product\n",
    "import numpy as np\nnp = other\nprint np.product(x)\n",
    "import numpy as np\ndef f(np):\n    print np.product(x)\n",
    "import numpy as np\nf = lambda np: `np.product(x)`\n",
    "import numpy as np\nfor np in xs: print np.product(x)\n",
    "import numpy as np\nprint [np.product(x) for np in xs]\n",
    "import numpy as np\nwith f() as (a, np): print np.product(x)\n",
    "import numpy as np\ntry: pass\nexcept E, np: print np.product(x)\n",
    "import numpy as np\ndef np(): print np.product(x)\n",
    "import numpy as np\nclass np: print np.product\n",
    "import numpy as np\ndef f():\n    global np\n    print np.product(x)\n",
    "import numpy as np\ndel np\nprint np.product(x)\n",
    "import numpy as np\nnp += 1\nprint np.product(x)\n",
    "import numpy as np\nimport other as np\nprint np.product(x)\n",
    "import numpy as np\nfrom other import *\nprint np.product(x)\n",
    "import numpy as np\nexec code\nprint np.product(x)\n",
    "try:\n    import numpy as np\nexcept ImportError:\n    np = None\nprint np.product(x)\n",
    "try:\n    import numpy as np\nexcept ImportError:\n    import fake as np\nprint np.product(x)\n",
    "if a:\n    import numpy as np\nprint np.product(x)\n",
    "class A:\n    import numpy as np\n    print np.product(x)\n",
    "print np.product(x)\nimport numpy as np\n",
    "def f():\n    import numpy as np\nprint np.product(x)\n",
    "import numpy as np\ntry:\n    f = np.product\nexcept AttributeError:\n    f = `x`\n",
    "import numpy as np\ntry:\n    f = np.product\nexcept:\n    f = `x`\n",
    "import numpy as np\nif hasattr(np, 'prod'):\n    f = np.prod\nelse:\n    f = `np.product`\n",
    "import numpy as np\nif np.__version__ > '2':\n    pass\nelse:\n    print np.product(x)\n",
    "import numpy as np\nf = np.prod if hasattr(np, 'prod') else `np.product`\n",
    "import numpy as np\nnp.product = mine\nprint np.product(x)\n",
    "import numpy as np\ndel np.product\nprint np.product(x)\n",
    "import numpy as np\nprint np.product(x)  # apimig: ignore\n",
    "import numpy as np\nprint np.product(x)  # apimig: ignore[numpy/product]\n",
    "from .numpy import product\nprint product(x)\n",
    "from . import numpy as np\nprint np.product(x)\n",
    "import mylib.numpy as np\nprint np.product(x)\n",
    "try:\n    from numpy import product\nexcept ImportError:\n    from other import product\nprint product(x)\n",
    "import numpy as np\nfloat = `1`\nprint np.float(x)\n",
    "from numpy import float\nprint float(x)\n",
    "import scipy.misc\nprint scipy.misc.comb(x)\n",
    "from scipy import misc\nprint misc.comb(x)\n",
    "from scipy.misc import comb, other\nprint comb(x)\n",
    "import numpy as np\nprint np.alen(x)\n",
    "import sklearn.cross_validation\nsklearn = `x`\n",
    "import sklearn.cross_validation\nif hasattr(sklearn, 'x'): print sklearn.cross_validation.a\n",
    "import numpy as np\nprint np.sum(x, axes=0, **kw)\n",
    "import numpy as np\nprint np.sum(x, axes=0, axis=1)\n",
    "import numpy as np\nprint np.mean(x, axes=0), f(axes=1), dict(axes=1)\n",
    "print sum(x, axes=0)\n",
    "import numpy as np\nprint 'np.product', \"numpy.product\"  # np.product\n",
    "import numpy as np\nprint np.product(\n",
    "import numpy as np\nprint x.np.product, f(np=1)\n",
]


@pytest.mark.parametrize("code", UNCHANGED)
def test_nothing_is_done_where_it_is_not_certain(code):
    assert rewrite_python2(source_of(code), RECORDS) == (code.encode(), ())


def test_changes_are_told_by_line():
    code = "from numpy import product\nimport numpy as np\n\nprint np.sum(`x`, axes=1), \\\n    product(y)\n"
    assert rewrite_python2(source_of(code), RECORDS)[1] == (
        Change(1, 19, "product", "prod", "numpy/product"),
        Change(4, 19, "axes=", "axis=", "numpy/axes"),
        Change(5, 5, "product", "prod", "numpy/product"),
    )


def rule(body, **more):
    return Rule("numpy/x", "numpy", body, "", "", **{"applicability": Applicability.SAFE, **more})


RULES = [
    (rule(Rename((("a.b", "a.c"),))), (Python2Rename("a.b", "a.c", "numpy/x"),)),
    (rule(ChangeCall(("a.f",), "(x)", (ParameterOp("rename", "p", "q"),))), (Python2Keyword("a.f", "p", "q", "numpy/x"),)),
    (rule(ChangeCall(("a.f",), "(x)", (ParameterOp("rename", "p", "q"), ParameterOp("remove", "r")))), ()),
    (rule(RenameMember((("a.B.c", "d"),))), ()),
    (rule(Rename((("a.b", "a.c"),)), applicability=Applicability.UNSAFE), ()),
    (rule(Rename((("a.b", "a.c"),)), when=(Condition("x", present=True),)), ()),
]  # fmt: skip


@pytest.mark.parametrize(("given_rule", "records"), RULES)
def test_which_rules_apply(given_rule, records):
    assert python2_records([given_rule]) == records


LINES = st.sampled_from(
    ["import numpy as np", "import numpy", "from numpy import product", "from numpy import *", "print np.product(x)", "print numpy.one", "np = 1",
     "try:", "except ImportError:", "if x:", "    import numpy as np", "    print product(`x`), np.float", "def f(np=1):", "exec 'x'", "x = np.sum(axes=1)",
     "'''", "# product", "from scipy.misc import comb", "import sklearn.cross_validation", "print sklearn.cross_validation.x", "\tpass", "prod = 2"]
)  # fmt: skip


@given(st.lists(LINES, max_size=10), st.sampled_from(["\n", "\r\n"]))
def test_any_file_keeps_what_is_not_renamed(lines, ending):
    code = ending.join(lines)
    text, changes = rewrite_python2(source_of(code), RECORDS)
    assert (text == code.encode()) == (not changes)
    if changes:
        assert check_python2(text) is None
        assert len(text.split(b"\n")) == len(code.split("\n"))
        told = {change.line for change in changes}
        pairs = zip(code.encode().split(b"\n"), text.split(b"\n"), strict=True)
        assert {number for number, (old, new) in enumerate(pairs, 1) if old != new} == told
        assert rewrite_python2(source_of(text.decode()), RECORDS)[0] == text


def test_it_is_quiet_and_loaded_on_demand():
    code = (
        "import sys, apimig.rewrite; assert 'bowler' not in sys.modules; from pathlib import Path\n"
        "from apimig.rewrite.python2 import rewrite_python2; from apimig.records import SourceFile\n"
        "rewrite_python2(SourceFile(Path('a'), 'a', b'print ('), ()); rewrite_python2(SourceFile(Path('a'), 'a', b'print 1'), ())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
