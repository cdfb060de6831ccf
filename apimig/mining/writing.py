"""Candidates -> the files of a pack, as a person would have written them: one change a file, and ``_library.yaml``.

Loading what is written gives the rule again. Keys come in the order of the shipped packs; short things stand on one
line, code of several lines as a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from apimig.mining.candidate import Candidate, Status, Verification

_ORDER = (
    "library", "deprecated", "removed", "changed", "replacement_since", "reference", "summary", "api", "signature",
    "rename", "rename_member", "move", "parameters", "match", "rewrite", "where", "when", "imports",
    "property_to_method", "method_to_property", "function_to_method", "method_to_function", "codemod", "follow",
    "applicability", "ask", "prose", "advise", "cases", "unchanged", "provenance",
)  # fmt: skip
_VERSIONS = frozenset({"deprecated", "removed", "changed", "replacement_since", "oldest"})
_WIDTH = 120
_PLAIN = re.compile(r"[A-Za-z_(\[$][\w .,()$*?=+/;'\"\[\]<>-]*")
_RISKY = re.compile(r": |:$| #|^[\[\]{}>|*&!%@`\"'?,-]|^(?:true|false|yes|no|on|off|null|~)$|^[\d.+-]", re.IGNORECASE)
_MOST_EVIDENCE = 5


def rule_text(candidate: Candidate, learned_from: str, verified: Verification | None = None) -> str:
    """The content of a candidate's rule file."""
    rule = {**candidate.rule, "provenance": provenance(candidate, learned_from, verified)}
    ordered = {key: rule[key] for key in _ORDER if key in rule}
    return "\n".join(_lines(ordered, 0)) + "\n"


def provenance(candidate: Candidate, learned_from: str, verified: Verification | None) -> dict[str, Any]:
    """Where a rule comes from: what it was learned from, what speaks for it, and whether its cases were run."""
    evidence = [
        {"kind": each.kind, "text": each.text, **({"place": each.place} if each.place else {})}
        for each in candidate.evidence[:_MOST_EVIDENCE]
    ]
    found: dict[str, Any] = {"learned_from": learned_from}
    if evidence:
        found["evidence"] = evidence
    found["support"] = candidate.support
    if candidate.against:
        found["against"] = candidate.against
    if verified is not None:
        found["verified"] = _verdict(verified)
    return found


def _verdict(verified: Verification) -> dict[str, str]:
    said = {"status": str(verified.status), "old": verified.old, "new": verified.new}
    return {**said, "reason": verified.reason} if verified.reason and verified.status is not Status.VERIFIED else said


def library_text(library: Mapping[str, Any]) -> str:
    """The content of ``_library.yaml``."""
    return "\n".join(_lines(library, 0)) + "\n"


def write_pack(
    candidates: Sequence[Candidate],
    library: Mapping[str, Any],
    folder: Path,
    learned_from: str,
    verified: Mapping[str, Verification] | None = None,
) -> list[Path]:
    """Write a file for each candidate, and ``_library.yaml`` where the folder has none; the files, in order.

    Files of other rules in the folder stay; one of the same name is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    facts = folder / "_library.yaml"
    if not facts.exists():
        facts.write_text(library_text(library), encoding="utf-8")
        written.append(facts)
    for candidate in candidates:
        path = folder / f"{candidate.name}.yaml"
        verdict = (verified or {}).get(candidate.id)
        path.write_text(rule_text(candidate, learned_from, verdict), encoding="utf-8")
        written.append(path)
    return written


# --------------------------------------------------------------------------- YAML


def _lines(data: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{' ' * depth}{_scalar(str(key), flow=False)}:", key, value, depth)


def _entry(head: str, key: object, value: object, depth: int) -> Iterator[str]:
    """A key with its value, on one line where that is readable."""
    if key in _VERSIONS:
        yield f'{head} "{value}"'
    elif isinstance(value, str):
        yield from _text(head, value, depth)
    elif isinstance(value, Mapping):
        flow = _flow(value)
        if len(value) <= 3 and len(head) + len(flow) < _WIDTH and key not in ("provenance", "classes", "rename_member"):
            yield f"{head} {flow}"
        else:
            yield head
            yield from _lines(value, depth + 2)
    elif isinstance(value, list | tuple):
        yield from _list(head, list(value), depth)
    else:
        yield f"{head} {_plain(value)}"


def _list(head: str, items: list[Any], depth: int) -> Iterator[str]:
    """A list: names in brackets while they fit, everything else an item a line."""
    if all(isinstance(each, str) for each in items):
        flow = f"[{', '.join(_scalar(each, flow=True) for each in items)}]"
        if len(items) == 1 and head.strip() == "api:":
            yield f"{head} {_scalar(items[0], flow=False)}"
            return
        if len(head) + len(flow) < _WIDTH and "\n" not in flow:
            yield f"{head} {flow}"
            return
    yield head
    for each in items:
        yield from _item(each, depth + 2)


def _item(value: object, depth: int) -> Iterator[str]:
    start = " " * depth
    if isinstance(value, str):
        yield from _text(f"{start}-", value, depth)
    elif isinstance(value, Mapping):
        flow = _flow(value)
        short = not {"before", "code", "match"} & value.keys() and len(start) + 2 + len(flow) < _WIDTH
        if short and "\n" not in flow:
            yield f"{start}- {flow}"
            return
        first, *rest = _lines(value, depth + 2)
        yield f"{start}- {first.strip()}"
        yield from rest
    else:
        yield f"{start}- {_plain(value)}"


def _text(head: str, value: str, depth: int) -> Iterator[str]:
    if "\n" in value and _is_block(value):
        yield f"{head} |-" if not value.endswith("\n") else f"{head} |"
        yield from (f"{' ' * (depth + 2)}{line}".rstrip() for line in value.rstrip("\n").split("\n"))
        return
    plain = f"{head} {_scalar(value, flow=False)}"
    if len(plain) <= _WIDTH or " " not in value or not _is_block(value):
        yield plain
        return
    yield f"{head} >-"
    yield from _wrapped(value, depth + 2)


def _is_block(value: str) -> bool:
    """Whether a text can stand line by line: nothing invisible, and no spaces where YAML would count or drop them."""
    lines = value.removesuffix("\n").split("\n")
    if value.endswith("\n\n") or not lines[0].strip() or lines[0][0].isspace():
        return False
    return all(line.isprintable() and line == line.rstrip() for line in lines)


def _wrapped(value: str, depth: int) -> Iterator[str]:
    """A long text, folded at single spaces only, which is what folding takes for one space."""
    line = ""
    for word in re.split(r"(?<! ) (?! )", value):
        if line and depth + len(line) + 1 + len(word) > _WIDTH:
            yield f"{' ' * depth}{line}"
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield f"{' ' * depth}{line}"


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        inner = (f"{_scalar(str(key), flow=True)}: {_flow_of(key, each)}" for key, each in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value, flow=True) if isinstance(value, str) else _plain(value)


def _flow_of(key: object, value: object) -> str:
    return f'"{value}"' if key in _VERSIONS else _flow(value)


def _plain(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(text: str, *, flow: bool) -> str:
    """A text without quotes where YAML reads it as it is, else in single ones."""
    special = set(text) & set("{}[],?") if flow else set()
    if text and _PLAIN.fullmatch(text) and not _RISKY.search(text) and not special and text == text.strip():
        return text
    if re.fullmatch(r"https?://[^\s#,\[\]{}]+(#\S+)?", text) and not flow:
        return text
    if any(not each.isprintable() for each in text):
        return f'"{"".join(map(_escaped, text))}"'
    return "'" + text.replace("'", "''") + "'"


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign == "\n":
        return "\\n"
    return sign if sign.isprintable() and sign.isascii() else f"\\U{ord(sign):08x}"
