"""ty: starts at once, and takes what is not annotated for unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from apimig.checker import programs
from apimig.checker.model import World

name = "ty"
distribution = "ty"


def command() -> Sequence[str] | None:
    """``ty server``."""
    program = programs.find("ty")
    return None if program is None else (program, "server")


def prepare(world: World, folder: Path) -> Mapping[str, object]:
    """An environment without packages, in whose place it would take the one that it finds."""
    environment = folder / "environment"
    packages = environment / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (environment / "Lib" / "site-packages").mkdir(parents=True, exist_ok=True)  # where Windows has it
    (environment / "pyvenv.cfg").write_text("home = /nowhere\nversion = 3.11\n", encoding="utf-8")
    return {"configuration": _configuration(world, folder), "diagnosticMode": "off"}


def settings(section: str, world: World, folder: Path) -> object:
    """The section that it asks for."""
    return {"configuration": _configuration(world, folder), "diagnosticMode": "off"} if section == "ty" else None


def _configuration(world: World, folder: Path) -> Mapping[str, object]:
    sources = [str(each) for each in world.sources]
    others = [str(each) for each in world.search[len(world.sources) :]]
    return {"environment": {"root": sources, "extra-paths": others, "python": str(folder / "environment")}}


def read(hover: str) -> str:
    """The type, which it shows alone."""
    return programs.variable_type(hover)
