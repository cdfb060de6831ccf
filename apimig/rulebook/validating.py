"""A document against its pydantic model: every error in words for people, at its line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from apimig.rulebook.documents import Document, Path
from apimig.rulebook.problems import did_you_mean
from apimig.rulebook.schema import ParameterSpec, RuleFile, inconsistencies

Mistake = tuple[int, str]
if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_ABSENT = object()
_Model = TypeVar("_Model", bound=BaseModel)
_SHAPES = {
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}


def validate(document: Document, model: type[_Model]) -> tuple[_Model | None, list[Mistake]]:
    """The model, or None, and what is wrong with the document."""
    if not isinstance(document.data, dict):
        return None, [(document.line(()), "a file is a mapping: key: value")]
    try:
        value, mistakes = model.model_validate(document.data), []
    except ValidationError as error:
        value, mistakes = None, list(_explain(document, model, error))
    if model is RuleFile:
        mistakes += [(document.line((key,)) if key else 1, text) for key, text in inconsistencies(document.data)]
    return value, mistakes


def _explain(document: Document, model: type[BaseModel], error: ValidationError) -> Iterator[Mistake]:
    found: dict[Path, list[ErrorDetails]] = defaultdict(list)
    for detail in error.errors(include_url=False):
        if detail["loc"]:  # an error at the root repeats what `inconsistencies` says with lines
            name = detail["loc"][-1:] if detail["type"] == "missing" else ()
            found[_path(document.data, detail["loc"]) + name].append(detail)
    for path, details in found.items():
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in found)
        shapes = [detail for detail in details if detail["type"] in _SHAPES]
        if shapes and not deeper:
            yield document.line(path), _shape(document, path, shapes)
        for detail in details:
            if detail not in shapes:
                yield document.line(path), _describe(document, model, path, detail)


def _path(data: object, location: tuple[str | int, ...]) -> Path:
    """The part of pydantic's location that leads through the data: the tags of unions are left out."""
    path: list[str | int] = []
    for step in location:
        inside: object = _ABSENT
        if isinstance(data, dict):
            inside = data.get(step, _ABSENT)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            inside = data[step]
        if inside is not _ABSENT:
            path.append(step)
            data = inside
    return tuple(path)


def _shape(document: Document, path: Path, details: list[ErrorDetails]) -> str:
    raw = document.plain.get(path)
    if raw is not None and any(detail["type"] == "string_type" for detail in details):
        return f'put {_name(path)} in quotes: "{raw}"'
    wanted = " or ".join(dict.fromkeys(_SHAPES[detail["type"]] for detail in details))
    return f"{_name(path)} is {wanted}"


def _describe(document: Document, model: type[BaseModel], path: Path, detail: ErrorDetails) -> str:
    handler = _HANDLERS.get(detail["type"])
    if handler is not None:
        return handler(document, model, path, detail)
    return f"{_name(path)}: {str(detail['msg']).removeprefix('Value error, ')}"


def _unknown_key(_: Document, model: type[BaseModel], path: Path, __: object) -> str:
    models = _models_at(model, path[:-1])
    known = [field.alias or name for each in models for name, field in each.model_fields.items()]
    kind = "operation" if ParameterSpec in models else "key"
    return f"unknown {kind} {path[-1]!r}{did_you_mean(str(path[-1]), known)}"


def _missing(_: Document, __: object, path: Path, ___: object) -> str:
    return f"{path[-1]!r} is missing"


def _empty(_: Document, __: object, path: Path, ___: object) -> str:
    return f"{_name(path)} is empty"


def _not_allowed(document: Document, _: object, path: Path, detail: ErrorDetails) -> str:
    allowed = str(detail["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    given = document.plain.get(path, str(detail["input"]))
    return f"{_name(path)} is one of {', '.join(allowed)}, not {given!r}{did_you_mean(given, allowed)}"


def _value(document: Document, _: object, path: Path, detail: ErrorDetails) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    raw = document.plain.get(path)
    return f'put the version in quotes: "{raw}"' if raw is not None and "quotes" in message else message


_HANDLERS: Mapping[str, Callable[[Document, type[BaseModel], Path, ErrorDetails], str]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "too_short": _empty,
    "literal_error": _not_allowed,
    "value_error": _value,
}


def _models_at(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """The models that describe the part of the data at ``path``."""
    models = [model]
    for step in path:
        fields = [f for m in models for name, f in m.model_fields.items() if step in (name, f.alias)]
        if fields:  # an index, or a key of the author's own, stays within the models around it
            models = [inner for f in fields for inner in _models_in(f.annotation)]
    return models


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _name(path: Path) -> str:
    """``cases[2].before`` as people say it; items count from 1."""
    text = ""
    for step in path:
        text += f" {step + 1}" if isinstance(step, int) else (f".{step}" if text else step)
    return text
