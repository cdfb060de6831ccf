"""Dependency pins: what a repository's files say about a library's version, and moving them to another one.

Nothing here writes or asks a network: bytes go in, bytes and notes come out.
"""

from apimig.pins.kinds import FileKind, file_kind
from apimig.pins.model import Dialect, Pin, PinChange, PinEdit, PinStyle, Role
from apimig.pins.read import dependency_files, find_pins, pinned_version, read_pins
from apimig.pins.upgrade import upgrade_pins

__all__ = [
    "Dialect",
    "FileKind",
    "Pin",
    "PinChange",
    "PinEdit",
    "PinStyle",
    "Role",
    "dependency_files",
    "file_kind",
    "find_pins",
    "pinned_version",
    "read_pins",
    "upgrade_pins",
]
