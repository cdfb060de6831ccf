"""Frequency strings got new names in 2.2: "H" became "h", "T" "min", "M" "ME", "A" "YE" and so on.

Spans of time that end at a calendar unit ("M", "Q", "Y") are renamed for dates only: periods keep them.
Only literals are changed; a unit that is spelled as before is left alone.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from apimig import Argument, Edit, Refusal, Site

CLOCK = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns"}
BUSINESS = {"BH": "bh", "CBH": "cbh"}
YEARS = {"AS": "YS", "BAS": "BYS"}
ENDS = {
    "M": "ME",
    "Q": "QE",
    "A": "YE",
    "Y": "YE",
    "BM": "BME",
    "BQ": "BQE",
    "BA": "BYE",
    "BY": "BYE",
    "SM": "SME",
    "CBM": "CBME",
}
DATES = {**CLOCK, **BUSINESS, **YEARS, **ENDS}
PERIODS = {**CLOCK, **BUSINESS, "A": "Y"}
STEP = re.compile(r"(\s*[+-]?\s*\d*\.?\d*\s*)([A-Za-z]+)(-[A-Za-z]{3})?")
PERIOD_WORDS = (b"to_period", b"period_range", b"PeriodIndex")

# What takes a frequency: the name of the parameter, its place, and whether it is about dates, periods or time.
PLACES = {
    "date_range": ("freq", 3, DATES),
    "bdate_range": ("freq", 3, DATES),
    "timedelta_range": ("freq", 3, DATES),
    "interval_range": ("freq", 3, DATES),
    "period_range": ("freq", 3, PERIODS),
    "to_offset": ("freq", 0, DATES),
    "Grouper": ("freq", 2, DATES),
    "DatetimeIndex": ("freq", 1, DATES),
    "TimedeltaIndex": ("freq", 2, CLOCK),
    "PeriodIndex": ("freq", 2, PERIODS),
    "Period": ("freq", 1, PERIODS),
    "Timedelta": ("unit", 1, CLOCK),
    "to_timedelta": ("unit", 1, CLOCK),
    "resample": ("rule", 0, DATES),
    "asfreq": ("freq", 0, DATES),
    "shift": ("freq", 1, DATES),
    "rolling": ("window", 0, CLOCK),
    "floor": ("freq", 0, CLOCK),
    "ceil": ("freq", 0, CLOCK),
    "round": ("freq", 0, CLOCK),
    "to_period": ("freq", 0, PERIODS),
}
OF_PERIODS = ("pandas.PeriodIndex", "pandas.Period")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one call that takes a frequency."""
    if site.call is None:
        return None
    name = (site.member or site.use.symbol).rpartition(".")[2]
    edits = [edit for argument, names in _frequencies(site, name) if (edit := _edit(site, argument, names)) is not None]
    return site.together(*edits) if edits else None


def _frequencies(site: Site, name: str) -> list[tuple[Argument, dict[str, str]]]:
    """The arguments that hold a frequency, each with its table of new names."""
    parameter, place, names = PLACES[name]
    if site.receiver is not None and site.is_a(site.receiver, *OF_PERIODS):
        names = PERIODS
    arguments = site.call.arguments if site.call is not None else ()
    found = [(a, names) for a in arguments if a.keyword == parameter]
    if not found and len(arguments) > place and all(a.keyword is None and not a.star for a in arguments[: place + 1]):
        found = [(arguments[place], names)]
    if name in ("Timedelta", "to_timedelta") and arguments and arguments[0].keyword is None and not arguments[0].star:
        found.append((arguments[0], CLOCK))
    return found


def _edit(site: Site, argument: Argument, names: dict[str, str]) -> Edit | None:
    node = site.node_at(argument)
    if node.type == "identifier":
        node = _default(site, node) or node
    old = _literal(node)
    new = None if old is None else _renamed(old, names)
    if old is None or new is None or new == old:
        return None
    if names is DATES and _renamed(old, {**CLOCK, **BUSINESS, **YEARS}) != new and _has_periods(site):
        raise Refusal(
            "the file works with periods, which keep the old name of this frequency, and with dates, which do not"
        )
    text = site.text(node)
    return site.replace(node, text.replace(old, new))


def _default(site: Site, name: Node) -> Node | None:
    """The default of a parameter that is first of all made a span of time: ``t = pandas.Timedelta(t)``."""
    parameters = site.scope.child_by_field_name("parameters")
    assignment = name.parent and name.parent.parent and name.parent.parent.parent
    if parameters is None or assignment is None or assignment.type != "assignment":
        return None
    left = assignment.child_by_field_name("left")
    references = site.references(site.text(name))
    if left is None or left.text != name.text or len(references) < 3 or references[2].node != name:
        return None
    for parameter in parameters.named_children:
        if parameter.type.endswith("default_parameter"):
            known, value = parameter.child_by_field_name("name"), parameter.child_by_field_name("value")
            if known is not None and known.text == name.text:
                return value
    return None


def _has_periods(site: Site) -> bool:
    if site.receiver is None or site.member.rpartition(".")[2] not in ("resample", "asfreq", "shift"):
        return False
    return any(word in site.resolution.source.text for word in PERIOD_WORDS)


def _literal(node: Node) -> str | None:
    """The text between the quotes of a plain string literal."""
    parts = node.named_children if node.type == "string" else []
    if [part.type for part in parts] != ["string_start", "string_content", "string_end"]:
        return None
    content = parts[1].text
    prefix = parts[0].text or b""
    if content is None or parts[1].named_children or b"b" in prefix.lower() or b"f" in prefix.lower():
        return None
    return content.decode()


def _renamed(text: str, names: dict[str, str]) -> str | None:
    """The frequency with new names; None where it is no frequency."""
    steps = list(STEP.finditer(text))
    if not steps or "".join(step[0] for step in steps) != text:
        return None
    return "".join(f"{step[1]}{names.get(step[2], step[2])}{step[3] or ''}" for step in steps)
