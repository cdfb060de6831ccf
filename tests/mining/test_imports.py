"""What the names mean that imports bind."""

from __future__ import annotations

import ast

import pytest

from apimig.mining.imports import imported

# code: the names that its imports bind
BOUND = {
    "import a": {"a": "a"},
    "import a.b": {"a": "a"},
    "import a.b as c": {"c": "a.b"},
    "import a, d as e": {"a": "a", "e": "d"},
    "from a.b import f, g as h": {"f": "a.b.f", "h": "a.b.g"},
    "from . import f": {},
    "from .a import f": {},
    "a = 1": {},
}


@pytest.mark.parametrize("code", BOUND)
def test_names_that_imports_bind(code):
    assert imported(ast.parse(code).body) == BOUND[code]
