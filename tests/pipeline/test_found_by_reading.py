"""What reading every edit on real repositories found wrong or missing (benchmarks/real_trees.py), each as small as it gets.

The shipped rules are on, with their newest releases as the target.
"""

import pytest

import apimig


def upgraded(code):
    return apimig.upgrade_source(code, lib=["pandas==2.2", "numpy==2.0"])


FRAME = "import pandas as pd\n\ndf = pd.DataFrame()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "import numpy as np\nnp\ny = a if b \\\n    else t.astype(np.float)\n",
            "import numpy as np\nnp\ny = a if b \\\n    else t.astype(float)\n",
            id="a line continuation is no part of an expression",
        ),
        pytest.param(
            FRAME + "df.drop('a', \\\n    1)\n", FRAME + "df.drop('a', \\\n    axis=1)\n", id="nor is it an argument"
        ),
        pytest.param(
            FRAME + "df.append( \\\n    df)\n", FRAME + "pd.concat([df, df])\n", id="nor one that a codemod sees"
        ),
        pytest.param(
            "import pandas as pd\n\ndef f(x):\n    if isinstance(x, \\\n            pd.DataFrame):\n        x.iteritems()\n",
            "import pandas as pd\n\ndef f(x):\n    if isinstance(x, \\\n            pd.DataFrame):\n        x.items()\n",
            id="nor one of isinstance",
        ),
        pytest.param(
            "import pytest\n\npd = pytest.importorskip('pandas')\n\ndef test():\n    pd.DataFrame().append(pd.DataFrame())\n",
            "import pytest\n\npd = pytest.importorskip('pandas')\n\ndef test():\n    pd.concat([pd.DataFrame(), pd.DataFrame()])\n",
            id="a variable that holds the library is used like an import of it",
        ),
        pytest.param(
            "import numpy as np\nx = [q for q in [1, np.NINF]]\ny = z = np.NINF\nz\n",
            "import numpy as np\nx = [q for q in [1, -np.inf]]\ny = z = -np.inf\nz\n",
            id="a variable keeps its name where its value is renamed",
        ),
    ],
)
def test_rewritten(before, after):
    assert upgraded(before).text == after
    assert upgraded(after).text == after


@pytest.mark.parametrize(
    ("code", "why"),
    [
        pytest.param(
            "def f():\n    import pandas as pd\n    return g(pd.DataFrame())\n\ndef g(df):\n    return df.append(df)\n",
            "`pandas` is imported only conditionally or inside functions here; `pandas.concat` needs it at the top",
            id="a library that is loaded only where it is needed is not made a requirement",
        ),
        pytest.param(
            "import numpy as np\nf = np.in1d if a else max\nf(3, 4)\n",
            "`f` may be something else here, assigned on another path",
            id="a name that holds the library's function on one path only",
        ),
    ],
)
def test_left_to_a_person(code, why):
    result = upgraded(code)
    assert result.text == code
    assert why in [getattr(outcome, "why", "") for outcome in result.outcomes]
