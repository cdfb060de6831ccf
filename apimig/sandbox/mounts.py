"""How bubblewrap is told what a run sees."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from apimig.sandbox import visible
from apimig.sandbox.kinds import Kind
from apimig.sandbox.model import Job
from apimig.sandbox.visible import Place

HOME = "/home/sandbox"
_NAME = "sandbox"
_ROOTLESS = 1000  # who root is inside: a test that expects to be refused something is to be refused it
_SIZES, _PERMISSIONS, _NO_NAMESPACES = (0, 7), (0, 5), (0, 8)  # the versions of bubblewrap that brought these options


_UID, _GID = os.getuid() or _ROOTLESS, os.getgid() or _ROOTLESS

FILES = {
    "/etc/passwd": f"{_NAME}:x:{_UID}:{_GID}:{_NAME}:{HOME}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "/etc/group": f"{_NAME}:x:{_GID}:\nnogroup:x:65534:\n",
    "/etc/hosts": f"127.0.0.1 localhost {_NAME}\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}  # the sandbox's own, in place of ours


def options(how: Kind, job: Job, files: Mapping[str, int]) -> Iterator[str]:
    """All options but those for the conversation; ``files`` are descriptors that hold what is in ``FILES``."""
    yield from ("--unshare-user", "--unshare-all", "--uid", str(_UID), "--gid", str(_GID), "--hostname", _NAME)
    yield from ("--die-with-parent", "--new-session", "--cap-drop", "ALL")
    if how.version >= _NO_NAMESPACES:
        yield "--disable-userns"
    yield from ("--dev", "/dev", "--proc", "/proc")
    for folder in ("/tmp", "/dev/shm", HOME):  # noqa: S108 - the sandbox's own
        yield from _in_memory(how, folder, job.limits.temporary)
    for place in _places(job):
        yield from place.options
    for name, file in files.items():
        yield from ("--ro-bind-data", str(file), name)
    yield from ("--symlink", "/tmp", "/var/tmp")  # noqa: S108
    # What is left of these is in memory and would be writable; /proc/sys would be root's even without capabilities.
    yield from itertools.chain.from_iterable(("--remount-ro", each) for each in ("/dev", "/proc", "/"))
    for name, value in {"HOME": HOME, "TMPDIR": "/tmp", "USER": _NAME, "LOGNAME": _NAME, **job.environment}.items():  # noqa: S108
        yield from ("--setenv", name, value)
    yield from ("--chdir", str(job.folder))


def _in_memory(how: Kind, folder: str, size: int) -> Iterator[str]:
    if how.version >= _PERMISSIONS:
        yield from ("--perms", "1777")
    if how.version >= _SIZES:
        yield from ("--size", str(size))
    yield from ("--tmpfs", folder)


def _places(job: Job) -> list[Place]:
    """What is seen, outer folders before inner ones; the last word on a path is the caller's."""
    found: dict[Path, Place] = {}
    named = itertools.chain(
        visible.system(),
        visible.interpreter(job.command[0]),
        *(visible.shown(path) for path in job.readable),
        *(visible.shown(path, writable=True) for path in (*job.writable, job.folder)),
    )
    for place in named:
        found[place.path] = place
    ordered = sorted(found.values(), key=lambda place: len(place.path.parts))
    return [each for each in ordered if not (each.link and _covered(each.path, found))]


def _covered(path: Path, places: Iterable[Path]) -> bool:
    return any(parent in places for parent in path.parents)
