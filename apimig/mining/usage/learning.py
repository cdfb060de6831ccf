"""Pairs of two releases' own code -> candidates, of what the surfaces say has changed and of nothing else.

Tests are rewritten for many reasons. What a change of one may speak of is what :class:`Watched` watches, and what only
has other parameters can only be called with others: a pattern of one test says nothing of calls elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from apimig.mining.candidate import Candidate, Evidence, Learned
from apimig.mining.curating import Statement, statements
from apimig.mining.diffs.changes import Found
from apimig.mining.diffs.learning import Engine, Study, Subject, TypesOf, learn_from_studies, study
from apimig.mining.usage.reading import Usage
from apimig.mining.usage.watched import Watched
from apimig.rulebook.compiling import compile_rule
from apimig.rulebook.schema import RuleFile
from apimig.surface.model import Surface

_DOTTED = re.compile(r"(?<![\w.$'\"])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_PRIVATE = re.compile(r"(?:^|\.)_(?!_)\w")


def learn_from_usage(
    usage: Usage, subject: Subject, engine: Engine, *, typed: TypesOf, tell: Callable[[str], None]
) -> Learned:
    """The candidates that the releases' own code gives, those with the most support first."""
    studies = []
    for number, pair in enumerate(usage.pairs):
        if number % 20 == 0:
            tell(f"reading tests and examples: {number} of {len(usage.pairs)}")
        one = restricted(study(pair, subject, number, typed), usage.watched)
        if one.found.changes:  # trees hold what is known of their file
            studies.append(one)
    found = learn_from_studies(studies, subject, engine)
    return Learned(tuple(map(_as_of_tests, found.candidates)), found.notes)


def restricted(one: Study, watched: Watched) -> Study:
    """What a pair shows of what is watched, and what it left of the same."""
    changes = tuple(each for each in one.found.changes if watched.concerns(each))
    names = {each.api.name for each in changes}
    kept = tuple(each for each in one.found.kept if each[0].name in names)
    return replace(one, found=Found(changes, kept))


def stated(candidate: Candidate) -> tuple[Statement, ...]:
    """What a candidate states, name by name."""
    return tuple(statements(compile_rule(RuleFile.model_validate(candidate.rule), id=candidate.id)))


def stands_alone(candidate: Candidate, watched: Watched, new: Surface) -> bool:
    """Whether a rule that only tests show is one: of something that went as a whole, or of arguments that went.

    What a test gives instead of another value, or besides, is the test's own.
    """
    if "parameters" in candidate.rule:
        names = {each.name for each in stated(candidate)}
        return all(_is_of_names(each, names, new) for each in candidate.rule["parameters"])
    return any(watched.is_whole(each.name) for each in stated(candidate)) and _is_public(candidate, new)


def _is_of_names(operation: Mapping[str, Any], apis: Iterable[str], new: Surface) -> bool:
    """Whether arguments get other names, go, or are given by keyword, and the old ones are not taken any more."""
    ((kind, said),) = operation.items()
    if kind == "keyword_only":
        return True
    if kind not in ("rename", "remove"):
        return False
    names = [said] if isinstance(said, str) else [said["name"]] if kind == "remove" else list(said)
    return not any(_takes(new, api, name) for api in apis for name in names)


def _takes(surface: Surface, api: str, parameter: str) -> bool:
    """Whether a function has a parameter, and does not warn of it."""
    found = surface.find(api)
    if found is None or found.signature is None or parameter in found.parameters_deprecated:
        return False
    return parameter in found.signature.names


def _is_public(candidate: Candidate, new: Surface) -> bool:
    """Whether the new code names only what the new release offers: tests may use what is private."""
    rule = candidate.rule
    become = [*rule.get("rename", {}).values(), *rule.get("rename_member", {}).values()]
    become += [f"{each['to']}.{name}" for each in rule.get("move", ()) for name in each["names"]]
    if "match" in rule:
        patterns = rule["match"] if isinstance(rule["match"], list) else [rule]
        become += [each["rewrite"] for each in patterns if "rewrite" in each]
    names = (name for text in become for name in _DOTTED.findall(text) if name.partition(".")[0] in new.roots)
    return not any(map(_PRIVATE.search, become)) and all(_is_offered(new, name) for name in names)


def _is_offered(surface: Surface, name: str) -> bool:
    """Whether users may know a name, or what it is a member of."""
    owner = surface.canonical(name.rpartition(".")[0])
    return surface.offers(name) is not None or (
        owner is not None and surface.member(owner, name.rpartition(".")[2]) is not None
    )


def _as_of_tests(candidate: Candidate) -> Candidate:
    """The candidate whose pairs of code are of tests."""
    found = (Evidence("test", each.text, each.place) if each.kind == "pair" else each for each in candidate.evidence)
    return replace(candidate, evidence=tuple(found))


def examples_of(candidate: Candidate) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """The cases of a candidate: code before, code after, and what it is given."""
    for case in candidate.rule.get("cases", ()):
        yield case["before"], case["after"], case.get("given", {})
