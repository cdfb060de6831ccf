"""Learning from two releases, as far as it needs files, the network or the engine: the room ``mining`` has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from apimig.mining.candidate import Candidate, Learned
from apimig.mining.curating import Verdict, curate
from apimig.mining.releases.examples import Examples, conventions_in, fixtures
from apimig.mining.releases.facts import in_words_of, library_facts
from apimig.mining.releases.learning import learn_from_releases
from apimig.mining.releases.release import Release
from apimig.mining.releases.sources import Sources
from apimig.mining.releases.versions import first_of_series
from apimig.mining.usage.learning import stands_alone
from apimig.mining.usage.merging import merge
from apimig.mining.usage.reading import Usage
from apimig.pipeline.learning_usage import Grafts, shown, usage_between
from apimig.pipeline.trying import RuleTrial, Unfit
from apimig.rulebook.compiling import compile_library, compile_rule
from apimig.rulebook.loading import Rulebook
from apimig.rulebook.merging import merged
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library, Rule
from apimig.rulebook.schema import LibraryFile, RuleFile
from apimig.surface.model import Surface
from apimig.surface.publicity import release_notes

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LearnedPack:
    """Candidates that hold before the engine, what ``_library.yaml`` says beside them, and notes on the rest.

    ``grafts`` makes other cases for those whose own cannot be run.
    """

    candidates: tuple[Candidate, ...]
    library: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    grafts: Grafts | None = None

    def rules(self) -> tuple[Rule, ...]:
        """The candidates as rules."""
        return tuple(as_rule(each) for each in self.candidates)


def learn_releases(
    distribution: str,
    old: str,
    new: str,
    *,
    through: Sequence[str] = (),
    offline: bool = False,
    rulebook: Rulebook | None = None,
    reference: str = "",
    tell: Tell | None = None,
) -> LearnedPack:
    """What two releases of a distribution teach; ``through`` are releases in between, whose shims are read too.

    Raises UsageError where a release cannot be had.
    """
    from apimig.surface.releases import releases

    say = tell or (lambda _: None)
    with ExitStack() as stack:
        first, last, *between = (
            stack.enter_context(opened(distribution, version, offline=offline, tell=say))
            for version in (old, new, *through)
        )
        existing = releases(distribution, offline=offline)
        used, notes = None, tuple[str, ...]()
        if not offline:
            used, notes = usage_between(first.surface, last.surface, _conventional(first), say)
        found = learn(
            first, last, through=between, releases=existing, rulebook=rulebook, reference=reference, used=used, tell=say
        )
        return replace(found, notes=(*notes, *found.notes))


def learn(
    first: Release,
    last: Release,
    *,
    through: Sequence[Release] = (),
    releases: Sequence[str] = (),
    rulebook: Rulebook | None = None,
    reference: str = "",
    used: Usage | None = None,
    tell: Tell | None = None,
) -> LearnedPack:
    """The candidates of two releases, each of whose cases the engine has been through.

    ``used`` is what their own tests, examples and documentation show.
    """
    say = tell or (lambda _: None)
    conventional, own = _conventional(first), _known(first, rulebook)
    found = learn_from_releases(
        first.surface,
        last.surface,
        first.sources,
        last.sources,
        through=through,
        releases=releases,
        reference=reference,
        tell=tell,
    )
    old, new = first.surface, last.surface
    seen = Learned()
    if used is not None:
        at = first_of_series(old.version, new.version, releases)
        told = reference or release_notes(new.roots, at) or (last.sources.notes if last.sources is not None else "")
        examples = Examples(old, conventional)
        seen = shown(used, old, new, own, releases=releases, reference=told, examples=examples, tell=say)
    say(f"trying {len(found.candidates) + len(seen.candidates)} rules on their cases")
    facts = library_facts([*found.candidates, *seen.candidates], old, releases, conventional, own)
    trial = trial_of(facts, rulebook)
    held, notes = tried(found, trial)
    if used is None:
        return LearnedPack(held, facts, (*found.notes, *notes))
    stands = partial(stands_alone, watched=used.watched, new=new)
    both, against = merge(held, tried(seen, trial)[0], trial, stands)
    grafts = Grafts(old, used.calls, trial)
    return LearnedPack(both, facts, (*found.notes, *notes, *against), grafts)


def _known(release: Release, rulebook: Rulebook | None) -> Library | None:
    """What existing packs say of the library."""
    name = normalise(release.surface.distribution)
    found = (each for each in (rulebook.libraries if rulebook else ()) if normalise(each.distribution) == name)
    return next(found, None)


def _conventional(release: Release) -> dict[str, str]:
    said = fixtures(release.surface.distribution, release.surface.roots).conventional
    texts = release.sources.texts() if release.sources is not None else ()
    return {**said, **conventions_in(texts, release.surface.roots)}


@contextmanager
def opened(distribution: str, version: str, *, offline: bool = False, tell: Tell | None = None) -> Iterator[Release]:
    """A release with its sources, unpacked while the context lasts; offline, or where there is no file, without."""
    from apimig.surface.loading import surface

    made = surface(f"{distribution}=={version}", offline=offline, progress=tell)
    with TemporaryDirectory(prefix="apimig-") as folder:
        yield Release(made, None if offline else sources_of(made, Path(folder), tell))


def sources_of(made: Surface, folder: Path, tell: Tell | None = None) -> Sources:
    """The text of a release, downloaded into a folder."""
    from apimig.surface.fetching import download
    from apimig.surface.unpacking import unpack

    if tell is not None:
        tell(f"downloading {made}")
    file = download(made.distribution, made.version, folder)
    unpacked = unpack(file, folder / "text")
    return Sources(unpacked.folder, str(made), unpacked.notes)


# --------------------------------------------------------------------------- the engine


def as_rule(candidate: Candidate) -> Rule:
    """A candidate as the engine takes it. Raises pydantic's ValidationError for one that is no rule."""
    name = f"{normalise(candidate.rule['library'])}/{candidate.name}"
    return compile_rule(RuleFile.model_validate(candidate.rule), id=name)


def tried(found: Learned, trial: RuleTrial) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """The candidates that are valid rules and whose cases come out, and why the others are left out."""
    kept, notes = [], []
    for candidate in found.candidates:
        try:
            kept.append(replace(candidate, rule=trial.held(in_words_of(trial.library, candidate.rule))))
        except Unfit as reason:
            notes.append(f"{candidate.name} is left out: {reason}")
    return tuple(kept), tuple(notes)


def trial_of(facts: Mapping[str, Any], rulebook: Rulebook | None = None) -> RuleTrial:
    """What tries rules of a library, of which ``_library.yaml`` says ``facts``, beside what existing packs know."""
    library = compile_library(LibraryFile.model_validate(facts))
    known = {normalise(each.distribution): each for each in rulebook.libraries} if rulebook is not None else {}
    own = known.pop(normalise(library.distribution), None)
    return RuleTrial(library if own is None else merged(own, library), tuple(known.values()))


def curated(pack: LearnedPack, rulebook: Rulebook) -> tuple[Verdict, ...]:
    """What the rules that exist already say of each candidate, in the candidates' order."""
    return curate(tuple((each, as_rule(each)) for each in pack.candidates), rulebook.rules, rulebook.libraries)
