"""The rule reference under docs/rules is what the packs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import find_packs
from apimig.rulebook.reference import pages

FOLDER = Path(__file__).parents[1] / "docs" / "rules"
MADE = pages(load_packs(pack for pack in find_packs() if pack.origin == "apimig"))


@pytest.mark.parametrize("name", MADE)
def test_a_page_is_in_step_with_its_pack(name):
    path = FOLDER / name
    if not path.is_file() or path.read_text(encoding="utf-8") != MADE[name]:
        pytest.fail(f"docs/rules/{name} is not what the rules say; run `apimig rules docs docs/rules`", pytrace=False)


def test_there_are_no_pages_of_packs_that_are_gone():
    assert {path.name for path in FOLDER.iterdir()} == set(MADE)
