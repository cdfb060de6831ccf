"""Frequency strings got new names in 2.2: "H" became "h", "T" "min", "M" "ME", "A" "YE" and so on.

Spans of time that end at a calendar unit ("M", "Q", "Y") are renamed for dates only: periods keep them.
Only literals are changed; a unit that is spelled as before is left alone.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from apimig import Argument, Edit, Refusal, Sink, Site, Span

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
    "ewm": ("halflife", 2, CLOCK),
    "floor": ("freq", 0, CLOCK),
    "ceil": ("freq", 0, CLOCK),
    "round": ("freq", 0, CLOCK),
    "to_period": ("freq", 0, PERIODS),
}
# `span: str, default '0H'`: a line of a docstring with a parameter's default.
DEFAULT = (
    r"(?m)^[ \t]*{name}[ \t]*[:(][^\n]*\bdefault\w*(?:[ \t]+(?:is|to))?[ \t:=]*['\"`]{{1,2}}(?P<value>{value})['\"`]"
)
OF_PERIODS = ("pandas.PeriodIndex", "pandas.Period")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one call that takes a frequency."""
    if site.use.sinks:
        return _passed_on(site)
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


def _passed_on(site: Site) -> Edit | None:
    """The edit for a literal that the repository's own functions pass on."""
    old = _literal(site.node)
    names = [_names_of(sink) for sink in site.use.sinks]
    new = {_renamed(old, each) if each is not None else old for each in names} if old is not None else {None}
    if old is None or new == {old} or None in new:
        return None
    if len(new) > 1:
        where = " and ".join(dict.fromkeys(sink.symbol for sink in site.use.sinks))
        raise Refusal(f"it is passed on to {where}, where it needs different names")
    text = str(new.pop())
    return site.together(
        site.replace(site.node, site.text(site.node).replace(old, text)), *_documented(site, old, text)
    )


def _names_of(sink: Sink) -> dict[str, str] | None:
    """The new names of the frequencies that an argument takes; None where it takes none."""
    name = sink.symbol.rpartition(".")[2]
    if name in ("Timedelta", "to_timedelta") and sink.argument in ("0", "value", "arg"):
        return CLOCK
    parameter, place, names = PLACES.get(name, ("", -1, {}))
    if sink.argument not in (parameter, str(place)):
        return None
    return PERIODS if sink.symbol.startswith(OF_PERIODS) else names


def _documented(site: Site, old: str, new: str) -> list[Edit]:
    """The default where the docstring's line about the parameter names it: ``span: str, default '0H'``."""
    parameter = site.node.parent
    name = None if parameter is None else parameter.child_by_field_name("name")
    function = site.enclosing("function_definition")
    body = None if function is None else function.child_by_field_name("body")
    statement = None if body is None else body.named_children[0]
    docstring = None if statement is None or not statement.named_children else statement.named_children[0]
    if name is None or docstring is None or docstring.type != "string" or _literal(docstring) is None:
        return []
    text = site.text(docstring)
    line = re.search(DEFAULT.format(name=site.text(name), value=re.escape(old)), text)
    if line is None:
        return []
    start = docstring.start_byte + len(text[: line.start("value")].encode())
    return [Edit(Span(start, start + len(old.encode())), (new.encode(),), site.rule)]


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
