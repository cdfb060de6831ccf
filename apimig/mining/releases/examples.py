"""Code to try a rule on: receivers, arguments that fit a parameter, and how users spell a name.

``data/examples/<distribution>.yaml`` has receivers by class and values by the name of a parameter, ``common.yaml``
what fits every library. What neither knows is made: a class without required arguments, a value like the default.
Under ``special`` stand values for the arguments of one callable, its receiver as ``self``, and under ``also`` the
arguments that it makes no sense without; under ``told`` the classes that cannot be seen from what makes an instance.
"""

from __future__ import annotations

import ast
import fnmatch
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from apimig.mining.calls import Given
from apimig.rulebook.packs import normalise
from apimig.rulebook.signature import Parameter, Signature
from apimig.shipped import folder
from apimig.surface.model import Kind, Surface

_IMPORTED = re.compile(r"^\s*>>> import ([A-Za-z_][\w.]*) as ([A-Za-z_]\w*)\s*$", re.MULTILINE)
_WITH_ALL = frozenset({"numpy", "pandas", "networkx", "tensorflow", "polars"})  # their import brings the modules below
_LONGEST = 44  # characters of a value that stands in the call itself
_OFTEN = 5  # examples that import a module under a name, from which everybody does


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The content of the example files of one library; see their comments."""

    variables: Mapping[str, str] = field(default_factory=dict)
    receivers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    special: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    told: Sequence[str] = ()  # classes that cannot be seen from what makes an instance
    conventional: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)  # aliases of other libraries


@dataclass(frozen=True, slots=True)
class Code:
    """A call to try: its text, what it assumes of variables, and the imports that it needs."""

    text: str
    given: Mapping[str, str] = field(default_factory=dict)


def fixtures(distribution: str, roots: Sequence[str]) -> Fixtures:
    """What is known of a library, before what holds for all."""
    own, common = _file(normalise(distribution)), _file("common")
    variables = {**common.get("variables", {}), **own.get("variables", {})}
    conventional = {k: v for root in roots for k, v in common.get("conventional", {}).get(root, {}).items()}
    return Fixtures(
        {name: said for name, said in variables.items() if isinstance(said, str)},
        own.get("receivers", {}),
        {**common.get("names", {}), **own.get("names", {})},
        own.get("special", {}),
        own.get("called", {}),
        own.get("told", ()),
        conventional,
        {alias: module for each in common.get("conventional", {}).values() for alias, module in each.items()},
    )


@cache
def _file(name: str) -> dict[str, Any]:
    import yaml

    path = folder("data") / "examples" / f"{name}.yaml"
    if not path.is_file():
        return {}
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def conventions_in(texts: Iterable[str], roots: Sequence[str]) -> dict[str, str]:
    """The aliases under which a library's own examples import it: ``{"nx": "networkx"}``."""
    counted: Counter[tuple[str, str]] = Counter()
    for text in texts:
        counted.update((alias, module) for module, alias in _IMPORTED.findall(text))
    return {
        alias: module
        for (alias, module), count in counted.items()
        if count >= _OFTEN and module.partition(".")[0] in roots
    }


class Examples:
    """Makes code for the names of one release."""

    def __init__(self, surface: Surface, conventional: Mapping[str, str]) -> None:
        self.surface = surface
        self.known = fixtures(surface.distribution, surface.roots)
        self.conventional = {**self.known.conventional, **conventional}
        self.usual = self.known.usual

    # ----------------------------------------------------------------- names

    def spelled(self, name: str, surface: Surface | None = None, *, plain: bool = False) -> tuple[str, str]:
        """How a user writes a name, and the import line that this needs.

        None is needed where everybody has an alias, but for one who imports such names one by one (``plain``).
        """
        module = self.module_of(name, surface or self.surface)
        aliases = () if plain else sorted(self.conventional.items(), key=lambda each: -len(each[1]))
        for alias, target in aliases:
            if module == target or (target in _WITH_ALL and name.startswith(f"{target}.")):
                return f"{alias}{name.removeprefix(target)}", ""
        if not module:
            return name, f"import {name.partition('.')[0]}"
        first = name.removeprefix(f"{module}.").partition(".")[0]
        return name.removeprefix(f"{module}."), f"from {module} import {first}"

    def module_of(self, name: str, surface: Surface) -> str:
        """The module that a name is taken from: the longest part that is one."""
        parts = name.split(".")
        for count in range(len(parts) - 1, 0, -1):
            head = ".".join(parts[:count])
            entry = surface.entries.get(head)
            if (entry is not None and entry["k"] == "M") or (count == 1 and head in surface.roots):
                return head
            if entry is None and not self._is_class(head, surface) and count < len(parts):
                return head if count >= 1 and head.partition(".")[0] in surface.roots else ""
        return ""

    @staticmethod
    def _is_class(name: str, surface: Surface) -> bool:
        found = surface.find(name)
        return found is not None and found.kind is Kind.CLASS

    # ----------------------------------------------------------------- receivers and values

    def receiver(self, owner: str, called: str = "") -> tuple[str, dict[str, str]]:
        """A variable that holds an instance of a class, with what makes it; ``called`` is the member that is used."""
        made = self._said(called, "self") or self._made(owner)
        name = self.known.called.get(owner) or (made if made.isidentifier() else _variable(owner))
        return name, {name: self._whole(made)}

    def fitted(self, owner: str) -> tuple[str, dict[str, str]]:
        """A receiver that has learned from data, where its class can: what it learns are attributes like ``coef_``."""
        name, made = self.receiver(owner)
        learns = self.surface.find(f"{owner}.fit") is not None and {"X", "y"} <= self.known.variables.keys()
        if not learns or ".fit(" in made[name]:
            return name, made
        return name, {name: self._whole(f"{made[name]}.fit(X, y)")}

    def is_told(self, owner: str) -> bool:
        """Whether code must say that a receiver is of the class, for what makes it does not."""
        return bool({*self._names(owner)} & {*self.known.told})

    def sample(self, owner: str) -> str:
        """An expression that makes an instance of a class."""
        return self._whole(self._made(owner))

    def _made(self, owner: str) -> str:
        for name in self._names(owner):
            if name in self.known.receivers:
                return self.known.receivers[name][0]
        signature = self.surface.constructor(self.surface.canonical(owner) or owner)
        required = [each for each in signature.parameters if _is_required(each)] if signature else []
        return f"{owner}({', '.join(str(self.given(owner, each)) for each in required)})"

    def _names(self, owner: str) -> Sequence[str]:
        found = self.surface.find(owner)
        return [owner, *((found.name, *found.paths, found.home) if found else ())]

    def is_made(self, owner: str) -> bool:
        """Whether an instance can be had without guessing: a known receiver, or no required argument."""
        made = self._made(owner)
        return not made.startswith(f"{owner}(") or made == f"{owner}()"

    def whole(self, expression: str) -> str:
        """A value without the names of other variables, as it can stand under ``given``."""
        return self._whole(expression)

    def _whole(self, expression: str, depth: int = 4) -> str:
        """An expression without the names of other variables."""

        def whole(match: re.Match[str]) -> str:
            return self._whole(self.known.variables[match.group()], depth - 1) if depth else match.group()

        names = [each.id for each in ast.walk(ast.parse(expression)) if isinstance(each, ast.Name)]
        for name in {each for each in names if each in self.known.variables}:
            expression = re.sub(rf"(?<![\w.'\"]){re.escape(name)}(?![\w'\"=(])", whole, expression)
        return expression

    def given(self, called: str, parameter: Parameter, *, keyword: bool | None = None) -> Given:
        """An argument for a parameter."""
        by_name = parameter.kind == "keyword" if keyword is None else keyword
        return Given(parameter.name, self.value(called, parameter), keyword=by_name)

    def value(self, called: str, parameter: Parameter) -> str:
        """An expression that fits a parameter, as far as names and defaults tell."""
        if special := self._said(called, parameter.name):
            return special
        tried = [str(each) for each in self.known.names.get(parameter.name, ())]
        fitting = [each for each in tried if each != parameter.default]
        if not fitting and parameter.default is None and parameter.name in self.known.variables:
            return parameter.name
        return fitting[0] if fitting else _like(parameter.default)

    def _said(self, called: str, key: str) -> str:
        """What is said of one callable: of a parameter by its name, and of its receiver as ``self``."""
        matching = (said for pattern, said in self.known.special.items() if fnmatch.fnmatchcase(called, pattern))
        return next((said[key][0] for said in matching if key in said), "")

    def code(self, arguments: Sequence[Given]) -> tuple[tuple[Given, ...], dict[str, str]]:
        """The arguments with short values in place and long ones under a name."""
        given: dict[str, str] = {}
        shown = []
        for each in arguments:
            text = each.value
            if text in self.known.variables:
                whole = self._whole(self.known.variables[text])
                if len(whole) <= _LONGEST and "(" not in whole:
                    text = whole
                else:
                    given[text] = whole
            elif len(text) > _LONGEST or self._names_a_module(text):
                given[each.name], text = self._whole(text), each.name
            else:
                given.update({n: self._whole(self.known.variables[n]) for n in self._variables(text)})
            shown.append(Given(each.name, text, each.keyword))
        return tuple(shown), given

    def _variables(self, text: str) -> list[str]:
        names = [each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)]
        return [name for name in names if name in self.known.variables]

    def _names_a_module(self, text: str) -> bool:
        """Whether a value is made with something of a module, which no code imports that only uses the value."""
        owners = (each.value for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Attribute))
        return any(isinstance(each, ast.Name) and each.id not in self.known.variables for each in owners)

    def required(self, called: str, signature: Signature | None) -> tuple[Given, ...]:
        """An argument for each parameter that must be given, and those without which it makes no sense (``also``)."""
        parameters = signature.parameters if signature else ()
        also = self._said(called, "also").split()
        plain = [self.given(called, each) for each in parameters if _is_required(each)]
        more = [each for each in parameters if not _is_required(each) and each.name in also]
        return (*plain, *(self.given(called, each, keyword=True) for each in more))


def _is_required(parameter: Parameter) -> bool:
    return parameter.default is None and parameter.kind not in ("*", "**")


def _variable(owner: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", owner.rpartition(".")[2]).lower().strip("_")
    last = words.rpartition("_")[2]
    return last if last.isidentifier() and not last.isdigit() and last not in ("class", "import") else "instance"


def is_literal(text: str) -> bool:
    """Whether a default is written out, so that a call can give it."""
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return text != "..."


def _like(default: str | None) -> str:
    """Another value of the kind that a default is."""
    try:
        value = None if default is None else ast.literal_eval(default)
    except (ValueError, SyntaxError):
        return "None"
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int | float):
        return repr(value + 1)
    if value is None:
        return "1" if default is None else "None"
    return repr(value)
