"""How the types that checkers show are read, and how classes get their qualified names."""

import pytest

from apimig.checker import places
from apimig.checker.marking import mark
from apimig.checker.programs import variable_type
from apimig.checker.typetext import Shape, parse
from apimig.records import Span

SHOWN = [
    # what it says                                     classes                     unknown  other
    ("DataFrame", ("DataFrame",), False, False),
    ("pandas.core.frame.DataFrame", ("pandas.core.frame.DataFrame",), False, False),
    ("DataFrame | None", ("DataFrame", "NoneType"), False, False),
    ("Series[int] | DataFrame", ("Series", "DataFrame"), False, False),
    ("Series | Unknown", ("Series",), True, False),
    ("Unknown", (), True, False),
    ("Any", (), True, False),
    ("object", (), True, False),
    ("Unknown | None", ("NoneType",), True, False),
    ("list[DataFrame | None]", ("list",), False, False),
    ("dict[str, list[Unknown]]", ("dict",), False, False),
    ("tuple[int, ...]", ("tuple",), False, False),
    ("ndarray[Any, dtype[floating[_64Bit]]]", ("ndarray",), False, False),
    ("(DataFrame | Series[int])", ("DataFrame", "Series"), False, False),
    ("type[DataFrame]", (), False, True),
    ("type[DataFrame] | DataFrame", ("DataFrame",), False, True),
    ('Module("pandas")', (), False, True),
    ("Module[pandas]", (), False, True),
    ("<module 'pandas'>", (), False, True),
    ("<class 'DataFrame'>", (), False, True),
    ("(x: int) -> DataFrame", (), False, True),
    ("((x: int) -> DataFrame) | None", ("NoneType",), False, True),
    ("def load(p) -> Unknown", (), False, True),
    ("bound method DataFrame.copy(deep: bool = ...) -> DataFrame", (), False, True),
    ("Overload[(a: int) -> int, (a: str) -> str]", (), False, True),
    ("<module>", (), False, True),
    ("<class>", (), False, True),
    ("Self@Frame", ("Frame",), False, False),
    ("T@identity", (), True, False),
    ("Self@method (invariant)", ("method",), False, False),
    ("DataFrame*", ("DataFrame",), False, False),
    ("<subclass of Frame and Other>", ("Frame",), False, False),
    ("Frame & ~Other", ("Frame",), False, False),
    ("Literal['a | b']", ("str",), False, False),
    ("Literal[\"it's\", 'b']", ("str",), False, False),
    ("Literal[1, 2] | None", ("int", "NoneType"), False, False),
    ("Literal[b'x', True]", ("bytes", "bool"), False, False),
    ("Literal[Color.RED]", ("Color",), False, False),
    ("LiteralString", ("str",), False, False),
    ("@Todo(functional TypedDicts)", (), True, False),
    ("Never", (), True, False),
    ("", (), True, False),
    ("?!", (), True, False),
]


@pytest.mark.parametrize(("text", "classes", "unknown", "other"), SHOWN)
def test_what_a_type_says(text, classes, unknown, other):
    assert parse(text) == Shape(classes, unknown, other)


@pytest.mark.parametrize(
    ("hover", "text"),
    [
        ("```python\n(variable) _apimig_0: DataFrame | None\n```\n---\nTwo-dimensional data.", "DataFrame | None"),
        ("```python\n(variable) _apimig_0: dict[str, int]\n```\n\nGo to [dict](file:///x.pyi)", "dict[str, int]"),
        ("```python\n(module) _apimig_0: Module[pandas]\n```", "<module>"),
        ("```python\n(class) _apimig_0: def __init__(\n    data: Unknown = None,\n) -> DataFrame\n```", "<class>"),
        ("```python\n(function) _apimig_0: def load(p: str) -> DataFrame: ...\n```", "<function>"),
        ("```python\n(variable) def _apimig_0(p: str) -> DataFrame\n```", "<variable>"),
        ("```python\nDataFrame\n```", "DataFrame"),
        ("```xml\n<module 'pandas'>\n```", "<module 'pandas'>"),
        ("", ""),
    ],
)
def test_the_type_in_what_is_shown(hover, text):
    assert variable_type(hover) == text


# ------------------------------------------------------------------ names for expressions

MARKED = [
    ("df.append(1)\n", ["df"], "(_apimig_0 := df).append(1)\n", [(0, 1)]),
    (
        "f(x).a().b()\n",
        ["f(x)", "f(x).a()"],
        "(_apimig_0 := (_apimig_1 := f(x)).a()).b()\n",
        [(0, 15), (0, 1)],
    ),
    ("x = 1\n(a + b).c()\n", ["(a + b)"], "x = 1\n(_apimig_0 := (a + b)).c()\n", [(1, 1)]),
    ("'é𝒳'; df.a()\n", ["df"], "'é𝒳'; (_apimig_0 := df).a()\n", [(0, 8)]),
    ("a\r\nb.c()\r\n", ["b"], "a\r\n(_apimig_0 := b).c()\r\n", [(1, 1)]),
    ("g(df.a(df))\n", ["df", "df.a(df)"], "g((_apimig_0 := (_apimig_1 := df).a(df)))\n", [(0, 17), (0, 3)]),
]


@pytest.mark.parametrize(("code", "asked", "expected", "at"), MARKED)
def test_expressions_get_names_and_places_in_utf_16(code, asked, expected, at):
    text = code.encode()
    spans = [Span(start := text.index(each.encode()), start + len(each.encode())) for each in asked]

    marked = mark(text, spans)

    assert marked.text == expected
    assert [marked.places[span] for span in spans] == at


# ------------------------------------------------------------------ qualified names

BUILTINS = frozenset(("list", "str", "NoneType"))


def location(path, line):
    return {"uri": path.as_uri(), "range": {"start": {"line": line, "character": 6}, "end": {"line": line}}}


@pytest.fixture
def library(tmp_path):
    for name, text in {
        "old/pandas/core/frame.py": "import x\n\nclass DataFrame(NDFrame):\n    pass\n",
        "old/stubs/pandas-stubs/core/frame.pyi": "class DataFrame: ...\n",
        "old/pandas/__init__.py": "class Here:\n",
        "typeshed/stdlib/builtins.pyi": "class list: ...\n",
        "old/stubs/pandas-stubs/core/series.pyi": "class Series: ...\nclass Mid(Series[int]): ...\nclass Timed(Mid): ...\n"
        "class Lost(Elsewhere): ...\n",
        "old/pandas/core/series.py": "class Series(Base): ...\n",
        "venv/site-packages/pyright/typeshed-fallback/stdlib/types.pyi": "class NoneType: ...\nclass ModuleType: ...\n",
        "venv/site-packages/pyright/typeshed-fallback/stubs/requests/requests/models.pyi": "class Response: ...\n",
        "cache/ty/vendored/typeshed/2e4d/stdlib/builtins.pyi": "class list: ...\n",
        "project/src/pkg/models.py": "class Frame: ...\n",
        "elsewhere/site-packages/other/frame.py": "class DataFrame: ...\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "name"),
    [
        ("old/pandas/core/frame.py", 2, "pandas.core.frame.DataFrame"),
        ("old/stubs/pandas-stubs/core/frame.pyi", 0, "pandas.core.frame.DataFrame"),
        ("old/pandas/__init__.py", 0, "pandas.Here"),
        ("typeshed/stdlib/builtins.pyi", 0, "builtins.list"),
        ("project/src/pkg/models.py", 0, "pkg.models.Frame"),
        ("elsewhere/site-packages/other/frame.py", 0, "other.frame.DataFrame"),
        ("venv/site-packages/pyright/typeshed-fallback/stdlib/types.pyi", 0, "builtins.NoneType"),
        ("venv/site-packages/pyright/typeshed-fallback/stdlib/types.pyi", 1, "types.ModuleType"),
        (
            "venv/site-packages/pyright/typeshed-fallback/stubs/requests/requests/models.pyi",
            0,
            "requests.models.Response",
        ),
        ("cache/ty/vendored/typeshed/2e4d/stdlib/builtins.pyi", 0, "builtins.list"),
        ("old/stubs/pandas-stubs/core/series.pyi", 0, "pandas.core.series.Series"),
        ("old/stubs/pandas-stubs/core/series.pyi", 2, "pandas.core.series.Series"),  # only the stubs have it
    ],
)
def test_a_class_has_the_name_of_the_module_that_defines_it(library, file, line, name):
    search = [library / "project", library / "project" / "src", library / "old", library / "old" / "stubs"]
    found = places.Places(search).names([location(library / file, line)])
    assert list(found.values()) == [name]


def test_a_class_that_only_stubs_have_and_that_derives_from_none_is_not_known(library):
    search = [library / "old", library / "old" / "stubs"]
    assert places.Places(search).names([location(library / "old/stubs/pandas-stubs/core/series.pyi", 3)]) == {}


@pytest.mark.parametrize(
    "locations",
    [None, [], "nonsense", [None, 3], [{"uri": 7}], [{"uri": "https://x/y.py", "range": {"start": {"line": 0}}}],
     [{"uri": "file:///no/such/file.py", "range": {"start": {"line": 0}}}],
     [{"uri": "file:///no/such/file.py", "range": {"start": "?"}}]],
)  # fmt: skip
def test_what_is_no_location_names_nothing(library, locations):
    assert places.Places([library]).names(locations) == {}


@pytest.mark.parametrize(
    ("written", "known", "names", "unknown"),
    [
        (("DataFrame",), {"DataFrame": "pandas.core.frame.DataFrame"}, {"pandas.core.frame.DataFrame"}, False),
        (("NDArray",), {"ndarray": "numpy.ndarray"}, {"numpy.ndarray"}, False),  # an alias of the one class there
        (("NDArray", "Frame"), {"ndarray": "numpy.ndarray"}, set(), True),
        (("list",), {}, {"builtins.list"}, False),
        (("list",), {"list": "pkg.own.list"}, {"pkg.own.list"}, False),
        (("DataFrame", "NoneType"), {"DataFrame": "p.DataFrame"}, {"p.DataFrame", "builtins.NoneType"}, False),
        (("Frame",), {}, set(), True),
        (("pkg.models.Frame",), {}, {"pkg.models.Frame"}, False),
    ],
)
def test_written_names_are_those_of_the_places(written, known, names, unknown):
    assert places.qualified(written, known, BUILTINS) == (names, unknown)
