"""What a specifier admits, and how it has to change to admit another version: pure arithmetic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from apimig.errors import UnknownVersionError
from apimig.pins.model import Clause, Dialect, Op

_PRERELEASE = re.compile(r"[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)[-_.]?\d*$", re.IGNORECASE)
_LAST = 99_999  # stands for "the newest of the series" where nobody knows which releases exist

# These name one version, or follow one closely: moving them moves what gets installed.
CLOSE = frozenset({Op.EXACT, Op.WILDCARD, Op.COMPATIBLE, Op.CARET, Op.TILDE})


@dataclass(frozen=True, slots=True)
class Goal:
    """The version that pins shall admit.

    ``exact`` says that a release of just this version is known, or was asked for to the last digit; else
    only the series is known (`2.0` of whichever 2.0.x exist). ``lower`` is what the edited code needs
    at least.
    """

    version: Version
    text: str
    exact: bool
    lower: Version | None = None

    @property
    def probes(self) -> tuple[Version, ...]:
        """A specifier admits the goal when it admits one of these."""
        if self.exact:
            return (self.version,)
        return (self.version, Version(f"{self.version.base_version}.{_LAST}"))


@dataclass(frozen=True, slots=True)
class Held:
    """A specifier must not be changed; ``why`` completes "was left as it is: "."""

    why: str


def goal_of(
    target: Version | str, *, literal: bool, releases: Sequence[Version], lower_bound: Version | None = None
) -> Goal:
    """What `--lib NAME==target` asks for.

    `2.0` means the newest 2.0.x among ``releases``. With no such release known it means the series,
    unless it is literal or has three parts: then it is a version like any other.
    Raises ``UnknownVersionError`` when it is no version.
    """
    text = str(target).strip()
    version = _version(text)
    if literal or version.is_prerelease or version.is_postrelease or version.local:
        return Goal(version, text, exact=True, lower=lower_bound)
    newest = _newest_of(version, releases)
    if newest is not None:
        return Goal(newest, str(newest), exact=True, lower=lower_bound)
    return Goal(version, str(version), exact=len(version.release) > 2, lower=lower_bound)


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise UnknownVersionError(f"{text!r} is not a version", help="Write it like 2.0 or 2.0.3.") from None


def _newest_of(series: Version, releases: Sequence[Version]) -> Version | None:
    depth = len(series.release)
    members = [r for r in releases if r.epoch == series.epoch and _padded(r.release, depth)[:depth] == series.release]
    return max((r for r in members if not r.is_prerelease), default=max(members, default=None))


# --------------------------------------------------------------------------- what a clause admits


def limits(clause: Clause) -> SpecifierSet:
    """The clause in PEP 440's own terms; raises packaging's errors when it is not sound."""
    version = clause.version
    match clause.op:
        case Op.ANY:
            return SpecifierSet()
        case Op.WILDCARD:
            return SpecifierSet(f"=={version}.*")
        case Op.CARET | Op.TILDE:
            return SpecifierSet(f">={version},<{_dotted(_ceiling(clause))}")
        case Op.NOT:
            return SpecifierSet(f"!={version}{clause.suffix}")
        case _:
            return SpecifierSet(f"{clause.op.value}{version}")


def _caret_index(release: tuple[int, ...]) -> int:
    return next((index for index, part in enumerate(release) if part), len(release) - 1)


def admits(clauses: Sequence[Clause], goal: Goal) -> bool:
    """Whether all clauses together let the goal in."""
    return any(all(_contains(clause, probe, goal) for clause in clauses) for probe in goal.probes)


def _contains(clause: Clause, probe: Version, goal: Goal) -> bool:
    if clause.op is Op.EXACT and not goal.exact:
        depth, version = len(goal.version.release), Version(clause.version)
        return not version.is_prerelease and _padded(version.release, depth)[:depth] == goal.version.release
    return limits(clause).contains(probe, prereleases=True)


def lowest(clauses: Sequence[Clause]) -> Version | None:
    """The lowest version that the clauses admit by a bound of theirs, or None when nothing bounds them below."""
    floors = [Version(c.version) for c in clauses if c.op in CLOSE or c.op in {Op.FROM, Op.ABOVE}]
    return max(floors, default=None)


# --------------------------------------------------------------------------- how it changes


def moved(clauses: Sequence[Clause], goal: Goal, dialect: Dialect) -> tuple[Clause, ...] | Held:
    """The clauses, each changed as little as lets the goal in and keeps its style.

    - exact, wildcard, compatible, caret and tilde clauses go to the goal, written to the depth they had;
    - an upper bound goes to the next step of its own granularity: `<2` to `<3`, `<1.6` to `<2.1`, `<2.0` (two
      digits, one of which counts) to `<3.0`, `<=1.5.3` to `<=2.0.3`;
    - a lower bound rises only to ``goal.lower``; `!=` stays.
    What would go backwards, or against an exclusion, is held.
    """
    new: list[Clause] = []
    for clause in clauses:
        result = _moved(clause, goal, dialect)
        if isinstance(result, Held):
            return result
        new.append(result)
    if not admits(new, goal):
        return Held(f"no change that keeps its style lets {goal.text} in")
    return tuple(new)


def _moved(clause: Clause, goal: Goal, dialect: Dialect) -> Clause | Held:
    if admits([clause], goal):
        return _raised(clause, goal)
    if clause.op is Op.NOT:
        return Held(f"it excludes {goal.text} on purpose")
    if clause.op in {Op.FROM, Op.ABOVE} or (clause.op in CLOSE and Version(clause.version) > goal.version):
        return Held(f"it asks for more than {goal.text} already")
    if clause.op in CLOSE and Version(clause.version).local:
        return Held("its local label names one build, and that of another version is not known")
    match clause.op:
        case Op.EXACT:
            return _exact(clause, goal, dialect)
        case Op.WILDCARD:
            return clause.written(_at_depth(goal.version, _depth(clause), pad=False))
        case Op.BELOW:
            return clause.written(_next_bound(clause.version, goal))
        case Op.UP_TO if goal.exact:
            return clause.written(goal.text)
        case Op.UP_TO:
            return clause.written(_dotted(_bumped(goal.version.release)), symbol="<", suffix="")
        case _:
            return _followed(clause, goal)


def _exact(clause: Clause, goal: Goal, dialect: Dialect) -> Clause:
    """Exact stays exact; where only the series is known, a wildcard is the honest spelling of it.

    Conda reads `==2.0.*` as `==2.0`, so there the series is spelled `=2.0`.
    """
    if goal.exact:
        return clause.written(goal.text)
    if dialect is Dialect.CONDA:
        return clause.written(goal.text, symbol="=" if clause.symbol else "", suffix="" if clause.symbol else ".*")
    return clause.written(goal.text, symbol="==" if clause.symbol == "===" else clause.symbol, suffix=".*")


def _followed(clause: Clause, goal: Goal) -> Clause:
    """`~=1.5.3` to `~=2.0.3`, `^1.5` to `^2.0`: as deep as it was, deeper only if that would not do."""
    moved = clause.written(_at_depth(goal.version, _depth(clause), pad=True))
    enough = goal.lower is None or Version(moved.version) >= goal.lower
    return moved if enough and admits([moved], goal) else clause.written(goal.text)


def _next_bound(old: str, goal: Goal) -> str:
    """The bound above the goal, counted in the digits that count in the old one (`<2.0.0` counts majors)."""
    release = Version(old).release
    counted = len(release)
    while counted > 1 and release[counted - 1] == 0:
        counted -= 1
    if not goal.exact:
        counted = min(counted, len(goal.version.release))
    bumped = _bumped(_padded(goal.version.release, counted)[:counted])
    suffix = _PRERELEASE.search(old)
    return _dotted(_padded(bumped, len(release))) + (suffix.group() if suffix else "")


def _raised(clause: Clause, goal: Goal) -> Clause | Held:
    """The clause with its lower bound at least at ``goal.lower``; it admits the goal already, and its ceiling stays."""
    lower = goal.lower
    if lower is None or clause.op not in {Op.FROM, Op.ABOVE, Op.COMPATIBLE, Op.CARET, Op.TILDE}:
        return clause
    if Version(clause.version) >= lower:
        return clause
    symbol = ">=" if clause.op is Op.ABOVE else clause.symbol
    depth = _depth(clause)
    texts = (
        _at_depth(lower, max(depth, len(_trimmed(lower.release))), pad=True),
        str(lower),
        _at_depth(goal.version, depth, pad=True),
    )
    for text in texts:
        raised = clause.written(text, symbol=symbol, suffix="")
        if Version(text) >= lower and admits([raised], goal) and _ceiling(raised) >= _ceiling(clause):
            return raised
    return Held(f"the edited code needs {lower} or newer, which this form cannot say")


def _ceiling(clause: Clause) -> tuple[int, ...]:
    """The release below which a clause stays that has a floor and a ceiling in one."""
    release = Version(clause.version).release
    match clause.op:
        case Op.CARET:
            return _bumped(release[: _caret_index(release) + 1])
        case Op.TILDE:
            return _bumped(release[:2])
        case Op.COMPATIBLE:
            return _bumped(release[:-1])
        case _:
            return ()


# --------------------------------------------------------------------------- numbers


def _depth(clause: Clause) -> int:
    return len(Version(clause.version).release)


def _at_depth(version: Version, depth: int, *, pad: bool) -> str:
    release = _padded(version.release, depth) if pad else version.release
    return _dotted(release[:depth])


def _padded(release: tuple[int, ...], depth: int) -> tuple[int, ...]:
    return release + (0,) * (depth - len(release))


def _trimmed(release: tuple[int, ...]) -> tuple[int, ...]:
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    return release


def _bumped(release: tuple[int, ...]) -> tuple[int, ...]:
    return (*release[:-1], release[-1] + 1)


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release))
