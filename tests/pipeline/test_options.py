"""[tool.apimig] is read whole, with the line of everything that is wrong; the command line wins."""

from __future__ import annotations

import pytest

from apimig.errors import UsageError
from apimig.pipeline.options import Options, load, merged


def written(folder, table: str):
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    return folder


def test_every_setting_is_read(tmp_path):
    root = written(
        tmp_path,
        """
[project]
name = "x"

[tool.apimig]
libs = ["pandas==2.0", "numpy==2.0"]
from = {pandas = "1.5"}
include = "vendor"
exclude = ["old/*"]
unsafe = true
annotate = true
only-required = true
ask-all = true
pins = false
allow-codemods = true
snippet = false
jobs = 3
rules = ["rules"]

[tool.apimig.per-file-ignores]
"tests/*" = ["pandas/*"]
""",
    )
    assert load(root, root) == Options(
        libs=("pandas==2.0", "numpy==2.0"),
        from_=("pandas==1.5",),
        include=("vendor",),
        exclude=("old/*",),
        unsafe=True,
        annotate=True,
        only_required=True,
        ask_all=True,
        pins=False,
        allow_codemods=True,
        jobs=3,
        rules=(root / "rules",),
        per_file_ignores={"tests/*": ("pandas/*",)},
    )


def test_without_a_table_there_are_the_defaults(tmp_path):
    assert load(written(tmp_path, "[tool.other]\nlibs = 3\n"), tmp_path) == Options()
    assert load(tmp_path / "nowhere", tmp_path) == Options()


def test_the_nearest_table_counts(tmp_path):
    written(tmp_path, '[tool.apimig]\nlibs = ["a==1"]\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    written(tmp_path / "a", '[project]\nname = "a"\n')
    assert load(inner, tmp_path).libs == ("a==1",)
    written(inner, '[tool.apimig]\nlibs = ["b==1"]\n')
    assert load(inner, tmp_path).libs == ("b==1",)


def test_nothing_is_read_above_the_root(tmp_path):
    written(tmp_path, '[tool.apimig]\nlibs = ["a==1"]\n')
    (tmp_path / "root").mkdir()
    assert load(tmp_path / "root", tmp_path / "root") == Options()


def test_all_problems_come_at_once_with_line_and_suggestion(tmp_path):
    root = written(
        tmp_path,
        '[tool.apimig]\nlib = "pandas==2.0"\nunsafe = "yes"\njobs = -1\nonly_required = true\n\n'
        '[tool.apimig.per-file-ignore]\n"x" = "y"\n',
    )
    with pytest.raises(UsageError) as caught:
        load(root, root)
    file = root / "pyproject.toml"
    assert caught.value.help.splitlines()[:-1] == [
        f"{file}:2: no such setting: lib; did you mean libs?",
        f"{file}:3: unsafe: true or false is expected, not 'yes'",
        f"{file}:4: jobs: a number is expected, not -1",
        f"{file}:5: no such setting: only_required; did you mean only-required?",
        f"{file}:7: no such setting: per-file-ignore; did you mean per-file-ignores?",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("libs = 3", "a text or a list of texts"),
        ('libs = ["a==1", 2]', "a text or a list of texts"),
        ("annotate = 1", "true or false"),
        ("jobs = true", "a number"),
        ("from = {pandas = 1}", "a text or a list of texts"),
        ('per-file-ignores = ["a"]', "a table of file patterns"),
    ],
)
def test_a_wrong_value_says_what_is_expected(tmp_path, line, message):
    with pytest.raises(UsageError) as caught:
        load(written(tmp_path, f"[tool.apimig]\n{line}\n"), tmp_path)
    assert f"pyproject.toml:2: {line.split(' ')[0]}: {message}" in caught.value.help


def test_a_broken_file_is_our_problem_only_when_our_table_is_in_it(tmp_path):
    assert load(written(tmp_path, "[project\n"), tmp_path) == Options()
    with pytest.raises(UsageError, match="cannot be read"):
        load(written(tmp_path, "[tool.apimig]\nlibs = [\n"), tmp_path)


def test_a_byte_order_mark_is_no_problem(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b'\xef\xbb\xbf[tool.apimig]\nlibs = "a==1"\n')
    assert load(tmp_path, tmp_path).libs == ("a==1",)


def test_what_is_said_wins_and_what_is_not_said_stays():
    settings = Options(libs=("a==1",), unsafe=True, exclude=("x",))
    said = {"unsafe": None, "exclude": ()}
    assert merged(settings, said, lib="b==2") == Options(("b==2",), unsafe=True, exclude=("x",))
    assert merged(settings, {"unsafe": False}).unsafe is False
    assert merged(settings, {"exclude": ["y"]}, lib=["c==3"]) == Options(("c==3",), unsafe=True, exclude=("y",))


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError, match="no such option: unsave"):
        merged(Options(), {"unsave": True})
