"""Which parts of the file system a program needs to see, besides what its caller names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LINKS = 40  # as many as the kernel follows
# Nothing in these says who the user is or how the machine is set up; the rest of /etc is left out on purpose.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_SETTINGS = (
    "alternatives", "ca-certificates", "fonts", "gai.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias",
    "locale.conf", "localtime", "magic", "magic.mime", "mime.types", "os-release", "pki", "protocols", "rpc",
    "services", "ssl", "timezone",
)  # fmt: skip
_HARDWARE = ("/sys/devices/system/cpu", "/sys/devices/system/node")  # numerical libraries count processors there


@dataclass(frozen=True, slots=True)
class Place:
    """A path of the sandbox: the file or folder of that path outside, or a link to ``link``."""

    path: Path
    source: Path
    writable: bool = False
    link: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """How bubblewrap is told."""
        if self.link:
            return ("--symlink", self.link, str(self.path))
        return ("--bind" if self.writable else "--ro-bind", str(self.source), str(self.path))


def system() -> Iterator[Place]:
    """The operating system's programs and libraries."""
    for path in (*map(Path, _SYSTEM), *(Path("/etc", name) for name in _SETTINGS), *map(Path, _HARDWARE)):
        if path.is_symlink() and path.resolve().is_relative_to("/usr"):
            yield Place(path, path, link=str(path.readlink()))
        elif path.exists():
            yield Place(path, path)


def shown(path: Path, *, writable: bool = False) -> Iterator[Place]:
    """A path as it is spelled and, where links lead elsewhere, where it really is."""
    real = path.resolve()
    for each in dict.fromkeys((real, path)):
        yield Place(each, real, writable)


def interpreter(program: str) -> Iterator[Place]:
    """What a Python at this path needs: its environment, and what the links from there lead to."""
    for hop in _hops(absolute(Path(program))):
        prefix = hop.parent.parent
        if _is_python(prefix):
            yield from shown(prefix)
            yield from _base(prefix)
        elif hop.is_symlink():
            yield Place(hop, hop, link=str(hop.readlink()))
        elif hop.is_file():
            yield Place(hop, hop)


def _base(environment: Path) -> Iterator[Place]:
    """The Python that a virtual environment was made of."""
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        name, _, value = line.partition("=")
        prefix = Path(value.strip()).parent
        if name.strip() == "home" and _is_python(prefix):
            yield from shown(prefix)


def absolute(path: Path) -> Path:
    """The path without ``..``, links in it as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve follows links


def _hops(program: Path) -> Iterator[Path]:
    for _ in range(_LINKS):
        yield program
        if not program.is_symlink():
            return
        program = absolute(program.parent / program.readlink())


def _is_python(prefix: Path) -> bool:
    """Whether the folder is that of a Python or an environment, and shows nothing of the user beside it."""
    home = Path.home()
    if prefix.resolve() in {home, *home.parents}:
        return False
    libraries = (prefix / name for name in ("lib", "lib64"))
    return (prefix / "pyvenv.cfg").is_file() or any(any(each.glob("py*/os.py")) for each in libraries)
