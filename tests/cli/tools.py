"""A project on a library of ours, and the command line in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from apimig.cli import app

CHECKOUT = Path(__file__).parents[2]
RULES = CHECKOUT / "tests" / "pipeline" / "rules"
LIB = ("--lib", "acme==2.0", "--rules", str(RULES))

IMPORT = "import acme\n"
ROWS = IMPORT + "frame = acme.load('x')\nfor row in frame.iterrows_old():\n    print(row)\n"
ROWS_AFTER = ROWS.replace("iterrows_old", "rows")
PERSON = IMPORT + "acme.load('x').lookup(1)\n"
UNKNOWN = IMPORT + "def f(x):\n    return x.iterrows_old()\n"


def apimig(*arguments: str, stdin: bytes | str | None = None) -> Result:
    """Run the command in this process; an exception that is not an exit is raised."""
    return CliRunner().invoke(app, list(map(str, arguments)), input=stdin, catch_exceptions=False)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), **more}


def process(*arguments: str, cwd: Path, **options) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "apimig", *map(str, arguments)]
    options = {"capture_output": True, "env": environment(), **options}
    return subprocess.run(command, cwd=cwd, check=False, **options)


def put(root: Path, **files: str) -> None:
    for name, text in files.items():
        file = root / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
