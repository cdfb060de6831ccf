"""Texts of a release's archive, read in memory: nothing is unpacked to disk, and nothing runs."""

from __future__ import annotations

import contextlib
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from apimig.errors import ApimigError

Wanted = Callable[[PurePosixPath], bool]


def texts_of(archive: Path, wanted: Wanted, largest: int) -> Iterator[tuple[str, str]]:
    """The wanted files of a source archive up to a size in bytes, as paths below its one folder and their text.

    Files that are no UTF-8 are left out. Raises ApimigError for a file that is no archive, or that is damaged.
    """
    try:
        read = _from_zip if zipfile.is_zipfile(archive) else _from_tar
        for path, data in read(archive, wanted, largest):
            with contextlib.suppress(UnicodeDecodeError):
                yield path.as_posix(), data.decode("utf-8-sig")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ApimigError(f"{archive.name} cannot be read: {error}") from error


def _from_tar(archive: Path, wanted: Wanted, largest: int) -> Iterator[tuple[PurePosixPath, bytes]]:
    with tarfile.open(archive) as tarred:
        for member in tarred:
            path = _below(member.name)
            if member.isfile() and member.size <= largest and wanted(path):
                stream = tarred.extractfile(member)
                if stream is not None:
                    yield path, stream.read()


def _from_zip(archive: Path, wanted: Wanted, largest: int) -> Iterator[tuple[PurePosixPath, bytes]]:
    with zipfile.ZipFile(archive) as zipped:
        for info in zipped.infolist():
            path = _below(info.filename)
            if not info.is_dir() and info.file_size <= largest and wanted(path):
                with zipped.open(info) as stream:
                    yield path, stream.read(largest)


def _below(name: str) -> PurePosixPath:
    """The path without the folder that all of a source archive lies in."""
    return PurePosixPath(*PurePosixPath(name).parts[1:])
