"""Files that only Python 2 reads go through Bowler on their way, and what it leaves is reported."""

from pathlib import Path

import pytest

from apimig.pipeline.python2 import renamed
from apimig.pipeline.trace import Trace
from apimig.records import Applicability, Language, SourceFile
from apimig.rulebook.rule import Rename, Rule

RULE = Rule(
    "numpy/product", "numpy", Rename((("numpy.product", "numpy.prod"),)), "", "https://numpy.org", Applicability.SAFE
)
CODE = "import numpy as np\nprint np.product(x), np.product(\u00e9)\nprint y.z\n"


def source_of(code):
    return SourceFile(Path("a.py"), "a.py", code.encode(), Language.PYTHON2)


def test_renames_are_outcomes_with_their_place():
    patch, outcomes = renamed(source_of(CODE), [RULE])
    assert patch.text.decode() == CODE.replace("product", "prod")
    assert [(str(o.location), o.before, o.after, o.rule, o.reference) for o in outcomes] == [
        ("a.py:2:7", "np.product", "np.prod", "numpy/product", "https://numpy.org"),
        ("a.py:2:22", "np.product", "np.prod", "numpy/product", "https://numpy.org"),
    ]


def test_later_places_are_followed_back():
    patch, _ = renamed(source_of(CODE), [RULE])
    assert Trace(patch).origin(patch.text.index(b"y.z")) == CODE.encode().index(b"y.z")


@pytest.mark.parametrize("code", ["print 1\n", "import numpy as np\nprint np.prod(x)\n", "print np.product(x)\n"])
def test_nothing_to_do(code):
    assert renamed(source_of(code), [RULE]) is None
