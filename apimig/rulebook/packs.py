"""Where rules come from: the shipped folder, the wheels of installed libraries, ``--rules DIR``.

A source holds one folder a library, ``<library>/*.yaml``: a pack. ``DIR`` may also be a pack itself. An
installed distribution brings packs along by an entry point of the group ``apimig.rules`` whose value is the
dotted path of a folder in it::

    [project.entry-points."apimig.rules"]
    mylib = "mylib.apimig_rules"        # mylib/apimig_rules/<library>/*.yaml

Such a folder is only read: nothing of the distribution is imported. One with mistakes in it is left out, with a note.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apimig import shipped
from apimig.errors import UsageError

GROUP = "apimig.rules"
LIBRARY_FILE = "_library.yaml"
CANDIDATES = "candidates"  # the folder beside a pack's rules with those that nobody has accepted yet
_LIBRARY_LINE = re.compile(r"^library:\s*[\"']?([\w.-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pack:
    """One library's rule files in one folder; ``origin`` says who brought it.

    A ``foreign`` pack came with an installed distribution: its mistakes are not the user's to mend.
    """

    folder: Path
    library: str
    origin: str
    files: tuple[Path, ...]
    foreign: bool = False


def normalise(distribution: str) -> str:
    """The distribution's name as indexes compare it: ``Scikit_Learn`` is ``scikit-learn``."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def find_packs(folders: Iterable[Path | str] = ()) -> tuple[Pack, ...]:
    """All packs, weakest first: shipped, installed, then ``folders`` in their order."""
    found = list(_packs(shipped.folder("rules"), "apimig"))
    for name, folder in installed_sources():
        found += [replace(pack, foreign=True) for pack in _packs(folder, name)]
    for folder in dict.fromkeys(Path(given).resolve() for given in folders):
        if not folder.is_dir():
            raise UsageError(
                f"{folder} is not a folder with rules", help="Give the folder that holds <library>/*.yaml."
            )
        own = list(_packs(folder, str(folder)))
        if not own:
            raise UsageError(f"{folder} holds no rules", help="Rules are files <library>/<change>.yaml in it.")
        found += own
    return tuple(found)


def _packs(root: Path, origin: str) -> Iterator[Pack]:
    if not root.is_dir():
        return
    if files := _rule_files(root):
        yield Pack(root, _library_of(files) or normalise(root.name), origin, files)
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and folder.name != CANDIDATES and (files := _rule_files(folder)):
            yield Pack(folder, normalise(folder.name), origin, files)


def _rule_files(folder: Path) -> tuple[Path, ...]:
    """The YAML files of a folder; dot files (an editor's locks and backups) are not rules."""
    found = [p for p in folder.iterdir() if p.suffix in (".yaml", ".yml") and not p.name.startswith(".")]
    return tuple(sorted(found))


def _library_of(files: Sequence[Path]) -> str | None:
    """The library a pack given by its own folder is about: that folder may have any name."""
    for path in files:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # reported when the file itself is loaded
        if match := _LIBRARY_LINE.search(text):
            return normalise(match[1])
    return None


# --------------------------------------------------------------------------- installed distributions


def installed_sources(path: Sequence[str] | None = None) -> Iterator[tuple[str, Path]]:
    """(origin, folder) of every entry point of the group, found without importing the distributions.

    Reading the metadata of all distributions costs far more than a run without such a library, so
    only the entry point files that name the group are parsed.
    """
    for entry in dict.fromkeys(sys.path if path is None else path):
        for metadata in _metadata_folders(Path(entry)):
            for distribution, value in _entry_points(metadata):
                folder = _folder_of(value, Path(entry))
                if folder is not None:
                    yield distribution, folder


def _metadata_folders(entry: Path) -> Iterator[Path]:
    try:
        names = [p for p in entry.iterdir() if p.suffix in (".dist-info", ".egg-info")]
    except OSError:
        return
    yield from sorted(names)


def _entry_points(metadata: Path) -> Iterator[tuple[str, str]]:
    try:
        text = (metadata / "entry_points.txt").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if GROUP not in text:
        return
    from importlib.metadata import PathDistribution

    distribution = PathDistribution(metadata)
    for point in distribution.entry_points:
        if point.group == GROUP:
            yield distribution.name, point.value


def _folder_of(value: str, site: Path) -> Path | None:
    """The folder that a dotted path names: beside the metadata, or where an editable install leads."""
    parts = value.partition(":")[0].strip().split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    candidates = [site.joinpath(*parts)]
    try:
        spec = importlib.util.find_spec(parts[0])  # a top-level name: finding it does not import it
    except (ImportError, ValueError):
        spec = None
    candidates += [Path(p).joinpath(*parts[1:]) for p in (spec and spec.submodule_search_locations) or ()]
    return next((candidate for candidate in candidates if candidate.is_dir()), None)
