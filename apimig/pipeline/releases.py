"""The old releases that a type checker reads: in the project's environment, in the cache, or downloaded into it.

They are only read: no interpreter of the project is started, and nothing of a release runs.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from apimig.checker import Release
from apimig.errors import ApimigError
from apimig.rulebook import Migration
from apimig.rulebook.cache import folder as cache_folder
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library
from apimig.rulebook.selection import find_library

_ENVIRONMENTS = (".venv", "venv", "env")
_INSTALLED = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.(?:dist|egg)-info$")


class Here:
    """The packages of the project's environment: the active one, or one in its root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def packages(self) -> tuple[Path, ...]:
        """The folders that hold them."""
        active = os.environ.get("VIRTUAL_ENV", "")
        places = [self._root / name for name in _ENVIRONMENTS]
        if active and Path(active).is_dir() and (self._root / "x").is_relative_to(Path(active).parent):
            places.insert(0, Path(active))
        return tuple(dict.fromkeys(folder for place in places for folder in _site_packages(place)))

    def release(self, library: str, imports: Sequence[str]) -> Release | None:
        """The release that is installed there."""
        for folder in self.packages:
            for info in folder.glob("*-info"):
                match = _INSTALLED.match(info.name)
                if match is None or normalise(match["name"]) != normalise(library):
                    continue
                if all((folder / name).is_dir() for name in imports):
                    return Release(library, match["version"], (folder,))
        return None


def _site_packages(environment: Path) -> Iterator[Path]:
    if (environment / "pyvenv.cfg").is_file():
        yield from sorted(environment.glob("lib/python3*/site-packages"))
        yield from environment.glob("Lib/site-packages")


def release_for(m: Migration, libraries: Sequence[Library], here: Here, *, download: bool) -> Release | None:
    """What a checker is to read for a migration; None where it is not at hand and not to be downloaded, or not found.

    An installed release counts where it is an old one. Where nothing says what the code was written for, the newest
    release before the target is read.
    """
    library = find_library(m.library, libraries)
    installed = here.release(m.library, library.imports)
    if installed is not None and _is_before(installed.version, m.to_version):
        return installed
    version = _version(m, library)
    place = cache_folder() / "releases" / f"{normalise(m.library)}-{version}"
    if not place.is_dir() and not (download and _downloaded(m.library, version, library.imports, place)):
        return None
    return Release(m.library, version, tuple(each for each in (place, place / "stubs") if each.is_dir()))


def _version(m: Migration, library: Library) -> str:
    if m.from_version != library.oldest:
        return m.from_version
    before = [each for each in library.releases if _is_before(each, m.to_version)]
    return before[-1] if before else m.from_version


def _is_before(version: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version

    with contextlib.suppress(InvalidVersion):
        return Version(version) < Version(other)
    return False


def _downloaded(library: str, version: str, imports: Sequence[str], place: Path) -> bool:
    """Whether the release is unpacked now; its stubs go beside it, under ``stubs``."""
    from apimig.surface.fetching import download
    from apimig.surface.publicity import conventions
    from apimig.surface.unpacking import unpack

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            whole = Path(scratch) / "whole"
            unpack(download(library, version, _folder(Path(scratch) / "file")), whole)
            stubs = conventions(tuple(imports)).stubs
            numbers = version.split(".")
            for wanted in (f"{version}.*", ".".join([*numbers[:2], "*"])) if stubs else ():
                with contextlib.suppress(ApimigError):
                    file = download(stubs, wanted, _folder(Path(scratch) / f"stubs-{wanted[:-2]}"))
                    unpack(file, whole / "stubs")
                    break
            shutil.move(whole, place)
    except (ApimigError, OSError):
        return False
    return True


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
