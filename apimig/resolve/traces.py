"""What the body of a function asked for and wrote down when it was interpreted.

Every pass interprets every body again, so that what one pass learned reaches all who ask for it. Most bodies get
the same answers as the last time, and interpreting those again would change nothing. A trace keeps the answers that
can differ from pass to pass; while all of them still hold, the body need not run. Whatever an interpreter learns from
outside its own frame must therefore be asked through :meth:`Traces.ask` and written through :meth:`Traces.wrote`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, TypeVarTuple

from apimig.records import Value

if TYPE_CHECKING:
    from apimig.resolve.core import Frame
    from apimig.resolve.definitions import FunctionDef

Answer = TypeVar("Answer")
Arguments = TypeVarTuple("Arguments")
Question = tuple[Any, ...]  # a function and its arguments


class Trace:
    """One interpretation of one body."""

    __slots__ = ("_answers", "_finished", "_parameters", "_sound", "_written", "dead", "deferred", "returns", "yields")

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        self._parameters = parameters
        self._answers: dict[Question, object] = {}
        self._written: dict[Question, object] = {}
        self._sound = True
        self._finished = False
        self.deferred: list[tuple[FunctionDef, Frame]] = []
        self.returns: list[Value] = []
        self.yields: list[Value] = []
        self.dead = False

    def answered(self, question: Question, answer: object) -> None:
        """Keep an answer; one that changed meanwhile makes this trace worth nothing."""
        known = self._answers.setdefault(question, answer)
        if known is not answer and known != answer:
            self._sound = False

    def wrote(self, question: Question, value: object) -> None:
        """Keep what the body wrote where others read; ``question`` reads it back."""
        self._written[question] = value

    def finish(self, returns: list[Value], yields: list[Value], *, dead: bool) -> None:
        """Keep how the body ended. Lambdas in it run later, and may still add to what was asked."""
        self.returns, self.yields, self.dead = returns, yields, dead
        self._finished = True

    def give_up(self) -> None:
        """The body does what no trace describes: it must run in every pass."""
        self._sound = False

    def holds(self, parameters: Mapping[str, Value]) -> bool:
        """Whether the body, run now with these parameters, would do just the same."""
        if not self._finished or not self._sound or self._parameters != parameters:
            return False
        return all(
            (now := question(*arguments)) is before or now == before
            for kept in (self._answers, self._written)
            for (question, *arguments), before in kept.items()
        )


class Traces:
    """The trace of the body that is being interpreted, if there is one."""

    __slots__ = ("current",)

    def __init__(self) -> None:
        self.current: Trace | None = None

    def ask(self, question: Callable[..., Answer], *arguments: object) -> Answer:
        """The answer to a question; what is asked on the way to it is not kept."""
        asking = self.current
        if asking is None:
            return question(*arguments)
        self.current = None
        try:
            answer = question(*arguments)
        finally:
            self.current = asking
        asking.answered((question, *arguments), answer)
        return answer

    def wrote(self, value: object, question: Callable[..., object], *arguments: object) -> None:
        """Say that the body wrote a value which ``question`` reads back."""
        if self.current is not None:
            self.current.wrote((question, *arguments), value)

    @contextmanager
    def into(self, trace: Trace | None) -> Iterator[None]:
        """Keep what is asked and written meanwhile in a trace, or nowhere."""
        before, self.current = self.current, trace
        try:
            yield
        finally:
            self.current = before


class Traced(Protocol):
    """What has questions to ask."""

    traces: Traces


Asked = TypeVar("Asked", bound=Traced)


def question(method: Callable[[Asked, *Arguments], Answer]) -> Callable[[Asked, *Arguments], Answer]:
    """Mark a method whose answer may differ from pass to pass; its arguments can be hashed."""

    @wraps(method)
    def asked(self: Asked, *arguments: *Arguments) -> Answer:
        traces = self.traces
        return method(self, *arguments) if traces.current is None else traces.ask(method, self, *arguments)

    return asked
