"""The rules that MELT publishes, as code: their holes filled with variables of the types that they name."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clones import git

from apimig.surface.model import Surface

SOURCES = ("from_prs", "from_tests")
_TYPE = re.compile(r"full_name='([^']*)', description='(\w+)")
_HOLE = re.compile(r":?\[\[?(\w+)\]?\]")
_MODULES = {"np": "numpy", "stats": "scipy.stats", "ndimage": "scipy.ndimage", "pd": "pandas"}


@dataclass(frozen=True)
class Theirs:
    """A rule with its label; ``types`` has the qualified name and the kind of what a hole or a name stands for."""

    id: str
    source: str
    library: str
    pull: int
    before: str
    after: str
    types: Mapping[str, tuple[str, str]]
    label: str
    duplicate: bool

    @property
    def is_right(self) -> bool:
        return self.label == "y"


@dataclass(frozen=True)
class Snippet:
    """The code that a rule is about, old and new, with imports."""

    before: str
    after: str
    given: Mapping[str, str]


def theirs(melt: Path) -> list[Theirs]:
    found = []
    for source in SOURCES:
        data = json.loads(git(melt, "show", f"HEAD:src/rules/{source}.json"))
        for library, listed in data.items():
            for number, rule in enumerate(listed[0] if isinstance(listed[0], list) else listed):
                label = rule["answers"].get("correct", "").lower()
                types = dict(_types(rule["template_variable_constraints"]))
                found.append(
                    Theirs(f"{source[5:]} {library} {number}", source, library, rule["pr_number"], rule["before"],
                           rule["after"], types, label, bool(rule["is_duplicate"]))
                )  # fmt: skip
    return found


def _types(said: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, text in said.items():
        if match := _TYPE.search(text):
            yield name.strip(":[]"), (match[1], match[2])


def snippet(rule: Theirs, surfaces: Sequence[Surface]) -> Snippet | None:
    """The rule as code; None where it is no Python by itself."""
    holes = set(_HOLE.findall(rule.before + rule.after))
    texts = [_HOLE.sub(lambda match: match[1], text) for text in (rule.before, rule.after)]
    try:
        used = {node.id for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    except SyntaxError:
        return None
    lines, given = dict[str, None](), dict[str, str]()
    for name in sorted(used):
        full, kind = rule.types.get(name, ("", ""))
        if kind == "module":
            lines[f"import {full} as {name}"] = None
        elif kind == "instance" and full.partition(".")[0] in surfaces[0].roots:
            given[name] = f"{_public(full, surfaces)}()"
        elif name in _MODULES and name not in holes:
            lines[f"import {_MODULES[name]} as {name}"] = None
        elif name not in holes and not hasattr(builtins, name) and kind != "instance":
            module, _, last = _public(full or name, surfaces).rpartition(".")
            if module:
                lines[f"from {module} import {last}" + ("" if last == name else f" as {name}")] = None
    header = "".join(f"{line}\n" for line in lines)
    return Snippet(f"{header}{texts[0]}\n", f"{header}{texts[1]}\n", given)


def _public(full: str, surfaces: Sequence[Surface]) -> str:
    """The public name of what is defined somewhere; else the shortest one with the same last name."""
    for surface in surfaces:
        if found := surface.canonical(full):
            return found
        last = full.rpartition(".")[2]
        same = [name for name in surface.entries if name.rpartition(".")[2] == last]
        if same:
            return min(same, key=lambda name: (name.count("."), name))
    return full
