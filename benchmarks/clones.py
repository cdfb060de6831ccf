"""Bare clones of the repositories that benchmarks are about, and the trees of their commits."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path


def git(clone: Path, *args: str) -> bytes:
    return subprocess.run(["git", "-C", str(clone), *args], check=True, capture_output=True).stdout


def find_clone(folder: Path, repo: str) -> Path:
    """The clone of ``owner/name``: ``owner+name`` (with or without ``/repo``) or ``owner/name.git``."""
    plus = repo.replace("/", "+")
    for name in (f"{plus}/repo", plus, f"{repo}.git", repo):
        if (folder / name).exists():
            return folder / name
    raise SystemExit(f"no clone of {repo} in {folder}")


def is_python(name: str) -> bool:
    return name.endswith((".py", ".pyi"))


def export(clone: Path, revision: str, target: Path, wanted: Callable[[str], bool] = is_python) -> None:
    """Write the wanted files of a revision; a blob that the clone lacks (large data) is left out, and so are links."""
    listing = git(clone, "ls-tree", "-r", "-z", revision).decode().split("\0")
    entries = [entry.partition("\t") for entry in listing if entry.startswith("100")]
    blobs = [(about.split()[2], name) for about, _, name in entries if wanted(name)]
    asked = "".join(f"{blob}\n" for blob, _ in blobs).encode()
    batch = subprocess.run(
        ["git", "-C", str(clone), "cat-file", "--batch"], input=asked, capture_output=True, check=True
    )
    answer = io.BytesIO(batch.stdout)
    for _, name in blobs:
        header = answer.readline().split()
        if header[-1] == b"missing":
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(answer.read(int(header[2])))
        answer.read(1)
