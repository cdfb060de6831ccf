"""Imports around an edit: added, taken over, left, or taken out, with the comments beside them."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import Rewrite, Template
from tests.engine import rule, upgrade

RULE = rule(
    Rewrite(
        (
            Template("numpy.in1d($x, $y)", "numpy.isin($x, $y).ravel()"),
            Template("numpy.length($x)", "len($x)"),
            Template("numpy.root($x)", "math.sqrt($x)"),
            Template("numpy.rate($x)", "numfin.rate($x)"),
        ),
        imports=("math", "numfin"),
    )
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("from numpy import in1d\nin1d(a, b)\n", "from numpy import isin\nisin(a, b).ravel()\n", id="takes the place"),
        pytest.param("from numpy import in1d  # note\nin1d(a, b)\n", "from numpy import isin  # note\nisin(a, b).ravel()\n", id="with a comment"),
        pytest.param(
            "from numpy import array, in1d  # note\nin1d(array, b)\n",
            "from numpy import array, isin  # note\nisin(array, b).ravel()\n",
            id="with a comment, beside another",
        ),
        pytest.param(
            "from numpy import (\n    array,\n    in1d,  # note\n)\nin1d(array, b)\n",
            "from numpy import (\n    array,\n    isin,  # note\n)\nisin(array, b).ravel()\n",
            id="with a comment, on its own line",
        ),
        pytest.param(
            "from numpy import root  # note\nroot(a)\n", "import math  # note\nmath.sqrt(a)\n", id="another module takes the place, too"
        ),
        pytest.param("from numpy import length\nlength(a)\n", "len(a)\n", id="goes"),
        pytest.param(
            "from numpy import length  # note\nlength(a)\n", "from numpy import length  # note\nlen(a)\n", id="a comment may say why it is there"
        ),
        pytest.param(
            "from numpy import length, root  # note\nlength(root(a))\n",
            "import math\n\nfrom numpy import length, root  # note\nlen(math.sqrt(a))\n",
            id="of another module, beside one that stays",
        ),
        pytest.param(
            "from numpy import length  # note\nlength(a)\nfrom numpy import in1d\nin1d(a, b)\n",
            "from numpy import length  # note\nlen(a)\nfrom numpy import isin\nisin(a, b).ravel()\n",
            id="a place with a comment is only for what it was for",
        ),
        pytest.param(
            "from numpy import in1d\nin1d(a, b), in1d\n", "from numpy import in1d, isin\nisin(a, b).ravel(), in1d\n", id="stays where it is used"
        ),
        pytest.param(
            "from numpy import in1d, isin\nin1d(a, b)\n", "from numpy import isin\nisin(a, b).ravel()\n", id="imported already"
        ),
        pytest.param(
            "import numpy as np\nnp.rate(np.x)\n", "import numfin\nimport numpy as np\nnumfin.rate(np.x)\n", id="another library"
        ),
        pytest.param(
            "def f():\n    import numpy as np  # late\n    return np.rate(np.x)\ndef g():\n    from numpy import rate\n    return rate(1)\n",
            "def f():\n    import numpy as np  # late\n    import numfin\n    return numfin.rate(np.x)\n"
            "def g():\n    import numfin\n    return numfin.rate(1)\n",
            id="another library is asked for no earlier than this one was",
        ),
        pytest.param(
            "def f():\n    import numpy as np; y = np.x\n    return np.rate(np.rate(y))\n",
            "def f():\n    import numpy as np; y = np.x\n    import numfin\n    return numfin.rate(numfin.rate(y))\n",
            id="another library, on a line with more",
        ),
        pytest.param(
            "def f():\n    import numpy as np\n    return np.root(np.x)\n",
            "import math\n\ndef f():\n    import numpy as np\n    return math.sqrt(np.x)\n",
            id="the standard library is always there",
        ),
    ],
)  # fmt: skip
def test_imports(before: str, after: str) -> None:
    assert upgrade(before, RULE).text == after
