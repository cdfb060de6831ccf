"""The lists of requirements that a repository's files hold, gathered under one set of names.

A section is ``run``, ``extra:NAME``, ``group:NAME``, ``tests_require``, ``tox``, ``nox``, ``ci``, or ``file:PATH``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from apimig.pins.document import decode
from apimig.pins.model import UnreadableFileError
from apimig.pins.requirements import logical_lines

_COMMENT = re.compile(r"(?:^|\s)#.*")
_REFERENCE = re.compile(r"(?:-r|--requirement)[\s=]*(\S+)")
_CONSTRAINT = re.compile(r"(?:-c|--constraint)[\s=]*(\S+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[\s=]*")
_OWN = re.compile(r"\.(?:/)?(?:\[([^\]]*)\])?$")
_ADDRESS = re.compile(r"(?:[a-z+]+://|git\+|git@|\.{1,2}/|/|\S+\.(?:whl|zip|tar\.gz)(?:$|\s))", re.IGNORECASE)
_LOCAL = re.compile(r"(?:file:)?(?!/)((?:\.{1,2}/)[^\s\[#;]*)")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_OPTIONS = re.compile(r"\s+--(?:hash|config-settings|global-option|install-option)\b.*")


@dataclass(slots=True)
class Lists:
    """What the readers of all files put together; ``own`` are the extras of the repository that a section asks for.

    ``root`` is the project, and names of files are relative to it; ``top`` is the repository around it, which may hold
    files and other projects that it refers to: those named by their folders are ``beside``.
    """

    root: Path
    top: Path = Path()
    sections: dict[str, list[tuple[Requirement, str]]] = field(default_factory=lambda: defaultdict(list))
    own: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: set[str] = field(default_factory=set)
    version: str = ""
    requires_python: str = ""
    sources: list[str] = field(default_factory=list)  # folders that packages are in
    notes: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    _read: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.top == Path():
            self.top = self.root

    def add(self, section: str, lines: Iterable[object], place: str, *, base: str = "") -> None:
        """Add the requirements in ``lines``, written as in a requirements file; ``base`` is the folder of that."""
        for line in lines:
            if isinstance(line, str) and (text := _OPTIONS.sub("", _COMMENT.sub("", line)).strip()):
                self._add(section, text, place, base)

    def declare(self, section: str) -> None:
        """Say that there is such a section, even when nothing is in it."""
        self.sections[section]

    def text(self, name: str) -> str | None:
        """The text of a file of the repository; None when there is none, or it leads out of the repository."""
        path = self.root / name
        try:
            if not path.resolve().is_relative_to(self.top.resolve()):
                return None
            return decode(name, path.read_bytes(), strict=False).text
        except (OSError, UnreadableFileError):
            return None

    def file(self, section: str, name: str) -> None:
        """Add what a requirements file holds, and what it refers to."""
        name = _normal(name)
        if (section, name) in self._read or (text := self.text(name)) is None:
            return
        self._read.add((section, name))
        base = str(PurePosixPath(name).parent)
        lines = (text[start:end].replace("\\\n", " ").replace("\\\r\n", " ") for start, end in logical_lines(text))
        self.declare(section)
        self.add(section, lines, name, base="" if base == "." else base)

    def neighbour(self, folder: str) -> bool:
        """Note another project of the repository by its folder, relative to this one; whether there is such a one."""
        path = self.root / folder
        try:
            ours = path.is_dir() and path.resolve().is_relative_to(self.top.resolve())
        except OSError:
            return False
        if ours and path.resolve() != self.root.resolve() and (name := _normal(folder)) not in self.beside:
            self.beside.append(name)
        return ours

    def _add(self, section: str, text: str, place: str, base: str) -> None:
        if reference := _REFERENCE.match(text):
            self.file(section, str(PurePosixPath(base) / reference.group(1)))
        elif _CONSTRAINT.match(text) and not _EDITABLE.match(text):
            pass  # constraints narrow what is installed, they install nothing
        elif own := _OWN.match(_EDITABLE.sub("", text)):
            self.own[section].update(_names(own.group(1)))
        elif _EDITABLE.match(text) or _ADDRESS.match(text):
            self._address(section, text, place, base)
        elif not text.startswith("-"):
            self._requirement(section, text, place, base)

    def _address(self, section: str, text: str, place: str, base: str) -> None:
        if self._is_beside(_EDITABLE.sub("", text), base):
            return
        egg = _EGG.search(text)
        if egg is None:
            self.notes.append(f"{place}: {text!r} is not installed: it is an address")
            return
        self.notes.append(f"{place}: {egg.group(1)} is taken from the index, not from its address")
        self._requirement(section, egg.group(1), place, base)

    def _is_beside(self, address: str, base: str) -> bool:
        """Whether an address is a folder of the repository, as seen from where pip is run or from the file's own."""
        if (local := _LOCAL.match(address)) is None:
            return False
        return any(self.neighbour(str(PurePosixPath(each) / local.group(1))) for each in ("", base))

    def _requirement(self, section: str, text: str, place: str, base: str) -> None:
        try:
            found = Requirement(text)
        except InvalidRequirement:
            found_or_none = _repaired(text)
            if found_or_none is None:
                if not re.fullmatch(r"[\w\s{}$%().,:'\"-]*", text):
                    self.notes.append(f"{place}: {text!r} is no requirement")
                return
            found = found_or_none
        if found.url:
            if self._is_beside(found.url, base):
                return
            self.notes.append(f"{place}: {found.name} is taken from the index, not from its address")
            found.url = None
        self.sections[section].append((found, place))


def _repaired(text: str) -> Requirement | None:
    """What older tools took: ``pandas (>=1.0)``, ``six>=1.*``, a marker after one space."""
    loose = re.sub(r"(>=|<=|>|<)(\s*[\d.]+?)\.\*", r"\1\2", text)
    try:
        return Requirement(loose)
    except InvalidRequirement:
        return None


def _names(text: str | None) -> Iterator[str]:
    for each in (text or "").split(","):
        if each.strip():
            yield canonicalize_name(each.strip())


def _normal(name: str) -> str:
    parts: list[str] = []
    for part in PurePosixPath(name).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def strings(value: object) -> Sequence[str]:
    """The strings of a list that came from a data file; none when it is no list."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def table(value: object, *keys: str) -> dict[str, object]:
    """The table below ``keys`` of what came from a data file; empty when there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
