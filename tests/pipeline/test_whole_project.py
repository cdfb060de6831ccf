"""An edit is right for the whole project, also where a run is about some of its files only."""

from __future__ import annotations

import pytest

import apimig
from apimig.pipeline import workshop
from apimig.records import Rewritten


@pytest.fixture
def run(tmp_path):
    """Upgrades files (dotted names to code), of which perhaps only some are given; the new text of those that change."""

    def upgraded(files: dict[str, str], *given: str, lib: str = "numpy==2.0") -> dict[str, str]:
        for name, code in {"pyproject.toml": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
        result = apimig.check([tmp_path / name for name in given] or [tmp_path], lib=lib, settings=False)
        changed = {o.location.path for o in result.outcomes if isinstance(o, Rewritten)}
        assert changed == {change.name for change in result.changes}
        return {change.name: change.after.decode() for change in result.changes}

    return upgraded


OWN = "from numpy import product\nx = product([1])\n"
GIVES = "import numpy as np\nx = np.float(1)\n"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        pytest.param({"a.py": OWN, "b.py": "from a import product\n"}, "a.py", id="from"),
        pytest.param({"a.py": OWN, "b.py": "import a\na.product\n"}, "a.py", id="attribute"),
        pytest.param({"a.py": OWN, "b.py": "import a as other\nother.product\n"}, "a.py", id="attribute of another name"),
        pytest.param({"a.py": OWN, "b.py": "from a import *\n"}, "a.py", id="star"),
        pytest.param({"a.py": OWN, "b.py": "mock.patch('a.product')\n"}, "a.py", id="string"),
        pytest.param({"p/__init__.py": "", "p/a.py": OWN, "p/b.py": "from .a import (x,\n    product)\n"}, "p/a.py", id="relative"),
        pytest.param({"p/__init__.py": "", "p/a.py": OWN, "p/b.py": "from . import a\na.product\n"}, "p/a.py", id="relative attribute"),
        pytest.param({"p/__init__.py": "", "p/a.py": OWN, "b.py": "import p.a\np.a.product\n"}, "p/a.py", id="dotted"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("surveyed", [True, False])
def test_a_name_that_other_modules_take_from_this_one_stays(run, monkeypatch, files, name, alone, surveyed):
    if not surveyed:
        monkeypatch.setattr(workshop, "SURVEY_BYTES", 0)
    assert run(files, *([name] if alone else []))[name] == OWN.replace("import product", "import prod as product")


@pytest.mark.parametrize(
    "other", ["from a import np\nnp\n", "import a\nprint(a.np)\n", "from a import *\n", "patch('a.np')\n"]
)
@pytest.mark.parametrize("given", [(), ("a.py",)])
def test_an_import_stays_where_others_take_the_module_from_here(run, given, other):
    assert run({"a.py": GIVES, "b.py": other}, *given) == {"a.py": "import numpy as np\nx = float(1)\n"}


@pytest.mark.parametrize(
    "other",
    [
        "import numpy as np\nfrom a import x\nnp.zeros\n",
        "from b import np\n",
        "import a\nx.product(np)\n",
        "from p.a import np, product\n",
    ],
)
@pytest.mark.parametrize("given", [(), ("a.py",)])
def test_names_that_nobody_takes_from_here_go(run, given, other):
    files = {"a.py": "from numpy import product\n" + GIVES + "product(x)\n", "c.py": other}
    assert run(files, *given) == {"a.py": "from numpy import prod\nx = float(1)\nprod(x)\n"}


TAKES = "import pandas as pd\ndef f(x):\n    return x.iteritems()\nf(pd.DataFrame())\n"
DICT = "class Own:\n    def iteritems(self): ...\n"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"b.py": DICT + "from a import f\nf(Own())\n"}, id="directly"),
        pytest.param({"b.py": DICT + "import a\na.f(x=Own())\n"}, id="as an attribute"),
        pytest.param({"b.py": "from a import f\nf({})\n"}, id="by a file that has nothing to do with the library"),
        pytest.param({"b.py": "import a\na.f(any(x))\n", "c.py": "import a\na.f(any(x))\n"}, id="by several"),
        pytest.param({"c.py": "from a import f\n", "b.py": DICT + "from c import f\nf(Own())\n"}, id="through another module"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("given", [(), ("a.py",)])
@pytest.mark.parametrize("surveyed", [True, False])
def test_callers_in_other_files_say_what_a_parameter_is(run, monkeypatch, files, given, surveyed):
    if not surveyed:
        monkeypatch.setattr(workshop, "SURVEY_BYTES", 0)
    assert run({"a.py": TAKES, **files}, *given, lib="pandas==2.0") == {}


def test_of_a_project_the_files_that_are_not_given_stay(run):
    assert run({"a.py": GIVES, "b.py": GIVES}, "a.py") == {"a.py": "x = float(1)\n"}


def test_types_come_from_the_files_that_are_not_given(run):
    files = {
        "b.py": "import pandas as pd\ndef load():\n    return pd.read_csv('x')\n",
        "a.py": "from b import load\nload().iteritems()\n",
    }
    assert run(files, "a.py", lib="pandas==2.0") == {"a.py": "from b import load\nload().items()\n"}


def test_fixtures_come_from_the_files_that_are_not_given(run):
    files = {
        "tests/conftest.py": "import pandas as pd\nimport pytest\n\n@pytest.fixture\ndef table():\n    return pd.DataFrame()\n",
        "tests/test_a.py": "def test_a(table):\n    table.iteritems()\n",
    }
    expected = {"tests/test_a.py": "def test_a(table):\n    table.items()\n"}
    assert run(files, "tests/test_a.py", lib="pandas==2.0") == expected
