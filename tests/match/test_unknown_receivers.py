"""An unknown receiver is asked about only where it could be the library's: a report that asks about all is not read."""

import pytest

import apimig

HEAD = "import pandas as pd\n\n\ndef f(a, b):\n    return "


def reported(line):
    result = apimig.upgrade_source(HEAD + line, lib="pandas==2.0", from_="1.5")
    assert result.text == HEAD + line
    return {outcome.rule for outcome in result.outcomes}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("a.str.split('_', 1)\n", "pandas/series_str_split_keyword_only"),
        ("a.append({'x': 1}, b)\n", "pandas/dataframe_append"),
        ("[k for k, g in a.groupby(['x'])]\n", "pandas/groupby_single_list"),
    ],
)
def test_what_may_be_a_site_is_reported(line, rule):
    assert rule in reported(line)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("a.split('_', 1)\n", "pandas/series_str_split_keyword_only"),
        ("a.replace('x.', 'y')\n", "pandas/str_replace_regex"),
        ("a.groupby(['x', 'y']), a.groupby(b)\n", "pandas/groupby_single_list"),
        ("a[1, 2], a.loc[1:2, 'x']\n", "pandas/groupby_getitem_tuple"),
        ("a & b, (a <= b) | (b <= 1)\n", "pandas/index_set_operators"),
        ("a.sort_values('x'), a.drop_duplicates('x')\n", "pandas/series_sort_values_keyword_only"),
        ("a.astype(float)\n", "pandas/astype_unitless"),
    ],
)
def test_what_cannot_be_one_is_not(line, rule):
    assert rule not in reported(line)
