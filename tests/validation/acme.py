"""A library with two releases, as wheels and as environments: the rules of ``tests/pipeline/rules`` are about it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apimig.validation.bench import Side

SITE = Path(pytest.__file__).parent.parent

OLD = """
import warnings


class Frame:
    def __init__(self, rows=()):
        self.items = list(rows)

    def iterrows_old(self):
        warnings.warn("iterrows_old is called rows", FutureWarning, stacklevel=2)
        return iter(self.items)

    def rows(self):
        return iter(self.items)

    def fresh(self):
        warnings.warn("fresh is called new", DeprecationWarning, stacklevel=2)
        return Frame()

    def new(self):
        return Frame()

    def lookup(self, at):
        return self.items[at]

    def total(self):
        return sum(self.items)

    def count(self):
        return len(self.items)

    def sorted(self):
        return Frame(sorted(self.items))

    def quiet(self):
        return 1

    def hidden(self):
        warnings.warn("hidden goes away", DeprecationWarning, stacklevel=2)
        return 1


def load(rows):
    return Frame(rows)


def open_frame(rows):
    return Frame(rows)


def load_frame(rows):
    return Frame(rows)
"""
_GONE = ("iterrows_old", "fresh", "lookup", "quiet", "open_frame")


def _new() -> str:
    """The later release: some names are gone."""
    kept, skipping = [], False
    for line in OLD.splitlines():
        if line.strip().startswith(("def ", "class ")):
            skipping = line.strip().removeprefix("def ").partition("(")[0] in _GONE
        if not skipping:
            kept.append(line)
    return "\n".join(kept) + "\n"


RELEASES = {"1.0.0": OLD, "2.0.1": _new()}


def wheel(folder: Path, version: str) -> Path:
    """A wheel of a release, in ``folder``."""
    file = folder / f"acme-{version}-py3-none-any.whl"
    info = f"acme-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("acme.py", RELEASES[version])
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: acme\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return file


def side(folder: Path, version: str) -> Side:
    """An environment with a release and the pytest that runs these tests."""
    home = folder / version
    if not home.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
        site = next((home / "lib").glob("python*/site-packages"))
        (site / "acme.py").write_text(RELEASES[version])
        (site / "tools.pth").write_text(f"{SITE}\n")
    return Side(f"acme {version}", "3.11", home / "bin" / "python", (home, SITE))
