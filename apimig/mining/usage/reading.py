"""The tests, examples and documentation of two releases -> pairs of code that changed, and calls of the old release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from apimig.mining.diffs.pairs import Pair
from apimig.mining.usage.calls import Call, Calls
from apimig.mining.usage.pairing import Counterparts, pair
from apimig.mining.usage.texts import Text, is_read, parsed, texts
from apimig.mining.usage.watched import Watched, watched
from apimig.surface.model import Surface

Files = Callable[[Callable[[PurePosixPath], bool]], Iterable[tuple[str, str]]]
"""The files of a release that are wanted, by their paths, each with its text."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What two releases show of the names that changed between them."""

    watched: Watched
    pairs: tuple[Pair, ...] = ()
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)


def usage(
    old: Surface, new: Surface, old_files: Files, new_files: Files, conventional: Mapping[str, str] | None = None
) -> Usage:
    """Read the files of both releases, as far as they name what changed: of the new one those that the old one has."""
    what = watched(old, new)
    before = _by_path(texts(old_files(is_read), what.names))
    names = {PurePosixPath(path.partition(":")[0]).name for path in before}
    after = _by_path(texts(new_files(lambda path: path.name in names and is_read(path)), lambda _text: True))
    counterparts, found, called = Counterparts(after, before), list[Pair](), Calls(what, conventional or {})
    for text in sorted(before.values(), key=lambda each: (each.is_test, len(each.code))):
        module, other = parsed(text.code), counterparts.of(text)
        if module is None:
            continue
        called.read(text, module)
        if other is not None and (made := pair(text, module, other, what, new)) is not None:
            found.append(made)
    return Usage(what, tuple(sorted(found, key=lambda each: each.place)), called.by_name())


def _by_path(found: Iterable[Text]) -> dict[str, Text]:
    return {each.path: each for each in found}
