"""Pairs from the commits of a git repository: read from its objects, nothing is checked out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from apimig.errors import UsageError
from apimig.mining.diffs.pairs import MOST_BYTES, Pair, Pairs, is_generated, is_own_code

MOST_COMMITS = 2_000
MOST_FILES = 400  # of one commit: more is a reformatting, or a new layout
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Changed:
    """One file of one commit."""

    commit: str
    name: str
    old: str
    new: str


def from_git(repository: Path, revisions: str = "HEAD", *, words: Sequence[str] = ()) -> Pairs:
    """The old and new text of each Python file that a commit of the range changed, newest first.

    Merges, vendored and generated files are left out; so are files without any of the ``words`` in their old text.
    A range (``A..B``) gives the commits in it, a single revision those up to it.
    """
    commits = _commits(repository, revisions)
    notes = []
    if len(commits) > MOST_COMMITS:
        notes.append(f"the newest {MOST_COMMITS} of {len(commits)} commits are read; give a range for others")
        commits = commits[:MOST_COMMITS]
    changed = []
    for commit in commits:
        files = list(_files(repository, commit))
        if len(files) > MOST_FILES:
            notes.append(f"{commit[:10]} changes {len(files)} files, so it is left out")
        else:
            changed += files
    return Pairs(tuple(_pairs(repository, changed, words)), tuple(notes))


def _git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "--no-replace-objects", "-C", str(repository), *arguments]
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=_SECONDS, check=False, env=environment)
    except FileNotFoundError as error:
        raise UsageError("git is not installed", help="install git, or give --trees or --pairs") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git took more than {_SECONDS} s in {repository}", help="give a smaller --range") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(
            f"git cannot read {repository}: {said[-1] if said else 'no reason given'}",
            help="give a repository, and a --range of revisions that it has",
        )
    return done.stdout


def _commits(repository: Path, revisions: str) -> list[str]:
    if revisions.startswith("-"):
        raise UsageError(f"{revisions!r} is no range", help="write it as A..B")
    listed = _git(repository, "rev-list", "--no-merges", "--min-parents=1", revisions, "--")
    return listed.decode().split()


def _files(repository: Path, commit: str) -> Iterator[_Changed]:
    """The Python files that a commit changed or renamed."""
    raw = _git(repository, "diff-tree", "-r", "-z", "-M", "--diff-filter=MR", "--no-commit-id", commit)
    fields = iter(raw.decode("utf-8", "surrogateescape").split("\0"))
    for about in fields:
        if not about.startswith(":"):
            continue
        _, _, old, new, status = about.split()
        name = next(fields)
        name = next(fields) if status.startswith("R") else name
        if is_own_code(name):
            yield _Changed(commit, name, old, new)


def _pairs(repository: Path, changed: Sequence[_Changed], words: Sequence[str]) -> Iterator[Pair]:
    """The texts of the files, a few at a time so that memory stays small."""
    for start in range(0, len(changed), 200):
        some = changed[start : start + 200]
        blobs = _blobs(repository, {blob for one in some for blob in (one.old, one.new)})
        for one in some:
            before, after = blobs.get(one.old), blobs.get(one.new)
            if before is None or after is None or before == after or is_generated(before):
                continue
            if not words or any(word in before for word in words):
                yield Pair(before, after, f"{one.commit[:10]}: {one.name}", one.commit)


def _blobs(repository: Path, wanted: set[str]) -> dict[str, str]:
    """The texts of blobs; those that are missing, too large or not UTF-8 are left out."""
    asked = "".join(f"{blob}\n" for blob in sorted(wanted)).encode()
    answer = _git(repository, "cat-file", "--batch", given=asked)
    found, at = {}, 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        header = answer[at:end].split()
        at = end + 1
        if len(header) < 3 or header[1] != b"blob":
            continue
        size = int(header[2])
        raw = answer[at : at + size]
        at += size + 1
        if size <= MOST_BYTES:
            try:
                found[header[0].decode()] = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                continue
    return found
