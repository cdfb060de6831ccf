"""requirements*.txt, constraints and `.in` files."""

from __future__ import annotations

import pytest

from apimig.pins import PinStyle, read_pins
from tests.pins.tools import after, change_of

SAME = None


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("pandas==1.5.3\n", "pandas==2.0.3\n"),
        ("numpy\npandas==1.5.3\nscipy==1.0\n", "numpy\npandas==2.0.3\nscipy==1.0\n"),
        ("pandas == 1.5.3  # why\n", "pandas == 2.0.3  # why\n"),
        ("  pandas==1.5.3\n", "  pandas==2.0.3\n"),
        ("Pandas==1.5.3\n", "Pandas==2.0.3\n"),
        ("pandas[excel, performance]==1.5.3\n", "pandas[excel, performance]==2.0.3\n"),
        ("pandas (>=1.3,<2)\n", "pandas (>=1.3,<3)\n"),
        ('pandas==1.5.3; python_version >= "3.8"\n', 'pandas==2.0.3; python_version >= "3.8"\n'),
        ("pandas==1.5.3;python_version>='3.8'#not a comment\n", "pandas==2.0.3;python_version>='3.8'#not a comment\n"),
        ("pandas==1.5.3 --config-settings x=1\n", "pandas==2.0.3 --config-settings x=1\n"),
        ("pandas>=1.3, \\\n    <2  # both\n", "pandas>=1.3, \\\n    <3  # both\n"),
        ("pandas \\\r\n  ==1.5.3\r\n", "pandas \\\r\n  ==2.0.3\r\n"),
        ("pandas==1.5.3", "pandas==2.0.3"),
        ("pandas==1.5.3\r\nnumpy==1.21\r\n", "pandas==2.0.3\r\nnumpy==1.21\r\n"),
        ("# größer 🐼\npandas==1.5.3  # für später\n", "# größer 🐼\npandas==2.0.3  # für später\n"),
        ("# a comment ends here \\\npandas==1.5.3\n", "# a comment ends here \\\npandas==2.0.3\n"),
        ("pandas==1.5.3\nPANDAS<2\n", "pandas==2.0.3\nPANDAS<3\n"),
        # other packages
        ("pandas-stubs==1.5.3\n", SAME),
        ("pandas_ta==0.3\n", SAME),
        ("geopandas==0.9\nmodin[pandas]==0.1\npandas.io==1.0\n", SAME),
        # options and comments
        ("-r pandas==1.5.3.txt\n-c pandas.txt\n--index-url pandas==1\n", SAME),
        ("# pandas==1.5.3\n   #pandas==1.5.3\n", SAME),
        ("", SAME),
        ("\n\n", SAME),
        # no version, or one that fits
        ("pandas\n", SAME),
        ("pandas # ==1.5.3\n", SAME),
        ("pandas[excel]\n", SAME),
        ("pandas>=1.3\n", SAME),
        ("pandas==2.0.3\n", SAME),
        # prose
        ("pandas is what we need\n", SAME),
        # addresses
        ("pandas @ git+https://example.org/pandas.git@v1.5.3\n", SAME),
        ("-e git+https://example.org/pandas.git@v1.5.3#egg=pandas\n", SAME),
        ("https://example.org/pandas-1.5.3-cp39-none-any.whl\n", SAME),
        ("./wheels/pandas-1.5.3.tar.gz\n", SAME),
        # not to be read
        ("pandas==1.5.3#comment\n", SAME),
        ("pandas==1.5.3 numpy\n", SAME),
        ("pandas>=1.5<2\n", SAME),
        ("pandas=={{ version }}\n", SAME),
        ("pandas (==1.5.3\n", SAME),
        ("pandas==\n", SAME),
    ],
)
def test_only_the_version_changes(before, expected):
    assert after("requirements.txt", before) == (before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("line", "library", "expected"),
    [
        ("scikit_learn==1.0\n", "scikit-learn", "scikit_learn==2.0\n"),
        ("Scikit.Learn==1.0\n", "scikit-learn", "Scikit.Learn==2.0\n"),
        ("scikit-learn-extra==1.0\n", "scikit-learn", SAME),
    ],
)
def test_names_are_compared_as_pep_503_says(line, library, expected):
    result = after("requirements.txt", line, library=library, literal=True)
    assert result == (line if expected is SAME else expected)


@pytest.mark.parametrize("mark", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_byte_order_mark_and_its_encoding_survive(mark):
    """PowerShell writes UTF-16 when it redirects `pip freeze`."""
    before = "numpy==1.21.0\r\npandas==1.5.3\r\n# für\r\n".encode(mark)
    change = change_of("requirements.txt", before)
    assert change.after == before.decode(mark).replace("1.5.3", "2.0.3").encode(mark)


def test_bytes_that_are_no_utf_8_survive():
    before = b"# f\xfcr \xff\npandas==1.5.3  # gr\xf6\xdfer\n"
    assert change_of("requirements.txt", before).after == before.replace(b"1.5.3", b"2.0.3")


def test_broken_utf_16_is_skipped():
    change = change_of("requirements.txt", b"\xff\xfep\x00a")
    assert change.skipped is not None
    assert "not valid UTF-16-LE" in change.skipped.reason


@pytest.mark.parametrize(
    "line",
    [
        "pandas @ https://example.org/pandas.zip\n",
        "-e git+https://example.org/pandas.git@v1.5.3\n",
        "--editable=../pandas\n",
        "git+ssh://git@example.org/pandas-dev/pandas.git@v1.5.3#egg=pandas[excel]\n",
        "https://example.org/pandas-1.5.3-cp39-none-any.whl\n",
    ],
)
def test_an_address_of_the_library_is_a_note(line):
    (note,) = change_of("requirements.txt", line).notes
    assert "installed from an address" in note
    assert [pin.style for pin in read_pins("requirements.txt", line.encode(), "pandas")] == [PinStyle.DIRECT]


@pytest.mark.parametrize(
    "line",
    [
        "-e git+https://example.org/pandas-dev/geopandas.git\n",
        "https://example.org/pandas/geopandas-0.9-py3-none-any.whl\n",
        "https://example.org/pandas_ta-0.3.tar.gz\n",
        "-e ./pandas-tools\n",
    ],
)
def test_an_address_of_something_else_is_none(line):
    change = change_of("requirements.txt", line)
    assert not change.notes


HASHED = """\
numpy==1.21.0 \\
    --hash=sha256:aaaa
pandas==1.5.3 \\
    --hash=sha256:bbbb \\
    --hash=sha256:cccc
"""


def test_stale_hashes_are_named_with_the_command_that_makes_new_ones():
    change = change_of("requirements.txt", HASHED)
    assert change.after.decode() == HASHED.replace("pandas==1.5.3", "pandas==2.0.3")
    (note,) = change.notes
    assert note == (
        "requirements.txt:3:7: the hashes are those of pandas==1.5.3; those of the new version come from: "
        "pip download --no-deps pandas==2.0.3 && pip hash pandas-2.0.3*"
    )


def test_hashes_of_a_pin_that_stays_are_not_stale():
    assert change_of("requirements.txt", HASHED.replace("1.5.3", "2.0.3")).notes == ()
    assert change_of("requirements.txt", "pandas==1.5.3  # no --hash=sha256:aaaa\n").notes == ()


def test_a_line_for_older_pythons_stays_where_another_is_for_newer_ones():
    before = 'pandas==1.3.5; python_version < "3.8"\npandas==1.5.3; python_version >= "3.8"\n'
    change = change_of("requirements.txt", before)
    assert change.after.decode() == before.replace("1.5.3", "2.0.3")
    (note,) = change.notes
    assert 'it is for older Pythons (`python_version < "3.8"`), and another line for newer ones' in note


def test_an_old_python_is_pointed_out():
    change = change_of("requirements.txt", 'pandas==1.3.5; python_version < "3.8"\n')
    assert change.after == b'pandas==2.0.3; python_version < "3.8"\n'
    assert change.notes == (
        'requirements.txt:1:7: check that pandas 2.0.3 supports what `python_version < "3.8"` says',
    )


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("requirements.txt", True),
        ("requirements-dev.txt", True),
        ("dev_requirements.txt", True),
        ("requirements/base.txt", True),
        ("requirements/base.in", True),
        ("reqs/base.txt", True),
        ("constraints.txt", True),
        ("constraints-3.9.txt", True),
        ("requirements.in", True),
        ("Requirements.txt", True),
        ("notes.txt", False),
        ("requirements.md", False),
        ("docs/requirements/readme.rst", False),
        ("src/constraints/core.py", False),
    ],
)
def test_which_files_are_lists_of_requirements(name, is_read):
    assert change_of(name, "pandas==1.5.3\n").changed is is_read


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements-min.txt", "pandas==1.3.5\n"),
        ("requirements_oldest.txt", "pandas~=1.3.5\n"),
        ("minimum-constraints.txt", "pandas==1.3.*\n"),
        (".github/requirements-minimal.txt", "pandas==1.3.*\n"),
        ("requirements-pandas15.txt", "pandas==1.5.3\n"),
        ("requirements/pandas-1.txt", "pandas<2\n"),
        ("ci/requirements/py39-requirements.txt", "pandas==1.5.3\n"),
    ],
)
def test_the_floor_of_a_support_range_and_a_test_matrix_stay(name, text):
    change = change_of(name, text)
    assert not change.changed
    assert len(change.notes) == 1


def test_a_range_is_a_range_even_in_the_file_of_the_floor():
    assert after("requirements-min.txt", "pandas>=1.3,<2\n") == "pandas>=1.3,<3\n"
    assert after("requirements-minimal.txt", "pandas==1.5.3\n") == "pandas==2.0.3\n"
