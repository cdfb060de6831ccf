"""``apimig learn``: from a source of rules to a pack, through everything that makes rules trustworthy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from apimig.errors import UsageError
from apimig.mining.diffs.history import from_git
from apimig.mining.diffs.pairs import Pairs, from_jsonl, from_trees
from apimig.mining.releases.examples import Examples
from apimig.mining.trials.running import Runner
from apimig.pipeline.learning_releases import LearnedPack, learn_releases, sources_of
from apimig.pipeline.packing import Pack, packed
from apimig.pipeline.pool import cores
from apimig.pipeline.sampling import with_samples
from apimig.pipeline.verifying import Watcher
from apimig.rulebook.loading import Rulebook, load
from apimig.rulebook.packs import normalise
from apimig.surface.model import Surface


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rules come from: a repository's commits, two trees, a file of pairs; else the releases themselves.

    ``revisions`` is a range of commits ("A..B"), ``through`` names releases in between whose shims are read as well,
    ``reference`` is the address where the library tells of its changes, and ``offline`` downloads no release.
    """

    repository: Path | None = None
    revisions: str = ""
    trees: tuple[Path, Path] | None = None
    pairs: Path | None = None
    through: Sequence[str] = ()
    reference: str = ""
    offline: bool = False

    @property
    def origin(self) -> str | None:
        """Where pairs of code come from, for people; None where releases are compared."""
        if self.repository is not None:
            return f"{self.repository.name} {self.revisions}".strip()
        if self.trees is not None:
            return f"{self.trees[0].name} and {self.trees[1].name}"
        return None if self.pairs is None else self.pairs.name

    def read(self, words: Sequence[str]) -> Pairs:
        """The pairs; of a repository, those of files that name one of the words. Raises UsageError."""
        if self.repository is not None:
            return from_git(self.repository, self.revisions or "HEAD", words=words)
        if self.trees is not None:
            return from_trees(*self.trees)
        return Pairs() if self.pairs is None else from_jsonl(self.pairs)


def learn(
    library: str,
    start: str,
    end: str,
    sources: Sources = Sources(),
    *,
    rules: Sequence[Path] = (),
    verify: bool = True,
    jobs: int | None = None,
    tell: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pack:
    """The rules that lead code from one release of a library to another, each with what running its cases showed.

    ``rules`` are folders of rules to compare with beside the shipped ones; without ``verify`` nothing is run. ``tell``
    is called with what goes on, ``progress`` with (cases run, all cases). :meth:`Pack.save` writes what was found.

    Raises UsageError for releases and sources that cannot be had.
    """
    if _version(start) >= _version(end):
        raise UsageError(f"{start} is not older than {end}", help="Code moves from the older release to the newer one.")
    say = tell or (lambda _text: None)
    rulebook = load(rules)
    found, learned_from = _found(library, start, end, sources, rulebook, say)
    runner = Runner.keeping(jobs=jobs or cores())
    between = (start, end) if verify else None
    return packed(found, rulebook, learned_from, between, runner=runner, watcher=Watcher(say, progress))


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        raise UsageError(f"{text!r} is no version", help="Write it as 1.2.2.") from error


def _found(
    library: str, start: str, end: str, sources: Sources, rulebook: Rulebook, say: Callable[[str], None]
) -> tuple[LearnedPack, str]:
    between = f"{library} {start} -> {end}"
    if (origin := sources.origin) is not None:
        return _from_pairs(library, (start, end), sources, rulebook, say), f"{origin}, {between}"
    found = learn_releases(
        library,
        start,
        end,
        through=sources.through,
        offline=sources.offline,
        rulebook=rulebook,
        reference=sources.reference,
        tell=say,
    )
    return found, between


def _from_pairs(
    library: str, between: tuple[str, str], sources: Sources, rulebook: Rulebook, say: Callable[[str], None]
) -> LearnedPack:
    """What code before and after teaches, with what the surfaces of the two releases say beside it."""
    # these take a while to import, and only here they are needed
    from apimig.mining.releases.facts import library_facts
    from apimig.pipeline import learning_diffs
    from apimig.surface.libraries import library_of
    from apimig.surface.loading import surface
    from apimig.surface.releases import releases

    old, new = (
        surface(f"{library}=={version}", offline=sources.offline, progress=say, cache=True) for version in between
    )
    reference = sources.reference or _reference(new, offline=sources.offline, say=say)
    own = next((each for each in rulebook.libraries if each.distribution == normalise(old.distribution)), None)
    head = {"library": old.distribution, "removed": new.version, "reference": reference}
    pairs = sources.read(words=old.roots)
    say(f"learning from {len(pairs.pairs)} pairs")
    existing = releases(library, offline=sources.offline)
    found = learning_diffs.learn(
        pairs.pairs, own or library_of(old), head, old=old, new=new, releases=existing, tell=say
    )
    conventional = own.conventional if own else {}
    facts = library_facts(found.candidates, old, existing, conventional, own)
    examples = Examples(old, conventional)
    candidates = (with_samples(each, examples, own.samples if own else {}) for each in found.candidates)
    return LearnedPack(tuple(candidates), facts, (*pairs.notes, *found.notes))


def _reference(new: Surface, *, offline: bool, say: Callable[[str], None]) -> str:
    """Where the library tells of its changes: as apimig knows, or the metadata of the release says."""
    from tempfile import TemporaryDirectory

    from apimig.surface.publicity import release_notes

    if known := release_notes(new.roots, new.version):
        return known
    with TemporaryDirectory(prefix="apimig-") as folder:
        told = "" if offline else sources_of(new, Path(folder), say).notes
    if not told:
        raise UsageError(
            f"apimig does not know where {new.distribution} tells of its changes",
            help="Give the address with --reference URL.",
        )
    return told
