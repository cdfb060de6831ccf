"""Which packages an environment gets: uv resolves them, and what cannot be had together is given up step by step."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from apimig.environments import building_from_source as sources
from apimig.environments.model import Choices, Need, Needs, Request, Why
from apimig.environments.times import Time, time_of
from apimig.errors import ApimigError, UsageError
from apimig.uv import PYTHONS, Interpreter, interpreters, run_uv

_AFTER = timedelta(days=60)  # companions of a library follow it with some delay
_STEPS = 12  # requirements that are given up before uv's own words are shown
_PATIENCE = 240  # seconds for one resolution
_EVER = "2999-12-31"
_NO_WHEEL = re.compile(r"Wheels are required for `([^`]+)`")
_UNBUILT = re.compile(r"Failed to (?:download and )?build `([A-Za-z0-9][A-Za-z0-9._-]*)")
_WHEEL = re.compile(r"/([^/\"]+)\.whl\"")
_BUILD_TOOLS = ("setuptools", "wheel")
_UNKNOWN = re.compile(r"Because (?:there (?:are|is) no versions? of )?(\S+) was not found in the package registry")
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_UNREACHABLE = ("Failed to fetch", "error sending request", "dns error", "Network connectivity is disabled")


@dataclass(frozen=True, slots=True)
class Day:
    """As of when packages are taken, None for the newest, and why; ``others`` are choices that may be right as well."""

    date: date | None
    why: str = ""
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f"packages as of {self.date}" if self.date else "the newest packages"
        return f"{said} ({self.why})" if self.why else said


@dataclass(frozen=True, slots=True)
class Resolution:
    """A set of packages with hashes, ``locked``; ``source`` are those that are built, ``day`` what it is as of.

    With ``tools`` that does not hold for what packages are built with.
    """

    locked: str
    python: Interpreter
    day: Day
    source: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    attempt: str = ""
    tools: bool = False

    @property
    def installed(self) -> Mapping[str, str]:
        """Versions by normalised names."""
        return {canonicalize_name(name): version for name, version in _PINNED.findall(self.locked)}


@dataclass(frozen=True, slots=True)
class _Try:
    """One way to resolve: under a Python, as of a day, with what is left of the needs."""

    python: Interpreter
    day: Day
    needs: tuple[Need, ...]
    override: bool = False
    source: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    tools: bool = False


def resolve(request: Request) -> tuple[Resolution, ...]:
    """One resolution for each version, under one Python and as of one day where that is possible.

    Raises ApimigError with uv's words when a version cannot be had.
    """
    served = {version: _served(request, version) for version in request.versions}
    common = [p for p in served[request.versions[0]] if all(p in pythons for pythons in served.values())]
    days = _days(request, list(served.values()))
    needs = _prepared(request)
    said: list[str] = []
    if common:
        for attempt in _attempts(common, days[:1] if request.choices.first else days, needs):
            found = [_resolved(request, version, attempt, said, loosen=False) for version in request.versions]
            if all(found):
                return tuple(each for each in found if each)
    return tuple(_alone(request, version, common or list(served[version]), days, needs) for version in request.versions)


def _alone(
    request: Request, version: str, pythons: Sequence[Interpreter], days: Sequence[Day], needs: tuple[Need, ...]
) -> Resolution:
    """A resolution for one version: as the files say, then with requirements given up, then against others."""
    said: list[str] = []
    for override, loosen in ((False, False), (False, True), (True, False), (True, True)):
        for attempt in _attempts(pythons, days, needs):
            found = _resolved(request, version, replace(attempt, override=override), said, loosen=loosen)
            if found is not None:
                return found
    raise ApimigError(
        f"No environment with {request.library} {version} can be made: {_words(said[0] if said else '')}",
        help="Name requirements with --test-deps, another time with --exclude-newer, or another Python with --python.",
    )


def _attempts(pythons: Sequence[Interpreter], days: Sequence[Day], needs: tuple[Need, ...]) -> Iterator[_Try]:
    for day in days:
        for python in list(pythons)[:3]:
            yield _Try(python, day, needs)


def _prepared(request: Request) -> tuple[Need, ...]:
    """The needs without the library, which has its version; setuptools beside them, which old code expects."""
    pinned = {canonicalize_name(name) for name in request.pinned}
    kept = [need for need in request.needs.needs if need.name not in pinned]
    names = {need.name for need in kept}
    if "setuptools" not in names:
        kept.append(Need(Requirement("setuptools<81"), "expected by old code", Why.SOFT))
    out = {canonicalize_name(each) for each in request.choices.leave_out}
    return tuple(_prebuilt(need) for need in kept if need.name not in out)


def _prebuilt(need: Need) -> Need:
    """The same under the name of a distribution that can be installed here.

    That is OpenCV without windows where the machine has no library for them, as few servers have, and psycopg2 with
    what it is built against.
    """
    from ctypes.util import find_library

    if need.name == "psycopg2":
        name = "psycopg2-binary"
    elif need.name in ("opencv-python", "opencv-contrib-python") and not find_library("GL"):
        name = f"{need.name}-headless"
    else:
        return need
    other = Requirement(str(need.requirement))
    other.name = name
    return replace(need, requirement=other)


# --------------------------------------------------------------------------- Pythons and days


def _served(request: Request, version: str) -> tuple[Interpreter, ...]:
    """The Pythons that a version has wheels for, best first: the newest of the time of it and the tree, then later."""
    choices = request.choices
    found = interpreters(downloads=choices.downloads)
    if choices.python:
        return (_named(choices.python, found),)
    allowed = [each for each in found if _allows(request.needs.requires_python, each.version)] or list(found)
    pins = request.pins(version)
    served = [each for each in allowed if _compile(request, each, pins, "--no-deps").returncode == 0]
    if not served:
        if (wrong := _compile(request, allowed[0], pins, "--no-deps") if allowed else None) is not None:
            _check(request, version, wrong.stderr)
        served = allowed
    made = _uploaded(request, served[0], pins[0]) if served else None
    if made is None:
        return tuple(served)
    made = min(made, tree.day if (tree := time_of(request.root)) is not None else made)
    early = [each for each in served if PYTHONS.get(each.series, date.max) <= made]
    return (*early, *reversed([each for each in served if each not in early]))


def _named(python: str, found: Sequence[Interpreter]) -> Interpreter:
    if Path(python).exists():
        done = subprocess.run(
            [python, "-I", "-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return Interpreter(Path(python).resolve(), done.stdout.strip())
    for each in found:
        if python.lower().removeprefix("python").removeprefix("cpython") in (each.series, each.version):
            return each
    known = ", ".join(each.version for each in found)
    raise UsageError(f"There is no Python {python!r} here", help=f"Installed are {known or 'none'}.")


def _allows(requires: str, version: str) -> bool:
    try:
        return SpecifierSet(requires).contains(version)
    except InvalidSpecifier:
        return True


def _check(request: Request, version: str, stderr: str) -> None:
    """Raise for what no other Python or day would help."""
    if any(sign in stderr for sign in _UNREACHABLE):
        raise ApimigError(
            "The package index is not reached, and uv has not all it needs in its cache", help=_words(stderr)
        )
    if "no version" in stderr or "was not found" in stderr:
        raise UsageError(f"{request.library} {version} is not on the package index: {_words(stderr)}")


def _uploaded(request: Request, python: Interpreter, pin: str) -> date | None:
    """The day on which a release came out."""
    done = _compile(request, python, [pin], "--no-deps", "--format", "pylock.toml")
    days = re.findall(r"upload-time = (\d{4}-\d\d-\d\d)", done.stdout)
    return date.fromisoformat(min(days)) if days else None


def _days(request: Request, served: Sequence[Sequence[Interpreter]]) -> list[Day]:
    """As of which days packages are taken: of the tree or of the newest release, whichever is later; then others.

    Of a tree whose time nothing tells it is known only that it is used with the old release: it is taken as one of the
    newest release's time.
    """
    if said := request.choices.exclude_newer:
        return [Day(_read(said))]
    tree, out = time_of(request.root), _releases(request, served)
    if not out:
        return [Day(None)]
    today = date.today()  # noqa: DTZ011 - days
    latest, name = out[-1]
    released = Day(latest, f"{_AFTER.days} days after {name} came out")
    found = [_day_of_tree(tree, released), released, Day(None)]
    found = [Day(None) if each.date is None or each.date >= today else each for each in found]
    earliest, name = out[0]
    others = [str(earliest)] if earliest < today else []
    if tree is None or not tree.sure:
        others.append("none")
    if first := request.choices.first:
        found.insert(0, Day(_read(first), f"{_AFTER.days} days after {name} came out" if first in others[:1] else ""))
        others = []
    once: dict[date | None, Day] = {}
    for each in found:
        once.setdefault(each.date, replace(each, others=tuple(o for o in others if o != str(each.date or "none"))))
    return list(once.values())


def _read(text: str) -> date | None:
    if text == "none":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", help="Write it as 2023-06-01, or none.") from error


def _releases(request: Request, served: Sequence[Sequence[Interpreter]]) -> list[tuple[date, str]]:
    """Some time after each of the releases, the oldest first."""
    return sorted(
        (made + _AFTER, pin.replace("==", " "))
        for pythons, version in zip(served, request.versions, strict=True)
        for pin in request.pins(version)
        if pythons and (made := _uploaded(request, pythons[0], pin)) is not None
    )


def _day_of_tree(tree: Time | None, released: Day) -> Day:
    if tree is None:
        return replace(released, why=f"{released.why}; nothing says when the code was written")
    if released.date is not None and (day := tree.day + _AFTER) > released.date:
        return Day(day, f"{_AFTER.days} days after {tree.why}")
    return replace(released, why=f"{released.why}, which is later than {tree.why}")


# --------------------------------------------------------------------------- one attempt


def _resolved(request: Request, version: str, attempt: _Try, said: list[str], *, loosen: bool) -> Resolution | None:
    """The resolution of an attempt; ``said`` grows by what uv says against it."""
    pins = request.pins(version)
    for _ in range(_STEPS):
        done = _compile(
            request, attempt.python, [*(str(need.requirement) for need in attempt.needs), *pins],
            "--generate-hashes", day=attempt.day.date, override="\n".join(pins) if attempt.override else "",
            source=attempt.source, tools=attempt.tools,
        )  # fmt: skip
        if done.returncode == 0:
            attempt = replace(attempt, source=attempt.source & set(_names(done.stdout)))
            return Resolution(
                done.stdout, attempt.python, attempt.day, attempt.source,
                _notes(request, version, attempt), f"CPython {attempt.python.version}, {attempt.day}",
                attempt.tools,
            )  # fmt: skip
        said.append(done.stderr)
        changed = _from_source(request, attempt, done.stderr) or _without_unknown(attempt, done.stderr)
        changed = changed or _otherwise_built(attempt, done.stderr)
        if changed is None and loosen:
            changed = _loosened(request, attempt, done.stderr)
        if changed is None:
            return None
        attempt = changed
    return None


def _names(locked: str) -> list[str]:
    return [canonicalize_name(name) for name, _ in _PINNED.findall(locked)]


def _compile(
    request: Request,
    python: Interpreter,
    lines: Sequence[str],
    *options: str,
    day: date | None = None,
    override: str = "",
    source: frozenset[str] = frozenset(),
    tools: bool = False,
) -> subprocess.CompletedProcess[str]:
    arguments = ["pip", "compile", "-", "--quiet", "--no-header", "--no-annotate", "--python", str(python.path)]
    arguments += ["--only-binary", ":all:", "--prerelease", "explicit", "--no-sources", "--no-config", *options]
    for name in sorted(source):
        arguments += ["--no-binary", name]
    arguments += as_of(request, day, tools=tools)
    if request.choices.offline:
        arguments.append("--offline")
    with tempfile.TemporaryDirectory(prefix="apimig-resolve-") as name:
        folder = Path(name)
        for kind, text in (("override", override), ("exclude", "\n".join(request.choices.leave_out))):
            if text:
                (folder / kind).write_text(text, encoding="utf-8")
                arguments += [f"--{kind}s", str(folder / kind)]
        confined = sources.confined(folder, python.path) if source else sources.OPEN
        try:
            return run_uv(
                *arguments, stdin="\n".join(lines), environment={**_plain(), **confined.environment},
                confine=confined.command, wait=_PATIENCE, downloads=request.choices.downloads,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(arguments, 1, "", f"no answer after {_PATIENCE} s")


def as_of(request: Request, day: date | None, *, tools: bool = False) -> list[str]:
    """The options of uv for packages as of a day; the libraries are exempt, and with ``tools`` what builds packages."""
    if day is None:
        return []
    exempt = (*request.pinned, *(_BUILD_TOOLS if tools else ()))
    options = [("--exclude-newer-package", f"{name}={_EVER}") for name in exempt]
    return ["--exclude-newer", day.isoformat(), *(word for option in options for word in option)]


def unbuilt(stderr: str) -> frozenset[str]:
    """The packages that uv could not build, by its words."""
    return frozenset(canonicalize_name(name) for name in _UNBUILT.findall(stderr))


def without(request: Request, names: Collection[str]) -> tuple[Request, tuple[str, ...]]:
    """The request without what cannot be built, and what is to be said of that."""
    gone = [need for need in request.needs.needs if need.name in names and need.why is not Why.ASKED]
    kept = tuple(need for need in request.needs.needs if need not in gone)
    return replace(request, needs=replace(request.needs, needs=kept)), tuple(map(_unbuildable, gone))


def _unbuildable(need: Need) -> str:
    return f"{need.requirement} ({need.place}) has no wheel, and cannot be built here: left out"


def _otherwise_built(attempt: _Try, stderr: str) -> _Try | None:
    """The attempt with the build tools of today; where it had these, without what cannot be built."""
    names = unbuilt(stderr) & attempt.source
    if names and attempt.day.date is not None and not attempt.tools:
        return replace(attempt, tools=True)
    for need in attempt.needs:
        if need.name in names and need.why is not Why.ASKED:
            return _given_up(attempt, need, None, _unbuildable(need))
    return None


def _plain() -> dict[str, str]:
    """Our environment without what would make uv choose another project or environment."""
    return {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "UV_PROJECT", "CONDA_PREFIX")}


def _from_source(request: Request, attempt: _Try, stderr: str) -> _Try | None:
    """The attempt with packages built that have a source archive alone; compiled ones have wheels for some Python."""
    if not request.choices.builds:
        return None
    names = {canonicalize_name(name) for name in _NO_WHEEL.findall(stderr)} - attempt.source
    names = {name for name in names if not _is_compiled(request, name)}
    return replace(attempt, source=attempt.source | names) if names else None


def _is_compiled(request: Request, name: str) -> bool:
    """Whether a distribution has wheels of compiled code for some Python; then building it takes compilers."""
    wanted = next((need.requirement for need in request.needs.needs if need.name == name), Requirement(name))
    return _has_compiled_wheels(f"{name}{wanted.specifier}", request.choices.offline, request.choices.downloads)


@cache
def _has_compiled_wheels(wanted: str, offline: bool, downloads: bool) -> bool:  # noqa: FBT001 - kept by their values
    choices = Choices(offline=offline, downloads=downloads)
    request = Request(Path(), "", (), Needs(), choices)
    found = (
        _compile(request, each, [wanted], "--no-deps", "--format", "pylock.toml").stdout
        for each in interpreters(downloads=downloads)
    )
    return any(not name.endswith("-none-any") for text in found for name in _WHEEL.findall(text))


def _without_unknown(attempt: _Try, stderr: str) -> _Try | None:
    unknown = {canonicalize_name(name) for name in _UNKNOWN.findall(stderr)}
    needs = [need for need in attempt.needs if need.name in unknown and need.why is not Why.ASKED]
    if not needs:
        return None
    notes = tuple(f"{need.name} ({need.place}) is not on the package index: left out" for need in needs)
    kept = tuple(need for need in attempt.needs if need not in needs)
    return replace(attempt, needs=kept, notes=attempt.notes + notes)


def _loosened(request: Request, attempt: _Try, stderr: str) -> _Try | None:
    """The attempt with one requirement less or looser, among those that uv names.

    A guess goes, a bound does, and then what has wheels for other Pythons and systems alone.
    """
    said = {canonicalize_name(word.rstrip(".,")) for word in re.findall(r"[A-Za-z0-9][\w.-]*", stderr)}
    held = [need for need in attempt.needs if need.name in said and need.why is not Why.ASKED]
    for need in held:
        if need.why is Why.SOFT:
            return _given_up(attempt, need, None, f"{need.requirement} ({need.place}) was left out")
    for why in (Why.TEST, Why.RUN):
        for need in held:
            if need.why is why and (looser := _without_ceiling(need.requirement)) is not None:
                note = f"{need.requirement} ({need.place}) was taken as {looser}"
                return _given_up(attempt, need, replace(need, requirement=looser), note)
    elsewhere = {canonicalize_name(name) for name in _NO_WHEEL.findall(stderr)}
    for need in held:
        if need.name in elsewhere and _is_compiled(request, need.name):
            return _given_up(attempt, need, None, f"{need.requirement} ({need.place}) has no wheel for this: left out")
    return None


def _given_up(attempt: _Try, need: Need, instead: Need | None, note: str) -> _Try:
    needs = (instead if each is need else each for each in attempt.needs)
    return replace(attempt, needs=tuple(each for each in needs if each is not None), notes=(*attempt.notes, note))


def _without_ceiling(requirement: Requirement) -> Requirement | None:
    """The requirement with its lower bounds alone; None when it has no others."""
    floors = []
    for each in requirement.specifier:
        if each.operator in ("==", "===", "~="):
            floors.append(f">={each.version.removesuffix('.*')}")
        elif each.operator in (">=", ">", "!="):
            floors.append(str(each))
    loose = Requirement(str(requirement))
    loose.specifier = SpecifierSet(",".join(floors))
    return None if loose.specifier == requirement.specifier else loose


# --------------------------------------------------------------------------- words


def _notes(request: Request, version: str, attempt: _Try) -> tuple[str, ...]:
    notes = list(attempt.notes)
    if attempt.override:
        notes.append(f"{request.library} {version} is installed although other packages exclude it")
    if attempt.source:
        notes.append(f"built from source, which runs their code: {', '.join(sorted(attempt.source))}")
    return tuple(notes)


def _words(stderr: str) -> str:
    """Uv's own words, without what is said to programs."""
    text = re.sub(r"^\s*(?:error:|cause:|\u00d7|\u2570\u2500\u25b6)\s*", "", stderr, flags=re.MULTILINE)
    return " ".join(text.split()) or "uv gives no reason"
