"""The JSON Schema says what the loader says, so that editors help."""

from __future__ import annotations

import copy

import jsonschema
import pytest
import yaml

from apimig.rulebook.packs import find_packs
from apimig.rulebook.schema import json_schema

from .conftest import LIBRARY, RULE

SHIPPED = [path for pack in find_packs() for path in pack.files]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_file_fits(path):
    schema = json_schema(library=path.stem == "_library")
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("library", [False, True])
def test_it_is_a_schema(library):
    jsonschema.Draft202012Validator.check_schema(json_schema(library=library))


@pytest.mark.parametrize(
    "change",
    [
        {"sumary": "x"},
        {"applicability": "saef"},
        {"unchanged": "x"},
        {"cases": [{"before": "x"}]},
        {"parameters": [{"renam": {}}]},
        {"removed": 2.0},
        {"api": []},
    ],
)
def test_it_finds_what_the_loader_finds(change):
    rule = yaml.safe_load(RULE)
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(rule)
    assert list(validator.iter_errors({**copy.deepcopy(rule), **change}))


@pytest.mark.parametrize(
    "change", [{"api": "pandas.f"}, {"api": ["pandas.f"]}, {"unchanged": ["a", {"code": "b"}]}, {"where": {"x": "int"}}]
)
def test_it_knows_the_short_forms(change):
    jsonschema.Draft202012Validator(json_schema()).validate({**yaml.safe_load(RULE), **change})


def test_the_library_file():
    jsonschema.Draft202012Validator(json_schema(library=True)).validate(yaml.safe_load(LIBRARY))
