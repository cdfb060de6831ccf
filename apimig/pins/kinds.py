"""Which files hold dependencies, by their names."""

from __future__ import annotations

import enum
import re
from pathlib import PurePosixPath


class FileKind(enum.StrEnum):
    """How a dependency file is read."""

    PYPROJECT = "pyproject.toml"
    PIXI = "pixi.toml"
    PIPFILE = "Pipfile"
    REQUIREMENTS = "requirements"
    INI = "setup.cfg or tox.ini"
    PYTHON = "setup.py or noxfile.py"
    ENVIRONMENT = "conda environment"
    RECIPE = "conda recipe"
    LOCK = "lock file"


_BY_NAME = {
    "pyproject.toml": FileKind.PYPROJECT,
    "pixi.toml": FileKind.PIXI,
    "pipfile": FileKind.PIPFILE,
    "setup.cfg": FileKind.INI,
    "tox.ini": FileKind.INI,
    "setup.py": FileKind.PYTHON,
    "noxfile.py": FileKind.PYTHON,
    "meta.yaml": FileKind.RECIPE,
    "uv.lock": FileKind.LOCK,
    "poetry.lock": FileKind.LOCK,
    "pdm.lock": FileKind.LOCK,
    "pipfile.lock": FileKind.LOCK,
    "pixi.lock": FileKind.LOCK,
}

_PATTERNS = (
    (re.compile(r"pylock(\.[^.]+)?\.toml"), FileKind.LOCK),
    (re.compile(r"(.*[-_.])?conda-lock\.ya?ml|conda-.*\.lock"), FileKind.LOCK),
    (
        re.compile(r".*(requirements|constraints).*\.(txt|in|pip|lock)|(requirements|constraints)"),
        FileKind.REQUIREMENTS,
    ),
    (re.compile(r"(.*[-_.])?(environment|env|conda|condaenv)s?([-_.].*)?\.ya?ml"), FileKind.ENVIRONMENT),
)

# Folders whose every file of that ending is a list of requirements or an environment.
_FOLDERS = frozenset({"requirements", "reqs", "deps", "dependencies", "constraints", "envs", "environments"})


def file_kind(name: str) -> FileKind | None:
    """What kind of dependency file a repository-relative POSIX name is, or None.

    Only the name is looked at; a file that turns out to hold no dependencies simply has no pins.
    """
    path = PurePosixPath(name)
    base = path.name.lower()
    if base in _BY_NAME:
        return _BY_NAME[base]
    for pattern, kind in _PATTERNS:
        if pattern.fullmatch(base):
            return kind
    return _by_folder(path)


def _by_folder(path: PurePosixPath) -> FileKind | None:
    if path.parent.name.lower() not in _FOLDERS:
        return None
    if path.suffix in {".txt", ".in", ".pip"}:
        return FileKind.REQUIREMENTS
    return FileKind.ENVIRONMENT if path.suffix in {".yml", ".yaml"} else None
