"""A made-up library to learn rules about, and the short way from pairs to rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apimig.mining.candidate import Candidate, Learned
from apimig.mining.diffs.names import Language, read
from apimig.mining.diffs.pairs import Pair
from apimig.mining.diffs.tree import Tree
from apimig.pipeline.learning_diffs import learn
from apimig.pipeline.trying import RuleTrial
from apimig.rulebook.rule import ClassTypes, Library, Returns

TOOLBOX = Library(
    "toolbox",
    ("toolbox",),
    conventional={"tb": "toolbox"},
    functions={"toolbox.open_box": Returns("toolbox.Box")},
    classes={
        "toolbox.Box": ClassTypes("toolbox.Box", returns={"unlock": Returns("None"), "size": Returns("builtins.int")}),
        "toolbox.Drawer": ClassTypes("toolbox.Drawer", returns={"unlock": Returns("None")}),
    },
)
LANGUAGE = Language(frozenset({"toolbox"}), {"tb": "toolbox"})
HEAD = {"library": "toolbox", "removed": "2.0.0", "reference": "https://example.org/toolbox/changes#2.0"}
IMPORT = "import toolbox as tb\n"


def module(code: str) -> Tree:
    """The tree of code that imports the library."""
    return read(IMPORT + code, LANGUAGE)


def learned(pairs: Sequence[tuple[str, str]], *, origin: str = "") -> Learned:
    """What these pairs of code teach, each with the import of the library."""
    made = [Pair(IMPORT + old, IMPORT + new, f"pair {n}", origin) for n, (old, new) in enumerate(pairs, start=1)]
    return learn(made, TOOLBOX, HEAD)


def bodies(found: Learned) -> list[dict[str, Any]]:
    """The rules without head, cases and summary."""
    return [body(one) for one in found.candidates]


def body(one: Candidate) -> dict[str, Any]:
    """A rule without head, cases and summary."""
    left_out = {*HEAD, "summary", "cases", "unchanged"}
    return {key: value for key, value in one.rule.items() if key not in left_out}


def failures(rule: Mapping[str, Any]) -> Mapping[str, str]:
    """The cases of a rule that fail in the engine."""
    return RuleTrial(TOOLBOX).failures(rule)
