"""The machine-readable report; ``docs/report.schema.json`` describes it.

``format`` rises when a field goes or changes its meaning; new fields may come at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from apimig import __version__
from apimig.records import (
    FileChange,
    LeftAlone,
    Location,
    NeedsPerson,
    Outcome,
    Rewritten,
    RunResult,
    Unchecked,
    UnknownReceiver,
)
from apimig.report.counts import account_data, by_kind, by_rule, kind_of, place
from apimig.report.validated import Site, all_verdicts, count_verdicts, recall, site, verdicts_of
from apimig.verdicts import EditVerdict, Explained, OneTest, RolledBack, SeenWarning, SuiteRun, Validation

FORMAT = 1


def json_report(result: RunResult) -> str:
    """The whole run as one JSON object."""
    return json.dumps(as_data(result), indent=2, ensure_ascii=False) + "\n"


def as_data(result: RunResult) -> dict[str, Any]:
    """The object that :func:`json_report` writes."""
    verdicts = verdicts_of(result)
    return {
        "format": FORMAT,
        "tool": {"name": "apimig", "version": __version__},
        "migrations": list(result.migrations),
        "written": result.written,
        "totals": _totals(result),
        "rules": [_rule(result, rule, counted) for rule, counted in by_rule(result.outcomes).items()],
        "account": None if result.account is None else account_data(result.account),
        "outcomes": [_judged(outcome, verdicts) for outcome in sorted(result.outcomes, key=place)],
        "changes": [_change(change) for change in result.changes],
        "unchecked": [_unchecked(each) for each in result.unchecked],
        "skipped": [{"file": s.name, "line": s.line, "reason": s.reason} for s in result.skipped],
        "notes": list(result.notes),
        "validation": None if result.validation is None else _validation(result.validation, all_verdicts(result)),
    }


def _totals(result: RunResult) -> dict[str, int]:
    return {
        "files_seen": result.files_seen,
        "files_with_library": result.files_with_library,
        "files_changed": sum(1 for change in result.changes if change.before != change.after),
        "files_skipped": len(result.skipped),
        "sites": len(result.outcomes),
        **by_kind(result.outcomes),
    }


def _unchecked(each: Unchecked) -> dict[str, Any]:
    return _at(each.location) | {"code": each.code, "why": each.why}


def _at(location: Location) -> dict[str, Any]:
    return {"file": location.path, "cell": location.cell, "line": location.line, "column": location.column}


def _rule(result: RunResult, rule: str, counted: dict[str, int]) -> dict[str, Any]:
    info = result.rules.get(rule)
    said = {"summary": info.summary, "reference": info.reference} if info else {"summary": "", "reference": ""}
    return {"id": rule, **said, **counted}


def _judged(outcome: Outcome, verdicts: Mapping[Site, EditVerdict]) -> dict[str, Any]:
    """The outcome, and what running says of it where something was run."""
    found = verdicts.get(site(outcome))
    return _outcome(outcome) | ({} if found is None else {"verdict": found.verdict.value})


def _outcome(outcome: Outcome) -> dict[str, Any]:
    common = {"outcome": kind_of(outcome), "rule": outcome.rule, **_at(outcome.location)}
    match outcome:
        case Rewritten():
            return common | {
                "code": outcome.before,
                "rewritten_to": outcome.after,
                "certainty": outcome.certainty.value,
                "applicability": outcome.applicability.value,
                "why": outcome.reason,
                "reference": outcome.reference,
            }
        case NeedsPerson():
            return common | {
                "code": outcome.code,
                "certainty": outcome.certainty.value,
                "applicability": outcome.applicability.value,
                "why": outcome.why,
                "advice": outcome.advice,
                "reference": outcome.reference,
                "reason": outcome.reason,
                "parts": [_outcome(part) for part in outcome.parts],
            }
        case UnknownReceiver():
            return common | {"code": outcome.code, "why": outcome.why, "reference": outcome.reference}
        case LeftAlone():
            return common | {"code": outcome.code, "why": outcome.why}


def _change(change: FileChange) -> dict[str, str]:
    return {
        "file": change.name,
        "sha256_before": sha256(change.before).hexdigest(),
        "sha256_after": sha256(change.after).hexdigest(),
    }


# --------------------------------------------------------------------------- validation


def _validation(found: Validation, verdicts: list[EditVerdict]) -> dict[str, Any]:
    measured = recall(found)
    return {
        "tested": found.tested,
        "sandbox": found.sandbox,
        "runs": found.runs,
        "observed": found.observed,
        "before": _suite(found.baseline),
        "after": _suite(found.after),
        "after_old_release": None if found.kept is None else _suite(found.kept),
        "verdicts": {verdict.value: count for verdict, count in count_verdicts(verdicts).items()},
        "edits": [_verdict(each) for each in verdicts],
        "rolled_back": [_rolled_back(each) for each in found.rolled_back],
        "failing": [test.name for test in found.failing],
        "explained": [_explained(each) for each in found.explained],
        "deprecations": {"places": measured.seen, "found": measured.found, "missed": len(measured.missed)},
        "warnings": [_warning(each) for each in found.warnings],
        "flaky": list(found.flaky),
        "notes": list(found.notes),
    }


def _suite(run: SuiteRun) -> dict[str, Any]:
    return {
        "title": run.title,
        "environment": run.environment,
        "command": run.command,
        "exit_code": run.exit_code,
        "cut_short": run.cut_short,
        "seconds": run.seconds,
        "counts": {status.value: count for status, count in run.counts().items()},
        "tests": [_test(test) for test in run.tests],
    }


def _test(test: OneTest) -> dict[str, Any]:
    said = {"name": test.name, "status": test.status.value, "seconds": test.seconds}
    return said | {key: text for key, text in (("message", test.message), ("details", test.details)) if text}


def _verdict(each: EditVerdict) -> dict[str, Any]:
    judged = {"rule": each.rule, "verdict": each.verdict.value, "why": each.why, "tests": list(each.tests)}
    return _at(each.location) | judged


def _rolled_back(each: RolledBack) -> dict[str, Any]:
    what = {"file": each.path, "rule": each.rule, "edits": each.edits}
    return what | {"tests": list(each.tests), "failure": each.failure}


def _explained(each: Explained) -> dict[str, Any]:
    said = {"code": each.code, "failure": each.failure, "change": each.change, "reference": each.reference}
    return _at(each.location) | said | {"tests": list(each.tests)}


def _warning(each: SeenWarning) -> dict[str, Any]:
    return _at(each.location) | {"category": each.category, "text": each.text, "when": each.when, "rule": each.rule}
