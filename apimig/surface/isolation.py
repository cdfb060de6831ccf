"""Runs a program that executes a library's code: a process of its own, with limits and a scrubbed environment.

The one door through which foreign code runs on behalf of this room: a sandbox takes over by replacing ``run_isolated``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MEMORY = 12 << 30  # bytes of address space; numerical libraries reserve far more than they use
SECONDS = 600
_FILE = 256 << 20  # bytes of the largest file it may write
_QUIET = {
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def run_isolated(command: Sequence[str], *, folder: Path, stdin: str) -> subprocess.CompletedProcess[str]:
    """Run a command in ``folder``, which is also its home; nothing of our environment reaches it.

    Raises subprocess.TimeoutExpired when it takes longer than it may.
    """
    environment = {**_QUIET, "HOME": str(folder), "TMPDIR": str(folder), "PATH": os.defpath}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        start_new_session=True,
        preexec_fn=_limits if sys.platform != "win32" else None,
    )


def _limits() -> None:
    import resource

    for what, wanted in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (limit, hard))
