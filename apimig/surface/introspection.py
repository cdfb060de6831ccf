"""Installs a release in an environment of its own and looks at it from inside, out of our process."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from apimig import sandbox
from apimig.errors import ApimigError
from apimig.surface.model import Surface
from apimig.surface.reading import Tree
from apimig.uv import PYTHONS, find_uv, run_uv

_PROBE = Path(__file__).with_name("probe.py")
_TAG = re.compile(r"-cp(\d)(\d+)-cp")
_AFTER = timedelta(days=30)  # dependencies may be this much newer than the release
_EARLIEST = date(2008, 1, 1)  # archives made reproducible carry dates before this
_LIMITS = sandbox.Limits(memory=12 << 30, cpu_seconds=600, wall_seconds=600, file_size=256 << 20)
_QUIET = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def introspect(surface: Surface, tree: Tree, file: Path, folder: Path) -> dict[str, Any]:
    """The answer of ``probe.py`` for an installed release; ``folder`` is for the environment.

    Raises ApimigError when the release cannot be installed or looked at.
    """
    python = _environment(file, folder)
    home = folder / "home"
    home.mkdir()
    request = {
        "modules": [name for name, entry in surface.entries.items() if entry["k"] == "M"],
        "guesses": {name: sorted(names) for name, names in tree.guesses.items()},
        "classes": [entry.get("h", name) for name, entry in surface.entries.items() if entry["k"] == "c"],
    }
    answer = home / "answer.json"
    done = look([str(python), "-I", "-W", "ignore", str(_PROBE), str(answer)], home, request, readable=(_PROBE,))
    if done.cut_short:
        raise ApimigError(f"{surface} was looked at without an end: {done.cut_short}")
    try:
        found: dict[str, Any] = json.loads(answer.read_bytes())
    except (OSError, ValueError) as error:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise ApimigError(f"{surface} cannot be looked at from inside: {last}") from error
    return found


def look(
    command: Sequence[str], home: Path, request: Mapping[str, Any], *, readable: Sequence[Path] = ()
) -> sandbox.Ran:
    """Run a script that imports a library, in the sandbox; it reads the request and writes into ``home`` alone."""
    stdin = json.dumps(request).encode()
    return sandbox.run(command, folder=home, readable=readable, environment=_QUIET, stdin=stdin, limits=_LIMITS)


def _environment(file: Path, folder: Path) -> Path:
    """A fresh environment with the release and dependencies of its time; the path of its Python."""
    if find_uv() is None:
        raise ApimigError("Introspection builds an environment with uv, which is not installed", help="Install uv.")
    made = _made_on(file)
    said = ""
    for python in _pythons(file, made):
        where = folder / f"python{python}"
        tried = run_uv("venv", "--quiet", "--python", python, str(where))
        for newest in (made + _AFTER, None) if made is not None else (None,):
            if tried.returncode != 0:
                break
            limit = () if newest is None else ("--exclude-newer", newest.isoformat())
            options = ("--quiet", "--only-binary", ":all:", "--python", str(where), *limit)
            tried = run_uv("pip", "install", *options, str(file.resolve()))
            if tried.returncode == 0:
                return where / ("Scripts/python.exe" if (where / "Scripts").is_dir() else "bin/python")
            said = tried.stderr
            tried.returncode = 0
        said = said or tried.stderr
    last = (said.strip().splitlines() or ["no Python for it is installed"])[-1]
    raise ApimigError(f"{file.name} cannot be installed: {last}", help="Without --introspect it is read as text alone.")


def _made_on(file: Path) -> date | None:
    """When the files in the wheel were made, which is when it was built."""
    if not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as archive:
        dates = [date(*info.date_time[:3]) for info in archive.infolist() if info.date_time >= (1980, 1, 1)]
    newest = max(dates, default=_EARLIEST)
    return newest if _EARLIEST < newest <= date.today() and newest != date(2020, 2, 2) else None  # noqa: DTZ011 - days


def _pythons(file: Path, made: date | None) -> Iterator[str]:
    if match := _TAG.search(file.name):
        yield f"{match.group(1)}.{match.group(2)}"
    for python, out in PYTHONS.items():
        if made is None or out < made:
            yield python
