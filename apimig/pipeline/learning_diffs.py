"""What learning from diffs needs of the other rooms: types from the resolver, and the engine that tries rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from apimig.errors import ApimigError
from apimig.mining.candidate import Learned
from apimig.mining.diffs.learning import Subject, learn_from_pairs
from apimig.mining.diffs.names import Language
from apimig.mining.diffs.pairs import Pair
from apimig.mining.diffs.tree import Types, no_types
from apimig.pipeline.cases import check
from apimig.pipeline.sources import apply_rules
from apimig.pipeline.surfaces import enriched
from apimig.records import Interest, SourceFile, Span
from apimig.resolve import Project
from apimig.rulebook.casebook import RuleCase
from apimig.rulebook.rule import ClassTypes, Library, Rule
from apimig.surface.libraries import library_of
from apimig.surface.model import Surface


def learn(
    pairs: Iterable[Pair],
    library: Library,
    head: Mapping[str, Any],
    *,
    old: Surface | None = None,
    new: Surface | None = None,
    tell: Callable[[str], None] = lambda _said: None,
) -> Learned:
    """Learn rules of a library from pairs; ``head`` has what every rule file begins with.

    The surfaces of the two releases, where they are known, tell more types, the old signatures, and what is left.
    """
    if old is not None:
        library = enriched(library_of(old), library)
    subject = subject_of(library, head, old, new)
    return learn_from_pairs(pairs, subject, RuleTrial(library), typed=Typing(library).types_of, tell=tell)


def subject_of(
    library: Library, head: Mapping[str, Any], old: Surface | None = None, new: Surface | None = None
) -> Subject:
    """What mining has to know of a library."""
    owners = _owners(library)
    language = Language(frozenset(library.imports), dict(library.conventional))
    return Subject(
        language,
        head,
        owners=lambda member: owners.get(member, ()),
        signature=partial(_signature, old),
        remains=lambda name: new is not None and new.find(name) is not None,
    )


def _signature(old: Surface | None, api: str) -> str:
    """The old signature as rules write it, "" where it is not known."""
    symbol = None if old is None else old.find(api)
    if symbol is None or symbol.signature is None:
        return ""
    written: list[str] = []
    for parameter in symbol.signature.parameters:
        if parameter.kind == "keyword" and not any(text.startswith("*") for text in written):
            written.append("*")
        stars = parameter.kind if parameter.kind in ("*", "**") else ""
        default = "" if parameter.default is None else f"={parameter.default}"
        written.append(f"{stars}{parameter.name}{default}")
    return f"({', '.join(written)})"


def _owners(library: Library) -> dict[str, tuple[str, ...]]:
    """The classes that say of themselves that they have a member, by the member."""
    found: dict[str, list[str]] = {}
    for name, types in library.classes.items():
        for member in {*types.attributes, *types.returns, *types.listed}:
            found.setdefault(member, []).append(name)
    return {member: tuple(sorted(names)) for member, names in found.items()}


@dataclass(frozen=True, slots=True)
class Typing:
    """Tells the types of expressions, by the resolver."""

    library: Library

    def types_of(self, code: str) -> Types:
        """The types in one module; nothing is known where it cannot be resolved."""
        roots = frozenset(self.library.imports)
        is_snippet = "import " not in code
        project = Project((self.library,), Interest(roots), snippet=is_snippet)
        source = SourceFile(path=Path("<pair>"), name="<pair>", text=code.encode())
        try:
            resolution = project.resolve(source)
        except (RecursionError, ApimigError):
            return no_types

        def types(start: int, end: int) -> frozenset[str]:
            value = resolution.value_at(Span(start, end))
            names = value.instance_names()
            return names if names and not value.open and len(names) == len(value.types) else frozenset()

        return types


@dataclass(frozen=True)
class RuleTrial:
    """Tries rules that are data, with the real engine; implements :class:`apimig.mining.diffs.learning.Engine`."""

    library: Library
    others: tuple[Library, ...] = field(default=())

    @cached_property
    def _libraries(self) -> tuple[Library, ...]:
        return (self.library, *self.others)

    def problems(self, rule: Mapping[str, Any]) -> Sequence[str]:
        """What is wrong with the rule as a file."""
        from pydantic import ValidationError

        from apimig.rulebook.checking import Context, check_rule
        from apimig.rulebook.schema import RuleFile

        try:
            file = RuleFile.model_validate(rule)
        except ValidationError as error:
            return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        libraries = {one.distribution: one for one in (with_classes(self.library, rule), *self.others)}
        return [text for _, text in check_rule(file, libraries[self.library.distribution], Context(libraries))]

    def apply(self, rule: Mapping[str, Any], code: str, given: Mapping[str, str]) -> str:
        """What the rule makes of code."""
        compiled = self.compiled({**rule, "cases": [{"before": "x", "after": "y"}], "unchanged": ["x"]})
        snippet = "import " not in code
        return apply_rules(code, (compiled,), self._for(rule), given=given, snippet=snippet, unsafe=True).text

    def failures(self, rule: Mapping[str, Any]) -> Mapping[str, str]:
        """The cases that fail, and why."""
        compiled = self.compiled(rule)
        libraries = self._for(rule)
        found = {}
        for case in _cases(rule, compiled.id):
            result = check(case, compiled, libraries)
            if result.failures:
                found[case.name] = result.failures[0]
        return found

    def compiled(self, rule: Mapping[str, Any], id: str = "") -> Rule:
        """The rule as the rooms use it."""
        from apimig.rulebook.compiling import compile_rule
        from apimig.rulebook.schema import RuleFile

        return compile_rule(RuleFile.model_validate(rule), id=id or f"{rule['library']}/candidate")

    def _for(self, rule: Mapping[str, Any]) -> tuple[Library, ...]:
        return (with_classes(self.library, rule), *self.others)


def with_classes(library: Library, rule: Mapping[str, Any]) -> Library:
    """The library with the classes that a rule names, of which nothing else is known."""
    named = [
        name for types in rule.get("where", {}).values() for name in ([types] if isinstance(types, str) else types)
    ]
    members = [*rule.get("rename_member", ()), *rule.get("method_to_function", ())]
    for key in ("property_to_method", "method_to_property"):
        said = rule.get(key, ())
        members += [said] if isinstance(said, str) else said
    named += [name.rpartition(".")[0] for name in members]
    missing = {name: ClassTypes(name) for name in named if name not in library.classes and _is_its_own(name, library)}
    return replace(library, classes={**library.classes, **missing}) if missing else library


def _is_its_own(name: str, library: Library) -> bool:
    return name.partition(".")[0] in library.imports


def _cases(rule: Mapping[str, Any], id: str) -> list[RuleCase]:
    cases = [
        RuleCase(
            id,
            f"cases {number}",
            "",
            0,
            case["before"],
            case["after"],
            case.get("given", {}),
            case.get("unsafe", False),
        )
        for number, case in enumerate(rule.get("cases", ()), start=1)
    ]
    for number, item in enumerate(rule.get("unchanged", ()), start=1):
        said: Mapping[str, Any] = {"code": item} if isinstance(item, str) else item
        code, name = said["code"], f"unchanged {number}"
        cases.append(RuleCase(id, name, "", 0, code, code, said.get("given", {}), reported=said.get("reported")))
    return cases
