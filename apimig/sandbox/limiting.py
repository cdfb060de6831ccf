"""The kernel's own limits, which hold for each process: the second line, behind what is counted of all of them."""

from __future__ import annotations

from apimig.sandbox.model import Limits

_RESERVED = 2  # what one process may reserve, in terms of what all may use: libraries reserve more than they use
_CPU_LATER = 2  # seconds


def rlimits(limits: Limits) -> dict[str, int]:
    """By the names that the module ``resource`` has for them."""
    return {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": int(limits.cpu_seconds) + _CPU_LATER,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_DATA": limits.memory * _RESERVED,
    }
