"""The machine-readable report; ``docs/report.schema.json`` describes it.

``format`` rises when a field goes or changes its meaning; new fields may come at any time.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from apimig import __version__
from apimig.records import FileChange, LeftAlone, NeedsPerson, Outcome, Rewritten, RunResult, Unchecked, UnknownReceiver
from apimig.report.counts import account_data, by_kind, by_rule, kind_of, place

FORMAT = 1


def json_report(result: RunResult) -> str:
    """The whole run as one JSON object."""
    return json.dumps(as_data(result), indent=2, ensure_ascii=False) + "\n"


def as_data(result: RunResult) -> dict[str, Any]:
    """The object that :func:`json_report` writes."""
    return {
        "format": FORMAT,
        "tool": {"name": "apimig", "version": __version__},
        "migrations": list(result.migrations),
        "written": result.written,
        "totals": _totals(result),
        "rules": [_rule(result, rule, counted) for rule, counted in by_rule(result.outcomes).items()],
        "account": None if result.account is None else account_data(result.account),
        "outcomes": [_outcome(outcome) for outcome in sorted(result.outcomes, key=place)],
        "changes": [_change(change) for change in result.changes],
        "unchecked": [_unchecked(each) for each in result.unchecked],
        "skipped": [{"file": s.name, "line": s.line, "reason": s.reason} for s in result.skipped],
        "notes": list(result.notes),
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
    at = each.location
    place_ = {"file": at.path, "cell": at.cell, "line": at.line, "column": at.column}
    return place_ | {"code": each.code, "why": each.why}


def _rule(result: RunResult, rule: str, counted: dict[str, int]) -> dict[str, Any]:
    info = result.rules.get(rule)
    said = {"summary": info.summary, "reference": info.reference} if info else {"summary": "", "reference": ""}
    return {"id": rule, **said, **counted}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    at = outcome.location
    common = {
        "outcome": kind_of(outcome),
        "rule": outcome.rule,
        "file": at.path,
        "cell": at.cell,
        "line": at.line,
        "column": at.column,
    }
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
