"""Renamed names: every way in which code can refer to them, and the imports behind them."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import Rename, Rewrite, Rule, Template
from tests.engine import rule, upgrade

RULE = rule(
    Rename(
        (
            ("numpy.product", "numpy.prod"),
            ("numpy.alltrue", "numpy.all"),
            ("numpy.Inf", "numpy.inf"),
            ("numpy.float", "builtins.float"),
            ("numpy.int", "builtins.int"),
            ("numpy.safe_eval", "ast.literal_eval"),
            ("numpy.core", "numpy._core"),
            ("numpy.core.special", "numpy.special"),
            ("numpy.AxisError", "numpy.exceptions.AxisError"),
            ("numpy.util.testing.check", "numpy.testing.check"),
        )
    )
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("import numpy as np\nnp.product(x)\n", "import numpy as np\nnp.prod(x)\n", id="alias"),
        pytest.param("import numpy\nnumpy.product(x)\n", "import numpy\nnumpy.prod(x)\n", id="plain"),
        pytest.param("from numpy import product\nproduct(x)\n", "from numpy import prod\nprod(x)\n", id="from"),
        pytest.param("from numpy import product as p\np(x)\n", "from numpy import prod as p\np(x)\n", id="from as"),
        pytest.param(
            "from numpy import product as product\nproduct(x)\n",
            "from numpy import prod as product\nproduct(x)\n",
            id="from as the same",
        ),
        pytest.param("import numpy as np\nmap(np.product, xs)\n", "import numpy as np\nmap(np.prod, xs)\n", id="bare"),
        pytest.param("import numpy as np\n@np.product\ndef f(): pass\n", "import numpy as np\n@np.prod\ndef f(): pass\n", id="decorator"),
        pytest.param("import numpy as np\nclass A(np.product): pass\n", "import numpy as np\nclass A(np.prod): pass\n", id="base"),
        pytest.param("import numpy as np\nx: np.product = 1\n", "import numpy as np\nx: np.prod = 1\n", id="annotation"),
        pytest.param(
            "import numpy as np\ndef f(x: 'list[np.product]'): pass\n",
            "import numpy as np\ndef f(x: 'list[np.prod]'): pass\n",
            id="string annotation",
        ),
        pytest.param("import numpy as np\ngetattr(np, 'product')\n", "import numpy as np\ngetattr(np, 'prod')\n", id="getattr"),
        pytest.param("import numpy as np\nnp.Inf.real\n", "import numpy as np\nnp.inf.real\n", id="attribute of it"),
        pytest.param("import numpy as np\nf'{np.Inf!r:>{w}}'\n", "import numpy as np\nf'{np.inf!r:>{w}}'\n", id="f-string"),
        pytest.param("import numpy as np\nnp \\\n . product . x\n", "import numpy as np\nnp \\\n . prod . x\n", id="odd spacing"),
        pytest.param("import numpy as np\nx = (np\n     .product)\n", "import numpy as np\nx = (np\n     .prod)\n", id="broken chain"),
        pytest.param(
            "import numpy as np\nx = (np  # why\n     .product)\n",
            "import numpy as np\nx = (np  # why\n     .prod)\n",
            id="broken chain with comment",
        ),
        pytest.param("import numpy as np\nmatch x:\n    case np.Inf: pass\n", "import numpy as np\nmatch x:\n    case np.inf: pass\n", id="match"),
        pytest.param(
            "import numpy as np\nmatch x:\n    case {'a': np.Inf | np.product(y)} if np.Inf: np\n",
            "import numpy as np\nmatch x:\n    case {'a': np.inf | np.prod(y)} if np.inf: np\n",
            id="match in depth",
        ),
        pytest.param(
            "def f():\n    from numpy import product\n    return product(x)\n",
            "def f():\n    from numpy import prod\n    return prod(x)\n",
            id="function level",
        ),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from numpy import product\nx: 'product' = 1\n",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from numpy import prod\nx: 'prod' = 1\n",
            id="type checking",
        ),
        pytest.param("from numpy import *\nproduct(x)\n", "from numpy import *\nprod(x)\n", id="star"),
        # --- where the new name is taken
        pytest.param(
            "from numpy import alltrue\nalltrue(x), all(y)\n",
            "from numpy import all as alltrue\nalltrue(x), all(y)\n",
            id="a builtin that is used",
        ),
        pytest.param("from numpy import alltrue\nalltrue(x)\n", "from numpy import all\nall(x)\n", id="a builtin that is not used"),
        pytest.param(
            "from math import prod\nfrom numpy import product\nproduct(prod(x))\n",
            "from math import prod\nfrom numpy import prod as product\nproduct(prod(x))\n",
            id="imported from elsewhere",
        ),
        pytest.param(
            "from numpy import product\ndef f(prod): return product(prod)\n",
            "from numpy import prod as product\ndef f(prod): return product(prod)\n",
            id="a parameter",
        ),
        pytest.param(
            "from numpy import product, prod\nproduct(x), prod(x)\n", "from numpy import prod\nprod(x), prod(x)\n", id="imported already"
        ),
        pytest.param("import numpy as np\nprod = 3\nnp.product(prod)\n", "import numpy as np\nprod = 3\nnp.prod(prod)\n", id="behind a dot"),
        # --- builtins
        pytest.param("import numpy as np\nnp.float(x)\nnp\n", "import numpy as np\nfloat(x)\nnp\n", id="builtin"),
        pytest.param("import numpy as np\nx = np.float(1)\n", "x = float(1)\n", id="builtin, import unused"),
        pytest.param("from numpy import float\nfloat(x)\n", "float(x)\n", id="builtin of the same name"),
        pytest.param("from numpy import float as f\nf(x)\n", "from builtins import float as f\nf(x)\n", id="builtin under another name"),
        pytest.param("import numpy as np\nnp.float.is_integer(x)\nnp\n", "import numpy as np\nfloat.is_integer(x)\nnp\n", id="its method"),
        pytest.param("import numpy as np\nnot(np.float)if(np.float)else 1\nnp\n", "import numpy as np\nnot(float)if(float)else 1\nnp\n", id="tight"),
        pytest.param(
            "import numpy as np\ndef f(float): return np.float(float)\n",
            "import builtins\ndef f(float): return builtins.float(float)\n",
            id="builtin that is shadowed",
        ),
        # --- other modules
        pytest.param("from numpy import safe_eval\nsafe_eval(x)\n", "from ast import literal_eval\nliteral_eval(x)\n", id="another library"),
        pytest.param("import ast\nfrom numpy import safe_eval\nsafe_eval(x)\n", "import ast\nast.literal_eval(x)\n", id="imported there"),
        pytest.param(
            "import numpy as np\nx = np.safe_eval(np.x)\n", "import ast\n\nimport numpy as np\nx = ast.literal_eval(np.x)\n", id="import added"
        ),
        pytest.param("import numpy as np\nnp.AxisError\n", "import numpy as np\nnp.exceptions.AxisError\n", id="moved"),
        pytest.param(
            "from numpy import AxisError, array\nAxisError, array\n",
            "from numpy import array\nfrom numpy.exceptions import AxisError\nAxisError, array\n",
            id="moved, others stay",
        ),
        pytest.param("from numpy import AxisError\nAxisError\n", "from numpy.exceptions import AxisError\nAxisError\n", id="moved alone"),
        # --- modules
        pytest.param("import numpy.core.numeric\nnumpy.core.numeric.x\n", "import numpy._core.numeric\nnumpy._core.numeric.x\n", id="import a.b"),
        pytest.param("import numpy.core.numeric as c\nc.x\n", "import numpy._core.numeric as c\nc.x\n", id="import a.b as c"),
        pytest.param("from numpy.core import numeric\nnumeric.x\n", "from numpy._core import numeric\nnumeric.x\n", id="from a.b import c"),
        pytest.param("from numpy import core\ncore.x\n", "from numpy import _core\n_core.x\n", id="from a import b"),
        pytest.param("from numpy import core as c\nc.x\n", "from numpy import _core as c\nc.x\n", id="from a import b as c"),
        pytest.param("from numpy.core import *\n", "from numpy._core import *\n", id="star import of it"),
        pytest.param("import numpy as np\nnp.core.special, np.core.x\n", "import numpy as np\nnp.special, np._core.x\n", id="the longest rule wins"),
        pytest.param("import numpy.core.numeric, os\nnumpy.core.numeric.x\n", "import numpy._core.numeric, os\nnumpy._core.numeric.x\n", id="two"),
        pytest.param(
            "import numpy.util.testing as tm\ntm.check(x)\n", "import numpy.testing as tm\ntm.check(x)\n", id="all uses move along"
        ),
        # --- layout of the import
        pytest.param(
            "from numpy import (\n    array,\n    product,  # why\n    zeros,\n)\nproduct(array(zeros(1)))\n",
            "from numpy import (\n    array,\n    prod,  # why\n    zeros,\n)\nprod(array(zeros(1)))\n",
            id="one a line",
        ),
        pytest.param(
            "from numpy import array, \\\n    product\nproduct(array(1))\n",
            "from numpy import array, \\\n    prod\nprod(array(1))\n",
            id="backslash",
        ),
        pytest.param("import os; from numpy import product; product(os)\n", "import os; from numpy import prod; prod(os)\n", id="semicolons"),
        pytest.param("from numpy import product # noqa\nproduct(x)\n", "from numpy import prod # noqa\nprod(x)\n", id="noqa"),
        pytest.param("from numpy import product\n", "from numpy import prod\n", id="unused, but must not fail"),
        pytest.param("from numpy import float  # why\nfloat(x)\n", "# why\nfloat(x)\n", id="goes, and its comment stays"),
        pytest.param(
            "from numpy import float  # noqa: A004\nfloat(x)\n", "pass  # noqa: A004\nfloat(x)\n", id="goes, and a directive stays on a line of code"
        ),
        pytest.param("def f():\n    from numpy import float  # why\n", "def f():\n    pass  # why\n", id="goes from a block that it was all of"),
        pytest.param(
            "from numpy import array\r\nfrom numpy import product\r\nproduct(array)\r\n",
            "from numpy import array\r\nfrom numpy import prod\r\nprod(array)\r\n",
            id="CRLF",
        ),
        pytest.param("# é\nfrom numpy import product\n'é', product(x)\n", "# é\nfrom numpy import prod\n'é', prod(x)\n", id="not ASCII"),
        pytest.param("from numpy import product\nproduct(x)", "from numpy import prod\nprod(x)", id="no final newline"),
    ],
)  # fmt: skip
def test_renamed(before: str, after: str) -> None:
    assert upgrade(before, RULE).text == after


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import jax.numpy as np\nnp.product(x)\n", id="another numpy"),
        pytest.param("np.product(x)\n", id="never imported"),
        pytest.param("import numpy as np\nnp = other\nnp.product(x)\n", id="reassigned"),
        pytest.param("import numpy as np\ndef f(np): return np.product(x)\n", id="shadowed by a parameter"),
        pytest.param("import numpy as np\n[np.product for np in xs]\n", id="shadowed in a comprehension"),
        pytest.param("import numpy as np\nnp.prod(x), np.inf\n", id="new names"),
        pytest.param("def product(x): return x\nproduct(1)\n", id="own function"),
        pytest.param("import numpy as np\nx.product(np), product.np\n", id="attribute of another"),
        pytest.param("import numpy as np\nf(product=np)\n", id="keyword"),
        pytest.param("import numpy as np\n'np.product', \"np.product\"\n", id="plain strings"),
        pytest.param("from numpy import prod as product\nproduct(x)\n", id="new name under the old one"),
        pytest.param("import numpy as np\nnp.producty, np.cores\n", id="longer names"),
        pytest.param("from .numpy import product\nproduct(x)\n", id="relative import"),
        pytest.param("from other.numpy import product\nproduct(x)\n", id="submodule of another package"),
        pytest.param("import numpy as np\ngetattr(np, name)\n", id="getattr of a variable"),
        pytest.param("import numpy as np\nnp.random.product(x)\n", id="of a submodule"),
        pytest.param("import numpy as np\nnp.product = mine\n", id="assigned"),
        pytest.param("import numpy as np\ndel np.product\n", id="deleted"),
        pytest.param("import numpy as np\nfor np.product in xs: pass\n", id="loop target"),
        pytest.param("try:\n    from numpy import product\nexcept ImportError:\n    from numpy import prod as product\nproduct(x)\n", id="try"),
        pytest.param("import numpy as np\nf = np.prod if hasattr(np, 'prod') else np.product\n", id="hasattr"),
        pytest.param("import numpy as np\nif np.__version__ < '2':\n    f = np.product\nelse:\n    f = np.prod\n", id="version check"),
        pytest.param("import numpy as np\nnp.product(x)  # apimig: ignore\n", id="ignored"),
        pytest.param("import numpy as np\nnp.product(x)  # apimig: ignore[numpy/test]\n", id="ignored by rule"),
        pytest.param("import numpy as np\nf(\n    np.product,\n)  # apimig: ignore[other, test]\n", id="ignored at the end of the statement"),
        pytest.param("import numpy as np\nif c:\n    np = other\nnp.product(x)\n", id="reassigned in a branch"),
        pytest.param("import numpy as np\nmatch x:\n    case product: product\n    case Inf(): pass\n", id="match captures"),
        pytest.param("from numpy import *\nproduct = mine\nproduct(x)\n", id="star, then own"),
        pytest.param("", id="empty file"),
        pytest.param("\n\n# nothing\n", id="only comments"),
        pytest.param("import numpy as np\n", id="import alone"),
    ],
)  # fmt: skip
def test_unchanged(code: str) -> None:
    assert upgrade(code, RULE).text == code


def test_an_ignored_rule_is_only_that_rule() -> None:
    code = "import numpy as np\nnp.product(x)  # apimig: ignore[numpy/other]\n"
    assert "np.prod(x)" in upgrade(code, RULE).text


@pytest.mark.parametrize(
    ("code", "modules", "name"),
    [
        pytest.param("product(x)\n", {"other": "from mod import product\n"}, "mod.py", id="another module takes it"),
        pytest.param("__all__ = ['product']\n", {}, "mod.py", id="listed in __all__"),
        pytest.param("product(x)\nmap(product, y)\n", {}, "mod/__init__.py", id="used in a package"),
        pytest.param("", {}, "mod/__init__.py", id="handed on by a package"),
    ],
)
def test_a_name_that_other_modules_may_take_from_here_stays_bound(
    code: str, modules: dict[str, str], name: str
) -> None:
    outcome = upgrade(f"from numpy import product\n{code}", RULE, modules=modules, name=name)
    assert outcome.text == f"from numpy import prod as product\n{code}"
    assert outcome.refused == ()


@pytest.mark.parametrize(
    ("code", "modules", "body", "reason"),
    [
        ("from base import product\nproduct(x)\n", {"base": "from numpy import product\n"}, RULE, "another module of the code base"),
        ("from numpy import lookup\n__all__ = ['lookup']\n", {}, rule(Rename((("numpy.lookup", "numpy.registry.get"),))), "other modules may import `lookup`"),
        ("from numpy import bool8\n__all__ = ['bool8']\n", {}, rule(Rename((("numpy.bool8", "builtins.bool"),))), "other modules may import `bool8`"),
    ],
)  # fmt: skip
def test_names_that_other_modules_share_are_left_to_people(
    code: str, modules: dict[str, str], body: Rule, reason: str
) -> None:
    outcome = upgrade(code, body, modules=modules)
    assert outcome.text == code
    assert outcome.reasons
    assert all(reason in each for each in outcome.reasons)


def test_a_module_is_seen_through_the_modules_of_the_repository() -> None:
    modules = {"base": "import numpy as np\n"}
    code = "from base import np\nnp.product(x)\n"
    assert upgrade(code, RULE, modules=modules).text == "from base import np\nnp.prod(x)\n"


def test_snippets_count_conventional_names_as_imported_and_import_nothing() -> None:
    assert upgrade("x = np.product(np.safe_eval(y))\n", RULE, snippet=True).text == "x = np.prod(ast.literal_eval(y))\n"


def test_an_import_whose_other_uses_stay_is_kept_beside_the_new_one() -> None:
    code = "from numpy import product\nproduct(x)  # apimig: ignore\nproduct(y)\n"
    after = "from numpy import product, prod\nproduct(x)  # apimig: ignore\nprod(y)\n"
    assert upgrade(code, RULE).text in (after, after.replace("product, prod", "prod, product"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "import numpy as np\nx = np.lookup(a)\n", "import numpy as np\nx = np.registry.get(a)\n", id="attribute"
        ),
        pytest.param(
            "from numpy import lookup\nx = lookup(a)\n", "from numpy import registry\nx = registry.get(a)\n", id="from"
        ),
        pytest.param(
            "from numpy import lookup, pi\nx = map(lookup, pi)\n",
            "from numpy import registry, pi\nx = map(registry.get, pi)\n",
            id="beside another",
        ),
    ],
)
def test_a_constant_of_the_library_is_no_module_to_import_from(before: str, after: str) -> None:
    assert upgrade(before, rule(Rename((("numpy.lookup", "numpy.registry.get"),)))).text == after


def test_what_a_pattern_writes_goes_through_the_constants_module() -> None:
    into = rule(Rewrite((Template("numpy.inner.lookup($x)", "numpy.registry.get($x)"),)))
    code = "from numpy import inner\nx = inner.lookup(a)\n"
    assert upgrade(code, into).text == "import numpy as np\nx = np.registry.get(a)\n"


INTO_CLASS = rule(Rename((("numpy.GREY", "numpy.Colour.GRAY"), ("numpy.RED", "numpy.Colour.RED"))))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("import numpy as np\nx = np.GREY\n", "import numpy as np\nx = np.Colour.GRAY\n", id="attribute"),
        pytest.param("from numpy import GREY\nx = GREY\n", "from numpy import Colour\nx = Colour.GRAY\n", id="from"),
        pytest.param(
            "from numpy import GREY, RED, pi\nx = GREY, RED, pi\n",
            "from numpy import Colour, pi\nx = Colour.GRAY, Colour.RED, pi\n",
            id="two of one class",
        ),
        pytest.param("from numpy import GREY as g\nx = g\n", "from numpy import GREY as g\nx = g\n", id="alias"),
    ],
)
def test_a_name_that_moved_into_a_class_is_reached_through_the_class(before, after):
    assert upgrade(before, INTO_CLASS).text == after
