"""Conda environments and recipes."""

from __future__ import annotations

import pytest

from apimig.pins import Role, read_pins
from tests.pins.tools import after, change_of

ENVIRONMENT = """\
# für alle
name: pandas=1.5.3
channels:
  - conda-forge   # pandas=1.5.3
dependencies:
  - python=3.9
  - pandas=1.5.3      # fuzzy
  - "pandas >=1.3,<2"
  - 'conda-forge::pandas==1.5.3'
  - pandas-datareader=0.10
  - pip
  - pip:
      - -r requirements.txt
      - pandas==1.5.3  # exact
      - "pandas[excel]~=1.5.3 ; python_version > '3.8'"
variables:
  pandas: 1.5.3
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_environment(ending, mark):
    change = change_of("environment.yml", mark + ENVIRONMENT.replace("\n", ending))
    assert [(edit.location.line, edit.location.column, edit.before, edit.after) for edit in change.edits] == [
        (7, 11, "=1.5.3", "=2.0.3"),
        (8, 13, ">=1.3,<2", ">=1.3,<3"),
        (9, 25, "==1.5.3", "==2.0.3"),
        (14, 15, "==1.5.3", "==2.0.3"),
        (15, 23, "~=1.5.3", "~=2.0.3"),
    ]
    expected = ENVIRONMENT
    for line, old, new in (
        ("- pandas=1.5.3   ", "1.5.3", "2.0.3"),
        (">=1.3,<2", "<2", "<3"),
        ("forge::pandas==1.5.3", "1.5.3", "2.0.3"),
        ("- pandas==1.5.3", "1.5.3", "2.0.3"),
        ("~=1.5.3", "1.5.3", "2.0.3"),
    ):
        expected = expected.replace(line, line.replace(old, new))
    assert change.after.decode() == mark + expected.replace("\n", ending)


@pytest.mark.parametrize(
    "name",
    [
        "environment.yml",
        "environment-dev.yaml",
        "binder/environment.yml",
        "conda.yaml",
        "dev-environment.yml",
        "envs/a.yml",
    ],
)
def test_which_files_are_environments(name):
    assert change_of(name, "dependencies: [pandas=1.5.3]\n").after == b"dependencies: [pandas=2.0.3]\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "dependencies: [pandas=1.5.3]\n"),
        ("environment.yml", "dependencies:\n  - pandas\n  - pandas >=1.3\n  - geopandas=0.9\n  - pandas-stubs=1.5\n"),
        ("environment.yml", "dependencies:\n  - pip: [pandas, -e ../pandas-tools]\n"),
        ("environment.yml", "packages:\n  - pandas=1.5.3\n"),
        ("environment.yml", "dependencies: pandas=1.5.3\n"),
        ("environment.yml", "- pandas=1.5.3\n"),
        ("environment.yml", "dependencies:\n  - |\n    pandas=1.5.3\n"),
        ("environment.yml", "# pandas=1.5.3\n"),
        ("environment.yml", "pandas\n"),
        ("environment.yml", "dependencies:\n  - pandas=2.0\n  - pandas/label=1.5\n"),
    ],
)
def test_what_an_environment_keeps(name, text):
    change = change_of(name, text)
    assert not change.changed
    assert not change.notes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("dependencies:\n  - pandas=1.5.3=py39_0\n", "it names the build `py39_0`"),
        ("dependencies:\n  - pandas[version='<2']\n", "is not a version specifier"),
        ("dependencies:\n  - pandas=1.4|=1.5\n", "which of its alternatives to move is a choice"),
        ("dependencies:\n  - pandas={{ pandas }}\n", "the file is a template"),
        ("dependencies:\n  - pip:\n    - pandas @ file:///srv/pandas\n", "installed from an address"),
    ],
)
def test_what_is_left_in_an_environment_is_a_note(text, why):
    change = change_of("environment.yml", text)
    assert not change.changed
    (note,) = change.notes
    assert why in note


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("dependencies:\n  - pandas=1.5.3\n - x: [\n", 3),
        ("dependencies: [pandas=1.5.3\n", 2),
        ("dependencies:\n\t- pandas=1.5.3\n", 2),
        ("a: pandas\n---\nb: 1\n", 2),
        ("dependencies: [pandas=1.5.3, \x00]\n", None),
    ],
)
def test_a_file_that_is_no_yaml_is_skipped_with_its_line(text, line):
    change = change_of("environment.yml", text)
    assert change.skipped is not None
    assert change.skipped.reason.startswith("not valid YAML")
    assert change.skipped.line == line


def test_numbered_environments_of_continuous_integration_are_a_matrix():
    text = "dependencies:\n  - pandas=1.5\n"
    change = change_of("ci/envs/39-pd15.yaml", text)
    assert not change.changed
    assert "one of several versions that are tested" in change.notes[0]
    assert change_of("ci/envs/39-latest.yaml", "dependencies:\n  - pandas\n").notes == ()
    assert after("ci/environment.yml", text) == "dependencies:\n  - pandas=2.0\n"


RECIPE = """\
package:
  name: pandas
  version: 1.5.3
requirements:
  build:
    - pandas 1.5.*   # [win]
  host:
    - pandas ==1.5.3
  run:
    - python
    - pandas >=1.3,<2   # [not win]
  run_constrained:
    - pandas <2
test:
  requires:
    - pandas 1.5.3
  imports:
    - pandas
outputs:
  - name: other
    requirements:
      - pandas <1.6
"""


def test_a_plain_recipe():
    change = change_of("recipe/meta.yaml", RECIPE)
    assert [(edit.location.line, edit.after) for edit in change.edits] == [
        (6, "2.0.*"),
        (8, "==2.0.3"),
        (11, ">=1.3,<3"),
        (13, "<3"),
        (16, "2.0.3"),
        (22, "<2.1"),
    ]
    roles = [pin.role for pin in read_pins("meta.yaml", RECIPE.encode(), "pandas")]
    assert roles == [Role.BUILD, Role.BUILD, Role.RUN, Role.RUN, Role.RUN, Role.RUN]


def test_a_recipe_that_is_a_template_is_a_note_where_something_had_to_change():
    text = '{% set version = "1" %}\nrequirements:\n  run:\n    - numpy\n    - pandas >=1.3,<2  # [win]\n    - pandas\n'
    change = change_of("meta.yaml", text)
    assert not change.changed
    assert change.notes == ("meta.yaml:5:14: pandas >=1.3,<2 was left: the file is a template",)
    assert change_of("meta.yaml", text.replace("<2", "<3")).notes == ()
