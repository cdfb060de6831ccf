"""Gets the file of a release: given as a path, or downloaded by pip in a process of its own.

pip is told to take wheels only and to leave dependencies alone, so nothing of the release runs. Where a release has
no wheel for any Python we know, its source archive is taken, at the address that pip found, without building it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urldefrag

from apimig.errors import UnknownVersionError, UsageError
from apimig.uv import find_uv

# Newest first; what an old release has wheels for. None is the running Python's own.
_PYTHONS = (None, "3.12", "3.11", "3.10", "3.9", "3.8", "3.7", "3.6", "2.7")
_SOURCE = re.compile(
    r"(?:Link requires|Skipping link|Found link)[^\n]*?((?:https?|file)://[^\s#]+\.(?:tar\.gz|zip|tar\.bz2)(?:#\S+)?)"
)
_UNREACHABLE = (
    "ConnectionError",
    "NewConnectionError",
    "ProxyError",
    "Temporary failure in name resolution",
    "ReadTimeout",
)
_TIMEOUT = 1800
_LISTING = 60
_LARGEST = 300_000_000  # bytes of a source archive


def digest_of(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def download(distribution: str, version: str, into: Path) -> Path:
    """The wheel of a release, else its source archive, in the folder ``into``.

    Raises UnknownVersionError when the index has no such release, UsageError when no index can be reached.
    """
    said = ""
    for python in _PYTHONS:
        done = _pip(distribution, version, into, python)
        said += done.stdout + done.stderr
        if done.returncode == 0 and (file := _newest(into)) is not None:
            return file
        if any(sign in done.stderr for sign in _UNREACHABLE) and "from versions: none" in done.stderr:
            raise UsageError(
                f"{distribution} {version} cannot be downloaded: the package index is not reached",
                help="Try again with a network, or give the wheel's path instead of the version.",
            )
        if "from versions: none" in done.stderr and "Skipping link" not in said:
            break  # there is no such distribution
    if (source := _source_archive(distribution, version, said, into)) is not None:
        return source
    raise UnknownVersionError(
        f"{distribution} {version} was not found on the package index", help=_known_versions(said)
    )


def _pip(distribution: str, version: str, into: Path, python: str | None) -> subprocess.CompletedProcess[str]:
    options = ["download", "-vv", "--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]
    options += ["--progress-bar", "off", "--dest", str(into)]
    if python is not None:
        options += ["--python-version", python]
    command = [*pip_command(), *options, f"{distribution}=={version}"]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{distribution} {version} cannot be downloaded: no answer in {_TIMEOUT} s") from error


def download_source(distribution: str, version: str, into: Path) -> Path | None:
    """The source archive of a release, in the folder ``into``; None where it has none, or no index can be reached.

    pip says where it lies and is not asked for the file itself: to get a source archive it would run its build.
    """
    return _source_archive(distribution, version, _addresses(distribution), into)


@cache
def _addresses(distribution: str) -> str:
    """What pip says of all files of a distribution; nothing where no index answers."""
    command = [*pip_command(), "index", "versions", distribution, "-vv", "--no-input", "--disable-pip-version-check"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LISTING, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout + done.stderr


def pip_command() -> Sequence[str]:
    """The command that starts pip: of this environment, else the one that uv brings. Raises UsageError without both."""
    from importlib.util import find_spec

    if find_spec("pip") is not None:
        return (sys.executable, "-m", "pip")
    uv = find_uv()
    if uv is None:
        raise UsageError("Releases are downloaded with pip or uv, and neither is installed", help="Install uv.")
    return (uv, "run", "--no-project", "--quiet", "--with", "pip", "python", "-m", "pip")


def _newest(folder: Path) -> Path | None:
    files = [each for each in folder.iterdir() if each.suffix in (".whl", ".gz", ".zip", ".bz2")]
    return max(files, key=lambda each: each.stat().st_mtime, default=None)


def _known_versions(said: str) -> str:
    lists = re.findall(r"from versions: ([^)]*)\)", said)
    versions = max(lists, key=len, default="").strip()
    return f"Known releases: {versions}" if versions and versions != "none" else "Look at the spelling of its name."


def _source_archive(distribution: str, version: str, said: str, into: Path) -> Path | None:
    for address in _source_addresses(distribution, version, said):
        plain, fragment = urldefrag(address)
        file = into / unquote(plain.rpartition("/")[2])
        try:
            with urllib.request.urlopen(plain, timeout=120) as answer, file.open("wb") as out:  # noqa: S310 - pip's own link
                _copy(answer, out)
        except (urllib.error.URLError, OSError):
            file.unlink(missing_ok=True)
            continue
        wanted = fragment.removeprefix("sha256=")
        if fragment.startswith("sha256=") and digest_of(file) != wanted:
            file.unlink()
            continue
        return file
    return None


def _copy(answer: IO[bytes], out: IO[bytes]) -> None:
    """Copy what is sent, as far as it has a size that a release can have. Raises OSError."""
    left = _LARGEST
    while chunk := answer.read(1 << 20):
        left -= len(chunk)
        if left < 0:
            raise OSError(f"more than {_LARGEST} bytes")
        out.write(chunk)


def _source_addresses(distribution: str, version: str, said: str) -> Iterator[str]:
    name = re.sub(r"[-_.]+", "[-_.]+", re.escape(distribution).replace("\\-", "-").replace("\\.", "."))
    wanted = re.compile(rf"^{name}-{re.escape(version)}\.(tar\.gz|zip|tar\.bz2)$", re.IGNORECASE)
    for address in dict.fromkeys(_SOURCE.findall(said)):
        if wanted.match(unquote(urldefrag(address)[0].rpartition("/")[2])):
            yield address
