"""The project within a repository that is tested: a repository may hold several, each with requirements of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from apimig.environments.needs import gathered
from apimig.environments.settings import settings_of

# What stands in such a folder belongs to the project around it, unless it is packaged by itself.
_PARTS = frozenset(
    {"requirements", "reqs", "deps", "dependencies", "tests", "test", "testing", "ci", "etc", "docs", "doc", "binder"}
)


def project_of(root: Path, paths: Sequence[Path]) -> Path:
    """The nearest folder that holds all ``paths`` and says of itself what it needs or how it is tested, else ``root``.

    That is a folder below the repository's ``root`` where one project of several is upgraded.
    """
    root = Path(os.path.realpath(root))
    common = Path(os.path.commonpath([os.path.realpath(path) for path in paths] or [str(root)]))
    start = common if common.is_dir() else common.parent
    if not start.is_relative_to(root):
        return root
    below = [folder for folder in (start, *start.parents) if folder != root and folder.is_relative_to(root)]
    return next((folder for folder in below if _says_something(folder, root)), root)


def _says_something(folder: Path, root: Path) -> bool:
    if (folder / "setup.py").is_file():
        return True
    lists = gathered(folder, root)
    if lists.names:
        return True
    if folder.name in _PARTS or (folder / "__init__.py").is_file():
        return False
    settings = settings_of(folder)
    return bool(lists.sections or settings.file or settings.commands)
