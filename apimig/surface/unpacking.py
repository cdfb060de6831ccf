"""Unpacks what a surface is read from: Python files and stubs of a wheel or source archive, into one folder only."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from apimig.errors import ApimigError

# Tests are no surface, and reading those of pandas takes longer than reading pandas.
_LEFT_OUT = frozenset({"tests", "testsuite"})
_NOT_IMPORTED = frozenset(
    {"setup", "conftest", "tests", "test", "docs", "doc", "examples", "benchmarks", "tools", "scripts"}
)
_SUFFIXES = (".py", ".pyi")
# Labels of project addresses, normalised as packaging.python.org's "Well-known Project URLs" says, best first.
_TELLING = ("releasenotes", "changelog", "changes", "whatsnew", "history", "news", "documentation", "docs", "homepage")
_LARGEST = 20_000_000  # bytes of one file: more is data


@dataclass(frozen=True, slots=True)
class Unpacked:
    """``folder`` holds the packages ``roots``; ``typed`` when the release says that its annotations are complete.

    ``notes`` is the address that its metadata gives for what changed, else for its documentation, else its home.
    """

    folder: Path
    roots: tuple[str, ...]
    name: str = ""
    version: str = ""
    typed: bool = False
    notes: str = ""


def unpack(archive: Path, into: Path) -> Unpacked:
    """Unpack a wheel or source archive. Raises ApimigError for a file that is neither, or that is damaged."""
    try:
        if zipfile.is_zipfile(archive):
            return _from_zip(archive, into)
        return _from_tar(archive, into)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ApimigError(f"{archive.name} cannot be unpacked: {error}") from error


def _from_zip(archive: Path, into: Path) -> Unpacked:
    with zipfile.ZipFile(archive) as zipped:
        names = [info.filename for info in zipped.infolist() if info.file_size <= _LARGEST]
        wanted = [name for name in names if _wanted(PurePosixPath(name))]
        for name in wanted:
            _write(into, PurePosixPath(name), lambda name=name: zipped.read(name))  # type: ignore[misc]
        metadata = next((name for name in names if name.endswith((".dist-info/METADATA", "/PKG-INFO"))), "")
        text = zipped.read(metadata).decode("utf-8", "replace") if metadata else ""
        tops = next((name for name in names if name.endswith("/top_level.txt")), "")
        listed = zipped.read(tops).decode("utf-8", "replace").split() if tops else []
    return _described(into, text, listed, typed=any(name.endswith("/py.typed") for name in names))


def _from_tar(archive: Path, into: Path) -> Unpacked:
    text, listed, typed = "", list[str](), False
    with tarfile.open(archive) as tarred:
        for member in tarred:
            path = PurePosixPath(member.name)
            if not member.isfile() or member.size > _LARGEST:
                continue
            safe = tarfile.data_filter(member, str(into))
            if path.name == "PKG-INFO" and (not text or len(path.parts) == 2):
                text = _bytes(tarred, safe).decode("utf-8", "replace")
            elif path.name == "top_level.txt":
                listed = _bytes(tarred, safe).decode("utf-8", "replace").split()
            elif path.name == "py.typed":
                typed = True
            elif _wanted(path):
                _write(into, path, lambda safe=safe: _bytes(tarred, safe))  # type: ignore[misc]
    return _described(_source_folder(into), text, listed, typed=typed)


def _bytes(tarred: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tarred.extractfile(member)
    return b"" if stream is None else stream.read()


def _wanted(path: PurePosixPath) -> bool:
    return path.suffix in _SUFFIXES and not any(part in _LEFT_OUT for part in path.parts[1:-1])


def _write(folder: Path, path: PurePosixPath, content: Callable[[], bytes]) -> None:
    """Write a file below ``folder``; a path that leads out of it is left out."""
    if path.is_absolute() or ".." in path.parts or "\\" in str(path) or ":" in str(path):
        return
    target = folder / _without_data_folder(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content())


def _without_data_folder(path: PurePosixPath) -> PurePosixPath:
    """``x.data/purelib/package/…`` is installed as ``package/…``."""
    parts = path.parts
    if len(parts) > 2 and parts[0].endswith(".data") and parts[1] in ("purelib", "platlib"):
        return PurePosixPath(*parts[2:])
    return path


def _source_folder(into: Path) -> Path:
    """Where the packages of a source archive lie: below its one folder, in ``src`` or ``lib`` or at the top."""
    tops = [each for each in into.iterdir() if each.is_dir()]
    top = tops[0] if len(tops) == 1 else into
    inner = (top / each for each in ("src", "lib", "Lib"))
    return next((each for each in inner if not (each / "__init__.py").exists() and any(_packages(each))), top)


def packages_in(folder: Path) -> tuple[str, ...]:
    """The import names of what lies in a folder."""
    present = _packages(folder)
    return tuple(name for name in present if name not in _NOT_IMPORTED and not name.startswith("_"))


def _described(folder: Path, metadata: str, listed: Iterable[str], *, typed: bool) -> Unpacked:
    present = list(_packages(folder))
    stated = [name for name in listed if name in present]
    roots = sorted(name for name in stated or present if name not in _NOT_IMPORTED and not name.startswith("_"))
    return Unpacked(
        folder, tuple(roots), _field(metadata, "Name"), _field(metadata, "Version"), typed, notes_address(metadata)
    )


def _packages(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    for each in sorted(folder.iterdir()):
        if each.is_dir() and each.name.isidentifier() and _has_code(each):
            yield each.name
        elif each.suffix == ".py" and each.stem.isidentifier():
            yield each.stem


def _has_code(folder: Path) -> bool:
    return any((folder / f"__init__{suffix}").is_file() for suffix in _SUFFIXES) or any(folder.glob("*/__init__.py"))


def _field(metadata: str, name: str) -> str:
    prefix = f"{name}:"
    return next((line.removeprefix(prefix).strip() for line in metadata.splitlines() if line.startswith(prefix)), "")


def notes_address(metadata: str) -> str:
    """Where a distribution tells of its changes, by the addresses in its metadata; empty where they name none."""
    from email.parser import HeaderParser

    headers = HeaderParser().parsestr(metadata)
    found = {"homepage": headers.get("Home-page", "")}
    for line in headers.get_all("Project-URL", ()):
        label, _, address = line.partition(",")
        found["".join(each for each in label.lower() if each.isalnum())] = address.strip()
    usable = {label: each for label, each in found.items() if each.startswith(("https://", "http://"))}
    return next((usable[label] for label in _TELLING if label in usable), "")
