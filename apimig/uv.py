"""Calls uv, and tells which Pythons are installed: the one place that starts either."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from apimig.errors import ApimigError

WAIT = 1800  # seconds: a large library over a slow line
# When each Python came out: a release is used under one of its time. Newest first.
PYTHONS: Mapping[str, date] = {
    "3.14": date(2025, 10, 7), "3.13": date(2024, 10, 7), "3.12": date(2023, 10, 2), "3.11": date(2022, 10, 24),
    "3.10": date(2021, 10, 4), "3.9": date(2020, 10, 5), "3.8": date(2019, 10, 14), "3.7": date(2018, 6, 27),
    "3.6": date(2016, 12, 23),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An installed CPython: ``version`` is ``3.10.13``, ``series`` ``3.10``."""

    path: Path
    version: str

    @property
    def series(self) -> str:
        """Major and minor version."""
        return ".".join(self.version.split(".")[:2])

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(int(part) for part in self.version.split(".") if part.isdigit())


def find_uv() -> str | None:
    """The uv program beside this Python, else on the path."""
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def run_uv(
    *arguments: str,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
    confine: Callable[[Sequence[str]], Sequence[str]] | None = None,
    wait: float = WAIT,
    downloads: bool = False,
) -> subprocess.CompletedProcess[str]:
    """What uv answers; with ``downloads`` it may fetch a Python. ``confine`` puts a sandbox around the command.

    Raises ApimigError when there is no uv, subprocess.TimeoutExpired after ``wait`` seconds.
    """
    uv = find_uv()
    if uv is None:
        raise ApimigError("Environments are built with uv, which is not installed", help="Install uv.")
    command: Sequence[str] = [uv, *arguments, *(() if downloads else ("--no-python-downloads",))]
    return subprocess.run(
        confine(command) if confine is not None else command,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=wait,
        env={**(os.environ if environment is None else environment), "PATH": search_path()},
    )


def search_path() -> str:
    """The search path with the Pythons of pyenv themselves in place of its shims, which answer for one of them only."""
    folders = [each for each in os.environ.get("PATH", os.defpath).split(os.pathsep) if each]
    shims = [each for each in folders if Path(each).name == "shims" and (Path(each).parent / "versions").is_dir()]
    pythons = [str(each) for shim in shims for each in sorted((Path(shim).parent / "versions").glob("*/bin"))]
    return os.pathsep.join([*(each for each in folders if each not in shims), *pythons])


@cache
def interpreters(*, downloads: bool = False) -> tuple[Interpreter, ...]:
    """The CPythons that uv finds, newest first, one of each series; with ``downloads`` also those it could fetch."""
    which = () if downloads else ("--only-installed",)
    done = run_uv("python", "list", *which, "--output-format", "json", downloads=downloads)
    try:
        listed = json.loads(done.stdout)
    except ValueError:
        return ()
    found: dict[str, Interpreter] = {}
    for each in listed:
        if each.get("implementation") != "cpython" or each.get("variant") != "default":
            continue
        if each["version"].replace(".", "").isdigit():  # no pre-release
            path = Path(each["path"] or each["version"])  # uv fetches what is named by its version
            one = Interpreter(path, each["version"])
            known = found.get(one.series)
            if known is None or (each["path"] and not known.path.is_absolute()):
                found[one.series] = one
    return tuple(sorted(found.values(), key=lambda one: one.order, reverse=True))
