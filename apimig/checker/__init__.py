"""Asks a type checker, over its language server, what the expressions are that nothing else types.

The checker reads the project and the old releases, and runs none of it. Whatever becomes of the server, every question
has an answer: where there is none, it is that nothing is known, and a note says why.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import cast

from apimig.checker import programs
from apimig.checker.cache import Cache
from apimig.checker.client import ServerGone
from apimig.checker.model import UNKNOWN, Answer, Checker, Question, Release, World
from apimig.checker.session import Session
from apimig.records import Span

__all__ = [
    "NAMES",
    "UNKNOWN",
    "Answer",
    "Answers",
    "Checker",
    "Question",
    "Release",
    "ServerGone",
    "Session",
    "World",
    "ask",
    "find",
]

NAMES = ("pyrefly", "basedpyright", "ty")  # the first is the one that `auto` takes and the extra installs
_STARTS = 3


@dataclass(frozen=True, slots=True)
class Answers:
    """An answer for every question, and what a person should know about them."""

    answers: Mapping[Question, Answer]
    notes: tuple[str, ...] = ()


def find(name: str) -> Checker:
    """The checker of that name. Raises KeyError for another name."""
    if name not in NAMES:
        raise KeyError(name)
    return cast("Checker", import_module(f"apimig.checker.{name}"))


def ask(questions: Sequence[Question], checker: Checker, world: World, *, seconds: float = 300.0) -> Answers:
    """Ask them all; the server is started once, and only if an answer is not kept from another run.

    What is not answered within ``seconds`` is unknown.
    """
    command = checker.command()
    if command is None:
        return Answers(dict.fromkeys(questions, UNKNOWN), (not_installed(checker),))
    cache = Cache(checker.name, programs.version_of(checker.distribution, command[0]), world)
    work = _Work(checker, world, cache, time.monotonic() + seconds)
    for (path, text), spans in _by_module(questions).items():
        known = cache.load(path, text)
        work.found[path, text] = {span: known[span] for span in spans if span in known}
        if missing := [span for span in spans if span not in known]:
            work.waiting.append((path, text, missing))
    work.run()
    found = {q: work.found[q.path, q.text].get(q.span, UNKNOWN) for q in questions}
    return Answers(found, tuple(work.notes))


def not_installed(checker: Checker) -> str:
    """What to say where a checker is wanted and not there."""
    how = "pip install 'apimig[types]'" if checker.name == NAMES[0] else f"pip install {checker.distribution}"
    return f"{checker.name}, which would say more about receivers of unknown type, is not installed: {how}"


def _by_module(questions: Sequence[Question]) -> dict[tuple[Path, bytes], list[Span]]:
    found: dict[tuple[Path, bytes], list[Span]] = {}
    for question in questions:
        found.setdefault((question.path, question.text), []).append(question.span)
    return found


@dataclass(slots=True)
class _Work:
    checker: Checker
    world: World
    cache: Cache
    deadline: float
    waiting: list[tuple[Path, bytes, list[Span]]] = field(default_factory=list)
    found: dict[tuple[Path, bytes], dict[Span, Answer]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Start the server; again, without the file that it was asked about, where that ended it."""
        for start in range(_STARTS):
            if not self.waiting:
                return
            done = len(self.waiting)
            try:
                self._ask_all()
            except ServerGone as gone:
                late = time.monotonic() >= self.deadline
                first = len(self.waiting) == done and start == 0
                if late or len(self.waiting) == 1 or start == _STARTS - 1 or first:
                    self._give_up(str(gone))
                    return
                path, _, spans = self.waiting.pop(0)
                self.notes.append(f"{self.checker.name} left {len(spans)} questions in {path.name} unanswered: {gone}")

    def _give_up(self, why: str) -> None:
        left = sum(len(spans) for _, _, spans in self.waiting)
        self.notes.append(f"{self.checker.name} left {left} questions unanswered: {why}")

    def _ask_all(self) -> None:
        with Session(self.checker, self.world) as session:
            while self.waiting:
                path, text, spans = self.waiting[0]
                answers = session.ask(path, text, spans, max(0.0, self.deadline - time.monotonic()))
                self.cache.keep(path, text, answers)
                self.found[path, text].update(answers)
                self.waiting.pop(0)
