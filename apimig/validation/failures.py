"""What a failure under the new release says: the line of the repository that fails, and the change behind it."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from apimig.surface.changes import Change, ChangeKind
from apimig.validation.events import Frame, Raised

_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")
API_ERRORS = frozenset(("AttributeError", "TypeError", "NameError", *_IMPORT_ERRORS))  # what a changed API raises

_NO_ATTRIBUTE = re.compile(
    r"(?:module '(?P<module>[\w.]+)'|type object '(?P<type>\w+)'|'(?P<class>[\w.]+)' object)"
    r" has no attribute '(?P<name>\w+)'"
)
_NO_NAME = re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'")
_NO_MODULE = re.compile(r"No module named '(?P<module>[\w.]+)'")
_CALL = re.compile(r"(?P<function>[\w.<>]+)\(\) (?:got|takes|missing|has)")
_ARGUMENT = re.compile(r"unexpected keyword argument '(?P<name>\w+)'")


@dataclass(frozen=True, slots=True)
class Failing:
    """A line of the repository at which tests fail, with the exception; ``path`` is below the root, ``line`` from 1."""

    path: str
    line: int
    raised: Raised
    tests: tuple[str, ...]


def lines_of(raised: Mapping[str, Raised], tests: Iterable[str]) -> tuple[Failing, ...]:
    """Where the named tests fail: the innermost line of the repository that each exception came through."""
    found: dict[tuple[str, int, str], list[str]] = {}
    first: dict[tuple[str, int, str], Raised] = {}
    for test in sorted(tests):
        each = raised.get(test) or raised.get(test.partition("::")[0])
        frame = None if each is None else _innermost(each.frames)
        if each is not None and frame is not None:
            key = frame.path, frame.line, str(each)
            found.setdefault(key, []).append(test)
            first.setdefault(key, each)
    return tuple(Failing(key[0], key[1], first[key], tuple(tests)) for key, tests in found.items())


def _innermost(frames: Iterable[Frame]) -> Frame | None:
    """The last frame of the repository; its paths are relative, as those of what is installed are not."""
    ours = [frame for frame in frames if not frame.path.startswith(("/", "<")) and "site-packages" not in frame.path]
    return ours[-1] if ours else None


def names_in(raised: Raised) -> frozenset[str]:
    """The names that an exception says are not there or cannot be called so; empty where none is told of a statement.

    An import that fails is a statement of its own.
    """
    text = raised.text
    if match := _NO_ATTRIBUTE.search(text):
        return frozenset((match["name"],))
    if match := _CALL.search(text):
        argument = _ARGUMENT.search(text)
        called = [part for part in match["function"].split(".") if part not in ("__init__", "<locals>", "<lambda>")]
        return frozenset((*called[-1:], *([argument["name"]] if argument else [])))
    return frozenset()


def explanation(raised: Raised, changes: Iterable[Change]) -> Change | None:
    """The change of the library that an exception is due to; None where none fits, or several as well."""
    scored = [(score, change) for change in changes if (score := _score(raised, change))]
    best = max((score for score, _ in scored), default=0)
    fitting = [change for score, change in scored if score == best]
    return fitting[0] if fitting and len({change.name.rpartition(".")[2] for change in fitting}) == 1 else None


def _score(raised: Raised, change: Change) -> int:
    if raised.kind == "AttributeError":
        return _missing_attribute(raised.text, change)
    if raised.kind in _IMPORT_ERRORS:
        return _missing_import(raised.text, change)
    return _refused_call(raised.text, change) if raised.kind == "TypeError" else 0


_GONE = frozenset((ChangeKind.REMOVED, ChangeKind.RENAMED, ChangeKind.MOVED))


def _missing_attribute(text: str, change: Change) -> int:
    match = _NO_ATTRIBUTE.search(text)
    if match is None or change.kind not in _GONE:
        return 0
    owner = match["module"] or match["class"] or match["type"]
    return _named(change, owner, match["name"], exact=match["module"] is not None)


def _named(change: Change, owner: str, name: str, *, exact: bool) -> int:
    """3 where a change is about just this name of this owner; 1 where only the name fits, which may be inherited."""
    last = owner.rpartition(".")[2]
    for known in change.names or (change.name,):
        holder, _, own = known.rpartition(".")
        if own == name and (holder == owner if exact else holder.rpartition(".")[2] == last):
            return 3
    return 0 if exact or hasattr(builtins, last) or last == "NoneType" or change.name.rpartition(".")[2] != name else 1


def _missing_import(text: str, change: Change) -> int:
    names = change.names or (change.name,)
    if (match := _NO_NAME.search(text)) and change.kind in _GONE:
        return 3 if f"{match['module']}.{match['name']}" in names else 0
    if (match := _NO_MODULE.search(text)) and change.kind in _GONE:
        return 3 if match["module"] in names else 0
    return 0


def _refused_call(text: str, change: Change) -> int:
    match = _CALL.search(text)
    if match is None or change.kind in _GONE:
        return 0
    called = match["function"].split(".")
    constructor = called[-1] == "__init__"
    called = called[:-1] if constructor and len(called) > 1 else called
    argument = _ARGUMENT.search(text)
    for known in change.names or (change.name,):
        parts = known.split(".")
        if parts[-len(called) :] == called or (constructor and called == ["__init__"]):
            if argument is None:
                return 2
            if change.parameter == argument["name"]:
                return 3
    return 0


def old_line(before: str, after: str, line: int) -> int:
    """The line (from 1) of the old text that a line of the new one comes from."""
    old, new = before.splitlines(), after.splitlines()
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if new_start <= line - 1 < new_end:
            return start + (line - 1 - new_start if tag == "equal" else 0) + 1 if start < end else max(start, 1)
    return min(line, len(old) or 1)
