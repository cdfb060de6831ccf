"""The confinement of uv where it builds from source: the code of a package runs then.

It needs the network for what it builds with, so this is less than the sandbox that tests run in: no home, no secrets
of the environment, and with bubblewrap nothing to write to but uv's cache and the folder of the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from apimig import sandbox
from apimig.uv import find_uv, run_uv

# What uv needs to be told to reach an index, and nothing else.
_PASSED = ("UV_", "PIP_", "SSL_CERT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy",
           "no_proxy", "all_proxy", "LANG", "LC_ALL", "TZ")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Confined:
    """``command`` puts the confinement around a command; ``environment`` replaces what is not empty in it."""

    command: Callable[[Sequence[str]], Sequence[str]] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


OPEN = Confined()


def confined(folder: Path, python: Path) -> Confined:
    """Confinement for commands that write to ``folder``."""
    store = Path(uv_cache())
    store.mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if key.startswith(_PASSED)}
    kept["UV_CACHE_DIR"] = str(store)
    how = sandbox.kind()

    def wrapped(command: Sequence[str]) -> Sequence[str]:
        scrubbed = ["/usr/bin/env", "-i", f"PATH={os.environ.get('PATH', os.defpath)}", f"HOME={folder}"]
        scrubbed += [f"{key}={value}" for key, value in kept.items()]
        if not how.name:
            return [*scrubbed, *command]
        return [how.program, *_mounts(folder, python, store), "--", *scrubbed, *command]

    return Confined(wrapped)


def _mounts(folder: Path, python: Path, store: Path) -> list[str]:
    home = Path.home()
    # Root keeps what it may do, and /proc/sys to write to, unless both are taken away.
    mounts = ["--unshare-user", "--cap-drop", "ALL", "--die-with-parent", "--unshare-pid", "--unshare-ipc"]
    mounts += ["--new-session", "--ro-bind", "/", "/", "--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    mounts += ["--tmpfs", "/tmp", "--tmpfs", str(home)]  # noqa: S108 - its own
    prefixes = [python.resolve().parents[1], Path(find_uv() or "/usr/bin/uv").parent]
    for each in prefixes:
        mounts += ["--ro-bind", str(each), str(each)]
    return [*mounts, "--bind", str(store), str(store), "--bind", str(folder), str(folder)]


@cache
def uv_cache() -> str:
    """The folder of uv's cache."""
    return run_uv("cache", "dir").stdout.strip()
