"""What ``*args`` or ``**kwargs`` may hide from a rule, said in one way so that what several rules say can be joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SENTENCE = re.compile(r"(?P<stars>`\*.*?`(?: or `\*.*?`)*) may hold (?P<what>.+)", re.DOTALL)


UNDECIDED = "which of its overloads this means, or what its `*` arguments take, cannot be told, and they changed"


def may_hold(stars: Sequence[str], what: str) -> str:
    """The sentence for the source texts of starred arguments and what may be in them: ``"`sep`"``."""
    return f"{' or '.join(f'`{star}`' for star in stars)} may hold {what}"


def parted(sentence: str) -> tuple[str, str]:
    """The starred arguments of such a sentence and what they may hold; empty texts for any other sentence."""
    match = _SENTENCE.fullmatch(sentence)
    return ("", "") if match is None else (match["stars"], match["what"])


def joined(sentences: Iterable[str]) -> str:
    """One sentence for several about the same starred arguments."""
    parts = [parted(sentence) for sentence in sentences]
    whats = sorted(dict.fromkeys(what for _, what in parts), key=lambda what: not what.startswith("`"))
    return f"{parts[0][0]} may hold {', '.join(whats[:-1])}{' or ' if len(whats) > 1 else ''}{whats[-1]}"
