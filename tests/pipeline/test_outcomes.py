"""Outcomes of one site: what several rules say for one reason is said once."""

from __future__ import annotations

import pytest

import apimig
from apimig.records import NeedsPerson, rules_of

MANY, ONE = "many", "one"


def outcomes(code: str) -> list[tuple[str, str]]:
    """The code of each site that needs a person, and whether one rule or many speak of it."""
    found = apimig.upgrade_source("import pandas as pd\n" + code, lib="pandas==2.0").outcomes
    assert all(isinstance(outcome, NeedsPerson) for outcome in found)
    return sorted((outcome.code, ONE if len(rules_of(outcome)) == 1 else MANY) for outcome in found)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("pd.read_csv(path, **kw)", [("pd.read_csv(path, **kw)", MANY)], id="one call"),
        pytest.param("pd.read_csv(path, **kw); pd.read_csv(path, **kw)", [("pd.read_csv(path, **kw)", MANY)] * 2, id="two calls"),
        pytest.param(
            "pd.read_csv(path, **kw).groupby('a', **kw)",
            [("pd.read_csv(path, **kw)", MANY), ("pd.read_csv(path, **kw).groupby('a', **kw)", ONE)],
            id="two calls that begin in one place",
        ),
        pytest.param("pd.DataFrame().groupby('a', **kw)", [("pd.DataFrame().groupby('a', **kw)", ONE)], id="one rule"),
    ],
)  # fmt: skip
def test_what_starred_arguments_may_hold_is_one_site(code: str, expected: list[tuple[str, str]]) -> None:
    assert outcomes(code) == expected


def test_other_reasons_stay_apart() -> None:
    found = outcomes("pd.read_csv(path, squeeze=flag, mangle_dupe_cols=flag, **kw)")
    assert [count for _, count in found] == [MANY, ONE, ONE]


def test_the_whole_says_what_all_parts_say() -> None:
    (whole,) = apimig.upgrade_source("import pandas as pd\npd.read_csv(path, **kw)", lib="pandas==2.0").outcomes
    assert isinstance(whole, NeedsPerson)
    assert whole.why.startswith("`**kw` may hold `error_bad_lines`, ")
    assert whole.rule == whole.parts[0].rule
    assert (whole.advice, whole.reference) == ("", "")
    assert all(part.why.rpartition(" ")[2] in whole.why for part in whole.parts)


def test_one_comment_is_left_for_it(tmp_path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.py").write_text("import pandas as pd\npd.read_csv(path, **kw)\n")
    options = {"lib": "pandas==2.0", "settings": False, "annotate": True}
    apimig.upgrade(tmp_path, **options)
    assert (tmp_path / "a.py").read_text().count("TODO(apimig)") == 1
    assert apimig.check(tmp_path, **options).changes == ()
    assert len(apimig.check(tmp_path, **options).rules) > 5
