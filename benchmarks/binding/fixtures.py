"""What calls are made of: receivers, arguments by parameter, what is done with results. Data: ``data/examples/``."""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.binding.binds import Default
from benchmarks.binding.catalogue import Callable

FOLDER = Path(__file__).parents[2] / "data" / "examples"
_QUOTES = {0x2018: "'", 0x2019: "'", ord("`"): ""}
_CHOICES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Fixtures:
    """The fixtures of a library; ``variables`` maps a name to the statements that make it."""

    variables: Mapping[str, tuple[str, ...]]
    receivers: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    special: Mapping[str, Mapping[str, tuple[str, ...]]]
    types: tuple[tuple[str, tuple[str, ...]], ...]
    calls: Mapping[str, tuple[str, ...]]
    finish: Mapping[str, tuple[str, ...]]
    skip: tuple[str, ...]

    def skips(self, path: str) -> bool:
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.skip)

    def arguments(self, called: Callable, name: str, default: Default | None) -> list[str]:
        """Expressions to try for a parameter, the likeliest first."""
        found: list[str] = []
        for pattern, said in self.special.items():
            if fnmatch.fnmatchcase(called.path, pattern):
                found += said.get(name, ())
        said_type = called.types.get(name, "")
        found += self.names.get(name, ())
        found += _choices(said_type)
        if default is not None and default.value:
            found += _near(default.text)
        for pattern, expressions in self.types:
            if said_type and re.search(pattern, said_type, re.IGNORECASE):
                found += expressions
        return list(dict.fromkeys(found))

    def call_texts(self, path: str) -> list[str]:
        return [text for pattern, texts in self.calls.items() if fnmatch.fnmatchcase(path, pattern) for text in texts]

    def finishes(self, path: str) -> list[str]:
        return [text for pattern, texts in self.finish.items() if fnmatch.fnmatchcase(path, pattern) for text in texts]


def _choices(said: str) -> Iterator[str]:
    for group in _CHOICES.findall(said.translate(_QUOTES)):
        for each in group.split(","):
            try:
                yield repr(ast.literal_eval(each.strip()))
            except (ValueError, SyntaxError):
                continue


def _near(default: str) -> Iterator[str]:
    """Other values of the kind that a default is."""
    try:
        value = ast.literal_eval(default)
    except (ValueError, SyntaxError):
        return  # inf
    if isinstance(value, bool):
        yield repr(not value)
    elif isinstance(value, int):
        yield from (repr(value + 1), repr(max(value - 1, 1)), "2")
    elif isinstance(value, float):
        yield from (repr(value / 2), repr(value + 1))


def load(library: str) -> Fixtures:
    """The fixtures of a library, before those that are common to all."""
    own, common = _read(FOLDER / f"{library}.yaml"), _read(FOLDER / "common.yaml")
    merged = {key: {**common.get(key, {}), **own.get(key, {})} for key in ("variables", "receivers", "calls", "finish")}
    names = {
        name: (*own.get("names", {}).get(name, ()), *common.get("names", {}).get(name, ()))
        for name in {**own.get("names", {}), **common.get("names", {})}
    }
    return Fixtures(
        {name: _texts(said, name) for name, said in merged["variables"].items()},
        {name: tuple(said) for name, said in merged["receivers"].items()},
        {name: tuple(map(str, said)) for name, said in names.items()},
        {path: {k: tuple(map(str, v)) for k, v in said.items()} for path, said in own.get("special", {}).items()},
        tuple((each[0], tuple(each[1])) for each in [*own.get("types", ()), *common.get("types", ())]),
        {path: tuple(map(str, said)) for path, said in merged["calls"].items()},
        {path: tuple(said) for path, said in merged["finish"].items()},
        (*own.get("skip", ()), *common.get("skip", ())),
    )


def _read(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8")) or {} if file.exists() else {}


def _texts(said: str | list[str], name: str) -> tuple[str, ...]:
    return (f"{name} = {said}",) if isinstance(said, str) else tuple(said)
