"""The rules on the page that explains how to write them load, and their cases pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apimig.pipeline.cases import check
from apimig.rulebook.casebook import cases_of
from apimig.rulebook.loading import Rulebook, load_packs
from apimig.rulebook.packs import find_packs
from apimig.rulebook.schema import BODIES, ConditionSpec, LibraryFile, ParameterSpec

GUIDE = Path(__file__).parents[1] / "docs" / "rules.md"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> tuple[str, str, dict[str, str]]:
    """The head that examples leave out, ``_library.yaml``, and the rules by the name of their file."""
    texts = [match[1] for match in _BLOCK.finditer(GUIDE.read_text(encoding="utf-8"))]
    (library,) = [text for text in texts if "\nimports: [toolbox]\nold" in text]
    (head,) = [text for text in texts if text.startswith("library:") and text.count("\n") == 4]
    rules = [text for text in texts if text not in (library, head)]
    return head, library, {f"example_{n}": text for n, text in enumerate(rules, start=1)}


HEAD, LIBRARY, RULES = blocks()


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Rulebook:
    folder = tmp_path_factory.mktemp("guide") / "toolbox"
    folder.mkdir()
    (folder / "_library.yaml").write_text(LIBRARY)
    for name, text in RULES.items():
        (folder / f"{name}.yaml").write_text(text if text.startswith("library:") else HEAD + text)
    return load_packs((pack for pack in find_packs([folder]) if pack.folder == folder), use_cache=False)


@pytest.mark.parametrize("name", RULES)
def test_an_example_passes(book, name):
    rule = book.by_id()[f"toolbox/{name}"]
    results = [check(case, rule, book.libraries) for case in cases_of(rule)]
    assert not [failure for result in results for failure in result.failures]


def test_every_operation_has_an_example():
    text = "\n".join(RULES.values())
    for body in {*BODIES, "advise"} - {"codemod"}:
        assert f"\n{body}:" in f"\n{text}", body
    for operation in ParameterSpec.model_fields:
        assert f"  - {operation}:" in text, operation


@pytest.mark.parametrize("model", [LibraryFile, ConditionSpec])
def test_every_key_is_explained(model):
    text = GUIDE.read_text(encoding="utf-8")
    for name, field in model.model_fields.items():
        assert re.search(rf"\b{field.alias or name}\b", text), name
