"""Old names in docstrings and comments move with the code; prose about the change itself stays."""

import pytest

import apimig

IMPORT = "import numpy as np\n"


def upgraded(code):
    return apimig.upgrade_source(code, lib="numpy==2.0", from_="1.26").text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# because np.NaN != np.NaN\n", "# because np.nan != np.nan\n"),
        ('"""Values may be `numpy.NaN`s."""\n', '"""Values may be `numpy.nan`s."""\n'),
        (
            'def f():\n    """\n    >>> f(np.float_(1))\n    """\n',
            'def f():\n    """\n    >>> f(np.float64(1))\n    """\n',
        ),
        ("class A:\n    '''np.Inf or np.Infinity'''\n", "class A:\n    '''np.inf or np.inf'''\n"),
        ("x = 1  # ünïcode, then np.product(x).\n", "x = 1  # ünïcode, then np.prod(x).\n"),
        ('"""of type np.float\\\\_ or so"""\n', '"""of type np.float\\\\_ or so"""\n'),
        ('r"""of type np.NaN\\_"""\n', 'r"""of type np.NaN\\_"""\n'),
        (
            '"""np.Inf is max, -np.Inf is min, (-np.Inf) too"""\n',
            '"""np.inf is max, -np.inf is min, (-np.inf) too"""\n',
        ),
        ("# see numpy-np.Inf, --np.Inf\n", "# see numpy-np.Inf, --np.Inf\n"),
        ("# np.NaN was removed in NumPy 2.0\n", "# np.NaN was removed in NumPy 2.0\n"),
        ("# use np.nan instead of np.NaN\n", "# use np.nan instead of np.NaN\n"),
        ("# np.NaN (deprecated)\n", "# np.NaN (deprecated)\n"),
        ("# needs np.math.log\n", "# needs np.math.log\n"),
        ("x = 'np.NaN'\n", "x = 'np.NaN'\n"),
        ("raise ValueError('no np.NaN here')\n", "raise ValueError('no np.NaN here')\n"),
        ("# NaN, jnp.NaN, x.np.NaN, numpy.NaNs\n", "# NaN, jnp.NaN, x.np.NaN, numpy.NaNs\n"),
        ("f'''np.NaN'''\n", "f'''np.NaN'''\n"),
        ("# np.NaN  # apimig: ignore\n", "# np.NaN  # apimig: ignore\n"),
        ("x = 1  # np.NaN\ny = 2  # np.Inf # apimig: ignore\n", "x = 1  # np.nan\ny = 2  # np.Inf # apimig: ignore\n"),
        (
            'def f():\n    """\n    np.NaN\n\n    """  # apimig: ignore\n',
            'def f():\n    """\n    np.NaN\n\n    """  # apimig: ignore\n',
        ),
        ("if hasattr(np, 'NaN'):\n    x = 1  # np.NaN\n", "if hasattr(np, 'NaN'):\n    x = 1  # np.NaN\n"),
        (
            "if np.__version__ < '2':\n    def f():\n        'np.NaN'\n# np.NaN\n",
            "if np.__version__ < '2':\n    def f():\n        'np.NaN'\n# np.nan\n",
        ),
        ('"""np.NaN\r\n\r\nremoved in 2.0\r\n"""', '"""np.nan\r\n\r\nremoved in 2.0\r\n"""'),
        ('"""np.NaN\r\nremoved in 2.0\r\n"""', '"""np.NaN\r\nremoved in 2.0\r\n"""'),
        (
            '"""removed in 2.0\n   \nnp.NaN\n   \nremoved in 2.0\n"""',
            '"""removed in 2.0\n   \nnp.nan\n   \nremoved in 2.0\n"""',
        ),
    ],
)
def test_mentions(before, after):
    assert upgraded(IMPORT + before) == IMPORT + after


def test_a_file_without_the_import_says_nothing_about_np():
    assert upgraded("# np.NaN\nnp = 1\n") == "# np.NaN\nnp = 1\n"


def test_a_second_run_changes_nothing():
    once = upgraded(IMPORT + "# np.NaN and np.Inf\n")
    assert upgraded(once) == once
