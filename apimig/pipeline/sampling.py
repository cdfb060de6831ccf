"""Cases that come from code somewhere, with instances that can be made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apimig.mining.candidate import Candidate
from apimig.mining.releases.examples import Examples

_BARE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\(\)")  # a class that is called with nothing


def with_samples(candidate: Candidate, examples: Examples) -> Candidate:
    """The candidate, with instances that can be made in its cases instead of those that only name a class."""
    rule = dict(candidate.rule)
    for key in ("cases", "unchanged"):
        rule[key] = [each if isinstance(each, str) else _sampled(each, examples) for each in rule.get(key, ())]
    return replace(candidate, rule=rule)


def _sampled(case: Mapping[str, Any], examples: Examples) -> dict[str, Any]:
    given = {
        name: examples.sample(made[:-2]) if _BARE.fullmatch(made) else made
        for name, made in case.get("given", {}).items()
    }
    return {**case, **({"given": given} if given else {})}
