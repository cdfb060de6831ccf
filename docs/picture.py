"""Draw `docs/upgrade.svg`: the run of apimig on the shipped example, as a terminal shows it.

python docs/picture.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ["upgrade", "sales", "--lib", "pandas==2.2", "--lib", "numpy==2.0"]
WIDTH = 110


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(ROOT / "examples" / "legacy-sales", Path(scratch, "sales"))
        shown = subprocess.run(
            [sys.executable, "-m", "apimig", *COMMAND],
            cwd=scratch,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    if shown.returncode not in (0, 1):
        raise SystemExit(shown.stderr)
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(Text.assemble(("$ ", "dim"), (f"apimig {' '.join(COMMAND)}", "bold")))
        console.print(Text.from_ansi(shown.stdout))
        console.save_svg(str(ROOT / "docs" / "upgrade.svg"), title="apimig upgrade")


if __name__ == "__main__":
    main()
