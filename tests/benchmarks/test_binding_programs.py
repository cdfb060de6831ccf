"""Programs as they are written out, and calls cut from documentation."""

import pytest

from benchmarks.binding.examples import examples
from benchmarks.binding.programs import Program, needed, write

MODULES = {"pandas", "sklearn", "sklearn.linear_model"}


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("plain", "import pandas\n\nframe = pandas.DataFrame([1])\nresult = frame.drop(0, axis=0)\n"),
        ("alias", "import pandas as pd\n\nframe = pd.DataFrame([1])\nresult = frame.drop(0, axis=0)\n"),
        ("from", "from pandas import DataFrame\n\nframe = DataFrame([1])\nresult = frame.drop(0, axis=0)\n"),
    ],
)
def test_styles(style: str, expected: str) -> None:
    written = write(Program(("frame = pandas.DataFrame([1])",), "frame.drop(0, axis=0)"), MODULES, style)
    assert written.source == expected
    assert written.source.splitlines()[written.first - 1 : written.last] == ["result = frame.drop(0, axis=0)"]


def test_a_module_in_a_package() -> None:
    program = Program((), "sklearn.linear_model.Lasso(1)", ("outcome = result.fit([[1]], [1])",))
    assert write(program, MODULES, "alias").source == (
        "from sklearn import linear_model\n\nresult = linear_model.Lasso(1)\noutcome = result.fit([[1]], [1])\n"
    )
    assert write(program, MODULES, "plain").first == 3


def test_a_name_in_use_is_not_imported_over() -> None:
    program = Program(("array = numpy.array([1])",), "numpy.array(array)")
    assert "from numpy import array" not in write(program, {"numpy"}, "from").source


def test_fixtures_come_with_what_they_need() -> None:
    variables = {"X": ("X = [1]",), "model": ("model = make(X)",), "other": ("other = 2",)}
    assert needed(["model.fit(X)"], variables) == ("X = [1]", "model = make(X)")


def test_calls_in_documentation() -> None:
    sources = ["import pandas as pd", "s = pd.Series([1])", "t = 3", "s.shift(2, fill_value=0)", "pd.concat([s, s])"]
    (shifted,) = examples(sources, "pandas.Series.shift", method=True)
    assert (shifted.setup, shifted.receiver) == (("s = pandas.Series([1])",), "s")
    assert (shifted.positional, shifted.keywords) == (("2",), (("fill_value", "0"),))
    (joined,) = examples(sources, "pandas.concat", method=False)
    assert joined.positional == ("[s, s]",)
    assert not examples(sources, "scipy.concat", method=False)
