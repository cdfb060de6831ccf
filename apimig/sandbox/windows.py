"""A run on Windows, where neither a sandbox nor limits are at hand: a scrubbed environment and a time limit."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from apimig.sandbox.model import Job, Ran, late, loud

_NEEDED = (
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "COMSPEC",
    "PATHEXT",
    "NUMBER_OF_PROCESSORS",
)  # Python does not start without some


def run(job: Job, stdin: bytes) -> Ran:
    """Run the job; its output goes to files, so that it is never held whole."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="apimig-run-", ignore_cleanup_errors=True) as place:
        environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        environment |= {"USERPROFILE": place, "TEMP": place, "TMP": place, **job.environment}
        paths = [Path(place, name) for name in ("stdout", "stderr")]
        with paths[0].open("wb") as stdout, paths[1].open("wb") as stderr:
            why, code = "", 137
            try:
                code = subprocess.run(
                    job.command,
                    cwd=job.folder,
                    env=environment,
                    input=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    check=False,
                    timeout=job.limits.wall_seconds,
                ).returncode
            except subprocess.TimeoutExpired:
                why = late(job.limits)
        kept = []
        left = job.limits.output
        for path in paths:
            with path.open("rb") as file:
                kept.append(file.read(left))
            left -= len(kept[-1])
            why = why or (loud(job.limits) if path.stat().st_size > len(kept[-1]) else "")
    return Ran(code, kept[0], kept[1], why, time.monotonic() - begun, 0.0, 0)
