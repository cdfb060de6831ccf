"""``rules/VERIFIED.json``: what running the cases of the shipped rules showed, an entry a rule, in the rules' order.

An entry holds a hash of the rule's file, so that one made from another text is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from apimig.errors import ApimigError, WriteError
from apimig.mining.candidate import Status
from apimig.pipeline.verifying import Verified
from apimig.records import Applicability
from apimig.rulebook.rule import Rule

FILE = "VERIFIED.json"
Entry = Mapping[str, Any]


def entry_of(found: Verified, day: date) -> dict[str, Any]:
    """What is kept of a rule's verification."""
    seen = found.verification
    told = {each.case: each.reason for each in seen.tried if each.reason}
    counts = {status.value: sum(each.status is status for each in seen.tried) for status in Status}
    entry = {
        "status": seen.status.value,
        "file": hash_of(found.rule),
        "old": seen.old,
        "new": seen.new,
        "python": found.python,
        "date": day.isoformat(),
        "cases": {status: count for status, count in counts.items() if count},
        "needed": sorted({each.needed for each in seen.tried if each.needed}),
        "earlier": sorted({each.earlier for each in seen.tried if each.earlier}),
        "reasons": told or ({"": seen.reason} if seen.reason else {}),
    }
    return {key: value for key, value in entry.items() if value}


def hash_of(rule: Rule) -> str:
    """Changes with the text of the rule's file."""
    return hashlib.blake2b(Path(rule.path).read_bytes(), digest_size=8).hexdigest()


def read(path: Path) -> dict[str, Entry]:
    """The entries in a file by the rules' ids; none where there is no file. Raises ApimigError for another file."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return dict(said["rules"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ApimigError(
            f"{path} cannot be read as a record of verified rules", help="Name another file with -o."
        ) from error


def record(path: Path, found: Iterable[Verified], *, day: date, kept: Iterable[str] | None = None) -> None:
    """Put what was found into the file; other entries stay, those of no rule in ``kept`` go.

    An entry that differs from the one that was there in its day alone keeps the old day.
    """
    entries = read(path)
    for each in found:
        entry, known = entry_of(each, day), entries.get(each.rule.id)
        if known is None or {**known, "date": ""} != {**entry, "date": ""}:
            entries[each.rule.id] = entry
    if kept is not None:
        entries = {id_: entry for id_, entry in entries.items() if id_ in set(kept)}
    text = json.dumps({"format": 1, "rules": dict(sorted(entries.items()))}, indent=1, ensure_ascii=False)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror}") from error


def stale(rules: Iterable[Rule], entries: Mapping[str, Entry]) -> list[str]:
    """The ids of the rules whose entry is missing or was made from another text."""
    return [rule.id for rule in rules if entries.get(rule.id, {}).get("file") != hash_of(rule)]


def told(rule: Rule, entries: Mapping[str, Entry]) -> str:
    """What an entry says of a rule, in a line for people; nothing where there is none of this text of the rule."""
    entry = entries.get(rule.id, {})
    if entry.get("file") != hash_of(rule) or not entry.get("python"):
        return ""
    how = {"verified": "gave the same", "differs": "gave something else", "unrun": "could not be run"}[entry["status"]]
    return f"Its cases {how} under {entry['old']} and {entry['new']} (Python {entry['python']}, {entry['date']})."


def fails(found: Verified) -> bool:
    """Whether a rule that claims to be safe gives something else, in a case that does not say that it may."""
    return found.rule.applicability is Applicability.SAFE and bool(differing(found))


def differing(found: Verified) -> list[str]:
    """The cases that give something else and are not marked ``unsafe`` or ``differs``, with the difference."""
    if found.verification.status is not Status.DIFFERS:
        return []
    return [
        f"{each.case}: {each.reason}"
        for each in found.verification.tried
        if each.status is Status.DIFFERS and not each.allowed
    ]
