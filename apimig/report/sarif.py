"""SARIF 2.1.0, for code scanning: one result for each site that a person should see."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from apimig import __version__
from apimig.records import (
    LeftAlone,
    Location,
    NeedsPerson,
    Outcome,
    Rewritten,
    RunResult,
    Skipped,
    Unchecked,
    UnknownReceiver,
    rules_of,
)
from apimig.report.counts import account_data, kind_of, place, plural, said_by_parts
from apimig.report.validated import Site, all_verdicts, count_verdicts, recall, site, suite_line, suites, verdicts_of
from apimig.verdicts import EditVerdict, Explained, RolledBack, Validation, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
UNCHECKED = "apimig/unchecked"
FAILS = "apimig/fails-now"
ROLLED_BACK = "apimig/rolled-back"
_OWN_RULES = {
    UNCHECKED: "A use of the library of which nothing can be said",
    FAILS: "A line that fails under the new release, in tests that passed under the old one",
    ROLLED_BACK: "Edits that were taken back because tests fail with them",
}
_LEVELS: dict[type[Outcome], str] = {
    Rewritten: "warning",
    NeedsPerson: "warning",
    UnknownReceiver: "note",
    LeftAlone: "none",
}


def sarif(result: RunResult) -> str:
    """The run as a SARIF log. A site that was rewritten and written is no result: it is gone."""
    return json.dumps(as_data(result), indent=2, ensure_ascii=False) + "\n"


def as_data(result: RunResult) -> dict[str, Any]:
    """The object that :func:`sarif` writes."""
    shown = [o for o in sorted(result.outcomes, key=place) if not (result.written and isinstance(o, Rewritten))]
    rules = sorted({rule for outcome in shown for rule in rules_of(outcome)})
    index = {rule: number for number, rule in enumerate(rules)}
    fingerprints = _Fingerprints()
    verdicts = verdicts_of(result)
    results = [
        *(_result(o, index[o.rule], fingerprints.of(o), verdicts, written=result.written) for o in shown),
        *(_open(each, fingerprints.of_code(UNCHECKED, each.location, each.code)) for each in result.unchecked),
        *_validated(result, fingerprints),
    ]
    own = [_own_rule(rule) for rule in _OWN_RULES if any(found["ruleId"] == rule for found in results)]
    run = {
        "tool": {
            "driver": {
                "name": "apimig",
                "version": __version__,
                "rules": [*(_rule(result, rule, shown) for rule in rules), *own],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The folder that apimig was run on."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(skipped) for skipped in result.skipped],
            }
        ],
        "results": results,
        "properties": _properties(result),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _properties(result: RunResult) -> dict[str, Any]:
    account = {} if result.account is None else {"account": account_data(result.account)}
    found = result.validation
    validation = {} if found is None else {"validation": _validation(found, all_verdicts(result))}
    return {"migrations": list(result.migrations), **account, **validation}


def _validation(found: Validation, verdicts: list[EditVerdict]) -> dict[str, Any]:
    """The summary; what has a place is among the results."""
    measured = recall(found)
    return {
        "tested": found.tested,
        "runs": {name: f"{suite_line(run)} ({run.environment})" for name, run in suites(found).items()},
        "verdicts": {verdict.value: count for verdict, count in count_verdicts(verdicts).items()},
        "failing": [test.name for test in found.failing],
        "flaky": list(found.flaky),
        "deprecations": {"places": measured.seen, "found": measured.found, "missed": len(measured.missed)},
        "sandbox": found.sandbox,
        "notes": list(found.notes),
    }


def _own_rule(rule: str) -> dict[str, Any]:
    return {"id": rule, "shortDescription": {"text": _OWN_RULES[rule]}}


def _validated(result: RunResult, fingerprints: _Fingerprints) -> Iterator[dict[str, Any]]:
    """The results that only running gives: lines that fail now, and edits that were taken back."""
    found = result.validation
    if found is None:
        return
    for each in found.explained:
        yield _explained(each) | _fingerprint(fingerprints.of_code(FAILS, each.location, each.code))
    for group in found.rolled_back:
        broke = [each.location for each in found.verdicts if _of_group(each, group)]
        fingerprint = fingerprints.of_code(ROLLED_BACK, Location(group.path, 1, 1), group.rule)
        yield _rolled_back(group, broke) | _fingerprint(fingerprint)


def _fingerprint(fingerprint: str) -> dict[str, Any]:
    return {"partialFingerprints": {"siteHash/v1": fingerprint}}


def _of_group(each: EditVerdict, group: RolledBack) -> bool:
    return each.verdict is Verdict.BROKE and (each.location.path, each.rule) == (group.path, group.rule)


def _explained(each: Explained) -> dict[str, Any]:
    change = each.change or "no change of the library explains it"
    said = f"{_line(each.code)} fails under the new release: {change}\n{each.failure}\n{each.reference}"
    return {
        "ruleId": FAILS,
        "level": "error",
        "message": {"text": said.rstrip()},
        "locations": [_location(each.location)],
        "properties": {"tests": list(each.tests), "change": each.change, "reference": each.reference},
    }


def _rolled_back(group: RolledBack, broke: list[Location]) -> dict[str, Any]:
    """The result for a group; where its edits have no verdicts only the file is known."""
    said = f"{plural(group.edits, 'edit')} of {group.rule} taken back, tests fail with them: {', '.join(group.tests)}"
    first = _location(broke[0]) if broke else {"physicalLocation": {"artifactLocation": _artifact(group.path)}}
    related = {"relatedLocations": [_location(at) for at in broke[1:]]} if broke[1:] else {}
    return {
        "ruleId": ROLLED_BACK,
        "level": "warning",
        "message": {"text": f"{said}\n{group.failure}".rstrip()},
        "locations": [first],
        **related,
        "properties": {"rule": group.rule, "tests": list(group.tests), "verdict": Verdict.BROKE.value},
    }


def _open(each: Unchecked, fingerprint: str) -> dict[str, Any]:
    """The result for a use of which nothing can be said."""
    return {
        "ruleId": UNCHECKED,
        "level": "none",
        "kind": "open",
        "message": {"text": f"{_line(each.code)}: {each.why}"},
        "locations": [_location(each.location)],
        "partialFingerprints": {"siteHash/v1": fingerprint},
        "properties": {"outcome": "unchecked"},
    }


def _rule(result: RunResult, rule: str, shown: list[Outcome]) -> dict[str, Any]:
    info = result.rules.get(rule)
    reference = info.reference if info else ""
    if not reference:
        with_reference = (o for o in _each(shown) if o.rule == rule and not isinstance(o, LeftAlone) and o.reference)
        reference = next((outcome.reference for outcome in with_reference), "")
    described: dict[str, Any] = {"id": rule, "shortDescription": {"text": info.summary if info else rule}}
    if reference:
        described["helpUri"] = reference
        described["help"] = {"text": reference}
    return described


def _each(outcomes: list[Outcome]) -> Iterator[Outcome]:
    """The outcomes, and the parts of those that stand for several rules."""
    for outcome in outcomes:
        yield outcome
        if isinstance(outcome, NeedsPerson):
            yield from outcome.parts


def _result(
    outcome: Outcome, index: int, fingerprint: str, verdicts: Mapping[Site, EditVerdict], *, written: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": outcome.rule,
        "ruleIndex": index,
        "level": _LEVELS[type(outcome)],
        "message": {"text": _message(outcome)},
        "locations": [_location(outcome.location)],
        "partialFingerprints": {"siteHash/v1": fingerprint},
        "properties": {"outcome": kind_of(outcome), "rules": list(rules_of(outcome))},
    }
    if isinstance(outcome, LeftAlone):
        found["kind"] = "notApplicable"
    if isinstance(outcome, Rewritten) and not written:
        found["properties"]["rewrittenTo"] = outcome.after
    if judged := verdicts.get(site(outcome)):
        found["properties"] |= {"verdict": judged.verdict.value, "verdictReason": judged.why}
    return found


def _message(outcome: Outcome) -> str:
    match outcome:
        case Rewritten():
            return f"{_line(outcome.before)} becomes {_line(outcome.after)} ({outcome.reason})"
        case NeedsPerson():
            advice = [outcome.advice] if outcome.advice else []
            parts = [f"- {part.rule}: {said}" for part, said in said_by_parts(outcome)]
            return "\n".join([f"{_line(outcome.code)}: {outcome.why}", *advice, *parts])
        case UnknownReceiver() | LeftAlone():
            return f"{_line(outcome.code)}: {outcome.why}"


def _line(code: str) -> str:
    return " ".join(code.split())


def _location(at: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(at.path)}
    if at.cell is None:
        physical["region"] = {"startLine": at.line, "startColumn": at.column}
        return {"physicalLocation": physical}
    # A line of a notebook cell is no line of the .ipynb file, so it is said in words.
    return {"physicalLocation": physical, "message": {"text": f"cell {at.cell}, line {at.line}"}}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path), "uriBaseId": "ROOT"}


def _notification(skipped: Skipped) -> dict[str, Any]:
    place_: dict[str, Any] = {"artifactLocation": _artifact(skipped.name)}
    if skipped.line is not None:
        place_["region"] = {"startLine": skipped.line}
    return {
        "level": "warning",
        "message": {"text": f"{skipped.name} was skipped: {skipped.reason}"},
        "locations": [{"physicalLocation": place_}],
    }


class _Fingerprints:
    """Hashes that survive moved lines: rule, file and code, numbered where they repeat."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, outcome: Outcome) -> str:
        code = outcome.before if isinstance(outcome, Rewritten) else outcome.code
        return self.of_code(outcome.rule, outcome.location, code)

    def of_code(self, rule: str, at: Location, code: str) -> str:
        digest = sha256("\0".join((rule, at.path, _line(code))).encode()).hexdigest()[:20]
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"
