"""setup.py and noxfile.py: only literals that are certainly dependencies."""

from __future__ import annotations

import pytest

from apimig.pins import PinStyle, read_pins
from tests.pins.tools import change_of

SAME = None

SETUP = """\
#!/usr/bin/env python
# -*- coding: utf-8 -*-
\"\"\"Größe: pandas==1.5.3\"\"\"
from setuptools import setup

BASE = ['numpy', "pandas >= 1.3, < 2",]   # a list
BASE += ["pandas~=1.5.3"]
BASE.append('pandas[excel]==1.5.3; python_version>="3.8"')
EXTRAS = {"docs": ["pandas==1.5.3"]}
EXTRAS["test"] = ["pandas<=1.5.3"]
EXTRAS["all"] = sum(EXTRAS.values(), [])
NAMES = {"pandas": "1.5.3"}

setup(
    name="pandas",
    version="1.5.3",
    install_requires=BASE + ["pandas!=1.4.0,<2"],
    setup_requires=("pandas==1.5.*",),
    tests_require='''
        pytest
        pandas<1.6
    ''',
    extras_require=EXTRAS,
)
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_literals_are_found_through_names(ending):
    change = change_of("setup.py", SETUP.replace("\n", ending))
    assert [(edit.location.line, edit.before, edit.after) for edit in change.edits] == [
        (6, ">= 1.3, < 2", ">= 1.3, < 3"),
        (7, "~=1.5.3", "~=2.0.3"),
        (8, "==1.5.3", "==2.0.3"),
        (9, "==1.5.3", "==2.0.3"),
        (10, "<=1.5.3", "<=2.0.3"),
        (17, "!=1.4.0,<2", "!=1.4.0,<3"),
        (18, "==1.5.*", "==2.0.*"),
        (21, "<1.6", "<2.1"),
    ]
    assert not change.notes


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("setup(install_requires=['pandas==1.5.3'])", "setup(install_requires=['pandas==2.0.3'])"),
        ("setup(install_requires='pandas==1.5.3')", "setup(install_requires='pandas==2.0.3')"),
        ("setup(install_requires=(r'pandas<2', u\"numpy\"))", "setup(install_requires=(r'pandas<3', u\"numpy\"))"),
        ("setup(**{'install_requires': ['pandas<2']})", "setup(**{'install_requires': ['pandas<3']})"),
        (
            "kw = dict(install_requires=['pandas<2'])\nsetup(**kw)",
            "kw = dict(install_requires=['pandas<3'])\nsetup(**kw)",
        ),
        ("kw['install_requires'] = ['pandas<2']", "kw['install_requires'] = ['pandas<3']"),
        ("kw['install_requires'].append('pandas<2')", "kw['install_requires'].append('pandas<3')"),
        ("P = 'pandas<2'\nsetup(install_requires=[P])", "P = 'pandas<3'\nsetup(install_requires=[P])"),
        (
            "def deps():\n    return ['pandas<2']\nsetup(install_requires=deps())",
            "def deps():\n    return ['pandas<3']\nsetup(install_requires=deps())",
        ),
        (
            "setup(extras_require={'a': ['x'], 'b': ['pandas<2'] + ['y']})",
            "setup(extras_require={'a': ['x'], 'b': ['pandas<3'] + ['y']})",
        ),
        # what stays
        ("setup(install_requires=['pandas', 'pandas>=1.3', 'pandas-stubs==1.5.3'])", SAME),
        ("setup(name='pandas', version='1.5.3', keywords=['pandas'])", SAME),
        ("setup(install_requires=read('requirements.txt'))  # pandas", SAME),
        ("setup(install_requires=['pandas==2.0.3'])", SAME),
        ("setup(install_requires=[b'pandas==2.0.3'])", SAME),
        ("import pandas\nassert pandas.__version__ == '1.5.3'", SAME),
        ("setup(python_requires='>=3.8', install_requires=['pandas<3'])", SAME),
        ("'''pandas is a library'''\nsetup()", SAME),
    ],
)
def test_setup_py(before, expected):
    change = change_of("setup.py", before)
    assert change.after.decode() == (before if expected is SAME else expected)
    assert not change.notes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("setup(install_requires=[f'pandas>={MIN}'])", "its version is computed"),
        ("setup(install_requires=['pandas>=' + MIN])", "its version is computed"),
        ("setup(install_requires=['pandas==1.5.3' + MARKER])", "its version is computed"),
        ("setup(install_requires=['pandas>=%s' % MIN])", "its version is computed"),
        ("setup(install_requires=['pandas>={}'.format(MIN)])", "its version is computed"),
        ("setup(install_requires=['pandas>=1.3,' '<2'])", "its version is computed"),
        ("setup(install_requires=['pandas>=1.5.foo'])", "not a version specifier"),
        ("MESSAGE = 'pandas==1.5.3'\nprint(MESSAGE)", "not clear that this string is a dependency"),
        ("setup(install_requires=['pandas @ https://example.org/pandas.zip'])", "installed from an address"),
    ],
)
def test_what_is_computed_or_unclear_is_a_note(text, why):
    change = change_of("setup.py", text)
    assert not change.changed
    (note,) = change.notes
    assert why in note
    (pin,) = read_pins("setup.py", text.encode(), "pandas")
    assert pin.style in {PinStyle.UNREADABLE, PinStyle.DIRECT}


def test_a_version_test_around_the_pin_is_its_marker():
    text = (
        "deps = []\n"
        "if sys.version_info < (3, 8):\n    deps.append('pandas==1.3.5')\nelse:\n    deps.append('pandas<2')\n"
        "setup(install_requires=deps)\n"
    )
    change = change_of("setup.py", text)
    assert [edit.after for edit in change.edits] == ["==2.0.3", "<3"]
    assert change.notes == ("setup.py:3:24: check that pandas 2.0.3 supports what `sys.version_info < (3, 8)` says",)


def test_a_file_that_is_no_python_is_skipped_with_its_line():
    change = change_of("setup.py", "x = 1\nsetup(install_requires=['pandas==1.5.3'\n")
    assert change.skipped is not None
    assert change.skipped.reason == "not valid Python"
    assert change.skipped.line == 2
    assert change_of("setup.py", "setup(").skipped is None


def test_python_2_is_read():
    text = "print 'hello'\nsetup(install_requires=['pandas==1.5.3'])\n"
    assert change_of("setup.py", text).after.decode() == text.replace("1.5.3", "2.0.3")


def test_an_old_encoding_survives():
    text = "# -*- coding: latin-1 -*-\nAUTHOR = 'Jürgen'; setup(install_requires=['pandas==1.5.3'])\n".encode("latin-1")
    assert change_of("setup.py", text).after == text.replace(b"1.5.3", b"2.0.3")


NOXFILE = """\
import nox

@nox.session
@nox.parametrize("pandas", ["1.5.3", "2.0"])
def tests(session, pandas):
    session.install("pytest", "pandas==1.5.3")
    session.conda_install("pandas=1.5")
    session.install(f"pandas=={pandas}")
    session.run("python", "-m", "pip", "install", "pandas<2")
    other.install("pandas==1.5.3")
"""


def test_noxfile():
    change = change_of("noxfile.py", NOXFILE)
    assert [(edit.location.line, edit.after) for edit in change.edits] == [(6, "==2.0.3"), (7, "=2.0"), (9, "<3")]
    assert [note.split(":")[1] for note in change.notes] == ["8", "10"]
