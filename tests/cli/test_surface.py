"""``apimig surface``: what it prints."""

from __future__ import annotations

import json

import pytest

from tests.cli.tools import apimig

OLD = """
class Frame:
    def iteritems(self): ...
    def drop(self, labels, axis=0) -> "Frame": ...
def load(path, sep=","): ...
"""
NEW = """
class Frame:
    def items(self): ...
    def drop(self, labels, *, axis=0) -> "Frame": ...
def load(path, sep=",", encoding=None): ...
"""


@pytest.fixture
def releases(tmp_path):
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name / "acme").mkdir(parents=True)
        (tmp_path / name / "acme" / "__init__.py").write_text(text)
    return tmp_path / "old", tmp_path / "new"


def test_a_surface_as_text(releases):
    old, _ = releases
    assert apimig("surface", old).output.splitlines() == [
        "module        acme",
        "class         acme.Frame()",
        "method        acme.Frame.iteritems()",
        "method        acme.Frame.drop(labels, axis=0) -> acme.Frame",
        "function      acme.load(path, sep=',')",
        "old 0: 2 method, 1 module, 1 class, 1 function (read without running it)",
    ]


def test_one_name_of_it(releases):
    old, _ = releases
    assert "load" not in apimig("surface", old, "--name", "acme.Frame").output


def test_changes_as_text(releases):
    assert apimig("surface", releases[0], "--diff", releases[1]).output.splitlines() == [
        "! acme.Frame.drop(axis) parameter kind changed: positional or keyword -> keyword-only",
        "! acme.Frame.iteritems removed",
        "old 0 -> new 0: 2 changes, 2 can break callers (1 parameter kind changed, 1 removed)",
    ]
    assert "- acme.load(encoding)" not in apimig("surface", releases[0], "--diff", releases[1]).output
    assert (
        "acme.load(encoding) parameter added" in apimig("surface", releases[0], "--diff", releases[1], "--all").output
    )


def test_changes_as_json(releases):
    data = json.loads(apimig("surface", releases[0], "--diff", releases[1], "--json").output)
    assert (data["from"], data["to"]) == ("old 0", "new 0")
    assert data["changes"][0] == {
        "kind": "parameter kind changed",
        "name": "acme.Frame.drop",
        "symbol": "method",
        "before": "positional or keyword",
        "after": "keyword-only",
        "parameter": "axis",
        "breaking": True,
        "names": ["acme.Frame.drop"],
    }
    assert [each["breaking"] for each in data["changes"]] == [True, True, False]


def test_a_surface_as_json(releases):
    data = json.loads(apimig("surface", releases[0], "--json").output)
    load = next(each for each in data["symbols"] if each["name"] == "acme.load")
    assert load["parameters"][1] == {"name": "sep", "kind": "either", "default": "','"}


def test_what_is_no_release_is_a_usage_error():
    result = apimig("surface", "pandas>=1.5")
    assert (result.exit_code, "names no release" in result.output) == (2, True)


def test_offline_says_what_is_not_here():
    result = apimig("surface", "nosuchlib==1.0", "--offline")
    assert (result.exit_code, "--offline forbids the download" in result.output) == (2, True)
