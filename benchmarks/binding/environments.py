"""One environment for each release, built with uv and kept in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from apimig.uv import find_uv

TABLE = Path(__file__).with_name("migrations.yaml")


@dataclass(frozen=True)
class Migration:
    """A library on its way from one release to another; ``beside`` and ``python`` are the same for both."""

    library: str
    old: str
    new: str
    python: str
    beside: tuple[str, ...]
    modules: tuple[str, ...]

    def release(self, version: str) -> str:
        return f"{self.library}=={version}"


def migrations() -> dict[str, Migration]:
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {
        name: Migration(name, said["from"], said["to"], table["python"], tuple(said["with"]), tuple(said["modules"]))
        for name, said in table["migrations"].items()
    }


def environment(migration: Migration, version: str, folder: Path) -> Path:
    """The Python of the environment that has the release; built when the folder does not hold it yet."""
    where = folder.resolve() / f"{migration.library}-{version}-py{migration.python}"
    python = where / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = where / "complete"
    if not done.exists():
        uv = find_uv()
        if uv is None:
            raise SystemExit("environments are built with uv, which is not installed")
        _call([uv, "venv", "--quiet", "--python", migration.python, "--clear", str(where)])
        wanted = [migration.release(version), *migration.beside]
        _call([uv, "pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(python), *wanted])
        done.touch()
    return python


def _call(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": _path()})
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr.strip()}")


def _path() -> str:
    """The search path with pyenv's Pythons themselves: its shims answer for one of them only."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    shims = [each for each in folders if Path(each).name == "shims"]
    pythons = [str(found) for each in shims for found in sorted((Path(each).parent / "versions").glob("*/bin"))]
    return os.pathsep.join([*folders, *pythons])
