"""``Series.str.replace`` takes the pattern as plain text since 2.0; where it was a regular expression, say so.

Before 2.0 a pattern of one character was plain text all the same, and a pattern without special
characters means the same either way.
"""

from __future__ import annotations

import ast

from apimig import Edit, Refusal, Site

SPECIAL = ".^$*+?{}[]\\|()"
SIGNATURE = "(pat, repl, n=-1, case=None, flags=0, regex=None)"


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of str.replace without regex."""
    if site.call is None or site.receiver is None:
        return None
    bound = site.bind(SIGNATURE)
    pattern, replacement = bound.given.get("pat"), bound.given.get("repl")
    if "regex" in bound.given or "regex" in bound.maybe:
        return None
    if pattern is None or replacement is None:
        return Refusal("its arguments cannot be told apart")
    kinds = {"flags"} & set(bound.given)
    needs = _is_regex(site.text(pattern))
    if needs is None and not kinds:
        return Refusal("the pattern may be a regular expression; pass regex=True or regex=False")
    if not needs and not kinds and site.node_at(replacement).type != "lambda":
        return None
    return site.replace(site.call.node, "$method($*rest, regex=True)", method=site.node, rest=site.call.arguments)


def _is_regex(text: str) -> bool | None:
    """Whether the pattern means something else as a regular expression; None where it is no literal."""
    if text.startswith("re.compile("):
        return True
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return isinstance(value, str) and len(value) > 1 and any(character in SPECIAL for character in value)
