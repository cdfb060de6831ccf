"""Conda environments and recipes: match specifications, and the pip list nested in an environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import yaml
from packaging.utils import canonicalize_name

from apimig.pins.document import Document, conda_names
from apimig.pins.kinds import FileKind
from apimig.pins.model import Entry, PinStyle, Role, UnreadableFileError
from apimig.pins.specifier import read_match, read_requirement

_JINJA = re.compile(r"\{[{%#]")
_ITEM = re.compile(r"^[ \t]*-[ \t]+[\"']?([^\"'#\r\n]*[^\"'#\s])", re.MULTILINE)


def conda_entries(document: Document, distribution: str, kind: FileKind) -> Iterator[Entry]:
    """Every mention of the distribution among the dependencies; raises ``UnreadableFileError``.

    A templated file is no YAML before it is rendered: what it says of the distribution is on hold.
    """
    if _JINJA.search(document.text):
        yield from _templated(document.text, distribution)
        return
    root = _composed(document.text)
    if not isinstance(root, yaml.MappingNode):
        return
    found = _environment(root) if kind is FileKind.ENVIRONMENT else _recipe(root, "")
    for section, node in found:
        entry = _entry(document.text, node, section, distribution)
        if entry is not None:
            yield entry


def _templated(text: str, distribution: str) -> Iterator[Entry]:
    for item in _ITEM.finditer(text):
        entry = read_match(text, *item.span(1), conda_names(distribution))
        if entry is not None and entry.start < entry.end:
            yield replace(entry, hold="the file is a template")


def _composed(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise UnreadableFileError(f"not valid YAML: {error.problem or error.context}", line) from None
    except yaml.YAMLError:
        raise UnreadableFileError("not valid YAML") from None
    except RecursionError:
        raise UnreadableFileError("nested too deeply to be read") from None
    return node


def _environment(root: yaml.MappingNode) -> Iterator[tuple[str, yaml.ScalarNode]]:
    for key, value in root.value:
        if key.value == "dependencies" and isinstance(value, yaml.SequenceNode):
            for item in value.value:
                yield from _scalars(item, "dependencies")


def _scalars(node: yaml.Node, section: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """A dependency, or those of a mapping such as `pip: [...]`."""
    if isinstance(node, yaml.ScalarNode):
        yield section, node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, section)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, f"{section}.{key.value}")


def _recipe(root: yaml.Node, section: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Everything below `requirements`, and below `requires` of a test, of the recipe and of its outputs."""
    if isinstance(root, yaml.SequenceNode):
        for item in root.value:
            yield from _recipe(item, section)
    elif isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value in ("requirements", "requires"):
                yield from _scalars(value, str(key.value))
            elif key.value in ("outputs", "test"):
                yield from _recipe(value, str(key.value))


def _entry(text: str, node: yaml.ScalarNode, section: str, distribution: str) -> Entry | None:
    quote = node.style in ("'", '"')  # a block begins with `|` or `>` and is no dependency
    start, end = node.start_mark.index + quote, node.end_mark.index - quote
    if section.endswith(".pip"):
        entry = read_requirement(text, start, end, {canonicalize_name(distribution)})
    else:
        entry = read_match(text, start, end, conda_names(distribution))
    if entry is None:
        return None
    role = Role.BUILD if section.endswith((".build", ".host")) else Role.RUN
    if section.endswith(".pip") and "\\" in text[entry.start : entry.end]:
        return replace(entry, hold="it is written with escapes", style=PinStyle.UNREADABLE)
    return replace(entry, section=section, role=role)
