"""Turns findings into outcomes that are placed in the file as it was before the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from apimig.records import (
    Certainty,
    Finding,
    LeftAlone,
    Location,
    NeedsPerson,
    Outcome,
    Rewritten,
    SourceFile,
    UnknownReceiver,
    UseKind,
)
from apimig.rulebook import hiding
from apimig.rulebook.rule import Rule

Locate = Callable[[int], Location]


def code_of(source: SourceFile, finding: Finding) -> str:
    """The source text of a site."""
    return source.text[finding.span.start : finding.span.end].decode("utf-8", "replace")


def rewritten(source: SourceFile, finding: Finding, after: str, rule: Rule, locate: Locate) -> Rewritten:
    """The outcome of a site that was rewritten to ``after``."""
    return Rewritten(
        locate(finding.use.span.start),
        finding.rule,
        code_of(source, finding),
        after,
        finding.certainty,
        finding.applicability,
        "; ".join(filter(None, (finding.reason, finding.doubt))),
        rule.reference,
        prose=finding.use.kind is UseKind.MENTION,
    )


def not_rewritten(source: SourceFile, finding: Finding, why: str, rule: Rule, locate: Locate) -> Outcome:
    """The outcome of a site that stays: left on purpose, receiver unknown, or for a person."""
    at, code = locate(finding.use.span.start), code_of(source, finding)
    if finding.left_alone:
        return LeftAlone(at, finding.rule, code, why)
    if finding.certainty is Certainty.UNKNOWN:
        return UnknownReceiver(at, finding.rule, code, why, rule.reference)
    advice = finding.message or rule.advise
    why = rule.summary if why == advice else why
    certainty, applicability = finding.certainty, finding.applicability
    return NeedsPerson(
        at, finding.rule, code, certainty, applicability, why, advice, rule.reference, reason=finding.reason
    )


def joined(left: Iterable[tuple[Finding, Outcome]]) -> list[tuple[Finding, Outcome]]:
    """The outcomes with those as one that ask of one use what the same starred arguments hold."""
    groups: dict[tuple[object, ...], list[tuple[Finding, Outcome]]] = {}
    for finding, outcome in left:
        stars = hiding.parted(outcome.why)[0] if isinstance(outcome, NeedsPerson) else ""
        key = (finding.use.span, stars) if stars else (id(outcome),)
        groups.setdefault(key, []).append((finding, outcome))
    return [_as_one(group) for group in groups.values()]


def _as_one(group: Sequence[tuple[Finding, Outcome]]) -> tuple[Finding, Outcome]:
    said = {o: finding for finding, o in sorted(group, key=lambda pair: pair[1].rule) if isinstance(o, NeedsPerson)}
    if len(said) < 2:
        return group[0]
    parts = tuple(said)
    first = parts[0]
    whole = replace(
        first,
        code=max((part.code for part in parts), key=len),
        why=hiding.joined(part.why for part in parts),
        advice=first.advice if len({part.advice for part in parts}) == 1 else "",
        reference=first.reference if len({part.reference for part in parts}) == 1 else "",
        parts=parts,
    )
    return said[first], whole


def ignored_by(patterns: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
    """The rule patterns that ``per-file-ignores`` sets for a file."""
    return tuple(rule for pattern, rules in patterns.items() if fnmatchcase(name, pattern) for rule in rules)


def is_ignored(rule: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names the rule."""
    return any(fnmatchcase(rule, pattern) for pattern in patterns)


def unique(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes without repetition, in the order of their places."""
    return tuple(
        sorted(
            dict.fromkeys(outcomes),
            key=lambda o: (o.location.path, o.location.cell or 0, o.location.line, o.location.column, o.rule),
        )
    )
