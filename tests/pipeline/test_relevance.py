"""Which files can have to do with a library although they do not name it."""

from __future__ import annotations

import pytest

from apimig import scan
from apimig.pipeline.relevance import Relevance, imported


@pytest.mark.parametrize(
    ("code", "module", "names"),
    [
        ("import a  # then import b\nimport c\n", "", ["a", "c"]),
        ("from a import (\n    b,  # import\n    c,\n)\nx = 'import y'\nimport d\n", "", ["a", "a.b", "a.c", "d"]),
        ("import a", "m", ["a"]),
        ("import a.b.c as d, e", "m", ["a", "a.b", "a.b.c", "e"]),
        ("from a import b", "m", ["a", "a.b"]),
        ("from a import (  # why\n    b as c,\n    d,  # x\n)\n", "m", ["a", "a.b", "a.d"]),
        ("    from a import b\n", "m", ["a", "a.b"]),
        ("from . import b", "p.m", ["p", "p.b"]),
        ("from .a import b", "p.m", ["p.a", "p.a.b"]),
        ("from ..a import b", "p.q.m", ["p.a", "p.a.b"]),
        ("from . import b", "m", ["b"]),
        ("from a import *", "m", ["a"]),
        ("# import a\nx = 'import b'\n", "m", []),
        ("import a\r\nimport b\r\n", "m", ["a", "b"]),
    ],
)
def test_imported_modules(code, module, names):
    assert list(imported(code.encode(), module, is_package=False)) == names


def test_in_a_package_one_dot_is_the_package_itself():
    assert imported(b"from .a import b", "p.q", is_package=True) == ("p.q.a", "p.q.a.b")


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (b"import acme", True),
        (b"import os, acme.x as y", True),
        (b"from acme.x import y", True),
        (b'pytest.importorskip("acme")', True),
        (b"import_module('acme.x')", True),
        (b'"source": ["import acme as a\\n"]', True),
        (b"# like acme, but faster", False),
        (b"import acmeology", False),
        (b"acme = 1", False),
    ],
)
def test_naming_a_library(code, named, tmp_path):
    assert Relevance({"acme"}, scan.Modules((), tmp_path), tmp_path).names_library(code) is named


def relevant(root, **files: str) -> tuple[Relevance, list]:
    paths = []
    for name, code in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        paths.append(path)
    relevance = Relevance({"acme"}, scan.Modules(paths, root), root)
    for path in paths:
        raw = path.read_bytes()
        relevance.add(path, raw, has_words=b"append" in raw)
    return relevance, paths


def tied(root, **files: str) -> list[str]:
    relevance, _ = relevant(root, **files)
    return sorted(path.relative_to(root).as_posix() for path in relevance.tied()[0])


def test_a_file_on_its_own_is_not_tied(tmp_path):
    assert tied(tmp_path, a="import acme", b="x.append(1)") == []


def test_what_a_file_imports_may_hand_it_values(tmp_path):
    assert tied(tmp_path, a="import acme", b="import a\na.f().append(1)") == ["b.py"]


def test_also_through_files_without_words(tmp_path):
    assert tied(tmp_path, a="import acme", b="from a import *", c="import b\nb.f().append(1)") == ["c.py"]


def test_importers_may_hand_values_to_a_function(tmp_path):
    assert tied(tmp_path, a="import acme\nimport b", b="def f(x): x.append(1)") == ["b.py"]


def test_fixtures_come_without_an_import(tmp_path):
    files = {"conftest": "import acme", "t__test_a": "def test(df): df.append(1)", "t__b": "x.append(1)"}
    assert tied(tmp_path, **files) == ["t/b.py", "t/test_a.py"]
    assert tied(tmp_path / "other", a__conftest="import acme", b__test_a="def test(df): df.append(1)") == []


@pytest.mark.parametrize(
    ("files", "linked"),
    [
        ({"a": "import acme", "b": "import acme"}, ""),
        ({"a": "import acme\nimport b", "b": "import acme", "c": "import acme"}, "a b"),
        ({"a": "import b", "b": "import c", "c": "import a", "d": "import os"}, "a b c"),
        ({"a": "import acme", "b": "import acme", "uses": "import a, b"}, "a b uses"),
        ({"conftest": "import acme", "t__a": "import acme", "t__b": ""}, "a b conftest"),
    ],
)
def test_files_that_can_tell_each_other_something(files, linked, tmp_path):
    relevance, paths = relevant(tmp_path, **files)
    assert " ".join(sorted(path.stem for path in relevance.linked(paths))) == linked


def test_import_cycles_end(tmp_path):
    assert tied(tmp_path, a="import b\nx.append(1)", b="import a\nx.append(1)") == []
