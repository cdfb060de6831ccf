"""basedpyright: the slowest to start, since it reads what the library's functions return from their bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from apimig.checker import programs
from apimig.checker.model import World

name = "basedpyright"
distribution = "basedpyright"


def command() -> Sequence[str] | None:
    """``basedpyright-langserver --stdio``."""
    program = programs.find("basedpyright-langserver")
    return None if program is None else (program, "--stdio")


def prepare(world: World, folder: Path) -> Mapping[str, object]:
    """A configuration of no files of its own: what is asked about is opened one by one."""
    settings = {"include": [], "extraPaths": _search(world), "typeCheckingMode": "off"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return {}


def settings(section: str, world: World, folder: Path) -> object:
    """The sections that it asks for."""
    if section == "python":
        return {"pythonPath": str(folder / "python")}  # there is none: an interpreter of the project would be run
    if section == "basedpyright.analysis":
        return {
            "extraPaths": _search(world),
            "diagnosticMode": "openFilesOnly",
            "typeCheckingMode": "off",
            "useLibraryCodeForTypes": True,
            "autoSearchPaths": False,
        }
    return None


def _search(world: World) -> list[str]:
    return [str(folder) for folder in world.search]


read = programs.variable_type
