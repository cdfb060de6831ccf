"""Kills whole upgrades of a real repository at random moments, and looks at what is left of the tree.

    python benchmarks/killed.py TREE --times 30 -- --lib numpy==2.0.2 --from 1.26.4 --tests "pytest tests"

``TREE`` is copied; what follows ``--`` is given to ``apimig upgrade --validate``. Each kill is by SIGKILL, SIGTERM or
SIGINT, in turns at a moment drawn evenly from the time that a whole run takes, and just when files begin to be
written; what an interrupted run remembers is forgotten before the next, so that all are as long. Every tree must be the
old or the new one, and after ``apimig undo`` the old one. Exits with 1 where one is not.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from apimig.rulebook.cache import folder as cache_folder

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def content(tree: Path) -> str:
    """A digest of all files, without apimig's own."""
    state = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        if path.is_file() and ".apimig" not in path.relative_to(tree).parts:
            state.update(f"{path.relative_to(tree)}\0".encode() + path.read_bytes())
    return state.hexdigest()


def started(tree: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    shutil.rmtree(cache_folder() / "runs", ignore_errors=True)
    command = [sys.executable, "-m", "apimig", "upgrade", str(tree), "--validate", "--allow-dirty", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_writing(tree: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the old files are kept for an undo, which is the last thing before new ones are written."""
    undo = tree / ".apimig" / "undo"
    known = set(undo.iterdir())
    while process.poll() is None and not set(undo.iterdir()) - known:
        time.sleep(0.0005)


def undone(tree: Path) -> None:
    subprocess.run([sys.executable, "-m", "apimig", "undo", str(tree)], capture_output=True, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--times", type=int, default=30)
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    said, arguments = parser.parse_args(sys.argv[1:at]), sys.argv[at + 1 :]
    chance, found = random.Random(30), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / said.tree.name
        shutil.copytree(said.tree, tree)
        old = content(tree)
        started(tree, arguments).wait()  # builds the environments
        undone(tree)
        begun = time.monotonic()
        started(tree, arguments).wait()
        seconds, new = time.monotonic() - begun, content(tree)
        undone(tree)
        if old == new or content(tree) != old:
            raise SystemExit("the upgrade changes nothing, or cannot be undone")
        for number in range(said.times):
            process = started(tree, arguments)
            if number % 2:
                wait_for_writing(tree, process)
            time.sleep(chance.uniform(0, 0.03 if number % 2 else seconds))
            process.send_signal(chance.choice(SIGNALS))
            process.wait()
            found[{old: "old", new: "new"}.get(content(tree), "a mixture")] += 1
            undone(tree)
            found["not undone"] += content(tree) != old
            found["left behind"] += any(tree.rglob(".apimig-*.tmp"))
    print(f"{said.times} kills within {seconds:.0f} s: " + ", ".join(f"{n} {what}" for what, n in found.items() if n))
    return 1 if found["a mixture"] or found["not undone"] or found["left behind"] else 0


if __name__ == "__main__":
    sys.exit(main())
