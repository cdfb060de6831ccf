"""What running its cases makes of a learned rule: safe, unsafe, or for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from packaging.version import Version

from apimig.mining.candidate import Candidate, Status, Verification

_VERSIONS = ("removed", "changed", "deprecated")
_BEGINS = re.compile(r"(?:return |(?:[$\w, ()]+ = )+)?\$(\w+)")  # a hole at the beginning of a pattern's value


def settled(candidate: Candidate, verified: Verification | None) -> Candidate:
    """The candidate as safe as running its cases showed it to be.

    A verified rule is safe where what it matches is certain. One that gives something else is unsafe, and so is one
    that nobody could run. Running shows as well whether the new code works before the new release. Where only examples
    of code speak for it, it has to be needed as well, and each of its patterns has to be shown.
    """
    rule = dict(candidate.rule)
    if rule.get("applicability") == "manual" or not rule.get("cases"):
        return candidate
    if verified is not None and _is_shown(candidate, verified):
        rule.pop("applicability", None)
        rule.update(_available(rule, verified))
    else:
        rule["applicability"] = "unsafe"
    unsafe = "applicability" in rule
    rule["cases"] = [_marked(case, unsafe=unsafe) for case in _that_ran(rule["cases"], verified)]
    return replace(candidate, rule=rule)


def _available(rule: Mapping[str, Any], verified: Verification) -> dict[str, str]:
    """Since when the new code works, by what it did under the old release."""
    seen = {each.earlier for each in verified.tried if each.earlier}
    if not seen:
        return {}
    old, new = (name.rpartition(" ")[2] for name in (verified.old, verified.new))
    if seen == {"works"}:
        return {"replacement_since": old}
    said = rule.get("replacement_since") or next((rule[key] for key in _VERSIONS if key in rule), new)
    return {"replacement_since": said if Version(said) > Version(old) else new}


def _that_ran(cases: Sequence[Mapping[str, Any]], verified: Verification | None) -> Sequence[Mapping[str, Any]]:
    """The cases that show something, where some do: the values of others were made up and fit nothing."""
    if verified is None or len(verified.tried) != len(cases):
        return cases
    ran = [case for case, each in zip(cases, verified.tried, strict=True) if each.status is not Status.UNRUN]
    return ran or cases


def _is_shown(candidate: Candidate, verified: Verification) -> bool:
    """Whether running its cases shows that a rule is safe."""
    if verified.status is not Status.VERIFIED or _matches_anything(candidate.rule):
        return False
    return not is_of_examples(candidate) or (not is_idle(verified) and _shows_all(candidate.rule, verified))


def is_of_examples(candidate: Candidate) -> bool:
    """Whether nothing but code before and after speaks for a rule."""
    kinds = {each.kind for each in candidate.evidence} - {"doubt"}
    return bool(kinds) and kinds <= {"pair", "test"}


def is_idle(verified: Verification | None) -> bool:
    """Whether the old code gives the same under the new release, too, and is not told that it is deprecated."""
    if verified is None or verified.status is not Status.VERIFIED:
        return False
    return not any(each.needed for each in verified.tried if each.status is Status.VERIFIED)


def _shows_all(rule: Mapping[str, Any], verified: Verification) -> bool:
    """Whether its cases show all that a rule says.

    Those of a rule with several patterns were all run, and there are enough of them. What leaves out an argument
    whatever it holds is never shown by the values that it held.
    """
    patterns = rule.get("match", ())
    if _leaves_out(rule):
        return False
    if isinstance(patterns, str) or len(patterns) < 2:
        return True
    ran = [each.status is Status.VERIFIED for each in verified.tried]
    return all(ran) and len(ran) >= len(patterns)


def _leaves_out(rule: Mapping[str, Any]) -> bool:
    """Whether an argument goes whatever it holds."""
    removed = [each["remove"] for each in rule.get("parameters", ()) if "remove" in each]
    match = rule.get("match", ())
    patterns = [match] if isinstance(match, str) else [each["match"] for each in match]
    return any(isinstance(each, str) or not each.get("holds") for each in removed) or any(
        "$_" in each.rpartition(" = ")[2] for each in patterns
    )


def _marked(case: Mapping[str, Any], *, unsafe: bool) -> dict[str, Any]:
    plain = {key: value for key, value in case.items() if key != "unsafe"}
    return {**plain, "unsafe": True} if unsafe else plain


def _matches_anything(rule: Mapping[str, Any]) -> bool:
    """Whether a pattern begins with a receiver of any class: the name of a method alone proves nothing."""
    match = rule.get("match", ())
    patterns = (
        [match] if isinstance(match, str) else [each if isinstance(each, str) else each["match"] for each in match]
    )
    typed = rule.get("where", {})
    holes = (begun[1] for each in patterns if (begun := _BEGINS.match(each)))
    return any(hole not in typed for hole in holes)
