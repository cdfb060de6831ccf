"""Rules that say the same of several callables, as one: ``normalize`` left thirteen classes of a library together.

Each of them has cases of its own and is run by itself; only what ends up in the file is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apimig.mining.candidate import Candidate, Evidence
from apimig.rulebook.signature import Parameter, SignatureError, parse_signature
from apimig.surface.parameters import write_signature

MOST_CASES = 3
MOST_EVIDENCE = 6
_OF_ONE = frozenset({"api", "signature", "summary", "cases", "unchanged"})
_PARTS = ("parameters", "when")


def gathered(candidates: Sequence[Candidate]) -> Candidate:
    """Candidates of one :func:`family` as one rule: all their names, and cases of the first few."""
    first = candidates[0]
    names = sorted(name for each in candidates for name in _names(each.rule))
    rule = dict(first.rule)
    rule["api"] = names
    rule["signature"] = common_signature(first.rule)
    rule["summary"] = f"{_several(names)}:{first.rule['summary'].partition(':')[2]}"
    rule["cases"] = [case for each in candidates[:MOST_CASES] for case in each.rule.get("cases", ())[:1]]
    rule["unchanged"] = list(first.rule["unchanged"])
    if not rule["cases"]:
        del rule["cases"]
    return replace(
        first,
        name=common_name([each.name for each in candidates]) or first.name,
        rule=rule,
        evidence=_evidence(each for one in candidates for each in one.evidence),
        support=sum(each.support for each in candidates),
        against=sum(each.against for each in candidates),
        examples=tuple(dict.fromkeys(pair for each in candidates for pair in each.examples))[:MOST_CASES],
    )


def family(candidate: Candidate) -> tuple[str, ...] | None:
    """What rules have in common that can be one; None for a rule that stands alone."""
    rule = candidate.rule
    signature = common_signature(rule)
    if signature is None or ":" not in rule.get("summary", "") or not _names(rule):
        return None
    rest = sorted((key, repr(value)) for key, value in rule.items() if key not in _OF_ONE)
    return (signature, rule["summary"].partition(":")[2], *(f"{key}={value}" for key, value in rest))


def common_signature(rule: Mapping[str, Any]) -> str | None:
    """As much of a rule's signature as its operations need: ``(*args, normalize=False, **kwargs)``.

    None where all of it is needed, or there is none.
    """
    if not isinstance(rule.get("signature"), str) or not any(part in rule for part in _PARTS):
        return None
    needed = set(_parameters(rule))
    if not needed or "" in needed:
        return None
    try:
        known = parse_signature(rule["signature"])
    except SignatureError:
        return None
    if not needed <= known.names.keys():
        return None
    last = max((at for at, each in enumerate(known.positional, 1) if each.name in needed), default=0)
    keywords = [each for each in known.parameters if each.kind == "keyword" and each.name in needed]
    return write_signature([*known.positional[:last], Parameter("args", "*"), *keywords, Parameter("kwargs", "**")])


def _parameters(rule: Mapping[str, Any]) -> Iterator[str]:
    """The parameters that a rule speaks of; "" for an operation that is about all of them."""
    yield from (each.get("argument", "") for each in rule.get("when", ()))
    for operation in rule.get("parameters", ()):
        ((kind, said),) = operation.items()
        match kind:
            case "remove":
                yield said if isinstance(said, str) else said["name"]
            case "values":
                yield said["name"]
            case "rename" | "explicit":
                yield from said
            case _:
                yield ""


def _names(rule: Mapping[str, Any]) -> list[str]:
    said = rule.get("api", ())
    return [said] if isinstance(said, str) else list(said)


def _several(names: Sequence[str]) -> str:
    shown = ", ".join(name.rpartition(".")[2] for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def common_name(names: Sequence[str]) -> str:
    """The words that the names of rules end in: ``lasso_normalize`` and ``ridge_normalize`` are ``normalize``."""
    shared: list[str] = []
    for words in zip(*(reversed(name.split("_")) for name in names), strict=False):
        if len(set(words)) > 1:
            break
        shared.insert(0, words[0])
    return "_".join(shared)


def _evidence(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    first: dict[tuple[str, str], Evidence] = {}
    for each in found:
        first.setdefault((each.kind, each.text), each)
    return tuple(first.values())[:MOST_EVIDENCE]
