"""Asks a type checker about the receivers that stay unknown, and hands its answers to the resolver.

The files of a run are done once; what they leave open is asked all at once; the files about which there is an answer
are done again. Later passes over such a file see another text: a place is followed back to the text that was asked
about, and counts for as long as the expression there is the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from apimig.pipeline.options import AUTO, OFF
from apimig.pipeline.trace import Trace
from apimig.records import Certainty, Finding, Language, SourceFile, Span, Use, UseKind
from apimig.rulebook import Migration
from apimig.rulebook.rule import Library

if TYPE_CHECKING:
    from apimig.checker import Answer


@dataclass(frozen=True, slots=True)
class Open:
    """The receivers of one file of which nothing is known: its text, and the spans of the expressions there.

    ``quiet`` are those that nobody is asked about but a run.
    """

    name: str
    path: Path
    text: bytes
    spans: tuple[Span, ...]
    quiet: tuple[Span, ...] = ()


def open_in(source: SourceFile, findings: Iterable[Finding], unasked: Iterable[Use] = ()) -> Open | None:
    """What the findings of a file leave open; None where nobody could help.

    The receivers of the ``unasked`` uses are too many to be listed or to be asked about, and of others something is
    known but not all: a run may tell of them.
    """
    if source.language not in (Language.PYTHON, Language.NOTEBOOK):
        return None
    uses = [
        finding.use
        for finding in findings
        if finding.certainty is Certainty.UNKNOWN and finding.use.kind is UseKind.MEMBER and not finding.left_alone
    ]
    spans = {s for use in uses if (s := use.receiver_span) is not None and use.receiver and use.receiver.is_unknown}
    quiet = {s for use in (*uses, *unasked) if (s := use.receiver_span) is not None} - spans
    opened = Open(source.name, source.path, source.text, tuple(sorted(spans)), tuple(sorted(quiet)))
    return opened if spans or quiet else None


NOTHING: tuple[frozenset[str], str, Certainty] = (frozenset(), "", Certainty.UNKNOWN)


@dataclass(slots=True)
class Told:
    """The answers of a run, by file; what the resolver asks."""

    texts: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, dict[Span, Answer]] = field(default_factory=dict)
    _traces: Sequence[Trace] = ()

    def follow(self, traces: Sequence[Trace]) -> None:
        """The patches that were made to the file that is worked on."""
        self._traces = traces

    def __call__(self, source: SourceFile, span: Span) -> tuple[frozenset[str], str, Certainty]:
        """The classes of an expression, the reason and how sure that is, for the resolver."""
        answers = self.answers.get(source.name)
        if answers is None:
            return NOTHING
        start, last = span.start, span.end - 1
        for trace in reversed(self._traces):
            start, last = trace.origin(start), trace.origin(last)
        asked = Span(start, last + 1)
        answer = answers.get(asked)
        same = self.texts[source.name][asked.start : asked.end] == source.text[span.start : span.end]
        if answer is None or not same or answer.open:
            return NOTHING
        return answer.names, answer.reason, answer.certainty


def ask(
    left: Sequence[Open],
    told: Told,
    *,
    types: str,
    root: Path,
    files: Sequence[Path],
    migrations: Sequence[Migration],
    libraries: Sequence[Library],
    cache: bool = True,
) -> tuple[list[Path], list[str]]:
    """Ask about what is left open. Returns the files that are to be done again, and notes.

    ``types`` is "auto" (the checker that comes with the extra, where it and the old release are at hand), "off", or a
    checker's name, for which the old release is downloaded.
    """
    left = [each for each in left if each.spans]
    if types == OFF or not left:
        return [], []
    from apimig import checker  # most runs need no checker
    from apimig.pipeline.releases import Here, release_for

    chosen = checker.find(checker.NAMES[0] if types == AUTO else types)
    if chosen.command() is None:
        return [], [] if types == AUTO else [checker.not_installed(chosen)]
    here = Here(root)
    found = [release_for(m, libraries, here, download=types != AUTO) for m in migrations]
    missing = [str(m) for m, release in zip(migrations, found, strict=True) if release is None]
    releases = tuple(release for release in found if release is not None)
    if not releases:
        return [], [_not_at_hand(chosen.name, left, migrations)]
    world = checker.World(_sources(root), releases, here.packages, _state(root, files) if cache else "")
    questions = {(o.name, s): checker.Question(_as_module(o.path), o.text, s) for o in left for s in o.spans}
    asked = checker.ask(list(questions.values()), chosen, world)
    notes = [*asked.notes, *(f"{each}: its old release was not found, so no type checker read it" for each in missing)]
    return _take(left, {key: asked.answers[question] for key, question in questions.items()}, told), notes


def _not_at_hand(name: str, left: Sequence[Open], migrations: Sequence[Migration]) -> str:
    count = sum(len(each.spans) for each in left)
    libraries = " and ".join(sorted({m.library for m in migrations}))
    return (
        f"{name} was not asked about {count} receivers of unknown type, since the old release of {libraries} is not at "
        f"hand; --types {name} downloads it"
    )


def _take(left: Sequence[Open], answers: Mapping[tuple[str, Span], Answer], told: Told) -> list[Path]:
    """Keep the answers; the files about which there is one."""
    again = []
    for each in left:
        known = {span: answer for span in each.spans if (answer := answers[each.name, span]).names}
        if known:
            told.texts[each.name], told.answers[each.name] = each.text, known
            again.append(each.path)
    return again


def _as_module(path: Path) -> Path:
    """The path under which a checker sees a file: a notebook's code cells are one module to us."""
    return path.with_name(f"{path.stem}_notebook.py") if path.suffix == ".ipynb" else path


def _sources(root: Path) -> tuple[Path, ...]:
    """The folders that the project's own modules are imported from."""
    return tuple(folder for folder in (root, root / "src", root / "lib") if _holds_modules(folder, root))


def _holds_modules(folder: Path, root: Path) -> bool:
    return folder == root or (folder.is_dir() and not (folder / "__init__.py").exists())


def _state(root: Path, files: Sequence[Path]) -> str:
    """Changes when any file of the project does."""
    state = hashlib.blake2b(os.fsencode(root), digest_size=16)
    for path in sorted(files):
        try:
            about = path.stat()
        except OSError:
            continue
        state.update(os.fsencode(path) + b"\0%d\0%d\0" % (about.st_size, about.st_mtime_ns))
    return state.hexdigest()
