"""``# apimig: ignore``: which sites a comment speaks of."""

from __future__ import annotations

import pytest

from apimig.rulebook.rule import Rename
from tests.engine import rule, upgrade

HEAD = "import numpy as np\n"
RULE = rule(Rename((("numpy.old", "numpy.new"),)), name="numpy/renames")


@pytest.mark.parametrize(
    ("code", "left"),
    [
        pytest.param("np.old(x)  # apimig: ignore", 1, id="the line"),
        pytest.param("np.old(x)  #apimig:ignore", 1, id="no spaces"),
        pytest.param("np.old(x)  # APIMIG: Ignore", 1, id="capitals"),
        pytest.param("np.old(x)  # noqa  # apimig: ignore", 1, id="after another comment"),
        pytest.param("np.old(x)  # apimig: ignore[numpy/renames]", 1, id="the rule"),
        pytest.param("np.old(x)  # apimig: ignore[renames]", 1, id="the rule's own name"),
        pytest.param("np.old(x)  # apimig: ignore [ other , renames ]", 1, id="several rules"),
        pytest.param("np.old(x)  # apimig: ignore[]", 1, id="no rule named"),
        pytest.param("np.old(x)  # apimig: ignore[other]", 0, id="another rule"),
        pytest.param("np.old(x)  # apimig: ignore[pandas/renames]", 0, id="another library's rule"),
        pytest.param("np.old(x)  # apimig: ignored by me", 1, id="words after it"),
        pytest.param("np.old(x)  # ignore", 0, id="another tool's"),
        pytest.param("'# apimig: ignore', np.old(x)", 0, id="a string"),
        pytest.param("# apimig: ignore\nnp.old(x)", 0, id="the line above"),
        pytest.param("np.old(x)\n# apimig: ignore", 0, id="the line below"),
        pytest.param("f(  # apimig: ignore\n    np.old(x),\n    np.old(y))", 2, id="the first line of the statement"),
        pytest.param("f(\n    np.old(x),\n    np.old(y))  # apimig: ignore", 2, id="the last line of the statement"),
        pytest.param("f(\n    np.old(x),  # apimig: ignore\n    np.old(y))", 1, id="a line in the statement"),
        pytest.param("if np.old(x):  # apimig: ignore\n    np.old(y)", 1, id="the head of a block"),
        pytest.param("if x:  # apimig: ignore\n    np.old(y)", 0, id="a block is not ignored"),
        pytest.param("def f(a=np.old(x)):\n    return np.old(y)  # apimig: ignore", 1, id="the last line of a block"),
        pytest.param("np.old(x); np.old(y)  # apimig: ignore", 2, id="all statements of the line"),
        pytest.param("np.old(  # apimig: ignore\n    x)\nnp.old(y)", 1, id="a call over two lines"),
        pytest.param("@np.old  # apimig: ignore\ndef f(): np.old(x)", 1, id="a decorator"),
    ],
)  # fmt: skip
def test_ignored(code: str, left: int) -> None:
    found = upgrade(f"{HEAD}{code}\n", RULE)
    assert found.text.count("np.old") == left
    assert len(found.refused) == left
    assert all(finding.left_alone for finding, _ in found.refused)
    assert all(why.startswith("ignored by the comment in line ") for why in found.reasons)
