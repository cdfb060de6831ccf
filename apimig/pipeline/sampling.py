"""Values for what the cases of a learned rule leave open, so that they can be run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from apimig.mining.candidate import Candidate
from apimig.mining.imports import imported
from apimig.mining.releases.examples import Examples
from apimig.mining.trials.unbound import unbound
from apimig.rulebook.signature import Parameter, Signature

_BARE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\(\)")  # a class that is called with nothing
_NONE: Mapping[str, str] = {}
_UNKNOWN = frozenset({"None", "1"})  # what is given where neither names nor defaults tell anything


def with_samples(candidate: Candidate, examples: Examples, samples: Mapping[str, str] = _NONE) -> Candidate:
    """The candidate, with values in its cases for variables that have none, and instances that can be made.

    A value fits the parameter that the variable is passed for, or else the variable's name. ``samples`` are instances
    by their classes that a pack knows, which come before those that are made.
    """
    rule = dict(candidate.rule)
    for key in ("cases", "unchanged"):
        rule[key] = [
            each if isinstance(each, str) else _instances(each, examples, samples) for each in rule.get(key, ())
        ]
    rule["cases"] = [_filled(each, examples) for each in rule["cases"]]
    return replace(candidate, rule=rule)


def _instances(case: Mapping[str, Any], examples: Examples, samples: Mapping[str, str]) -> dict[str, Any]:
    given = {
        name: samples.get(bare[1]) or examples.sample(bare[1]) if (bare := _BARE.fullmatch(made)) else made
        for name, made in case.get("given", {}).items()
    }
    return {**case, **({"given": given} if given else {})}


def _filled(case: Mapping[str, Any], examples: Examples) -> dict[str, Any]:
    given = dict(case.get("given", {}))
    try:
        tree = ast.parse(case["before"])
        missing = set(unbound(case["before"], given)) | set(unbound(case["after"], given))
    except SyntaxError:
        return dict(case)
    names = _Names(tree, examples, given)
    for name in sorted(missing - names.imported.keys()):
        value = names.value(name)
        if value:
            given[name] = value
    return {**case, **({"given": given} if given else {})}


class _Names:
    """What the variables of a case are passed for."""

    def __init__(self, tree: ast.Module, examples: Examples, given: Mapping[str, str]) -> None:
        self.tree, self.examples, self.given = tree, examples, given
        said = imported(ast.walk(tree))
        self.imported = said or dict(examples.conventional)

    def value(self, name: str) -> str:
        """A value that fits, "" where nothing tells of one."""
        for called, parameter in self._parameters(name):
            value = self.examples.value(called, parameter)
            if value not in _UNKNOWN:
                return self.examples.whole(value)
        named = self.examples.value("", Parameter(name, "either"))
        return self.examples.whole(named) if named not in _UNKNOWN else ""

    def _parameters(self, name: str) -> Iterator[tuple[str, Parameter]]:
        """The parameters that it is passed for, with the names of their functions."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Call):
                continue
            called = self._called(node.func)
            signature = self._signature(called) if called else None
            parameter = None if signature is None else _passed(node, name, signature)
            if parameter is not None:
                yield called, parameter

    def _signature(self, called: str) -> Signature | None:
        surface = self.examples.surface
        symbol = surface.find(called)
        if symbol is None:
            return None
        return symbol.signature or surface.constructor(surface.canonical(called) or called)

    def _called(self, function: ast.expr) -> str:
        parts: list[str] = []
        while isinstance(function, ast.Attribute):
            parts.append(function.attr)
            function = function.value
        if not isinstance(function, ast.Name):
            return ""
        first = self.imported.get(function.id) or self._class_of(function.id)
        return ".".join([first, *reversed(parts)]) if first else ""

    def _class_of(self, name: str) -> str:
        made = self.given.get(name, "").partition("(")[0]
        return made if self.examples.surface.find(made) is not None else ""


def _passed(call: ast.Call, name: str, signature: Signature) -> Parameter | None:
    """The parameter that a variable of this name is passed for."""
    for at, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            break
        if isinstance(argument, ast.Name) and argument.id == name:
            return signature.positional[at] if at < len(signature.positional) else None
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.value.id == name:
            return next((each for each in signature.parameters if each.name == keyword.arg), None)
    return None
