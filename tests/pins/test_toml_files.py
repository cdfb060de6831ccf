"""pyproject.toml, pixi.toml and Pipfile."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.pins import PinStyle, Role, read_pins
from apimig.pins.toml_strings import strings_of
from tests.pins.tools import after, change_of

PYPROJECT = """\
# für alle
[build-system]
requires = ["setuptools", "pandas==1.5.3"]   # build

[project]
name = "pandas"
description = "pandas==1.5.3"
dependencies = [
    'pandas[excel] >= 1.3, < 2',  # a range
    "numpy>=1.20", # pandas==1.5.3
    "pandas==1.5.3; python_version < \\"3.12\\"",
    "pandas-stubs==1.5.3",
]

[project.optional-dependencies]
test = ["pytest", "pandas~=1.5.3"]
"quoted.name" = ["pandas<2",
]

[dependency-groups]
dev = [{ include-group = "test" }, "pandas>=1.5.3,<2.0"]
test = ["pandas"]

[tool.uv]
dev-dependencies = ["pandas>=1.3,<1.6"]
constraint-dependencies = ["pandas<2"]
override-dependencies = ["pandas==1.5.3"]

[tool.pdm.dev-dependencies]
test = ["pandas<=1.5.3"]

[tool.hatch.envs.default]
dependencies = [ "pandas==1.5.*" ]
extra-dependencies=["pandas<2"]

[tool.other]
dependencies = ["pandas==1.5.3"]
pandas = "1.5.3"
"""

UPGRADED = """\
# für alle
[build-system]
requires = ["setuptools", "pandas==2.0.3"]   # build

[project]
name = "pandas"
description = "pandas==1.5.3"
dependencies = [
    'pandas[excel] >= 1.3, < 3',  # a range
    "numpy>=1.20", # pandas==1.5.3
    "pandas==2.0.3; python_version < \\"3.12\\"",
    "pandas-stubs==1.5.3",
]

[project.optional-dependencies]
test = ["pytest", "pandas~=2.0.3"]
"quoted.name" = ["pandas<3",
]

[dependency-groups]
dev = [{ include-group = "test" }, "pandas>=1.5.3,<3.0"]
test = ["pandas"]

[tool.uv]
dev-dependencies = ["pandas>=1.3,<2.1"]
constraint-dependencies = ["pandas<3"]
override-dependencies = ["pandas==2.0.3"]

[tool.pdm.dev-dependencies]
test = ["pandas<=2.0.3"]

[tool.hatch.envs.default]
dependencies = [ "pandas==2.0.*" ]
extra-dependencies=["pandas<3"]

[tool.other]
dependencies = ["pandas==1.5.3"]
pandas = "1.5.3"
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_list_of_requirements_in_a_pyproject(ending):
    before, expected = PYPROJECT.replace("\n", ending), UPGRADED.replace("\n", ending)
    assert after("pyproject.toml", before) == expected
    assert after("sub/pyproject.toml", before.rstrip()) == expected.rstrip()


POETRY = """\
[tool.poetry]
name = "pandas"
version = "1.5.3"

[tool.poetry.dependencies]
python = "^3.8"
pandas = "^1.5"
"Numpy" = "^1.20"

[tool.poetry.group.dev.dependencies]
pandas = {version = "~1.5.3", extras = ["excel"]}  # a table

[tool.poetry.dev-dependencies.pandas]
version = ">=1.3,<2.0"
optional = true

[tool.poetry.group.two.dependencies]
pandas = [
    { version = "1.3.5", python = "<3.8" },
    { version = "^1.5.3", python = ">=3.8", markers = "sys_platform == 'linux'" },
]
"""


def test_poetry_tables_and_constraint_lists():
    change = change_of("pyproject.toml", POETRY)
    assert [(edit.before, edit.after) for edit in change.edits] == [
        ("^1.5", "^2.0"),
        ("~1.5.3", "~2.0.3"),
        (">=1.3,<2.0", ">=1.3,<3.0"),
        ("^1.5.3", "^2.0.3"),
    ]
    assert 'version = "1.5.3"' in change.after.decode()
    (note,) = change.notes
    assert "it is for older Pythons (`python <3.8`)" in note


PIXI = """\
[{prefix}dependencies]
pandas = "1.5.3"
python = ">=3.9"

[{prefix}feature.test.dependencies]
pandas = "=1.5"

[{prefix}target.linux-64.dependencies]
pandas = {{ version = ">=1.3,<2", channel = "conda-forge" }}

[{prefix}pypi-dependencies]
pandas = {{ version = "~=1.5.3", extras = ["excel"] }}

[{prefix}feature.min-versions.dependencies]
pandas = "==1.3.5"
"""


@pytest.mark.parametrize(("name", "prefix"), [("pixi.toml", ""), ("pyproject.toml", "tool.pixi.")])
def test_pixi(name, prefix):
    change = change_of(name, PIXI.format(prefix=prefix))
    assert [(edit.before, edit.after) for edit in change.edits] == [
        ("1.5.3", "2.0.3"),
        ("=1.5", "=2.0"),
        (">=1.3,<2", ">=1.3,<3"),
        ("~=1.5.3", "~=2.0.3"),
    ]
    (note,) = change.notes
    assert "oldest version that is supported" in note


def test_a_library_that_conda_knows_under_another_name():
    text = '[dependencies]\npytorch = "1.13.*"\n'
    assert after("pixi.toml", text, library="torch", releases=()) == text.replace("1.13", "2.0")
    assert after("pyproject.toml", "[tool.poetry.dependencies]\npytorch = '1.13.*'\n", library="torch") == (
        "[tool.poetry.dependencies]\npytorch = '1.13.*'\n"
    )


PIPFILE = """\
[[source]]
url = "https://example.org/pandas"
name = "pandas"

[packages]
pandas = "==1.5.3"
numpy = "*"

[dev-packages]
pandas = {version = ">=1.3,<2", extras = ["excel"], markers = "python_version >= '3.8'"}

[docs]
pandas = "*"

[requires]
python_version = "3.9"

[scripts]
pandas = "1.5.3"
"""


def test_pipfile():
    expected = PIPFILE.replace('"==1.5.3"', '"==2.0.3"').replace("<2", "<3")
    assert after("Pipfile", PIPFILE) == expected


@pytest.mark.parametrize(
    "text",
    [
        '[tool.poetry.dependencies]\npandas = { git = "https://example.org/pandas.git", tag = "v1.5.3" }\n',
        '[tool.poetry.dependencies]\npandas = { path = "../pandas" }\n',
        '[tool.poetry.dependencies]\npandas = { url = "https://example.org/pandas-1.5.3.whl" }\n',
        '[tool.uv.sources]\npandas = { git = "https://example.org/pandas" }\n',
        '[project]\ndependencies = ["pandas @ git+https://example.org/pandas.git@v1.5.3"]\n',
    ],
)
def test_a_library_from_an_address_is_left_with_a_note(text):
    change = change_of("pyproject.toml", text)
    assert not change.changed
    assert ["address" in note for note in change.notes] == [True]
    assert [pin.style for pin in read_pins("pyproject.toml", text.encode(), "pandas")] == [PinStyle.DIRECT]


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["pandas", "pandas>=1.3", "pandas>=1.3,<3", "geopandas==1.5.3"]\n',
        '[project]\ndependencies = ["pandas==2.0.3"]\n',
        '[project.dependencies]\npandas = "pandas==1.5.3"\n',
        '[project]\nversion = "1.5.3"\nkeywords = ["pandas==1.5.3"]\n',
        '[tool.uv.sources]\npandas = { index = "inner" }\n',
        '[tool.uv]\ndev-dependencies = "pandas==1.5.3"\n',
        "[tool.poetry.dependencies]\npandas = { workspace = true }\n",
        '[tool.poetry.dependencies]\npandas = "*"\n',
        '[tool.poetry.dependencies.pandas]\nversion = "^2.0"\nmarkers = "python_version < \'3.9\'"\n',
        '[tool.mypy]\nmodule = "pandas.*"\n',
        '[tool.pytest.ini_options]\nfilterwarnings = [\'\'\'ignore:pandas==1.5.3\'\'\', """a\\""""]\n',
        "# pandas\n",
    ],
)
def test_what_a_pyproject_keeps(text):
    change = change_of("pyproject.toml", text)
    assert not change.changed
    assert not change.notes


def test_versions_kept_side_by_side_are_a_matrix():
    text = (
        '[tool.pixi.feature.old.dependencies]\npandas = "1.4.*"\n'
        '[tool.pixi.feature.new.dependencies]\npandas = "1.5.*"\n'
        '[tool.pixi.dependencies]\npandas = ">=1.4,<2"\n'
    )
    change = change_of("pyproject.toml", text)
    assert [edit.after for edit in change.edits] == [">=1.4,<3"]
    assert len(change.notes) == 2
    roles = [pin.role for pin in read_pins("pyproject.toml", text.encode(), "pandas")]
    assert roles == [Role.MATRIX, Role.MATRIX, Role.RUN]


def test_the_same_series_in_several_sections_is_no_matrix():
    text = '[dependency-groups]\na = ["pandas==1.5.3"]\nb = ["pandas==1.5.2"]\n'
    assert after("pyproject.toml", text) == '[dependency-groups]\na = ["pandas==2.0.3"]\nb = ["pandas==2.0.3"]\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[project]\ndependencies = ["pandas==1.5.3"\n', 2),
        ('[project]\nx = \ny = "pandas"\n', 2),
        ("<<<<<<< HEAD\npandas\n", 1),
    ],
)
def test_a_file_that_is_no_toml_is_skipped_with_its_line(text, line):
    change = change_of("pyproject.toml", text)
    assert change.after == text.encode()
    assert change.skipped is not None
    assert change.skipped.reason.startswith("not valid TOML: ")
    assert change.skipped.line == line


def test_a_broken_file_without_the_library_has_nothing_to_say():
    assert change_of("pyproject.toml", "[project\n").skipped is None


def test_bytes_that_are_no_utf_8_are_skipped_with_their_line():
    change = change_of("pyproject.toml", b'[project]\n# \xff\ndependencies = ["pandas==1.5.3"]\n')
    assert change.skipped is not None
    assert (change.skipped.reason, change.skipped.line) == ("not valid UTF-8", 2)


# --------------------------------------------------------------------------- the scanner


def flattened(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flattened(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from flattened(item, (*path, index))
    elif isinstance(value, str):
        yield path, value


def scanned(text):
    """What the scanner finds, decoded by the standard library where it lies."""
    for string in strings_of(text):
        quote = text[string.start - 1]
        triple = text[string.start - 3 : string.start] == quote * 3 and text[string.end : string.end + 3] == quote * 3
        width = 3 if triple else 1
        raw = text[string.start - width : string.end + width]
        yield string.path, tomllib.loads(f"x = {raw}")["x"]


TRICKY = '''
a = "x" # "no"
b."c d".'e.f' = 'y\\'
c = ["1", ["2", '3', ] , # ]
  { d = "4", e = [ { f = "5" } ] }, 7, true, 1979-05-27T07:32:00Z ]
d = """
multi "quoted" \\""" end"""
e = \'\'\'it's\'\'\'
f = {}
g = []
h = ""
i = """"two quotes""""
[x . y]
z = "6"
[[t]]
n = "7"
[[t.u]]
n = "8"
[[t.u]]
n = "9"
[t.v]
n = "10"
[[t]]
n = "11"
[[t.u]]
"" = "12"
'''


def test_the_scanner_sees_what_the_parser_sees():
    assert dict(scanned(TRICKY)) == dict(flattened(tomllib.loads(TRICKY)))
    assert dict(scanned(TRICKY.replace("\n", "\r\n"))) == dict(flattened(tomllib.loads(TRICKY.replace("\n", "\r\n"))))


KEYS = st.one_of(st.sampled_from(["a", "b-1", "project", "pandas"]), st.text(max_size=3))
VALUES = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_the_scanner_sees_what_the_parser_sees_in_any_document(data):
    import tomlkit

    text = tomlkit.dumps(data)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # tomlkit writes some control characters bare
    assert dict(scanned(text)) == dict(flattened(parsed))
