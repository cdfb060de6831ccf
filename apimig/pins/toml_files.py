"""pyproject.toml, pixi.toml and Pipfile: which of their strings are dependencies, and in which dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from packaging.utils import canonicalize_name

from apimig.pins.document import Document, conda_names
from apimig.pins.kinds import FileKind
from apimig.pins.model import Dialect, Entry, PinStyle, Role
from apimig.pins.specifier import read_requirement, read_value
from apimig.pins.toml_strings import Path, TomlString, strings_of

Pattern = tuple[str, ...]


def _patterns(*dotted: str) -> tuple[Pattern, ...]:
    return tuple(tuple(text.split(".")) for text in dotted)


# Lists of PEP 508 requirements; a star stands for one key.
_LISTS = _patterns(
    "project.dependencies",
    "project.optional-dependencies.*",
    "dependency-groups.*",
    "build-system.requires",
    "tool.uv.dev-dependencies",
    "tool.uv.constraint-dependencies",
    "tool.uv.override-dependencies",
    "tool.uv.build-constraint-dependencies",
    "tool.pdm.dev-dependencies.*",
    "tool.hatch.envs.*.dependencies",
    "tool.hatch.envs.*.extra-dependencies",
    "tool.hatch.build.hooks.*.dependencies",
    "tool.hatch.build.targets.*.dependencies",
    "tool.flit.metadata.requires",
    "tool.flit.metadata.dev-requires",
    "tool.flit.metadata.requires-extra.*",
    "tool.cibuildwheel.test-requires",
    "tool.tox.env.*.deps",
    "tool.tox.env_run_base.deps",
    "tool.rye.dev-dependencies",
)
# Tables from a name to a specifier, to a table with `version`, or to a list of such tables.
_POETRY = _patterns(
    "tool.poetry.dependencies",
    "tool.poetry.dev-dependencies",
    "tool.poetry.group.*.dependencies",
    "tool.pdm.resolution.overrides",
)
_PIXI_KEYS = ("dependencies", "host-dependencies", "build-dependencies", "pypi-dependencies")
_PIXI_PLACES = ("", "feature.*.", "target.*.", "feature.*.target.*.")
_PIXI = _patterns(*(place + key for place in _PIXI_PLACES for key in _PIXI_KEYS))
_TOOL_PIXI = tuple(("tool", "pixi", *pattern) for pattern in _PIXI)
_ADDRESSES = frozenset({"git", "hg", "svn", "path", "url", "file"})
_BUILD = frozenset(
    {"build-system", "build-constraint-dependencies", "build-dependencies", "host-dependencies", "hooks"}
)
_NOT_PACKAGES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile"})


def toml_entries(document: Document, distribution: str, kind: FileKind) -> Iterator[Entry]:
    """Every mention of the distribution among the dependencies; raises ``UnreadableFileError``."""
    text = document.text
    strings = strings_of(text)
    by_path = {string.path: text[string.start : string.end] for string in strings}
    for string in strings:
        if kind is FileKind.PYPROJECT:
            entry = _pyproject(text, string, distribution)
        elif kind is FileKind.PIXI:
            entry = _tabled(text, string, distribution, _PIXI, Dialect.CONDA)
        else:
            entry = _pipfile(text, string, distribution)
        if entry is not None:
            yield replace(entry, marker=entry.marker or _marker(string.path, by_path))


def _marker(path: Path, by_path: Mapping[Path, str]) -> str:
    """What stands beside `version` in a table: `python = "<3.8"`, `markers = "..."`."""
    if path[-1] != "version":
        return ""
    python = by_path.get((*path[:-1], "python"))
    return by_path.get((*path[:-1], "markers"), "") if python is None else f"python {python}"


def _pyproject(text: str, string: TomlString, distribution: str) -> Entry | None:
    name = canonicalize_name(distribution)
    if _matching(string.path[:-1], _LISTS) and isinstance(string.path[-1], int):
        entry = read_requirement(text, string.start, string.end, {name})
        return None if entry is None else _placed(entry, string.path[:-1])
    if string.path[:3] == ("tool", "uv", "sources"):
        return _address(string, {name}, 3)
    return _tabled(text, string, distribution, _POETRY, Dialect.POETRY) or _tabled(
        text, string, distribution, _TOOL_PIXI, Dialect.CONDA
    )


def _pipfile(text: str, string: TomlString, distribution: str) -> Entry | None:
    if string.path[0] in _NOT_PACKAGES:
        return None
    return _tabled(text, string, distribution, (("*",),), Dialect.POETRY)


def _tabled(
    text: str, string: TomlString, distribution: str, patterns: Sequence[Pattern], dialect: Dialect
) -> Entry | None:
    """The entry of a string under `<table>.<name>`, `<table>.<name>.version` or `<table>.<name>.<index>.version`."""
    for pattern in patterns:
        depth = len(pattern)
        if len(string.path) <= depth or not _matching(string.path[:depth], (pattern,)):
            continue
        if pattern[-1] == "pypi-dependencies":
            dialect = Dialect.POETRY
        names = conda_names(distribution) if dialect is Dialect.CONDA else {canonicalize_name(distribution)}
        return _valued(text, string, names, depth, dialect)
    return None


def _valued(text: str, string: TomlString, names: AbstractSet[str], depth: int, dialect: Dialect) -> Entry | None:
    if canonicalize_name(str(string.path[depth])) not in names:
        return None
    below = [key for key in string.path[depth + 1 :] if not isinstance(key, int)]
    if below in ([], ["version"]):
        return _placed(read_value(text, string.start, string.end, dialect), string.path[:depth])
    return _address(string, names, depth)


def _address(string: TomlString, names: AbstractSet[str], depth: int) -> Entry | None:
    """The entry of a library that a table says to take from a repository, a path or a URL."""
    if canonicalize_name(str(string.path[depth])) not in names or string.path[-1] not in _ADDRESSES:
        return None
    hold = f"it is installed from a {string.path[-1]} address"
    return _placed(Entry(string.start, string.end, style=PinStyle.DIRECT, hold=hold), string.path[:depth])


def _placed(entry: Entry, path: Path) -> Entry:
    section = ".".join(map(str, path))
    return replace(entry, section=section, role=Role.BUILD if _BUILD.intersection(path) else Role.RUN)


def _matching(path: Path, patterns: Sequence[Pattern]) -> bool:
    return any(
        len(path) == len(pattern) and all(want in ("*", key) for want, key in zip(pattern, path, strict=True))
        for pattern in patterns
    )
