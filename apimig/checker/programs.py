"""Finds the programs of type checkers: beside the Python that runs apimig, else on the path."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_BLOCK = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)
_INTRODUCED = re.compile(r"^\((?P<kind>[\w ]+)\)\s+(?P<rest>.*)", re.DOTALL)


def find(program: str) -> str | None:
    """The program's path; None where it is not installed."""
    return shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)


def version_of(distribution: str, program: str) -> str:
    """The installed version; where it is installed somewhere else, what changes with the program's file."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        try:
            state = Path(program).stat()
        except OSError:
            return ""
        return f"{state.st_size}-{state.st_mtime_ns}"


def variable_type(hover: str) -> str:
    """The type in ``(variable) name: type``; of what is shown as something else, what it is: ``<function>``."""
    block = _BLOCK.search(hover)
    text = (block[1] if block is not None else hover).strip()
    shown = _INTRODUCED.match(text)
    if shown is None:
        return text
    name, colon, said = shown["rest"].partition(": ")
    if shown["kind"] != "variable" or not colon or not name.strip().isidentifier():
        return f"<{shown['kind']}>"
    return said.strip()
