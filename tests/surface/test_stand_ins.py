"""Documented defaults of parameters whose default in the code only says that they were not given."""

import pytest

from apimig.pipeline import apply_rules
from apimig.surface.deriving import derive
from apimig.surface.libraries import library_of
from tests.surface.tools import put, read

FUNCTION = '''
    def f(a, normalize={default}):
        """Do it.

        Parameters
        ----------
        a : int
            The number.
        normalize : {said}
            Whether to.
        """
'''


@pytest.mark.parametrize(
    ("default", "said", "expected"),
    [
        ("'deprecated'", "bool, default=False", {"normalize": "False"}),
        ("'warn'", "{'a', 'b'}, default='a'", {"normalize": "'a'"}),
        ("lib.no_default", "bool, optional (default: True)", {"normalize": "True"}),
        ("'deprecated'", "int, default 3", {"normalize": "3"}),
        ("'deprecated'", "bool, default='deprecated'", {}),
        ("'deprecated'", "bool, default=some value", {}),
        ("'deprecated'", "bool, optional", {}),
        ("False", "bool, default=True", {}),
    ],
)
def test_read(default, said, expected, tmp_path):
    surface = read(tmp_path, FUNCTION.format(default=default, said=said))
    assert surface.find("lib.f").stands_for == expected


CLASS = '''
    class Model:
        """A model.

        Parameters
        ----------
        normalize : bool, default=False
            Whether to.
        """

        def __init__(self, a, normalize="deprecated"): ...
'''


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("Model(1, normalize=False)", "Model(1)"),
        ("Model(1, 'deprecated')", "Model(1)"),
        ("Model(1, normalize=True)", "Model(1, normalize=True)"),
    ],
)
def test_an_argument_that_holds_it_can_go(call, expected, tmp_path):
    before = read(put(tmp_path / "old", CLASS), {})
    after = read(put(tmp_path / "new", "class Model:\n    def __init__(self, a): ...\n"), {})
    library = library_of(before, oldest="1", releases=())
    result = apply_rules(f"from lib import Model\n\nm = {call}\n", derive(before, after), [library])
    assert result.text == f"from lib import Model\n\nm = {expected}\n"
