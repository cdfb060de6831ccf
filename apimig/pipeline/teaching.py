"""``apimig learn``: from a source of rules to a pack, through everything that makes rules trustworthy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apimig.mining.running import Runner
from apimig.pipeline.learning_releases import LearnedPack, learn_releases
from apimig.pipeline.packing import Pack, packed
from apimig.pipeline.pool import cores
from apimig.pipeline.verifying import Watcher
from apimig.rulebook.loading import Rulebook, load


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rules come from: a repository's commits, two trees, a file of pairs; else the releases themselves."""

    repository: Path | None = None
    revisions: str = ""
    trees: tuple[Path, Path] | None = None
    pairs: Path | None = None
    through: Sequence[str] = ()
    reference: str = ""
    offline: bool = False


def learned(
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

    ``rules`` are folders of rules to compare with beside the shipped ones; without ``verify`` nothing is run.
    Raises UsageError for releases and sources that cannot be had.
    """
    say = tell or (lambda _text: None)
    rulebook = load(rules)
    found, learned_from = _found(library, start, end, sources, rulebook, say)
    runner = Runner.keeping(jobs=jobs or cores())
    between = (start, end) if verify else None
    return packed(found, rulebook, learned_from, between, runner=runner, watcher=Watcher(say, progress))


def _found(
    library: str, start: str, end: str, sources: Sources, rulebook: Rulebook, say: Callable[[str], None]
) -> tuple[LearnedPack, str]:
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
    return found, f"{library} {start} -> {end}"
