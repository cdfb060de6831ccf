"""``to_datetime`` takes the format of the first string for all since 2.0; strings of several forms need "mixed".

That is what it did before: each string was read by itself.
"""

from __future__ import annotations

import ast
import re

from tree_sitter import Node

from apimig import Edit, Refusal, Site

SIGNATURE = (
    "(arg, errors='raise', dayfirst=False, yearfirst=False, utc=None, format=None, exact=True, unit=None,"
    " infer_datetime_format=False, origin='unix', cache=True)"
)
NOTHING = frozenset({"", "nan", "NaN", "NaT", "nat", "None", "now", "today"})


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one call with a list of strings as they stand."""
    if site.call is None:
        return None
    bound = site.bind(SIGNATURE)
    argument = bound.given.get("arg")
    said = {"format", "unit", "infer_datetime_format"}
    if argument is None or bound.extra or bound.maybe or said & set(bound.given):
        return None
    texts = _texts(site.node_at(argument))
    if len({_form(text) for text in texts}) < 2:
        return None
    if _is_expected_to_fail(site):
        return Refusal("it may be meant to fail here; format='mixed' reads each string by itself, as it was before")
    return site.replace(
        site.call.node, "$function($*rest, format='mixed')", function=site.node, rest=site.call.arguments
    )


def _texts(node: Node) -> list[str]:
    """The strings of a list or tuple that says of each element what it is; none where it does not."""
    if node.type not in ("list", "tuple"):
        return []
    found: list[str] = []
    for element in node.named_children:
        if element.type == "string":
            try:
                value = ast.literal_eval((element.text or b"").decode())
            except (ValueError, SyntaxError):
                return []
            found += [value] if isinstance(value, str) and value not in NOTHING else []
        elif element.type not in ("none", "attribute", "comment"):
            return []
    return found


def _form(text: str) -> str:
    """What a format sees of a date: its digits and its words are any."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "1", text.strip()))


def _is_expected_to_fail(site: Site) -> bool:
    """Whether an exception is waited for around the call."""
    guard = site.enclosing("try_statement", "with_statement")
    while guard is not None:
        head = site.text(guard).partition(":")[0]
        if guard.type == "try_statement" or "raises" in head.lower() or "suppress" in head:
            return True
        guard = site.enclosing("try_statement", "with_statement", of=guard)
    return False
