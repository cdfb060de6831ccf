"""What is wrong in rule files: one line each, with file, line and a suggestion."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apimig.errors import RulebookError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file; ``line`` is 1-based."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}: {self.text}"


def shown(path: str | Path) -> str:
    """The path as people want to read it: relative when it lies below the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def did_you_mean(wrong: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """`` (did you mean 'right'?)``, or nothing when no known word is close."""
    import difflib

    close = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=cutoff)
    return f" (did you mean {close[0]!r}?)" if close and close[0] != wrong else ""


def refuse(problems: Iterable[Problem]) -> None:
    """Raise one RulebookError with all problems, sorted by place; return when there are none."""
    found = sorted(set(problems))
    if not found:
        return
    files = len({problem.path for problem in found})
    title = f"{counted(len(found), 'problem')} in {counted(files, 'rule file')}; no rule was loaded"
    raise RulebookError(title, problems=tuple(map(str, found)), help="The rule language is described in docs/rules.md.")


def counted(number: int, noun: str) -> str:
    """``1 rule``, ``2 rules``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
