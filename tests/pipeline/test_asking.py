"""Receivers that nothing types are asked about, and the answers count like any other inference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import apimig
from apimig import checker
from apimig.checker import Answer
from apimig.cli import arguments
from apimig.errors import UsageError
from apimig.pipeline.explain import explain
from apimig.pipeline.options import TYPES, Options
from apimig.pipeline.surfaces import known, planned
from apimig.pipeline.workshop import Workshop
from apimig.records import Certainty, NeedsPerson, Rewritten, Span, UnknownReceiver

RULES = Path(__file__).parent / "rules"
needs_pyrefly = pytest.mark.skipif(
    checker.find("pyrefly").command() is None, reason="pyrefly is not installed: pip install 'apimig[types]'"
)
ACME = """
class Frame:
    def iterrows_old(self): ...
    def lookup(self, at): ...

class Other:
    def iterrows_old(self): ...

def make() -> Frame: ...
def maybe(path) -> Frame | None: ...
def either() -> Frame | Other: ...
def names() -> list[str]: ...
def unknown(x): return x
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose environment has the old release, of which the pack knows little."""
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    root = tmp_path / "project"
    packages = root / ".venv" / "lib" / "python3.11" / "site-packages"
    (packages / "acme").mkdir(parents=True)
    (packages / "acme" / "__init__.py").write_text(ACME)
    (packages / "acme-1.5.0.dist-info").mkdir()
    (root / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
    (root / "pyproject.toml").write_text('[project]\nname = "p"\n')
    return root


def check(root: Path, code: str, *, name: str = "mod.py", **options):
    (root / name).write_bytes(code.encode())
    return apimig.check([root], lib="acme==2.0", from_="1.5.0", rules=(RULES,), **options)


def after(result) -> str:
    return result.changes[0].after.decode() if result.changes else ""


@needs_pyrefly
@pytest.mark.parametrize("types", ["auto", "pyrefly"])
def test_what_the_checker_knows_is_rewritten(project, types):
    result = check(project, "import acme\nx = acme.make()\nx.iterrows_old()\n", types=types)

    assert after(result) == "import acme\nx = acme.make()\nx.rows()\n"
    (site,) = result.outcomes
    assert isinstance(site, Rewritten)
    assert site.certainty is Certainty.INFERRED
    assert site.reason == "Frame, pyrefly says"
    assert result.notes == ()


@needs_pyrefly
def test_explain_tells_what_the_checker_said(project):
    check(project, "import acme\nx = acme.make()\nx.iterrows_old()\n")
    place = f"{project / 'mod.py'}:3"
    _, (story,) = explain(place, lib=("acme==2.0",), from_=("1.5.0",), rules=(RULES,))
    assert "Frame, pyrefly says" in str(story.facts)
    _, (unasked,) = explain(place, lib=("acme==2.0",), from_=("1.5.0",), rules=(RULES,), types="off")
    assert "Frame, pyrefly says" not in str(unasked.facts)


def test_nobody_is_asked_when_types_are_off(project):
    result = check(project, "import acme\nx = acme.make()\nx.iterrows_old()\n", types="off")

    assert [type(site) for site in result.outcomes] == [UnknownReceiver]


@needs_pyrefly
@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        ("acme.maybe(1)", Rewritten),  # None would raise
        ("acme.either()", UnknownReceiver),  # the pack does not name Other: it may be a kind of Frame
        ("acme.unknown(1)", UnknownReceiver),
        ("acme.Other()", None),
        ("acme.names()", None),
        ("acme.make", None),
        ("other.thing()", UnknownReceiver),
    ],
)
def test_only_what_is_the_librarys_alone_is_rewritten(project, made, outcome):
    result = check(project, f"import acme, other\nx = {made}\nx.iterrows_old()\n")

    assert [type(site) for site in result.outcomes] == ([] if outcome is None else [outcome])


@needs_pyrefly
def test_a_class_of_the_project_counts_by_its_bases(project):
    (project / "frames.py").write_text(
        "import acme\n\nclass Mine(acme.Frame): ...\n\nclass Own:\n    def iterrows_old(self): ...\n"
        "class Both(acme.Frame):\n    def iterrows_old(self): ...\n\n"
        "def pick(n) -> list[Mine]: ...\ndef own(n) -> list[Own]: ...\ndef both(n) -> list[Both]: ...\n"
    )
    code = "import acme, frames\nfrom itertools import chain\n" + "".join(
        f"for x in chain(frames.{name}(1)):\n    x.iterrows_old()\n" for name in ("pick", "own", "both")
    )
    result = check(project, code)

    assert after(result) == code.replace("x.iterrows_old", "x.rows", 1)
    assert [type(site) for site in result.outcomes] == [Rewritten]


@needs_pyrefly
def test_answers_hold_in_later_passes_over_a_file(project):
    code = "import acme\nframe = acme.load_frame('é')\nx = acme.make()\nx.iterrows_old(x.lookup(1))\nx.lookup(2)\n"
    result = check(project, code)

    assert after(result) == code.replace("load_frame", "load").replace("iterrows_old", "rows")
    assert [(type(site), site.location.line) for site in result.outcomes] == [
        (Rewritten, 2),
        (Rewritten, 4),
        (NeedsPerson, 4),
        (NeedsPerson, 5),
    ]
    assert all(site.certainty is Certainty.INFERRED for site in result.outcomes[1:])


@needs_pyrefly
def test_the_cells_of_a_notebook_are_one_module(project):
    cells = ["import acme\n", "%time\nx = acme.make()\n", "x.iterrows_old()\n"]
    notebook = {
        "cells": [
            {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": [cell]}
            for cell in cells
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 4,
    }  # fmt: skip
    result = check(project, json.dumps(notebook), name="book.ipynb")

    assert [type(site) for site in result.outcomes] == [Rewritten]
    assert '"x.rows()' in after(result)


@needs_pyrefly
def test_answers_are_kept_between_runs_until_a_file_changes(project, tmp_path):
    code = "import acme\nx = acme.make()\nx.iterrows_old()\n"
    first = check(project, code)
    kept = list((tmp_path / "cache" / "types").iterdir())
    assert len(kept) == 1
    kept[0].write_text(kept[0].read_text().replace("acme.Frame", "acme.Other"))

    again = {"lib": "acme==2.0", "from_": "1.5.0", "rules": (RULES,)}
    assert [type(site) for site in apimig.check([project], **again).outcomes] == [UnknownReceiver]
    assert apimig.check([project], **again, cache=False).outcomes == first.outcomes
    (project / "new.py").write_text("")
    assert apimig.check([project], **again).outcomes == first.outcomes


@needs_pyrefly
def test_auto_downloads_nothing_and_says_how_to_get_more(project):
    (project / ".venv" / "lib" / "python3.11" / "site-packages" / "acme-1.5.0.dist-info").rmdir()
    result = check(project, "import acme\nx = acme.make()\nx.iterrows_old()\n")

    assert [type(site) for site in result.outcomes] == [UnknownReceiver]
    (note,) = result.notes
    assert note.startswith("pyrefly was not asked about 1 receivers of unknown type")
    assert note.endswith("since the old release of acme is not at hand; --types pyrefly downloads it")


@needs_pyrefly
def test_a_release_that_is_the_target_already_is_no_old_one(project):
    packages = project / ".venv" / "lib" / "python3.11" / "site-packages"
    (packages / "acme-1.5.0.dist-info").rename(packages / "acme-2.0.1.dist-info")
    result = check(project, "import acme\nx = acme.make()\nx.iterrows_old()\n")

    assert [type(site) for site in result.outcomes] == [UnknownReceiver]


def test_a_checker_that_is_not_installed(project, monkeypatch):
    monkeypatch.setattr("apimig.checker.programs.find", lambda program: None)
    code = "import acme\nx = acme.make()\nx.iterrows_old()\n"

    assert check(project, code).notes == ()
    assert check(project, code, types="pyrefly").notes == (
        "pyrefly, which would say more about receivers of unknown type, is not installed: pip install 'apimig[types]'",
    )


def test_nothing_is_asked_where_nothing_is_open(project, monkeypatch):
    monkeypatch.setattr("apimig.checker.ask", lambda *args, **options: pytest.fail("it was asked"))
    result = check(project, "import acme\nframe = acme.load('x')\nframe.iterrows_old()\n", types="pyrefly")

    assert [type(site) for site in result.outcomes] == [Rewritten]


def test_a_name_that_is_no_checker(project):
    with pytest.raises(UsageError, match="--types mypyx is no type checker"):
        check(project, "import acme\n", types="mypyx")


def test_the_options_know_the_checkers():
    assert arguments.TYPES == TYPES
    assert TYPES[2:] == checker.NAMES


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("sqlalchemy.Table", "table.delete().where(x)"),
        ("sqlalchemy.sql.schema.Table", "table.delete().where(x)"),  # as a run or a checker knows it
        ("sqlalchemy.sql.schema.Column", None),
        ("sqlalchemy.nowhere.Table", None),
    ],
)
def test_a_class_is_known_by_the_place_where_it_is_defined(tmp_path, name, after):
    options = Options(libs=("SQLAlchemy==2.0.36",), from_=("1.4.54",), offline=True)
    code = b"import sqlalchemy\n\ndef f(table, x):\n    return table.delete(x)\n"
    path = tmp_path / "mod.py"
    path.write_bytes(code)
    workshop = Workshop(tmp_path, [path], planned(options, known(options), {}), options)
    at = code.index(b"table.delete")
    answer = Answer(frozenset({name}), "seen", certainty=Certainty.PROVEN)
    workshop.told.texts["mod.py"] = code
    workshop.told.answers["mod.py"] = {Span(at, at + len(b"table")): answer}
    change = workshop.process(path).change
    assert (None if change is None else change.after.decode().splitlines()[-1].strip()) == (after and f"return {after}")
