"""Compat code is recognised, with a reason that names it; what only looks like it is not."""

import pytest

from tests.resolve.library import resolve


def last_guard(code):
    uses = [
        u for u in resolve(f"import tab\nf = tab.Frame()\n{code}\n").uses if u.symbol in ("append", "tab.old", "old")
    ]
    assert uses, "the case has no use"
    return uses[-1].guard


GUARDED = {
    "import fallback, tried": "try:\n    from tab import old\nexcept ImportError:\n    old = None",
    "import fallback, handler": "try:\n    from tab import new\nexcept ImportError:\n    from tab import old",
    "name from a guarded import": "try:\n    from tab import old\nexcept ImportError:\n    old = None\nold(1)",
    "module not found": "try:\n    from tab import old\nexcept (ModuleNotFoundError, OSError):\n    pass",
    "attribute error": "try:\n    tab.old(1)\nexcept AttributeError:\n    tab.new(1)",
    "attribute error in the handler": "try:\n    f.extend(1)\nexcept AttributeError:\n    f.append(1)",
    "bare except around a call with other keywords": "try:\n    tab.old(new=1)\nexcept:\n    tab.old(kept=1)",
    "Exception around a method with other keywords": "try:\n    f.append(x=1)\nexcept Exception:\n    f.append(y=1)",
    "bare except around a look-up": "try:\n    x = tab.old\nexcept:\n    x = None",
    "hasattr": "if hasattr(f, 'append'):\n    f.append(1)",
    "hasattr, else": "if hasattr(f, 'extend'):\n    pass\nelse:\n    f.append(1)",
    "not hasattr": "if not hasattr(tab, 'new'):\n    tab.old(1)",
    "hasattr in a conditional expression": "x = tab.new if hasattr(tab, 'new') else tab.old",
    "hasattr with and": "hasattr(tab, 'old') and tab.old(1)",
    "version of the library": "if tab.__version__ < '2':\n    tab.old(1)",
    "parsed version": "from packaging.version import Version\nif Version(tab.__version__) >= Version('2'):\n    pass\nelse:\n    tab.old(1)",
    "function that compares versions": "if _version_predates(tab, '1.22'):\n    tab.old(1)",
    "function that takes a requirement": "if check_version('tab', '>=1.22.0'):\n    pass\nelse:\n    tab.old(1)",
    "flag set from the version": "NEW = tab.__version__ >= '2'\nif not NEW:\n    tab.old(1)",
    "flag set from hasattr": "NEW = hasattr(f, 'extend')\nif NEW:\n    pass\nelse:\n    f.append(1)",
    "default of getattr on the library": "new = getattr(tab, 'new', None)\nif new is None:\n    tab.old(1)",
    "part of what is asked about": "if not hasattr(f, 'extend'):\n    f['a'].append(1)",
    "the answer names the module": "try:\n    tab.old(1)\nexcept AttributeError:\n    from tab import new",
    "skipped test": "import pytest\n@pytest.mark.skipif(tab.__version__ > '2', reason='gone')\ndef test():\n    tab.old(1)",
    "early return": "def go():\n    if hasattr(tab, 'new'):\n        return tab.new(1)\n    return tab.old(1)",
    "python version": "import sys\nif sys.version_info < (3,):\n    tab.old(1)",
}

PLAIN = {
    "bare except around statements without a part": "for x in y:\n    try:\n        break\n    except:\n        tab.old(1)",
    "no condition": "tab.old(1)",
    "ordinary condition": "if x:\n    tab.old(1)",
    "type checking": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tab import old",
    "try with another error": "try:\n    tab.old(1)\nexcept ValueError:\n    pass",
    "another call after any exception": "try:\n    tab.old(1)\nexcept Exception:\n    tab.old(2)",
    "another thing called after any exception": "try:\n    tab.old(a=1)\nexcept Exception:\n    tab.new(b=1)",
    "try without a fallback for it": "try:\n    tab.old(1)\n    do()\nexcept Exception:\n    log()",
    "import guarded, attribute not": "try:\n    import tab\nexcept ImportError:\n    tab = None\ntab.old(1)",
    "else of the try": "try:\n    import zip\nexcept ImportError:\n    pass\nelse:\n    tab.old(1)",
    "attribute of the class itself": "def go(self):\n    if not hasattr(self, '_made'):\n        self._made = tab.old(1)",
    "hasattr of something else": "if hasattr(g, 'append'):\n    f.append(1)",
    "default of getattr": "w = getattr(f, 'w', None)\nif w is not None:\n    tab.old(1)",
    "key error": "try:\n    f.append(1)\nexcept KeyError:\n    f = None",
    "no answer to the attribute error": "try:\n    f.append(x)\n    y.z\nexcept AttributeError:\n    log()",
    "one parameter of a test is skipped": "import pytest\n@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.skipif("
    "tab.__version__ > '2'))])\ndef test(x):\n    tab.old(1)",
    "skipped for another reason": "import pytest\n@pytest.mark.skipif(slow, reason='slow')\ndef test():\n    tab.old(1)",
    "finally": "try:\n    pass\nexcept ImportError:\n    pass\nfinally:\n    tab.old(1)",
    "hasattr elsewhere": "if hasattr(f, 'x'):\n    pass\ntab.old(1)",
    "before the early return": "def go():\n    tab.old(1)\n    if hasattr(tab, 'new'):\n        return 1",
    "early raise on the version": "import sys\nif sys.version_info < (3,):\n    raise SystemExit\ntab.old(1)",
    "version only printed": "print(tab.__version__)\ntab.old(1)",
    "string like a version": "if x == '1.22':\n    tab.old(1)",
    "version of something that is no string": "if version == 3:\n    tab.old(1)",
    "string that mentions hasattr": "if x == 'hasattr':\n    tab.old(1)",
}


@pytest.mark.parametrize("code", [pytest.param(c, id=i) for i, c in GUARDED.items()])
def test_guarded(code):
    assert last_guard(code)


@pytest.mark.parametrize("code", [pytest.param(c, id=i) for i, c in PLAIN.items()])
def test_plain(code):
    assert last_guard(code) == ""


def test_the_reason_names_the_line():
    assert (
        last_guard("if hasattr(tab, 'new'):\n    tab.old(1)") == "compat code: chosen by `hasattr(tab, 'new')` (line 3)"
    )
