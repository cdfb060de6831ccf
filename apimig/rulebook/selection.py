"""Which rules a migration applies: a query over versions, never a list kept by hand (PEP 440)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.version import InvalidVersion, Version

from apimig.errors import UnknownLibraryError, UnknownVersionError, UsageError
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library, Rule


@dataclass(frozen=True, slots=True)
class Migration:
    """From one version of a library to another; ``library`` is the distribution's name."""

    library: str
    from_version: str
    to_version: str

    def __str__(self) -> str:
        return f"{self.library} {self.from_version} -> {self.to_version}"


@dataclass(frozen=True, slots=True)
class Request:
    """What ``--lib NAME==VERSION`` asks for: ``target`` is the release it means, ``literal`` that ``===`` said so."""

    library: str
    target: str
    asked: str
    literal: bool = False
    notes: tuple[str, ...] = ()


# --------------------------------------------------------------------------- rules


def select(rules: Iterable[Rule], migration: Migration, *, only_required: bool = False) -> tuple[Rule, ...]:
    """The rules the migration applies, in the order given.

    Required: removed or changed after ``from_version`` and no later than ``to_version``. Optional: deprecated by
    ``to_version`` and not gone at ``from_version`` already; left out by ``only_required``. A rule
    whose replacement does not exist yet in ``to_version`` is never among them.
    """
    library, interval = normalise(migration.library), _Interval.of(migration)
    return tuple(
        rule
        for rule in rules
        if normalise(rule.library) == library
        and interval.offers(rule.replacement_since)
        and (interval.requires(rule) or (not only_required and interval.permits(rule)))
    )


def is_required(rule: Rule, migration: Migration) -> bool:
    """Whether code that the rule speaks about fails, or means something else, after the migration."""
    return _Interval.of(migration).requires(rule)


@dataclass(frozen=True, slots=True)
class _Interval:
    start: Version
    end: Version

    @classmethod
    def of(cls, migration: Migration) -> _Interval:
        return cls(_version(migration.from_version), _reached(_version(migration.to_version)))

    def offers(self, since: str) -> bool:
        return not since or _version(since) <= self.end

    def requires(self, rule: Rule) -> bool:
        return any(self.start < _version(at) <= self.end for at in (rule.removed, rule.changed) if at)

    def permits(self, rule: Rule) -> bool:
        gone = [_version(at) for at in (rule.removed, rule.changed) if at]
        if not rule.deprecated or _version(rule.deprecated) > self.end:
            return False
        return not gone or max(gone) > self.start


@lru_cache(maxsize=4096)
def _version(text: str) -> Version:
    return Version(text)


def _reached(version: Version) -> Version:
    """The release whose changes a version has: those of 2.0.0 are in 2.0.0rc1 already."""
    if not version.is_prerelease:
        return version
    post = f".post{version.post}" if version.post is not None and version.pre is None else ""
    return Version(f"{version.epoch}!{'.'.join(map(str, version.release))}{post}")


# --------------------------------------------------------------------------- requests

_REQUEST = re.compile(
    r"\s*(?P<name>[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*(?P<sign>===|==|=|@|:|\s)\s*(?P<version>[^\s=<>~!,;@]+)\s*"
)
_NAME = re.compile(r"\s*(?P<name>[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)")
_RANGE = re.compile(r"~=|>=|<=|!=|<|>|,")


def parse_request(text: str, libraries: Sequence[Library]) -> Request:
    """What ``pandas==2.0`` means, given what the packs know.

    ``==2.0`` is the newest 2.0.x that exists, ``===2.0`` is 2.0 literally. Also read: ``pandas=2.0``,
    ``pandas@2.0``, ``pandas:2.0``, ``pandas 2.0``, extras, ``2.0.*``, any spelling of the name. Raises UsageError,
    UnknownLibraryError or UnknownVersionError.
    """
    match = _REQUEST.fullmatch(text)
    if match is None:
        raise _unreadable(text, libraries)
    library = find_library(match["name"], libraries, hint=f"=={match['version']}")
    literal = match["sign"] == "==="
    version = match["version"]
    target, notes = (_valid(version, text), ()) if literal else _target(version, text, library)
    return Request(library.distribution, target, version, literal, notes)


def find_library(name: str, libraries: Sequence[Library], *, hint: str = "") -> Library:
    """The facts about the distribution of this name; UnknownLibraryError with a suggestion otherwise."""
    wanted = normalise(name)
    for library in libraries:
        if normalise(library.distribution) == wanted:
            return library
    for library in libraries:
        if name in library.imports or wanted in map(normalise, library.imports):
            raise UnknownLibraryError(
                f"{name} is the import name of {library.distribution}",
                help=f"Write --lib {library.distribution}{hint}.",
            )
    known = sorted(library.distribution for library in libraries)
    import difflib

    close = difflib.get_close_matches(wanted, known, n=1)
    suggestion = f"Did you mean {close[0]}{hint}? " if close else ""
    raise UnknownLibraryError(
        f"no rules are known for {name}", help=f"{suggestion}Rules are known for: {', '.join(known) or 'no library'}."
    )


def _unreadable(text: str, libraries: Sequence[Library]) -> UsageError:
    match = _NAME.match(text)
    if match is None:
        return UsageError(f"{text!r} names no library", help="Write it like this: pandas==2.0")
    library = find_library(match["name"], libraries)  # an unknown library is the first thing to say
    name = library.distribution
    if _RANGE.search(text):
        return UsageError(f"{text!r} is a range", help=f"Name the one version to move to, like this: {name}==2.0")
    if not text[match.end() :].strip():
        newest = f"{name}=={library.releases[-1]}" if library.releases else f"{name}==2.0"
        return UsageError(f"{text!r} says no version", help=f"Name the version to move to, like this: {newest}")
    return UsageError(f"{text!r} cannot be read", help=f"Write it like this: {name}==2.0")


def _valid(version: str, text: str) -> str:
    try:
        Version(version)
    except InvalidVersion:
        raise UsageError(
            f"{version!r} in {text!r} is no version", help="Versions look like 2.0, 2.0.3 or 2.1.0rc1."
        ) from None
    return version


def _target(asked: str, text: str, library: Library) -> tuple[str, tuple[str, ...]]:
    wildcard = asked.endswith(".*")
    version = Version(_valid(asked.removesuffix(".*"), text))
    known = sorted(map(_version, library.releases))
    name = library.distribution
    if version.is_prerelease or version.local or version.is_postrelease or version.epoch:
        return _special(version, known, name)
    if not known:
        return str(version), (f"the releases of {name} are not known: {version} is taken as written",)
    within = [release for release in known if _begins(release, version)]
    if within:
        exact = [r for r in within if not wildcard and len(version.release) >= 3 and r == version]
        return str((exact or within)[-1]), ()
    if version > known[-1]:
        return str(version), (_newer(name, version, known[-1]),)
    raise _no_such_release(name, str(version), known)


def _special(version: Version, known: Sequence[Version], name: str) -> tuple[str, tuple[str, ...]]:
    """A pre-, post- or local release: packs list final releases only, so it is taken as written."""
    base = Version(version.base_version)
    if known and base <= known[-1] and not any(_begins(release, base) for release in known):
        raise _no_such_release(name, str(version), known)
    if version.is_prerelease:
        return str(version), (f"{version} is a pre-release: the rules up to {_reached(version)} apply",)
    if known and base > known[-1]:
        return str(version), (_newer(name, version, known[-1]),)
    return str(version), ()


def _newer(name: str, version: Version, newest: Version) -> str:
    return f"{name} {version} is newer than every release these rules know: the rules up to {newest} apply"


def _begins(release: Version, prefix: Version) -> bool:
    """Whether 2.0.3 is one of 2.0: ``==2.0.*`` in the words of PEP 440, missing parts being zero."""
    parts = (*release.release, *(0,) * len(prefix.release))
    return release.epoch == prefix.epoch and parts[: len(prefix.release)] == prefix.release


def _no_such_release(name: str, version: str, known: Sequence[Version]) -> UnknownVersionError:
    wanted = Version(version)
    below = [str(release) for release in known if release < wanted][-2:]
    above = [str(release) for release in known if release > wanted][:2]
    return UnknownVersionError(f"{name} has no release {version}", help=f"The nearest are: {', '.join(below + above)}.")


# --------------------------------------------------------------------------- migrations


def migration(request: Request, libraries: Sequence[Library], *, given: str = "", pinned: str = "") -> Migration:
    """From the version ``given``, else ``pinned`` by the repository, else the oldest the rules know, to the request's.

    Raises UnknownVersionError when that would go backwards.
    """
    library = find_library(request.library, libraries)
    if given:
        start = _start(given, library)
    else:
        start = _valid(pinned, f"{library.distribution}=={pinned}") if pinned else library.oldest or "0"
    if _version(start) > _version(request.target):
        source = "--from says" if given else "the repository pins" if pinned else "the rules start from"
        raise UnknownVersionError(
            f"{library.distribution} {request.target} is older than {start}, which {source}",
            help="apimig only moves forward: name a later version, or say with --from what the code was written for.",
        )
    return Migration(library.distribution, start, request.target)


def _start(given: str, library: Library) -> str:
    """``--from 1.5`` is the newest 1.5.x, so that what 1.5.3 changed is not done again; ``1.5.0`` is itself."""
    try:
        return _target(given.lstrip("="), f"--from {given}", library)[0]
    except UnknownVersionError:
        return _valid(given.lstrip("="), f"--from {given}")  # a version nobody lists is still a point on the line
