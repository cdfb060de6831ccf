"""What a repository's files say together, and the version a migration starts from."""

from __future__ import annotations

import pytest
from packaging.version import Version

import apimig.pins
from apimig.pins import Dialect, FileKind, Pin, PinStyle, dependency_files, find_pins, pinned_version, read_pins
from apimig.records import Location


def test_public_names():
    assert sorted(apimig.pins.__all__) == [
        "Dialect",
        "FileKind",
        "Pin",
        "PinChange",
        "PinEdit",
        "PinStyle",
        "Role",
        "dependency_files",
        "file_kind",
        "find_pins",
        "pinned_version",
        "read_pins",
        "upgrade_pins",
    ]


def test_a_pin_has_its_place_and_what_it_says():
    (pin,) = read_pins("requirements/base.txt", b"numpy\nPandas[excel]>=1.3, <2; python_version>'3.8'  # x\n", "pandas")
    assert pin == Pin(
        location=Location("requirements/base.txt", 2, 14),
        specifier=">=1.3, <2",
        style=PinStyle.RANGE,
        version=Version("1.3"),
        marker="python_version>'3.8'",
    )


@pytest.mark.parametrize(
    ("specifier", "style", "version"),
    [
        ("", PinStyle.ANY, None),
        ("==1.5.3", PinStyle.EXACT, "1.5.3"),
        ("==1.5.*", PinStyle.WILDCARD, "1.5"),
        ("~=1.5.3", PinStyle.COMPATIBLE, "1.5.3"),
        ("<2", PinStyle.RANGE, None),
        (">1.3", PinStyle.RANGE, "1.3"),
        (">=1.3,>=1.4", PinStyle.RANGE, "1.4"),
        ("!=1.4", PinStyle.RANGE, None),
        ("==$X", PinStyle.UNREADABLE, None),
    ],
)
def test_styles(specifier, style, version):
    (pin,) = read_pins("requirements.txt", f"pandas{specifier}\n".encode(), "pandas")
    assert (pin.style, pin.version) == (style, None if version is None else Version(version))


@pytest.mark.parametrize(
    ("specifier", "style", "version"),
    [
        ("*", PinStyle.ANY, None),
        ("^1.5", PinStyle.CARET, "1.5"),
        ("~1.5", PinStyle.TILDE, "1.5"),
        ("1.5.3", PinStyle.EXACT, "1.5.3"),
        ("^1.5 || ^2", PinStyle.RANGE, "1.5"),
        ("^1.5 || <1", PinStyle.RANGE, None),
    ],
)
def test_poetry_styles(specifier, style, version):
    text = f'[tool.poetry.dependencies]\npandas = "{specifier}"\n'
    (pin,) = read_pins("pyproject.toml", text.encode(), "pandas")
    assert (pin.style, pin.version) == (style, None if version is None else Version(version))
    assert (pin.dialect, pin.section) == (Dialect.POETRY, "tool.poetry.dependencies")


def pins(**files: str) -> list[Pin]:
    names = {"req": "requirements.txt", "lock": "uv.lock", "low": "requirements-min.txt", "toml": "pyproject.toml"}
    return [pin for key, text in files.items() for pin in read_pins(names[key], text.encode(), "pandas")]


LOCK = '[[package]]\nname = "pandas"\nversion = "{}"\n'
BUILD = '[build-system]\nrequires = ["pandas==1.0"]\n'


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"req": "pandas==1.5.3\n"}, "1.5.3"),
        ({"req": "pandas>=1.3,<2\n"}, "1.3"),
        ({"req": "pandas>=1.3\n", "lock": LOCK.format("1.5.3")}, "1.5.3"),
        ({"req": "pandas>=1.3\npandas==1.5.3\n"}, "1.5.3"),
        ({"req": "pandas==1.5.3\npandas==1.4.0\n"}, "1.4.0"),
        ({"req": "pandas==1.5.*\n"}, "1.5"),
        ({"req": "pandas>=1.3\npandas>=1.1\n"}, "1.1"),
        ({"req": "pandas>=1.3\n", "low": "pandas==1.3.5\n"}, "1.3"),
        ({"req": "pandas==1.5.3\n", "low": "pandas==1.3.5\n"}, "1.5.3"),
        ({"req": "pandas==1.5.3\n", "toml": BUILD}, "1.5.3"),
        ({"toml": BUILD}, None),
        ({"req": "pandas<2\n"}, None),
        ({"req": "pandas\n"}, None),
        ({"req": "pandas @ https://example.org/pandas-1.5.3.zip\n"}, None),
        ({"req": "pandas-stubs==1.5.3\n"}, None),
        ({}, None),
    ],
)
def test_the_version_that_a_migration_starts_from(files, version):
    assert pinned_version(pins(**files)) == (None if version is None else Version(version))


def test_pins_of_a_repository(tmp_path):
    (tmp_path / "outside.txt").write_text("pandas==1.0\n")
    tmp_path = tmp_path / "repository"
    tmp_path.mkdir()
    (tmp_path / "deps").mkdir()
    (tmp_path / "requirements.txt").write_text("-r deps/base.list\n-c ../outside.txt\n-r missing.txt\n")
    (tmp_path / "deps" / "base.list").write_text("-r ../requirements.txt\n--constraint=more.list  # x\npandas>=1.3\n")
    (tmp_path / "deps" / "more.list").write_text("pandas==1.5.3\n")
    (tmp_path / "pyproject.toml").write_bytes(b"\xff pandas")
    (tmp_path / "app.py").write_text("import pandas\n")
    files = ["requirements.txt", "pyproject.toml", "app.py", "requirements/gone.txt"]
    kinds = dependency_files(tmp_path, files)
    assert kinds == {
        "requirements.txt": FileKind.REQUIREMENTS,
        "pyproject.toml": FileKind.PYPROJECT,
        "requirements/gone.txt": FileKind.REQUIREMENTS,
        "deps/base.list": FileKind.REQUIREMENTS,
        "deps/more.list": FileKind.REQUIREMENTS,
    }
    found = find_pins(tmp_path, files, "pandas")
    assert [(str(pin.location), pin.specifier) for pin in found] == [
        ("deps/base.list:3:7", ">=1.3"),
        ("deps/more.list:1:7", "==1.5.3"),
    ]
    assert pinned_version(found) == Version("1.5.3")


def test_a_file_of_no_known_kind_has_no_pins():
    assert read_pins("notes.txt", b"pandas==1.5.3\n", "pandas") == ()
    assert len(read_pins("notes.txt", b"pandas==1.5.3\n", "pandas", kind=FileKind.REQUIREMENTS)) == 1
