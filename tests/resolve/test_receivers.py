"""Who the receiver of ``x.append(...)`` is: each case says the certainty of the last such call, or that it is no use."""

import re

import pytest

from apimig.records import UseKind
from tests.resolve.library import resolve

IMPORT = "import tab as tb\n"


def last_append(code, **kwargs):
    uses = [use for use in resolve(code, **kwargs).uses if use.kind is UseKind.MEMBER and use.symbol == "append"]
    return uses[-1].certainty.value if uses else None


PROVEN = {
    "constructor": "f = tb.Frame()\nf.append(1)",
    "called on the constructor": "tb.Frame().append(1)",
    "from-import": "from tab import Frame as F\nF().append(1)",
    "private module path": "from tab.core.frame import Frame\nFrame().append(1)",
    "returned by a function of the library": "tb.read('x').append(1)",
    "result chosen by an argument": "tb.read('x', squeeze=True).append(1)",
    "chunks of a reader": "for part in tb.read('x', chunks=10):\n    part.append(1)",
    "through a chain": "tb.read('x').head().T.group('a').mean().append(1)",
    "chain over lines": "y = (\n    tb.read('x')\n    .head()\n    .append(1)\n)",
    "library constant": "tb.EMPTY.append(1)",
    "iteration over groups": "for key, part in tb.Frame().group('a'):\n    part.append(1)",
    "iteration over pairs": "for key, column in tb.Frame().pairs():\n    column.append(1)",
    "comprehension over a list": "parts = [tb.read(p) for p in paths]\nall = [part.append(1) for part in parts]",
    "list filled in a loop": "parts = []\nfor p in paths:\n    parts.append(tb.read(p))\nfor part in parts:\n    part.append(1)",
    "values of a dict": "parts = {p: tb.read(p) for p in paths}\nfor part in parts.values():\n    part.append(1)",
    "item of a dict": "parts = {'a': tb.Frame()}\nparts['a'].append(1)",
    "enumerate and zip": "for i, (a, b) in enumerate(zip([tb.Frame()], [1])):\n    a.append(1)",
    "tuple unpacking": "a, b = 1, tb.Frame()\nb.append(1)",
    "walrus": "if (f := tb.read('x')):\n    f.append(1)",
    "conditional expression": "f = tb.Frame() if x else tb.read('x')\nf.append(1)",
    "both branches": "if x:\n    f = tb.Frame()\nelse:\n    f = tb.read('x')\nf.append(1)",
    "kept in a loop": "f = tb.Frame()\nfor i in range(3):\n    f = f.append(1)",
    "arithmetic": "f = tb.Frame() + 1\nf.append(1)",
    "annotation of a parameter": "def go(f: tb.Frame):\n    f.append(1)",
    "annotation in quotes": "def go(f: 'tb.Frame'):\n    f.append(1)",
    "optional annotation": "from typing import Optional\ndef go(f: Optional[tb.Frame] = None):\n    f.append(1)",
    "union annotation": "def go(f: tb.Frame | None):\n    f.append(1)",
    "list annotation": "def go(fs: list[tb.Frame]):\n    for f in fs:\n        f.append(1)",
    "dict annotation": "from typing import Dict\ndef go(fs: Dict[str, tb.Frame]):\n    for k, f in fs.items():\n        f.append(1)",
    "variable annotation": "f: tb.Frame = load()\nf.append(1)",
    "type comment": "f = load()  # type: tb.Frame\nf.append(1)",
    "attribute set in __init__": "class A:\n    def __init__(self):\n        self.f = tb.Frame()\n    def go(self):\n        self.f.append(1)",
    "in the body of a class": "class A:\n    f = tb.Frame()\nA.f.append(1)",
    "in the body of a class of another library": "import other\nclass A(other.Case):\n    f = tb.Frame()\n    def go(self):\n        self.f.append(1)",
    "annotated attribute": "class A:\n    f: tb.Frame\n    def go(self):\n        self.f.append(1)",
    "property": "class A:\n    @property\n    def f(self):\n        return tb.Frame()\nA().f.append(1)",
    "property with a setter": "class A:\n    @property\n    def f(self):\n        return tb.Frame()\n    @f.setter\n    def f(self, value):\n        self._f = value\nA().f.append(1)",
    "function of the module": "def make():\n    return tb.Frame()\nmake().append(1)",
    "function defined below": "def go():\n    make().append(1)\ndef make():\n    return tb.Frame()",
    "declared return type": "def make() -> tb.Frame:\n    return load()\nmake().append(1)",
    "generator": "def parts():\n    yield tb.Frame()\nfor part in parts():\n    part.append(1)",
    "method that a derived class overrides with the same": "class A:\n    def make(self):\n        return tb.Frame()\n    def go(self):\n        self.make().append(1)\nclass B(A):\n    def make(self):\n        return tb.Frame()",
    "method": "class A:\n    def make(self):\n        return tb.Frame()\nA().make().append(1)",
    "class method": "class A:\n    @classmethod\n    def make(cls):\n        return tb.Frame()\nA.make().append(1)",
    "subclass of a library class": "class Sub(tb.Frame):\n    def go(self):\n        self.append(1)",
    "instance of a subclass": "class Sub(tb.Frame):\n    pass\nSub().append(1)",
    "super": "class Sub(tb.Frame):\n    def append(self, x):\n        return super().append(x)",
    "isinstance": "def go(f):\n    if isinstance(f, tb.Frame):\n        f.append(1)",
    "not isinstance, early return": "def go(f):\n    if not isinstance(f, tb.Frame):\n        return\n    f.append(1)",
    "assert isinstance": "def go(f):\n    assert isinstance(f, tb.Frame)\n    f.append(1)",
    "None is not a receiver": "f = None\nif x:\n    f = tb.Frame()\nif f is not None:\n    f.append(1)",
    "copied": "import copy\ncopy.deepcopy(tb.Frame()).append(1)",
    "alias of the module": "P = tb\nP.Frame().append(1)",
    "alias of the class": "F = tb.Frame\nF().append(1)",
    "function-level import": "def go():\n    import tab\n    tab.Frame().append(1)",
    "importlib": "import importlib\nt = importlib.import_module('tab')\nt.Frame().append(1)",
    "try without the library": "try:\n    import tab\nexcept ImportError:\n    tab = None\nf = tab.Frame()\nf.append(1)",
    "global in a function": "f = tb.Frame()\ndef go():\n    f.append(1)",
    "closure": "def outer():\n    f = tb.Frame()\n    def inner():\n        f.append(1)\n    return inner",
    "lambda": "f = tb.Frame()\nkey = lambda x: f.append(x)",
    "after a nested function of the same name": "def f():\n    pass\nf = tb.Frame()\nf.append(1)",
    "store": "store = tb.Store()\nstore.get('x').append(1)",
}

INFERRED = {
    "annotated with a module by mistake, by what calls give": "from tab import Tools\ndef go(f: Tools):\n    f.append(1)\ngo(tb.Frame())",
    "attribute that the library sets on users' classes": "def go(cls):\n    cls.__frame__.append(1)",
    "descriptor of the code base's own, by two attributes": "class lazy:\n    def __init__(self, f): self.f = f\nclass A:\n    @lazy\n    def f(cls):\n        return load()\n    def go(self):\n        self.f.add(1)\n        self.f.columns\n        self.f.pairs()\n        self.f.append(1)",
    "item by name": "tb.Frame()['a'].append(1)",
    "attribute set elsewhere": "class A:\n    def fill(self):\n        self.f = tb.Frame()\n    def go(self):\n        self.f.append(1)",
    "call site": "def go(f):\n    f.append(1)\ngo(tb.Frame())",
    "call site by keyword": "def go(a, f=None):\n    f.append(1)\ngo(1, f=tb.Frame())",
    "call sites that agree": "def go(f):\n    f.append(1)\ngo(tb.Frame())\ngo(tb.read('x'))",
    "through a constructor": "class A:\n    def __init__(self, f):\n        self.f = f\n    def go(self):\n        self.f.append(1)\nA(tb.Frame())",
    "keyword that only the library has": "def go(f):\n    f.append(1, ignore_index=True)",
    "two telling attributes": "def go(f):\n    f.columns\n    f.group('a')\n    f.append(1)",
    "telling attributes of two kinds": "def go(f):\n    f.columns\n    f.cast(int)\n    f.append(1)",
    "telling attributes that leave several classes": "def go(f):\n    f.fill(0)\n    f.cast(int)\n    f.append(1)",
    "used result": "def go(f):\n    f = f.append(1)\n    return f",
    "pytest fixture": "import pytest\n@pytest.fixture\ndef frame():\n    return tb.Frame()\ndef test_it(frame):\n    frame.append(1)",
    "numpydoc": 'def go(f):\n    """Do.\n\n    Parameters\n    ----------\n    f : tab.Frame or None\n        What.\n    """\n    f.append(1)',
    "numpydoc, several": 'def go(f, g):\n    """Do.\n\n    Parameters\n    ----------\n    f, g : Frame, optional\n    """\n    g.append(1)',
    "google": 'def go(f):\n    """Do.\n\n    Args:\n        f (tb.Frame): what\n    """\n    f.append(1)',
    "sphinx": 'def go(f):\n    """Do.\n\n    :param f: what\n    :type f: Frame\n    """\n    f.append(1)',
    "a number on another path, which has no such method": "f = tb.Frame() if x else 1.0\nf.append(1)",
    "chain where a number is ruled out": "f = tb.Frame() if x else 1.0\nf.head().append(1)",
    "defaultdict of a class": "from collections import defaultdict\nfs = defaultdict(tb.Frame)\nfs['a'].append(1)",
    "documented result": 'import other\ndef make():\n    """Make.\n\n    Returns\n    -------\n    f : tab.Frame\n        What.\n    """\n    return other.make()\nmake().append(1)',
    "documented result without a name": 'import other\ndef make():\n    """Make.\n\n    Returns\n    -------\n    `Frame` with the index of x\n    """\n    return other.make()\nmake().append(1)',
    "documented result, google": 'import other\ndef make():\n    """Make.\n\n    Returns:\n        tab.Frame: what\n    """\n    return other.make()\nmake().append(1)',
    "documented result, google with words": 'import other\ndef make():\n    """Make.\n\n    Returns:\n        tab.Frame containing the scores.\n    """\n    return other.make()\nmake().append(1)',
    "documented result, sphinx": 'import other\ndef make():\n    """Make.\n\n    :returns: what\n    :rtype: tb.Frame\n    """\n    return other.make()\nmake().append(1)',
    "documented result under an opaque decorator": '@wrapped\ndef make():\n    """Make.\n\n    Returns\n    -------\n    Frame\n    """\n    return 1\nmake().append(1)',
    "documented where it is overridden": 'class A:\n    def go(self, f):\n        """Go.\n\n        Parameters\n        ----------\n        f : Frame\n        """\nclass B(A):\n    def go(self, f):\n        f.append(1)',
    "annotated under another name where it is overridden": "class A:\n    def go(self, frame: tb.Frame):\n        pass\nclass B(A):\n    def go(self, f):\n        f.append(1)",
    "annotated where it is overridden": "class A:\n    def go(self, f: tb.Frame):\n        pass\nclass B(A):\n    def go(self, f):\n        f.append(1)",
    "star import": "from tab import *\nFrame().append(1)",
}

UNKNOWN = {
    "in the body of a class that the library's base may change": "class A(tb.Base):\n    f = tb.Frame()\nA.f.append(1)",
    "in the body of a class whose base a call makes": "import other\nBase = other.make()\nclass A(Base):\n    f = tb.Frame()\nA().f.append(1)",
    "class attribute by a decorator that may make it one": "import other\nclass A:\n    @other.classproperty\n    def f(cls):\n        return tb.Frame()\nA.f.append(1)",
    "attribute by a decorator that may make it one": "import other\nclass A:\n    @other.lazy\n    def f(self):\n        return tb.Frame()\nA().f.append(1)",
    "parameter": "def go(f):\n    f.append(1)",
    "filled by a call where it was None": (
        "class A:\n    kept = None\n    @classmethod\n    def get(cls):\n        if cls.kept is None:\n            cls.fill()\n"
        "        return cls.kept\nA.get().append(1)"
    ),
    "method that a derived class overrides with something else": "class A:\n    def make(self):\n        return tb.Frame()\n    def go(self):\n        self.make().append(1)\nclass B(A):\n    def make(self):\n        return []",
    "documented as one thing or another": 'def go(f):\n    """Do.\n\n    f : Frame or list\n    """\n    f.append(1)',
    "documented in words": 'def go(f):\n    """Do.\n\n    f : a nice Frame of things\n    """\n    f.append(1)',
    "result documented as one thing or another": 'import other\ndef make():\n    """Make.\n\n    Returns\n    -------\n    Frame or list\n    """\n    return other.make()\nmake().append(1)',
    "result documented with a condition": 'import other\ndef make():\n    """Make.\n\n    Returns\n    -------\n    Frame if there is one, else a list\n    """\n    return other.make()\nmake().append(1)',
    "result documented as a list of frames": 'import other\ndef make():\n    """Make.\n\n    Returns:\n        list of Frame: the parts\n    """\n    return other.make()\nmake().append(1)',
    "documented otherwise where it is overridden": 'class A:\n    def go(self, f):\n        """Go.\n\n        f : Frame\n        """\nclass B(A):\n    def go(self, f):\n        """Go.\n\n        f : Frame or list\n        """\n        f.append(1)',
    "one telling attribute": "def go(f):\n    f.columns\n    f.append(1)",
    "telling attributes beside a rival library": "import bat\ndef go(f):\n    f.columns\n    f.group('a')\n    f.append(1)",
    "something of another library": "import other\nother.make().append(1)",
    "frame or list": "f = tb.Frame() if x else []\nf.append(1)",
    "call sites that disagree": "def go(f):\n    f.append(1)\ngo(tb.Frame())\ngo([])",
    "open, and lists have the member too": "def go(f):\n    if x:\n        f = tb.Frame()\n    f.append(1)",
    "opaque decorator": "@wrapped\ndef make():\n    return tb.Frame()\nmake().append(1)",
    "reassigned by something unknown": "f = tb.Frame()\nf = f.unknown()\nf.append(1)",
    "evidence that is contradicted": "def go():\n    f = []\n    if x:\n        f = load()\n    f.columns; f.group\n    f.append(1)",
}

NO_USE = {
    "list literal": "f = []\nf.append(1)",
    "list of frames": "f = [tb.Frame()]\nf.append(1)",
    "list()": "f = list(tb.Frame().pairs())\nf.append(1)",
    "comprehension": "f = [x for x in y]\nf.append(1)",
    "deque": "from collections import deque\nf = deque()\nf.append(1)",
    "reassigned to a list": "f = tb.Frame()\nf = []\nf.append(1)",
    "list in a dict": "f = {'a': []}\nf['a'].append(1)",
    "defaulted list": "def go(f: list = None):\n    f.append(1)",
    "annotated list": "def go(f: list[tb.Frame]):\n    f.append(1)",
    "own class": "class A:\n    def append(self, x):\n        pass\nA().append(1)",
    "own subclass that overrides": "class Sub(tb.Frame):\n    def append(self, x):\n        pass\nSub().append(1)",
    "module": "import os\nos.append(1)",
    "inplace result is None": "f = tb.Frame().drop('a', inplace=True)\nf.append(1)",
    "attribute that is a list": "class A:\n    def __init__(self):\n        self.f = []\n    def go(self):\n        self.f.append(1)",
    "shadowed alias": "def go(tb):\n    f = []\n    f.append(tb.Frame())",
    "loop variable of strings": "for f in 'abc'.split():\n    f.append(1)",
    "no relation to the library": None,
}


@pytest.mark.parametrize("code", [pytest.param(c, id=i) for i, c in PROVEN.items()])
def test_proven(code):
    assert last_append(IMPORT + code) == "proven"


@pytest.mark.parametrize("code", [pytest.param(c, id=i) for i, c in INFERRED.items()])
def test_inferred(code):
    assert last_append(IMPORT + code) == "inferred"


@pytest.mark.parametrize("code", [pytest.param(c, id=i) for i, c in UNKNOWN.items()])
def test_unknown(code):
    asked = re.sub(r"(?m)^( *)(\S*\.append\(1\))$", r"\1if \2:\n\1    pass", code)
    assert last_append(IMPORT + asked) == "unknown"


def test_only_what_the_builtin_does_is_of_use_where_the_result_is_thrown_away():
    assert last_append(IMPORT + "def go(f):\n    f.append(1)") is None
    assert last_append(IMPORT + "tb.Frame().append(1)") == "proven"


@pytest.mark.parametrize("code", [pytest.param(c, id=i) for i, c in NO_USE.items() if c])
def test_no_use(code):
    assert last_append(IMPORT + code) is None


def test_a_file_that_has_nothing_to_do_with_the_library_is_not_asked_about_its_lists():
    assert last_append("def go(f):\n    f.append(1)") is None


@pytest.mark.parametrize(
    ("code", "others", "expected"),
    [
        ("from helpers import make\nmake().append(1)", {"helpers": IMPORT + "def make():\n    return tb.Frame()"}, "proven"),
        ("import helpers\nhelpers.make().append(1)", {"helpers": IMPORT + "def make():\n    return tb.Frame()"}, "proven"),
        ("from compat import tb\ntb.Frame().append(1)", {"compat": "import tab as tb"}, "proven"),
        ("from compat import *\ntb.Frame().append(1)", {"compat": "import tab as tb"}, "proven"),
        ("from pkg import Frame\nFrame().append(1)", {"pkg": "from pkg.sub import Frame", "pkg.sub": "from tab import Frame"}, "proven"),
        ("from base import Base\nclass A(Base):\n    def go(self):\n        self.f.append(1)",
         {"base": IMPORT + "class Base:\n    def __init__(self):\n        self.f = tb.Frame()"}, "proven"),
        ("import user\ndef go(f):\n    f.append(1)", {"user": IMPORT + "from mod import go\ngo(tb.Frame())"}, "inferred"),
        ("from b import g\ndef f():\n    return g()\nf().append(1)", {"b": IMPORT + "import mod\ndef g():\n    return tb.Frame()"}, "proven"),
        ("from helpers import things\nthings.append(1)", {"helpers": IMPORT + "things = []"}, None),
    ],
)  # fmt: skip
def test_across_modules(code, others, expected):
    assert last_append(code, others=others) == expected


def test_a_snippet_takes_conventions_as_evidence():
    assert last_append("tb.Frame().append(1)", snippet=True) == "inferred"
    assert last_append("fr.append(1)", snippet=True) == "inferred"
    assert last_append("xs = []\nxs.append(1)", snippet=True) is None


def test_a_result_can_depend_on_the_elements_of_an_argument():
    code = "import tab as tb\ncolumns = [column for _, column in tb.Frame().pairs()]\ntb.concat(columns).append(1)"
    (use,) = [use for use in resolve(code).uses if use.symbol == "append"]
    assert use.receiver.instance_names() == {"tab.Series"}


def test_what_is_given_is_proven():
    assert last_append("f.append(1)", given={"f": "tab.Frame()"}) == "proven"
    assert last_append("f.append(1)", given={"f": "tab.Frame"}) == "proven"
    assert last_append("f.append(1)", given={"f": "[]"}) is None


def test_the_reason_tells_the_way():
    (use,) = [
        u
        for u in resolve(IMPORT + "def make():\n    return tb.read('x')\nmake().append(1)").uses
        if u.symbol == "append"
    ]
    assert use.reason == "returned by mod.make: returned by tab.read (line 3)"
