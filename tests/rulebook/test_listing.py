"""Choosing rules by library and version, and by name."""

from __future__ import annotations

import pytest

from apimig.errors import UnknownLibraryError, UsageError
from apimig.rulebook.listing import choose, data, find_rules, rows
from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import find_packs

from .conftest import LIBRARY, RULE


@pytest.fixture
def book(write):
    folder = write(
        **{
            "pandas/early": RULE.replace('removed: "2.0.0"', 'removed: "1.5.0"'),
            "pandas/late": RULE,
            "pandas/warned": RULE.replace("removed:", "deprecated:"),
            "numpy/_library": LIBRARY.replace("pandas", "numpy"),
            "numpy/late": RULE.replace("pandas", "numpy"),
        }
    )
    return load_packs(pack for pack in find_packs([folder]) if pack.origin == str(folder))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "numpy/late pandas/early pandas/late pandas/warned"),
        ({"lib": "pandas"}, "pandas/early pandas/late pandas/warned"),
        ({"lib": "Pandas"}, "pandas/early pandas/late pandas/warned"),
        ({"lib": "pandas==2.0"}, "pandas/early! pandas/late! pandas/warned"),
        ({"lib": "pandas", "end": "2.0"}, "pandas/early! pandas/late! pandas/warned"),
        ({"lib": "pandas", "end": "1.5"}, "pandas/early!"),
        ({"lib": "pandas", "start": "1.5.0"}, "pandas/late! pandas/warned"),
        ({"lib": "pandas", "start": "1.5.0", "end": "2.0"}, "pandas/late! pandas/warned"),
        ({"lib": "pandas==2.0", "start": "2.0.0"}, "pandas/warned"),
    ],
)
def test_rules_by_library_and_version(book, asked, expected):
    choice = choose(book, **asked)
    assert " ".join(rule.id + "!" * (choice.need(rule) == "required") for rule in choice.rules) == expected


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"end": "2.0"}, UsageError, "--from and --to are about one library"),
        ({"lib": "panda"}, UnknownLibraryError, "no rules are known for panda"),
        ({"lib": "pandas==2.0", "end": "2.0"}, UsageError, "both name a version"),
        ({"lib": "pandas>=2.0"}, UsageError, "is a range"),
    ],
)
def test_a_choice_that_makes_no_sense(book, asked, error, message):
    with pytest.raises(error, match=message):
        choose(book, **asked)


def test_rows_and_data_of_a_migration(book):
    choice = choose(book, lib="pandas==2.0", start="1.5.0")
    assert rows(choice) == [
        ("pandas/late", "2.0.0", "required", "rename_member", "safe", "DataFrame.iteritems became items"),
        ("pandas/warned", "(2.0.0)", "optional", "rename_member", "safe", "DataFrame.iteritems became items"),
    ]
    assert data(choice)[0] == {
        "id": "pandas/late",
        "library": "pandas",
        "summary": "DataFrame.iteritems became items",
        "deprecated": "",
        "changed": "",
        "removed": "2.0.0",
        "replacement_since": "",
        "need": "required",
        "operation": "rename_member",
        "applicability": "safe",
        "advise": "",
        "reference": "https://example.org/notes",
        "path": "rules/pandas/late.yaml",
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "numpy/late pandas/early pandas/late pandas/warned"),
        (("pandas/late",), "pandas/late"),
        (("late",), "numpy/late pandas/late"),
        (("numpy", "pandas/early"), "numpy/late pandas/early"),
        (("pandas/early", "pandas/early"), "pandas/early"),
    ],
)
def test_rules_by_name(book, names, expected):
    assert " ".join(rule.id for rule in find_rules(names, book)) == expected


def test_a_name_that_no_rule_has(book):
    with pytest.raises(UsageError) as caught:
        find_rules(("pandas/lato",), book)
    assert caught.value.title == "no rule is called pandas/lato (did you mean 'pandas/late'?)"
