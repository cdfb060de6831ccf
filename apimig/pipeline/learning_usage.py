"""What the tests, examples and documentation of two releases add to learning from them: evidence, rules, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from apimig.errors import ApimigError
from apimig.mining.candidate import Candidate, Learned
from apimig.mining.releases.examples import Examples
from apimig.mining.usage.calls import Call
from apimig.mining.usage.grafting import Rule, cases
from apimig.mining.usage.learning import learn_from_usage, stated
from apimig.mining.usage.reading import Usage, usage
from apimig.mining.usage.texts import MOST_BYTES
from apimig.pipeline.learning_diffs import Typing, subject_of
from apimig.pipeline.sampling import with_samples
from apimig.pipeline.surfaces import enriched
from apimig.pipeline.trying import RuleTrial, Unfit
from apimig.rulebook.rule import Library
from apimig.rulebook.signature import SignatureError, parse_signature
from apimig.surface.libraries import library_of
from apimig.surface.model import Surface

Tell = Callable[[str], None]
_MOST_CASES = 3


@dataclass(frozen=True, slots=True)
class Release:
    """A release whose own code is read: its surface, and its source archive where there is one."""

    surface: Surface
    archive: Path | None

    def files(self, wanted: Callable[[PurePosixPath], bool]) -> Iterable[tuple[str, str]]:
        """The wanted files. Raises ApimigError where the archive is damaged."""
        from apimig.surface.archived import texts_of

        return () if self.archive is None else texts_of(self.archive, wanted, MOST_BYTES)


def usage_between(
    old: Surface, new: Surface, conventional: Mapping[str, str], tell: Tell
) -> tuple[Usage | None, tuple[str, ...]]:
    """What the source archives of two releases show; none, with a note, where one of them cannot be had."""
    with TemporaryDirectory(prefix="apimig-") as name:
        releases = [_downloaded(surface, Path(name), tell) for surface in (old, new)]
        if lacking := [str(each.surface) for each in releases if each.archive is None]:
            return None, (f"tests and examples are not read: no source archive of {' and '.join(lacking)} was found",)
        tell(f"reading tests and examples of {old} and {new}")
        try:
            return usage(old, new, releases[0].files, releases[1].files, conventional), ()
        except ApimigError as error:
            return None, (f"tests and examples are not read: {error.title}",)


def _downloaded(surface: Surface, folder: Path, tell: Tell) -> Release:
    from apimig.surface.fetching import download_source

    tell(f"downloading the source archive of {surface}")
    return Release(surface, download_source(surface.distribution, surface.version, folder))


# --------------------------------------------------------------------------- rules


def shown(
    usage: Usage,
    old: Surface,
    new: Surface,
    own: Library | None,
    *,
    releases: Sequence[str],
    reference: str,
    examples: Examples,
    tell: Tell,
) -> Learned:
    """The candidates that the releases' own code shows; ``own`` is what existing packs say of the library."""
    library = library_of(old) if own is None else enriched(library_of(old), own)
    head = {"library": old.distribution, "removed": new.version, "reference": reference}
    subject = subject_of(library, head, old, new, releases)
    found = learn_from_usage(usage, subject, RuleTrial(library), typed=Typing(library).types_of, tell=tell)
    return Learned(tuple(with_samples(each, examples) for each in found.candidates), found.notes)


# --------------------------------------------------------------------------- cases


@dataclass(frozen=True, slots=True)
class Grafts:
    """Makes cases for rules whose own could not be run: with arguments that the old release's own code gives."""

    surface: Surface
    calls: Mapping[str, tuple[Call, ...]]
    trial: RuleTrial

    def of(self, candidate: Candidate) -> tuple[dict[str, Any], ...]:
        """Cases with such arguments that the engine brings out, each once."""
        found = {each["before"]: each for each in self._all(candidate)}
        return tuple(found.values())

    def _all(self, candidate: Candidate) -> Iterator[dict[str, Any]]:
        made = candidate.rule.get("cases", ())[:_MOST_CASES]
        for name in dict.fromkeys(each.name for each in stated(candidate)):
            last = name.rpartition(".")[2]
            ours = [each for each in made if f"{last}(" in each["before"].rpartition("\n")[2]]
            calls = self._calls(name)
            if ours and calls:
                yield from self._held(candidate, ours, calls, name)

    def _calls(self, name: str) -> Sequence[Call]:
        known = self.surface.canonical(name) or name
        return self.calls.get(known) or self.calls.get(f".{name.rpartition('.')[2]}", ())

    def _held(
        self, candidate: Candidate, made: Sequence[Mapping[str, Any]], calls: Sequence[Call], name: str
    ) -> Iterator[dict[str, Any]]:
        rule = Rule(candidate.rule.get("parameters", ()), self._signature(candidate, name))
        apply = partial(_applied, self.trial, candidate.rule)
        for case, _ in cases(made, calls, rule, apply):
            try:
                self.trial.held({**candidate.rule, "cases": [case]})
            except Unfit:
                continue
            yield case

    def _signature(self, candidate: Candidate, name: str) -> Any:  # noqa: ANN401 - a signature or nothing
        if text := candidate.rule.get("signature"):
            try:
                return parse_signature(text)
            except SignatureError:
                return None
        symbol = self.surface.find(name)
        return None if symbol is None else symbol.signature


def _applied(trial: RuleTrial, rule: Mapping[str, Any], code: str, given: Mapping[str, str]) -> str:
    return trial.apply(rule, code, given)


def with_cases(candidate: Candidate, made: Sequence[Mapping[str, Any]]) -> Candidate:
    """The candidate with other cases than its own."""
    return replace(candidate, rule={**candidate.rule, "cases": [dict(each) for each in made]})
