"""The project's dependency files: which versions the code runs on now, and their pins after the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from apimig import scan
from apimig.records import FileChange, Outcome, Rewritten, Skipped
from apimig.rulebook import Request
from apimig.rulebook.rule import Library, Rule

if TYPE_CHECKING:
    from apimig.pins import FileKind, PinChange

# The pins room is imported where there is a dependency file: a run over one script has none.


@dataclass(frozen=True, slots=True)
class Pinned:
    """The files whose pins were moved, and what is to be said about them."""

    changes: tuple[FileChange, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class Pinning:
    """The dependency files at and above the paths of a run; only those below the paths are changed."""

    def __init__(self, root: Path, paths: Sequence[Path], manifests: Sequence[Path]) -> None:
        self.root = root
        self.below = _files(root, manifests)
        self.outside = {k: kind for k, kind in _files(root, [*_above(root, paths)]).items() if k not in self.below}

    def versions(self, requests: Sequence[Request]) -> dict[str, str]:
        """The version of each library that the project's pins say it runs on, where they do."""
        names = [*self.below, *self.outside]
        if not names:
            return {}
        from apimig.pins import find_pins, pinned_version

        found = {r.library: pinned_version(find_pins(self.root, names, r.library)) for r in requests}
        return {library: str(version) for library, version in found.items() if version is not None}

    def moved(
        self,
        requests: Sequence[Request],
        libraries: Sequence[Library],
        needed: Mapping[str, Version],
        edited: Mapping[str, bytes],
    ) -> Pinned:
        """All pins moved to the requests' versions; ``edited`` are new contents that the run has for some files.

        ``needed`` is, for each library, the oldest version on which the edited code works.
        """
        releases = {lib.distribution: [Version(release) for release in lib.releases] for lib in libraries}
        files = [
            self._file(name, kind, requests, releases, needed, edited) for name, kind in sorted(self.below.items())
        ]
        return Pinned(
            tuple(change for pinned in files for change in pinned.changes),
            (*(note for pinned in files for note in pinned.notes), *self._left_outside(requests)),
            tuple(skipped for pinned in files for skipped in pinned.skipped),
        )

    def _file(
        self,
        name: str,
        kind: FileKind,
        requests: Sequence[Request],
        releases: Mapping[str, Sequence[Version]],
        needed: Mapping[str, Version],
        edited: Mapping[str, bytes],
    ) -> Pinned:
        raw = scan.load(self.root / name, self.root)
        if isinstance(raw, Skipped):
            return Pinned(skipped=(raw,))
        from apimig.pins import upgrade_pins

        text = edited.get(name, raw)
        notes: list[str] = []
        for request in requests:
            change = upgrade_pins(
                name,
                text,
                request.library,
                request.asked,
                literal=request.literal,
                releases=releases.get(request.library, ()),
                lower_bound=needed.get(request.library),
                kind=kind,
            )
            if change.skipped is not None:
                return Pinned(skipped=(change.skipped,))
            text = change.after
            notes += _notes(change, request.library)
        changes = () if text == edited.get(name, raw) else (FileChange(self.root / name, name, raw, text),)
        return Pinned(changes, tuple(notes))

    def _left_outside(self, requests: Sequence[Request]) -> Iterator[str]:
        if not self.outside:
            return
        from apimig.pins import find_pins

        for request in requests:
            for pin in find_pins(self.root, self.outside, request.library):
                yield f"{pin.location}: pins {request.library}, and was left: it is not below the paths given"


def _files(root: Path, manifests: Sequence[Path]) -> dict[str, FileKind]:
    if not manifests:
        return {}
    from apimig.pins import dependency_files

    return dependency_files(root, [scan.name_of(path, root) for path in manifests])


def needed_versions(outcomes: Sequence[Outcome], rules: Mapping[str, Rule]) -> dict[str, Version]:
    """For each library, the oldest version on which all code that was rewritten works."""
    needed: dict[str, Version] = {}
    for outcome in outcomes:
        rule = rules.get(outcome.rule)
        runs = isinstance(outcome, Rewritten) and not outcome.prose
        if runs and rule is not None and rule.replacement_since:
            since = Version(rule.replacement_since)
            needed[rule.library] = max(needed.get(rule.library, since), since)
    return needed


def _notes(change: PinChange, library: str) -> Iterator[str]:
    for edit in change.edits:
        yield f"{edit.location}: {library} {edit.before} became {edit.after}"
    yield from change.notes


def _above(root: Path, paths: Sequence[Path]) -> Iterator[Path]:
    """Dependency files in the folders from the paths up to the root."""
    folders: dict[Path, None] = {}
    for path in paths:
        real = path.resolve()
        for folder in [real, *real.parents]:
            if folder.is_dir() and folder.is_relative_to(root):
                folders[folder] = None
    for folder in folders:
        try:
            yield from sorted(file for file in folder.iterdir() if scan.is_manifest(file) and file.is_file())
        except OSError:
            continue
