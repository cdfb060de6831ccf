"""Two releases of a made-up library with tests, examples and documentation, and what these add to learning."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from apimig.mining.usage.reading import Files, Usage, usage
from apimig.pipeline.learning_releases import LearnedPack, learn
from tests.mining.releases.tools import NOTES, release

Texts = Mapping[str, str]


def files(texts: Texts) -> Files:
    """Files of a source archive."""

    def wanted(is_wanted: Callable[[PurePosixPath], bool]) -> Iterator[tuple[str, str]]:
        return ((path, textwrap.dedent(text)) for path, text in texts.items() if is_wanted(PurePosixPath(path)))

    return wanted


def used(tmp_path: Path, library: tuple[str, str], before: Texts, after: Texts) -> Usage:
    """What the files of two releases of ``lib`` show; ``library`` is its text in each."""
    old, new = (
        release(tmp_path / each, text, each).surface for each, text in zip(("1.0.0", "2.0.0"), library, strict=True)
    )
    return usage(old, new, files(before), files(after))


def learned(tmp_path: Path, library: tuple[str, str], before: Texts, after: Texts) -> LearnedPack:
    """What two releases of ``lib`` teach, with what their files show."""
    first, last = (release(tmp_path / each, text, each) for each, text in zip(("1.0.0", "2.0.0"), library, strict=True))
    shown = usage(first.surface, last.surface, files(before), files(after))
    return learn(first, last, releases=("1.0.0", "2.0.0"), reference=NOTES, used=shown)
