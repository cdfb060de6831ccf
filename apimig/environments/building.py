"""Builds environments and keeps them: a folder for each set of packages under each Python, never changed once there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from apimig.environments import building_from_source as sources
from apimig.environments.model import Environment, Request
from apimig.environments.resolving import Resolution, as_of, resolve, unbuilt, without
from apimig.errors import ApimigError
from apimig.rulebook.cache import folder as cache_folder
from apimig.uv import run_uv

_FORMAT = 1
_RECORD = "environment.json"
_BEGUN = ".building-"
_STALE = 24 * 3600  # seconds after which what was begun is nobody's any more


def build(
    request: Request, *, cache: Path | None = None, tell: Callable[[str], None] | None = None
) -> tuple[Environment, ...]:
    """An environment for each version of the request, taken from the cache or built there.

    What has no wheel and cannot be built is left out. Raises ApimigError with uv's words when one cannot be made.
    """
    tell = tell or (lambda _text: None)
    place = (cache or cache_folder()) / "environments"
    notes: tuple[str, ...] = ()
    while True:
        tell(f"choosing packages for {request.library} {' and '.join(request.versions)}")
        found = []
        try:
            for version, resolution in zip(request.versions, resolve(request), strict=True):
                tell(f"building an environment with {request.library} {version}")
                found.append(_environment(request, replace(resolution, notes=(*notes, *resolution.notes)), place))
        except UnbuiltError as error:
            request, gone = without(request, error.names)
            if not gone:
                raise
            notes += gone
        else:
            return tuple(found)


class UnbuiltError(ApimigError):
    """Some packages could not be built; ``names`` are theirs."""

    names: frozenset[str] = frozenset()


def key_of(resolution: Resolution) -> str:
    """Changes with the packages, their hashes, the Python and the machine."""
    parts = (
        str(_FORMAT),
        resolution.locked,
        resolution.python.version,
        str(resolution.python.path),
        platform.platform(),
    )
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def _environment(request: Request, resolution: Resolution, place: Path) -> Environment:
    key = key_of(resolution)
    target = place / key
    if (kept := _kept(target, resolution)) is not None:
        return kept
    shutil.rmtree(target, ignore_errors=True)  # what is there is damaged
    with _begun(place, key) as folder:
        _install(request, resolution, folder)
        python = _python(folder)
        site = _site(folder)
        record = Environment(
            target / python.relative_to(folder), target / site.relative_to(folder), resolution.python.version,
            resolution.installed, key, resolution.attempt, resolution.notes, resolution.day.others,
        )  # fmt: skip
        text = json.dumps({"format": _FORMAT, **asdict(record)}, default=str)
        (folder / _RECORD).write_text(text, encoding="utf-8")
        with contextlib.suppress(OSError):  # another process was faster: its environment is the same
            folder.rename(target)
    if (made := _kept(target, resolution)) is None:
        raise ApimigError(f"{target} cannot be written", help="Set APIMIG_CACHE_DIR to another folder.")
    return made


def _kept(target: Path, resolution: Resolution) -> Environment | None:
    """The environment in a folder of the cache; None when there is none, or its Python is gone."""
    try:
        said = json.loads((target / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    python = Path(said["python"])
    if said.get("format") != _FORMAT or not python.exists():
        return None
    return Environment(
        python, Path(said["site"]), said["interpreter"], said["installed"], said["key"],
        resolution.attempt, resolution.notes, resolution.day.others,
    )  # fmt: skip


@contextlib.contextmanager
def _begun(place: Path, key: str) -> Iterator[Path]:
    """A folder beside the finished ones, which is gone in the end, however that comes."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        folder = Path(tempfile.mkdtemp(prefix=f"{_BEGUN}{key}-{os.getpid()}-", dir=place))
    except OSError as error:
        raise ApimigError(
            f"{place} cannot be written: {error}", help="Set APIMIG_CACHE_DIR to another folder."
        ) from error
    try:
        yield folder / "environment"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Remove what processes left that were killed while they built."""
    for each in place.glob(f"{_BEGUN}*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            owner = int(each.name.split("-")[2])
            if not _alive(owner) or time.time() - each.stat().st_mtime > _STALE:
                shutil.rmtree(each, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _install(request: Request, resolution: Resolution, folder: Path) -> None:
    downloads = request.choices.downloads
    made_by = ("--python", str(resolution.python.path), str(folder))
    done = run_uv("venv", "--quiet", "--relocatable", "--no-config", *made_by, downloads=downloads)
    _demand(done, f"{resolution.python.version} cannot be set up")
    locked = folder / "locked.txt"
    locked.write_text(resolution.locked, encoding="utf-8")
    arguments = [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-config",
        *_compiling(resolution.python.version),
        "--python",
        str(_python(folder)),
    ]
    arguments += ["--only-binary", ":all:"]
    for name in sorted(resolution.source):
        arguments += ["--no-binary", name]
    if request.choices.offline:
        arguments.append("--offline")
    arguments += ["-r", str(locked)]
    if not resolution.source:
        _demand(run_uv(*arguments), "The packages cannot be installed")
        return
    confined = sources.confined(folder, resolution.python.path).command
    for tools in dict.fromkeys((resolution.tools, True)):
        done = run_uv(*arguments, *as_of(request, resolution.day.date, tools=tools), confine=confined)
        if not unbuilt(done.stderr):
            break
    if names := unbuilt(done.stderr) & resolution.source if done.returncode else None:
        error = UnbuiltError(f"{', '.join(sorted(names))} cannot be built: {' '.join(done.stderr.split())}")
        error.names = names
        raise error
    _demand(done, "The packages cannot be installed")


def _compiling(python: str) -> tuple[str, ...]:
    """What makes uv compile what it installs, which it cannot for the oldest Pythons."""
    major, minor = map(int, python.split(".")[:2])
    return ("--compile-bytecode",) if (major, minor) >= (3, 7) else ()


def _demand(done: subprocess.CompletedProcess[str], otherwise: str) -> None:
    if done.returncode:
        raise ApimigError(f"{otherwise}: {' '.join(done.stderr.split())}")


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if (folder / "Scripts").is_dir() else "bin/python")


def _site(folder: Path) -> Path:
    windows = folder / "Lib" / "site-packages"
    return windows if windows.is_dir() else next(folder.glob("lib/python*/site-packages"))
