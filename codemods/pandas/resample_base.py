"""``resample("24h", base=9)`` became ``resample("24h", offset="9h")``: base counted the frequency's own unit."""

from __future__ import annotations

import re

from apimig import Edit, Refusal, Site

SIGNATURE = "(rule, *, base=0)"
RULE = re.compile(r"""^[rRuU]?(["'])\d*(D|H|h|T|min|S|s|L|ms)\1$""")
UNITS = {"H": "h", "T": "min", "S": "s", "L": "ms"}


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of resample with base."""
    if site.call is None or site.receiver is None:
        return None
    base = next((a for a in site.call.arguments if a.keyword == "base"), None)
    if base is None:
        return None
    if site.holds(base, "0"):
        rest = [a for a in site.call.arguments if a != base]
        return site.replace(site.call.node, "$method($*rest)", method=site.node, rest=rest)
    rule = site.call.arguments[0]
    frequency = RULE.match(site.text(rule)) if rule.keyword in (None, "rule") else None
    if frequency is None or site.node_at(base).type != "integer":
        return Refusal("offset takes a time span: base times the unit of the rule")
    offset = f'"{site.text(base)}{UNITS.get(frequency[2], frequency[2])}"'
    rest = [a for a in site.call.arguments if a != base]
    return site.replace(site.call.node, f"$method($*rest, offset={offset})", method=site.node, rest=rest)
