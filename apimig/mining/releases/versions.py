"""Versions in what libraries say, and the one in which a series began."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import InvalidVersion, Version


def version_of(text: str) -> str:
    """A version as rules write it; nothing for what is none."""
    text = text.strip().removeprefix("v").removesuffix(".x").rstrip(".")
    try:
        parsed = Version(text)
    except InvalidVersion:
        return ""
    release = (*parsed.release, 0, 0)[: max(3, len(parsed.release))]
    return ".".join(map(str, release)) if parsed.release[0] < 1900 else ""


def first_of_series(old: str, new: str, releases: Sequence[str]) -> str:
    """The first release of the new one's series that came after the old one: changes are told of that one."""
    series = Version(new).release[:2]
    between = [
        each
        for each in releases
        if Version(each).release[:2] == series and Version(old) < Version(each) <= Version(new)
    ]
    return min(between, key=Version) if between else new
