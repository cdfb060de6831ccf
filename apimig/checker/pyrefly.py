"""pyrefly: infers what the project's and the library's unannotated functions return, and starts at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from apimig.checker import programs
from apimig.checker.model import World

name = "pyrefly"
distribution = "pyrefly"
_FILE = "settings.toml"


def command() -> Sequence[str] | None:
    """``pyrefly lsp``, which is to index nothing: no references are searched."""
    program = programs.find("pyrefly")
    return None if program is None else (program, "lsp", "--indexing-mode", "none", "--threads", "2")


def prepare(world: World, folder: Path) -> Mapping[str, object]:
    """A configuration file, which takes the place of the project's own."""
    search = [json.dumps(str(each)) for each in world.search]
    text = f"search-path = [{', '.join(search)}]\nskip-interpreter-query = true\n"
    (folder / _FILE).write_text(text, encoding="utf-8")
    return {"pyrefly": _own(folder)}


def settings(section: str, world: World, folder: Path) -> object:  # noqa: ARG001 - as every checker's
    """The section that it asks for."""
    return {"pyrefly": _own(folder)} if section == "python" else None


def _own(folder: Path) -> Mapping[str, object]:
    return {"configPath": str(folder / _FILE), "displayTypeErrors": "force-off"}


read = programs.variable_type
