"""``move``: many objects that keep their name and left their module, written as one list."""

from __future__ import annotations

import pytest

from apimig.errors import RulebookError
from apimig.rulebook import load
from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import find_packs
from apimig.rulebook.rule import Rename

RULE = """\
library: pandas
removed: "2.0.0"
reference: https://example.org/notes
summary: Functions of pandas.old live in pandas
move:
  - {{from: {old}, to: pandas, names: [concat, merge]}}
  - {{from: pandas.older, to: pandas.io.json, names: loads}}
cases:
  - before: pd.old.concat
    after: pd.concat
unchanged:
  - pd.concat
"""


def test_every_name_of_a_move_is_a_rename(write):
    folder = write(**{"pandas/moved": RULE.format(old="pandas.old")})
    book = load_packs(pack for pack in find_packs([folder]) if pack.origin == str(folder))
    assert book.by_id()["pandas/moved"].body == Rename(
        (
            ("pandas.old.concat", "pandas.concat"),
            ("pandas.old.merge", "pandas.merge"),
            ("pandas.older.loads", "pandas.io.json.loads"),
        )
    )


def test_the_module_that_names_leave_is_one_of_the_library(write):
    folder = write(**{"pandas/moved": RULE.format(old="panda.old")})
    with pytest.raises(RulebookError, match=r"'panda.old' is not in pandas"):
        load([folder])
