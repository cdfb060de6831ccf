"""When a tree is from: the day of its last commit, else the newest day that its files name, which are read as text."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_CHANGES = re.compile(
    r"(?:change[-_ ]?log|changes|history|news|release[-_ ]?notes|releases?|what'?s[-_ ]?new)(?:\.(?:md|rst|txt|adoc))?",
    re.IGNORECASE,
)
_FOLDERS = ("", "docs", "doc", "docs/source", "doc/source")
_LARGEST = 4_000_000  # bytes: more is no list that people write
_LONGEST = 120  # characters of a line that tells of a release: more is prose, which may speak of any day
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_NUMBERS = re.compile(r"(?<![\d.])((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?![\d.])")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -]((?:19|20)\d\d)\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b", re.IGNORECASE)
_TELLS = re.compile(r"^[#=*]|\d+\.\d+|release|version|^\W*(?:19|20)\d\d", re.IGNORECASE)
_CITED = re.compile(r"^date-released:\s*['\"]?(\S+?)['\"]?\s*$", re.MULTILINE)
_LOCKED = re.compile(r"\bupload-time = \"(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Time:
    """A day, and what says so; what files name is the day of some release, and no more than a hint."""

    day: date
    why: str
    sure: bool = True


def time_of(root: Path) -> Time | None:
    """The time of the tree in ``root``; None where nothing tells of it."""
    if (day := last_commit(root)) is not None:
        return Time(day, "the last commit")
    today = date.today()  # noqa: DTZ011 - days
    said = [(day, name) for name, text in _texts(root) for day in _days_in(name, text) if day <= today]
    if not said:
        return None
    day, name = max(said)
    return Time(day, f"{day}, the newest date in {name}", sure=False)


def last_commit(root: Path) -> date | None:
    """The day of the last commit that changed something in ``root``; None outside of git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "log", "-1", "--format=%cs", "--", "."],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:  # there is no git
        return None
    text = done.stdout.strip()
    return date.fromisoformat(text) if done.returncode == 0 and text else None


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    """The files that tell of releases."""
    for folder in _FOLDERS:
        place = root / folder
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            wanted = _CHANGES.fullmatch(path.name) or (not folder and path.name in ("CITATION.cff", "uv.lock"))
            if not wanted or not path.resolve().is_relative_to(root.resolve()):
                continue
            try:
                if path.is_file() and path.stat().st_size <= _LARGEST:
                    yield path.relative_to(root).as_posix(), path.read_bytes().decode("utf-8", "replace")
            except OSError:
                continue


def _days_in(name: str, text: str) -> Iterator[date]:
    """The days of releases in a file: of the repository's own, or of those that a lock file holds."""
    if name in ("CITATION.cff", "uv.lock"):
        for written in (_CITED if name == "CITATION.cff" else _LOCKED).findall(text):
            yield from _dates(written)
        return
    for line in text.splitlines():
        if len(line) <= _LONGEST and _TELLS.search(line.strip()):
            yield from _dates(line)


def _dates(line: str) -> Iterator[date]:
    for year, month, day in _NUMBERS.findall(line):
        yield from _date(year, int(month), day)
    for day, month, year in _DAY_FIRST.findall(line):
        yield from _date(year, _MONTHS.index(month.lower()) + 1, day)
    for month, day, year in _MONTH_FIRST.findall(line):
        yield from _date(year, _MONTHS.index(month.lower()) + 1, day)


def _date(year: str, month: int, day: str) -> Iterator[date]:
    try:
        yield date(int(year), month, int(day))
    except ValueError:
        return
