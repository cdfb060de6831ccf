"""Which sandbox this machine has, found by trying it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

_OPTIONS = (
    "--unshare-user", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    "--ro-bind", "/", "/", "--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",  # noqa: S108 - the sandbox's own
)  # fmt: skip
_TRIAL_SECONDS = 20
_INSTALL = (
    "Install bubblewrap (apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap, apk add bubblewrap)."
)
_ALLOW = (
    "Allow user namespaces: inside a container run it with `--security-opt seccomp=unconfined --security-opt"
    " apparmor=unconfined --security-opt systempaths=unconfined`; on Ubuntu 24.04 and later"
    " `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`; elsewhere"
    " `sudo sysctl user.max_user_namespaces=15000`."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A sandbox: ``name`` is empty where there is none; then ``reason`` says why and ``help`` what to do."""

    name: str
    program: str = ""
    version: tuple[int, ...] = ()
    reason: str = ""
    help: str = ""

    @property
    def warning(self) -> str:
        """What a person should know before code runs without a sandbox; empty where there is one."""
        if self.name:
            return ""
        return (
            f"There is no sandbox here: {self.reason}. What runs can read your files and use the network; only its"
            f" time, memory, processes and output are limited, and secrets in the environment kept from it. {self.help}"
        ).rstrip()


PLAIN = Kind("", reason="limits alone were asked for")


@functools.cache
def kind() -> Kind:
    """The sandbox of this machine, tried once in the life of the process."""
    if sys.platform != "linux":
        return Kind("", reason="bubblewrap, which apimig uses, is for Linux", help="Run apimig in a container.")
    program = shutil.which("bwrap")
    if program is None:
        return Kind("", reason="bubblewrap is not installed", help=_INSTALL)
    return tried(program)


def tried(program: str) -> Kind:
    """What bubblewrap at this path is able to do here."""
    said, worked = _said(program, "--version")
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    if not worked or match is None:
        return Kind("", reason=f"{program} does not answer: {said}", help=_INSTALL)
    said, worked = _said(program, *_OPTIONS, "--", "/bin/sh", "-c", "exit 0")
    if not worked:
        return Kind("", reason=f"bubblewrap cannot make a sandbox here ({said})", help=_ALLOW)
    version = tuple(int(each or 0) for each in match.groups())
    return Kind(f"bubblewrap {match.group(0)}", program, version)


def _said(*command: str) -> tuple[str, bool]:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TRIAL_SECONDS,
            env={},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error), False
    lines = (done.stdout + done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1], done.returncode == 0
