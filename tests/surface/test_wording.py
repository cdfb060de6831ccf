"""Every phrase with the real-life cases that stand beside it in the data, and texts that name no successor."""

from __future__ import annotations

import pytest

from apimig.surface.wording import (
    Argument,
    argument_in,
    module_in,
    phrases,
    removed_in,
    replacement_in,
    since_in,
    successors_in,
    values_in,
)


def cases(key):
    return [case for phrase in phrases()[key] for case in phrase["cases"]]


@pytest.mark.parametrize(("library", "text", "successor"), [*cases("phrases"), *cases("imports")])
def test_the_successor_is_found(library, text, successor):
    assert successors_in(text) == tuple([successor] if isinstance(successor, str) else successor), library


@pytest.mark.parametrize(("library", "text"), phrases()["none"])
def test_no_successor_is_made_up(library, text):
    assert successors_in(text) == (), library


@pytest.mark.parametrize(("library", "text", "module"), cases("modules"))
def test_where_a_thing_moved(library, text, module):
    assert module_in(text) == module, library


@pytest.mark.parametrize(("library", "text", "argument"), cases("arguments"))
def test_the_argument_to_pass_instead(library, text, argument):
    expected = None if argument is None else Argument(*argument.split("=", 1))
    assert argument_in(text) == expected, library


@pytest.mark.parametrize(("library", "text", "values"), cases("values"))
def test_values_with_new_names(library, text, values):
    found = values_in(text)
    assert (found.old, found.new) == tuple(values), library


def test_values_are_the_same_only_where_it_is_said():
    texts = [text for _, text, _ in cases("values")]
    assert [values_in(text).same for text in texts] == [True, True, True, False]


def test_of_several_successors_a_person_chooses():
    assert replacement_in("Use `foo` or `bar` instead.") == ""


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("deprecated since 2.1, use g", "2.1"),
        ("as of NumPy 1.25.0, and", "1.25.0"),
        ("in v1.1 and", "1.1"),
        ("some day", ""),
    ],
)
def test_since(text, version):
    assert since_in(text) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("removed in NetworkX 3.0.", "3.0"),
        ("was deprecated in 1.1 and will be removed in1.2. Use", "1.2"),
        ("gone soon", ""),
    ],
)
def test_when_it_will_be_gone(text, version):
    assert removed_in(text) == version


@pytest.mark.parametrize("key", ["phrases", "modules", "imports", "arguments", "values"])
def test_every_phrase_has_a_case(key):
    assert [each for each in phrases()[key] if not each["cases"]] == []
