"""Runs Python in both kinds of sandbox."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from apimig import sandbox
from apimig.sandbox import PLAIN, Kind, Limits, Ran

MB = 1 << 20
HERE = sandbox.kind()
# So that a limit that is missing cannot hurt the machine, nor make a test last.
TIGHT = Limits(
    memory=512 * MB,
    cpu_seconds=20,
    wall_seconds=20,
    processes=60,
    output=4 * MB,
    file_size=32 * MB,
    temporary=64 * MB,
    disk=64 * MB,
)
needs_sandbox = pytest.mark.skipif(not HERE.name, reason=f"no sandbox here: {HERE.reason}")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are watched on Linux alone")
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="no limits on Windows")
BOTH = [
    pytest.param(HERE, id="bubblewrap", marks=needs_sandbox),
    pytest.param(PLAIN, id="limits alone", marks=not_on_windows),
]
both = pytest.mark.parametrize("how", BOTH)


def run(code: str, folder: Path, *arguments: object, how: Kind = HERE, limits: Limits = TIGHT, **options) -> Ran:
    """What became of a Python program."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return sandbox.run(command, folder=folder, how=how, limits=limits, **options)


def said(code: str, folder: Path, *arguments: object, **options) -> str:
    """What a Python program that ends well prints."""
    ran = run(code, folder, *arguments, **options)
    assert (ran.exit_code, ran.cut_short) == (0, ""), ran
    return ran.stdout.decode().strip()
