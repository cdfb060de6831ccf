"""Reads what the probe wrote during a run: tests and how they ended, marks that were reached, types, deprecations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apimig.verdicts import OneTest, Status

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """A line that an exception came through: the file's absolute path, the 1-based line, the function."""

    path: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception that ended a test: its class, its text, and the lines from the outermost to where it was raised."""

    kind: str
    text: str
    frames: tuple[Frame, ...]

    def __str__(self) -> str:
        first = self.text.strip().partition("\n")[0]
        return f"{self.kind}: {first}" if first else self.kind


@dataclass(frozen=True, slots=True)
class Warned:
    """A deprecation that was raised on behalf of a line of the repository; ``test`` is empty while importing."""

    path: str
    line: int
    category: str
    text: str
    test: str


@dataclass(slots=True)
class Observed:
    """Everything that one run told; tests in the order in which they ran.

    ``reached`` has for each mark the tests that reached it ("" for imports), ``types`` for each the qualified names of
    the classes that were seen there, each with its bases. ``finished`` is the runner's own exit code, None where it
    never said.
    """

    tests: tuple[OneTest, ...] = ()
    raised: dict[str, Raised] = field(default_factory=dict)
    reached: dict[int, set[str]] = field(default_factory=dict)
    types: dict[int, set[tuple[str, ...]]] = field(default_factory=dict)
    warned: tuple[Warned, ...] = ()
    finished: int | None = None


def read(folder: Path, *, cut_short: bool) -> Observed:
    """What the files of a run say; a test that started and never ended timed out or crashed."""
    events = list(_events(folder))
    found = Observed(raised=_raised(events), warned=_warned(events))
    for event in events:
        if event["e"] == "reach":
            found.reached.setdefault(event["m"], set()).add(event["t"])
        elif event["e"] == "type" and event["n"]:
            found.types.setdefault(event["m"], set()).add(tuple(event["n"]))
        elif event["e"] == "finish":
            found.finished = event["x"]
    found.tests = tuple(_tests(events, Status.TIMEOUT if cut_short else Status.CRASHED))
    return found


def _events(folder: Path) -> Iterator[Event]:
    """The events in the order of their files, which is that of the processes' starts; a line cut off is left out."""
    for file in sorted(folder.glob("*.jsonl"), key=lambda each: int(each.stem.partition("-")[2] or 0)):
        for line in file.read_text("utf-8", "replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "e" in event:
                yield event


def _raised(events: Iterable[Event]) -> dict[str, Raised]:
    return {
        event["t"]: Raised(event["c"], event["x"], tuple(Frame(*frame) for frame in event["f"]))
        for event in events
        if event["e"] == "raised"
    }


def _warned(events: Iterable[Event]) -> tuple[Warned, ...]:
    """Deprecations in order, each once for its place and text, whichever process said it."""
    said = [event for event in events if event["e"] in ("warning", "shown")]
    heard = {event["x"] for event in said if event["e"] == "warning"}
    found = [
        Warned(event["p"], event["l"], event["c"], event["x"], event["t"])
        for event in said
        if event["e"] == "warning" or event["x"] not in heard
    ]
    once = {(each.path, each.line, each.text): each for each in reversed(found)}
    return tuple(reversed(once.values()))


def _tests(events: Iterable[Event], unfinished: Status) -> Iterator[OneTest]:
    started: dict[str, None] = {}
    reports: defaultdict[str, dict[tuple[str, str], Event]] = defaultdict(dict)
    for event in events:
        if event["e"] == "start":
            started[event["t"]] = None
        elif event["e"] == "report":
            started[event["t"]] = None
            reports[event["t"]].setdefault((event["w"], event["c"]), event)
    for name in started:
        yield from _one(name, reports.get(name, {}).values(), unfinished)


def _one(name: str, reports: Iterable[Event], unfinished: Status) -> Iterator[OneTest]:
    """A test by the words of its runner; an error in its tear-down counts beside how it ended, as pytest counts it."""
    counted = [(event, status) for event in reports if (status := _status(event["c"])) is not None]
    seconds = sum(event["s"] for event in reports)
    main = [pair for pair in counted if pair[0]["w"] != "teardown"]
    if not main:
        yield OneTest(name, unfinished, seconds)
    else:
        event, status = max(main, key=lambda pair: _WEIGHT[pair[1]])
        yield OneTest(name, status, seconds, _line(event["r"] or event["d"]), event["d"])
    for event, status in counted:
        if event["w"] == "teardown" and status is Status.ERROR:
            yield OneTest(f"{name} (tear-down)", status, event["s"], _line(event["r"] or event["d"]), event["d"])


_WEIGHT = {
    status: at
    for at, status in enumerate(
        (Status.PASSED, Status.XPASSED, Status.XFAILED, Status.SKIPPED, Status.ERROR, Status.FAILED)
    )
}


def _status(category: str) -> Status | None:
    """The status for a word of the runner; one that counts for nothing, such as ``rerun``, has none."""
    if category in _WEIGHT:
        return Status(category)
    return Status.FAILED if category.endswith("failed") else None  # "subtests failed"


def _line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[0].strip()[:300] if lines else ""
