"""Pairs of two releases' own code -> candidates, of what the surfaces say has changed and of nothing else.

Tests are rewritten for many reasons. What a change of one may speak of is what :class:`Watched` watches, and what only
has other parameters can only be called with others: a pattern of one test says nothing of calls elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from apimig.mining.candidate import Candidate, Evidence, Kind, Learned
from apimig.mining.curating import Statement, statements
from apimig.mining.diffs.changes import Found
from apimig.mining.diffs.learning import Engine, Study, Subject, TypesOf, learn_from_studies, study
from apimig.mining.usage.reading import Usage
from apimig.mining.usage.watched import Watched
from apimig.rulebook.compiling import compile_rule
from apimig.rulebook.schema import RuleFile
from apimig.surface.model import Surface

_DOTTED = re.compile(r"(?<![\w.$'\"])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_VERSIONS = ("deprecated", "removed", "changed", "replacement_since")


@dataclass(frozen=True, slots=True)
class Told:
    """What of two releases decides the versions of a rule: ``at`` is the version in which the new series began."""

    old: Surface
    new: Surface
    at: str


def learn_from_usage(
    usage: Usage, subject: Subject, engine: Engine, told: Told, *, typed: TypesOf, tell: Callable[[str], None]
) -> Learned:
    """The candidates that the releases' own code gives, those with the most support first."""
    studies = []
    for number, pair in enumerate(usage.pairs):
        if number % 20 == 0:
            tell(f"reading tests and examples: {number} of {len(usage.pairs)}")
        studies.append(restricted(study(pair, subject, number, typed), usage.watched))
    found = learn_from_studies([each for each in studies if each.found.changes], subject, engine)
    made = (_as_of_tests(each, told) for each in found.candidates)
    return Learned(tuple(made), found.notes)


def restricted(one: Study, watched: Watched) -> Study:
    """What a pair shows of what is watched."""
    changes = tuple(each for each in one.found.changes if watched.concerns(each))
    kept = tuple(each for each in one.found.kept if watched.is_about(each[0].name, each[0].owners))
    return replace(one, found=Found(changes, kept))


def stated(candidate: Candidate) -> tuple[Statement, ...]:
    """What a candidate states, name by name."""
    return tuple(statements(compile_rule(RuleFile.model_validate(candidate.rule), id=candidate.id)))


def stands_alone(candidate: Candidate, watched: Watched, new: Surface) -> bool:
    """Whether a rule that only tests show is one: of something that went as a whole, or of arguments that went.

    What a test gives instead of another value, or besides, is the test's own.
    """
    if "parameters" in candidate.rule:
        return all(_is_of_names(each) for each in candidate.rule["parameters"])
    return any(watched.is_whole(each.name) for each in stated(candidate)) and _is_public(candidate, new)


def _is_of_names(operation: Mapping[str, object]) -> bool:
    return operation.keys() <= {"rename", "remove", "omit", "keyword_only"}


def _is_public(candidate: Candidate, new: Surface) -> bool:
    """Whether the new code names only what the new release offers: tests may use what is private."""
    rule = candidate.rule
    become = [*rule.get("rename", {}).values(), *([rule["rewrite"]] if "rewrite" in rule else [])]
    become += [each["rewrite"] for each in rule.get("match", ()) if isinstance(each, Mapping)]
    names = (name for text in become for name in _DOTTED.findall(text) if name.partition(".")[0] in new.roots)
    return all(new.find(name) is not None and "._" not in name for name in names)


def _as_of_tests(candidate: Candidate, told: Told) -> Candidate:
    evidence = tuple(Evidence("test", e.text, e.place) if e.kind == "pair" else e for e in candidate.evidence)
    rest = {key: value for key, value in candidate.rule.items() if key not in _VERSIONS}
    return replace(candidate, rule={**rest, **_versions(candidate, told)}, evidence=evidence)


def _versions(candidate: Candidate, told: Told) -> Mapping[str, str]:
    names = [each.name for each in stated(candidate)]
    now = [told.new.find(name) for name in names]
    if None in now:
        return {"removed": told.at}
    parameters = candidate.kind is Kind.PARAMETER
    warns = all(each is not None and (each.parameters_deprecated if parameters else each.deprecated) for each in now)
    return {"deprecated": told.at} if now and warns else {"changed": told.at}


def examples_of(candidate: Candidate) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """The cases of a candidate: code before, code after, and what it is given."""
    for case in candidate.rule.get("cases", ()):
        yield case["before"], case["after"], case.get("given", {})
