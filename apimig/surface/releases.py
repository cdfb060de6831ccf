"""Which releases of a distribution exist, as the package index says; asked once a day."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from functools import cache
from pathlib import Path

from packaging.version import InvalidVersion, Version

from apimig.rulebook.cache import folder as cache_folder
from apimig.rulebook.packs import normalise
from apimig.surface import store
from apimig.surface.fetching import pip_command
from apimig.surface.shipment import shipped_versions

_DAY = 24 * 3600
_LISTED = re.compile(r"^Available versions: (.+)$", re.MULTILINE)
_TIMEOUT = 60


@cache
def releases(distribution: str, *, offline: bool = False) -> tuple[str, ...]:
    """The final releases of a distribution, oldest first; none where the index does not know the name.

    With ``offline``, or where no index answers, those whose surfaces are shipped or cached.
    """
    here = {*shipped_versions(distribution), *store.known_versions(distribution)}
    listed = () if offline else _remembered(distribution) or _asked(distribution)
    return _final({*here, *listed})


def _final(versions: set[str]) -> tuple[str, ...]:
    known: dict[Version, str] = {}
    for text in versions:
        with contextlib.suppress(InvalidVersion):
            version = Version(text)
            if not version.is_prerelease:
                known[version] = text
    return tuple(known[version] for version in sorted(known))


def _asked(distribution: str) -> tuple[str, ...]:
    command = [*pip_command(), "index", "versions", distribution, "--disable-pip-version-check", "--no-input"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return ()
    match = _LISTED.search(done.stdout)
    found = tuple(each.strip() for each in match.group(1).split(",")) if match else ()
    if found:
        _remember(distribution, found)
    return found


def _file(distribution: str) -> Path:
    return cache_folder() / "releases" / f"{normalise(distribution)}.json"


def _remembered(distribution: str) -> tuple[str, ...]:
    with contextlib.suppress(OSError, ValueError, RuntimeError, KeyError, TypeError):
        said = json.loads(_file(distribution).read_text("utf-8"))
        if 0 <= time.time() - said["asked"] < _DAY:
            return tuple(said["versions"])
    return ()


def _remember(distribution: str, versions: tuple[str, ...]) -> None:
    from apimig.rulebook.cache import replace_file

    with contextlib.suppress(OSError, RuntimeError):
        content = json.dumps({"asked": time.time(), "versions": versions})
        replace_file(_file(distribution), content.encode("ascii"))
