"""Tries rules by running their cases: the old code under the old release, the new code under the new one.

``try_cases`` takes plain cases and the Pythons of two environments. Nothing of a case runs in this process: see
:mod:`apimig.mining.trials.running`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apimig.mining.candidate import Status, Tried, Verification
from apimig.mining.trials.comparing import Result, compared, differences
from apimig.mining.trials.running import Piece, Release, Runner
from apimig.mining.trials.unbound import unbound


@dataclass(frozen=True, slots=True)
class Trial:
    """One case of one rule, to be run.

    ``given`` and ``setup`` are as in a rule file. ``discards``: the value of the last expression is nobody's.
    ``unsafe``: it may differ; ``differs`` says why it does, where a person has found that right.
    """

    rule: str
    case: str
    before: str
    after: str
    given: Mapping[str, str] = field(default_factory=dict)
    setup: str = ""
    unsafe: bool = False
    differs: str = ""
    discards: bool = False


@dataclass(frozen=True, slots=True)
class Conventions:
    """What code may take for granted: import aliases in snippets, values for usual names and for types by last name.

    ``distributions`` are those of known import names, for whoever makes the environments.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    samples: Mapping[str, str] = field(default_factory=dict)
    distributions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Runs:
    """The pieces of one case: old code and new code under each release."""

    before: Piece
    after: Piece


def try_cases(
    trials: Sequence[Trial],
    old: Release,
    new: Release,
    *,
    conventions: Conventions = Conventions(),
    runner: Runner | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Tried, ...]:
    """What each case did, in order. Results are kept by ``runner``, so that a run that was ended goes on."""
    runner = runner or Runner()
    found = [_pieces(trial, conventions) for trial in trials]
    pieces = [piece for runs in found if isinstance(runs, _Runs) for piece in (runs.before, runs.after)]
    results = runner.run([(old, pieces), (new, pieces)], progress=progress)
    tried = [
        Tried(trial.case, Status.UNRUN, runs)
        if isinstance(runs, str)
        else _judged(trial, _Results.of(results, runs, old, new), old, new)
        for trial, runs in zip(trials, found, strict=True)
    ]
    doubtful = {at: runs.before for at, runs in enumerate(found) if isinstance(runs, _Runs) and _is_doubtful(tried[at])}
    fickle = _fickle(list(doubtful.values()), old, runner)
    for at, piece in doubtful.items():
        if piece in fickle:
            tried[at] = Tried(trials[at].case, Status.UNRUN, "the old code does not give the same twice")
    return tuple(tried)


def _is_doubtful(tried: Tried) -> bool:
    return tried.status is Status.DIFFERS


def trials_of(rule: str, data: Mapping[str, Any]) -> tuple[Trial, ...]:
    """The cases of a rule as data (what a rule file holds), as trials."""
    discards = any(condition.get("result") == "unused" for condition in data.get("when", ()))
    return tuple(
        Trial(
            rule,
            f"cases {number}",
            case["before"],
            case["after"],
            case.get("given", {}),
            case.get("setup", ""),
            unsafe=case.get("unsafe", False),
            differs=case.get("differs", ""),
            discards=discards,
        )
        for number, case in enumerate(data.get("cases", ()), start=1)
    )


def verification(tried: Sequence[Tried], old: str, new: str) -> Verification:
    """What the cases of one rule show together; one that may differ counts only where nothing else does."""
    differing = sorted((each for each in tried if each.status is Status.DIFFERS), key=lambda each: each.allowed)
    verified = any(each.status is Status.VERIFIED for each in tried)
    if differing and not (verified and differing[0].allowed):
        first = differing[0]
        return Verification(Status.DIFFERS, old, new, tuple(tried), f"{first.case}: {first.reason}")
    if verified:
        return Verification(Status.VERIFIED, old, new, tuple(tried))
    reason = tried[0].reason if tried else "no case shows old and new code"
    return Verification(Status.UNRUN, old, new, tuple(tried), reason)


# --------------------------------------------------------------------------- one case


def _pieces(trial: Trial, conventions: Conventions) -> _Runs | str:
    """What is to be run for a case, or why it cannot be."""
    try:
        bound = {*trial.given, *_assigned(trial.setup)}
        wanting = sorted({*unbound(trial.before, bound), *unbound(trial.after, bound)})
    except SyntaxError:
        return "it is no Python of today"
    plain = not (_imports(trial.before) or _imports(trial.after))
    standard = {name: name for name in wanting if name in sys.stdlib_module_names and name not in conventions.samples}
    usual = {**standard, **conventions.aliases} if plain else {}
    aliases = {name: usual[name] for name in wanting if name in usual}
    wanting = [name for name in wanting if name not in aliases]
    if missing := [name for name in wanting if name not in conventions.samples]:
        return f"nobody gives {', '.join(missing)}"
    given = {**{name: conventions.samples[name] for name in wanting}, **trial.given}
    samples = conventions.samples if "def " in trial.before else {}

    def piece(code: str) -> Piece:
        return Piece.of(code, given, trial.setup, aliases, samples)

    return _Runs(piece(trial.before), piece(trial.after))


def _imports(code: str) -> bool:
    return any(line.lstrip().startswith(("import ", "from ")) for line in code.splitlines())


def _assigned(setup: str) -> set[str]:
    """The names that statements bind."""
    import symtable

    table = symtable.symtable(setup, "<setup>", "exec")
    return {each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()}


@dataclass(frozen=True, slots=True)
class _Results:
    """What came of the four runs: the code as it was and as it becomes, and each under the other release."""

    before: Result
    after: Result
    before_new: Result
    after_old: Result

    @classmethod
    def of(cls, results: Mapping[tuple[Release, Piece], Result], runs: _Runs, old: Release, new: Release) -> _Results:
        """Those of one case."""
        before, after = runs.before, runs.after
        return cls(results[old, before], results[new, after], results[new, before], results[old, after])


def _judged(trial: Trial, results: _Results, old: Release, new: Release) -> Tried:
    status, reason = _compared(trial, results, old, new)
    if status is Status.DIFFERS and trial.differs:
        reason = f"{reason} ({trial.differs})"
    needed = _needed(results, discards=trial.discards) if status is not Status.UNRUN else ""
    earlier = _earlier(results, discards=trial.discards) if status is not Status.UNRUN else ""
    return Tried(trial.case, status, reason, needed, earlier, allowed=trial.unsafe or bool(trial.differs))


def _compared(trial: Trial, results: _Results, old: Release, new: Release) -> tuple[Status, str]:
    if stopped := _stopped(results.before) or _failed(results.before, old.name, "the old code"):
        return Status.UNRUN, stopped
    if ended := results.after.get("ended"):
        return Status.DIFFERS, f"the new code is {_ended(ended)} under {new.name}"
    if raised := results.after["raised"]:
        if raised[2] in ("given", "described"):
            return Status.UNRUN, _failed(results.after, new.name, "the new code")
        return Status.DIFFERS, f"the new code fails under {new.name}: {_said(raised)}"
    if warned := [each for each in results.after["warned"] if each not in results.before["warned"]]:
        return Status.DIFFERS, f"the new code is deprecated under {new.name}: {warned[0][0]}: {_line(warned[0][1])}"
    if found := differences(results.before, results.after, discards=trial.discards):
        return Status.DIFFERS, found[0]
    if not compared(results.before, results.after):
        return Status.UNRUN, "nothing is run that could be compared"
    return Status.VERIFIED, ""


def _stopped(result: Result) -> str:
    return f"the old code is {_ended(result['ended'])}" if result.get("ended") else ""


def _ended(how: str) -> str:
    words = {"late": "out of time", "gone": "ended by itself, with all that it had", "unstarted": "kept from starting"}
    return words.get(how, f"ended by {how}")


def _failed(result: Result, release: str, what: str) -> str:
    raised = result["raised"]
    if not raised:
        return ""
    if raised[2] == "given":
        return f"what is given fails under {release}: {_said(raised)}"
    return f"{what} fails under {release}: {_said(raised)}"


def _said(raised: Sequence[str]) -> str:
    return f"{raised[0]}: {_line(raised[1])}".rstrip(": ")


def _line(text: str) -> str:
    """The first line, short enough for a table."""
    first = (text.strip().splitlines() or [""])[0]
    return first if len(first) <= 160 else first[:159] + "…"


def _needed(results: _Results, *, discards: bool) -> str:
    """What the old code does under the new release: ``fails``, ``warns``, ``differs``, or nothing."""
    new = results.before_new
    if new.get("ended") or new["raised"]:
        return "fails"
    if len(new["warned"]) > len(results.after["warned"]) if not _broken(results.after) else new["warned"]:
        return "warns"
    return "differs" if differences(results.before, new, discards=discards) else ""


def _earlier(results: _Results, *, discards: bool) -> str:
    """What the new code does under the old release: ``works``, ``fails``, ``differs``."""
    old = results.after_old
    if _broken(old):
        return "fails"
    return "differs" if differences(results.before, old, discards=discards) else "works"


def _broken(result: Result) -> bool:
    return bool(result.get("ended") or result["raised"])


def _fickle(pieces: Sequence[Piece], release: Release, runner: Runner) -> set[Piece]:
    """Those that give another result when they are run again."""
    if not pieces:
        return set()
    first = runner.run([(release, pieces)])
    again = runner.run([(release, pieces)], fresh=True)
    return {
        piece
        for piece in pieces
        if not _broken(first[release, piece])
        and (_broken(again[release, piece]) or differences(first[release, piece], again[release, piece]))
    }
