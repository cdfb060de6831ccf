"""setup.cfg and tox.ini."""

from __future__ import annotations

import pytest

from apimig.pins import Role, read_pins
from tests.pins.tools import after, change_of

SETUP_CFG = """\
[metadata]
name = pandas
version = 1.5.3

[options]
install_requires =
    numpy
    # pandas==1.5.3
    pandas >=1.3,<2  # a range
    pandas==1.3.5;python_version<'3.8'

    pandas-datareader==1.5.3
setup_requires = pandas==1.5.3; numpy==1.20
tests_require: pandas~=1.5.3

[options.extras_require]
excel =
    openpyxl
    pandas[excel]==1.5.3
old = pandas<2
docs = sphinx

[tool:pytest]
filterwarnings =
    pandas==1.5.3
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_setup_cfg(ending):
    change = change_of("setup.cfg", SETUP_CFG.replace("\n", ending))
    assert [(edit.before, edit.after) for edit in change.edits] == [
        (">=1.3,<2", ">=1.3,<3"),
        ("==1.3.5", "==2.0.3"),
        ("==1.5.3", "==2.0.3"),
        ("~=1.5.3", "~=2.0.3"),
        ("==1.5.3", "==2.0.3"),
        ("<2", "<3"),
    ]
    assert [edit.location.line for edit in change.edits] == [9, 10, 13, 14, 19, 20]
    assert change.notes == ("setup.cfg:10:11: check that pandas 2.0.3 supports what `python_version<'3.8'` says",)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("[options]\nInstall_Requires = numpy; pandas<2\n", "[options]\nInstall_Requires = numpy; pandas<3\n"),
        (
            "  [options]\n  install_requires =\n    pandas<2\n  other =\n    pandas<2\n",
            "  [options]\n  install_requires =\n    pandas<3\n  other =\n    pandas<2\n",
        ),
        ("[options]\ninstall-requires=pandas<2", "[options]\ninstall-requires=pandas<3"),
    ],
)
def test_how_options_are_written(before, expected):
    assert after("setup.cfg", before) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[options]\ninstall_requires =\n    pandas\n    pandas>=1.3\n    geopandas==1.5.3\n",
        "[options]\ninstall_requires = file: requirements/pandas.txt\n",
        "[options]\npackages =\n    pandas==1.5.3\n",
        "[metadata]\ndescription = pandas==1.5.3\n",
        "[options]\ninstall_requires =\n    # pandas==1.5.3\n; pandas==1.5.3\n",
        "install_requires = pandas==1.5.3\n",
        "[testenv]\ncommands = pip install pandas==1.5.3\n",
        "[testenv]\ndeps =\n    -r pandas==1.5.3\n    {[base]deps}\n",
        "no section at all, and pandas==1.5.3\n",
    ],
)
def test_what_an_ini_file_keeps(text):
    change = change_of("setup.cfg", text)
    assert not change.changed
    assert not change.notes


TOX = """\
[tox]
envlist = py{39,310}-pandas{13,15}, oldest

[testenv]
deps =
    pytest
    pandas==1.5.3
    pandas13: pandas>=1.3,<1.4
    py39,py310: pandas<2
    !oldest: pandas==1.5.3  # why
commands = pytest {posargs}

[testenv:oldest]
deps = pandas==1.3.5

[testenv:pandas15]
deps =
    pandas==1.5.*

[testenv:docs]
deps = pandas<2
"""


def test_tox_factors_and_matrices_stay():
    change = change_of("tox.ini", TOX)
    assert [(edit.location.line, edit.after) for edit in change.edits] == [(7, "==2.0.3"), (21, "<3")]
    assert [note.split(":")[1] for note in change.notes] == ["8", "9", "10", "14", "18"]
    assert "tox factor `pandas13`" in change.notes[0]


def test_a_factor_that_fits_is_not_worth_a_note():
    assert (
        change_of("tox.ini", "[testenv]\ndeps =\n    new: pandas>=2\n    old: pandas<3\n    x: numpy<2\n").notes == ()
    )


def test_what_the_pins_of_tox_are_there_for():
    roles = [pin.role for pin in read_pins("tox.ini", TOX.encode(), "pandas")]
    assert roles == [Role.RUN, Role.MATRIX, Role.MATRIX, Role.MATRIX, Role.FLOOR, Role.MATRIX, Role.RUN]


def test_sister_environments_with_different_series_are_a_matrix():
    text = "[testenv:a]\ndeps = pandas==1.4.*\n[testenv:b]\ndeps = pandas==1.5.*\n"
    assert after("tox.ini", text) == text
