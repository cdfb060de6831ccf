"""An unknown receiver is asked about only where it could be the library's: a report that asks about all is not read."""

import pytest

import apimig

HEAD = "import pandas as pd\n\n\ndef f(a, b):\n    return "


def reported(line):
    result = apimig.upgrade_source(HEAD + line, lib="pandas==2.2", from_="1.5")
    assert result.text == HEAD + line
    return {outcome.rule for outcome in result.outcomes}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("a.str.split('_', 1)\n", "pandas/series_str_split_keyword_only"),
        ("a.append({'x': 1}, b)\n", "pandas/dataframe_append"),
        ("[k for k, g in a.groupby(['x'])]\n", "pandas/groupby_single_list"),
        ("a.first('3D'), b.last('3D')\n", "pandas/dataframe_first"),
        ("a.plot(sort_columns=True, **b)\n", "pandas/plot_sorted_columns"),
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
        ("a.first(), a.query(b).last()\n", "pandas/dataframe_first"),
        ("a.resample('D').last('3D'), a.groupby(b).first('3D')\n", "pandas/dataframe_first"),
        ("a.groupby(b).apply(b, False, 1)\n", "pandas/series_apply_convert_dtype"),
        ("a.groupby(b), a.groupby(b > 1)\n", "pandas/groupby_observed"),
        ("a.ravel(), a.b.ravel()\n", "pandas/series_ravel"),
        ("a.format(b), a.b.format(c=1)\n", "pandas/index_format"),
        ("a.plot(*b, **c)\n", "pandas/plot_sort_columns"),
        ("a.columns.applymap(b), a.b.index.iteritems()\n", "pandas/dataframe_applymap"),
        ("a.clip(0, 1), a.any(b), a.mean(1)\n", "pandas/dataframe_clip_keyword_only"),
        ("a.str.pad(3), a.str.replace('x.', b)\n", "pandas/dataframe_pad"),
        ("a.sort_values('x', 'y'), a.to_list(), a.to_dict('records')\n", "pandas/index_sort_values_keyword_only"),
    ],
)
def test_what_cannot_be_one_is_not(line, rule):
    assert rule not in reported(line)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    a.append(b)\n", []),
        ("    a.b['c'].append(b)  # thrown away\n", []),
        ("    return a.append(b)\n", ["pandas/dataframe_append"]),
        ("    pd.DataFrame().append(b)\n", ["pandas/dataframe_append"]),
        ("    return a.index, b.name\n", []),
        ("    return a.cat.index\n", ["pandas/cat_members"]),
    ],
)
def test_what_the_place_says(body, expected):
    code = "import pandas as pd\n\n\ndef f(a, b=None):\n" + body
    assert [
        outcome.rule for outcome in apimig.upgrade_source(code, lib="pandas==2.0", from_="0.25").outcomes
    ] == expected


def test_a_class_that_the_code_base_never_names_is_not_asked_about(tmp_path):
    (tmp_path / "train.py").write_text("import pandas as pd\n\n\ndef keep(model):\n    model.save()\n")
    run = lambda: [o.rule for o in apimig.check(tmp_path, lib="pandas==2.0", from_="1.5").outcomes]  # noqa: E731
    assert run() == []
    (tmp_path / "book.py").write_text("import pandas as pd\nfrom train import keep\n\nkeep(pd.ExcelWriter('a.xlsx'))\n")
    assert run() != []


def test_what_is_always_a_dtype_is_no_array():
    code = "import numpy as np\n\n\ndef f(a):\n    return a.dtype.newbyteorder(), a.newbyteorder()\n"
    result = apimig.upgrade_source(code, lib="numpy==2.0", from_="1.20")
    assert [outcome.code for outcome in result.outcomes] == ["a.newbyteorder()"]


def test_what_is_not_asked_about_is_counted_and_can_be_listed(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("import pandas as pd\n\n\ndef f(a, b):\n    return a.any(0, b), a.clip(b, axis=1), a.any(b, 0)\n")
    run = apimig.check(file, lib="pandas==2.2", from_="1.5")
    assert not run.outcomes
    (note,) = [note for note in run.notes if "are not listed" in note]
    assert note.startswith("2 uses of members that many objects have (any 2) have receivers of unknown type")
    listed = apimig.check(file, lib="pandas==2.2", from_="1.5", ask_all=True)
    assert len({outcome.location for outcome in listed.outcomes}) == 2
    assert not any("are not listed" in note for note in listed.notes)
