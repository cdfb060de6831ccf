"""What a run is asked to do, and how ``[tool.apimig]`` in pyproject.toml says it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypedDict

from apimig.errors import UsageError

AUTO, OFF = "auto", "off"
TYPES = (AUTO, OFF, "pyrefly", "basedpyright", "ty")  # what --types may be; the names are those of `apimig.checker`

_TABLE = re.compile(r"^\s*\[tool\.apimig(?P<sub>[.\w\"'-]*)\]")


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that shapes a run beside its paths. Paths in ``rules`` are absolute."""

    libs: tuple[str, ...] = ()
    from_: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    unsafe: bool = False
    annotate: bool = False
    only_required: bool = False
    ask_all: bool = False
    pins: bool = True
    allow_dirty: bool = False
    allow_codemods: bool = False
    snippet: bool = False
    jobs: int = 0
    rules: tuple[Path, ...] = ()
    cache: bool = True
    surfaces: bool = True
    offline: bool = False
    introspect: bool = False
    types: str = AUTO
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    validate: bool = False
    tests: str = ""  # the command that runs the tests, instead of the one that the repository's files say
    extras: tuple[str, ...] = ()
    test_deps: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    python: str = ""
    exclude_newer: str = ""
    keep_old: bool = False
    require_sandbox: bool = False
    test_timeout: int = 1800  # seconds for one run of all tests
    test_memory: int = 8192  # MiB for all processes of a run together


class Said(TypedDict, total=False):
    """What a caller may say of :class:`Options`; None is what was not said."""

    include: Sequence[str] | None
    exclude: Sequence[str] | None
    unsafe: bool | None
    annotate: bool | None
    only_required: bool | None
    ask_all: bool | None
    pins: bool | None
    allow_dirty: bool | None
    allow_codemods: bool | None
    snippet: bool | None
    jobs: int | None
    rules: Sequence[str | os.PathLike[str]] | None
    cache: bool | None
    surfaces: bool | None
    offline: bool | None
    introspect: bool | None
    types: str | None
    per_file_ignores: Mapping[str, Sequence[str]] | None
    validate: bool | None
    tests: str | None
    extras: Sequence[str] | None
    test_deps: Sequence[str] | None
    leave: Sequence[str] | None
    python: str | None
    exclude_newer: str | None
    keep_old: bool | None
    require_sandbox: bool | None
    test_timeout: int | None
    test_memory: int | None


def load(folder: Path, stop: Path) -> Options:
    """The settings of the nearest ``pyproject.toml`` with a ``[tool.apimig]`` from ``folder`` up to ``stop``.

    All that is wrong in the table is raised at once, as one UsageError.
    """
    for candidate in [folder, *folder.parents]:
        file = candidate / "pyproject.toml"
        if file.is_file() and (options := _read(file)) is not None:
            return options
        if candidate == stop:
            break
    return Options()


def merged(
    settings: Options, said: Mapping[str, Any], *, lib: str | Sequence[str] = (), from_: str | Sequence[str] = ()
) -> Options:
    """``settings`` with what was ``said`` (see :class:`Said`), which wins; None and nothing at all mean not said."""
    given = {**said, "libs": _several(lib), "from_": _several(from_)}
    unknown = sorted(set(given) - {f.name for f in fields(Options)})
    if unknown:
        raise TypeError(f"no such option: {', '.join(unknown)}")
    values = {name: _frozen(value) for name, value in given.items() if value is not None and value not in ((), [])}
    if "rules" in values:
        values["rules"] = tuple(map(Path, values["rules"]))
    if values.get("types", AUTO) not in TYPES:
        raise UsageError(f"--types {values['types']} is no type checker", help=f"One of {', '.join(TYPES)}.")
    return replace(settings, **values)


def _several(texts: str | Sequence[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _frozen(value: object) -> Any:  # noqa: ANN401 - whatever the option is
    return tuple(value) if isinstance(value, list) else value


def _read(file: Path) -> Options | None:
    import tomllib

    try:
        text = file.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text).get("tool", {}).get("apimig")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if "tool.apimig" not in _text(file):
            return None  # somebody else's problem: nothing of ours is in there
        raise UsageError(f"{file} cannot be read: {error}", help="Mend the file, or move it away.") from error
    return None if table is None else _Table(file, text, table).options()


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


class _Table:
    """Checks ``[tool.apimig]`` as a whole, with the line of each problem."""

    def __init__(self, file: Path, text: str, table: object) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.table = table
        self.problems: list[str] = []

    def options(self) -> Options:
        if not isinstance(self.table, dict):
            raise UsageError(f"{self.file}: tool.apimig is not a table", help="Write it as [tool.apimig].")
        values: dict[str, Any] = {}
        for key, value in self.table.items():
            if key not in _KEYS:
                self.problem(key, f"no such setting: {key}{_suggestion(key)}")
                continue
            name, check = _KEYS[key]
            try:
                values[name] = check(value)
            except ValueError as error:
                self.problem(key, f"{key}: {error}")
        if self.problems:
            raise UsageError(
                f"{self.file.name} has settings that apimig does not understand",
                help="\n".join([*self.problems, "docs/configuration.md lists the settings."]),
            )
        if "rules" in values:
            values["rules"] = tuple(self.file.parent / rule for rule in values["rules"])
        return Options(**values)

    def problem(self, key: str, message: str) -> None:
        self.problems.append(f"{self.file}:{self.line_of(key)}: {message}")

    def line_of(self, key: str) -> int:
        """The line of a key below the table's header; the header's line when it is not found."""
        header, inside = 1, False
        pattern = re.compile(rf"""^\s*["']?{re.escape(key)}["']?\s*[=.]""")
        for number, line in enumerate(self.lines, start=1):
            if table := _TABLE.match(line):
                header, inside = number, True
                if table["sub"].strip(".\"'") == key:
                    return number
            elif line.lstrip().startswith("[") and "=" not in line:
                inside = False
            elif inside and pattern.match(line):
                return number
        return header


def _suggestion(key: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key.replace("_", "-"), _KEYS, n=1)
    return f"; did you mean {close[0]}?" if close else f"; settings are {', '.join(sorted(_KEYS))}"


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError('a text or a list of texts is expected, such as ["pandas==2.0"]')


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"true or false is expected, not {value!r}")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"a number is expected, not {value!r}")


def _text_of(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError(f"a text is expected, not {value!r}")


def _froms(value: object) -> tuple[str, ...]:
    if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return tuple(f"{name}=={version}" for name, version in value.items())
    return _texts(value)


def _ignores(value: object) -> Mapping[str, tuple[str, ...]]:
    if isinstance(value, dict):
        return {pattern: _texts(rules) for pattern, rules in value.items()}
    raise ValueError('a table of file patterns is expected, such as {"tests/*" = ["pandas/*"]}')


def _types(value: object) -> str:
    if isinstance(value, str) and value in TYPES:
        return value
    raise ValueError(f"{', '.join(TYPES[:-1])} or {TYPES[-1]} is expected, not {value!r}")


_KEYS: dict[str, tuple[str, Callable[[object], Any]]] = {
    "libs": ("libs", _texts),
    "from": ("from_", _froms),
    "include": ("include", _texts),
    "exclude": ("exclude", _texts),
    "unsafe": ("unsafe", _flag),
    "annotate": ("annotate", _flag),
    "only-required": ("only_required", _flag),
    "ask-all": ("ask_all", _flag),
    "pins": ("pins", _flag),
    "allow-codemods": ("allow_codemods", _flag),
    "snippet": ("snippet", _flag),
    "surfaces": ("surfaces", _flag),
    "offline": ("offline", _flag),
    "introspect": ("introspect", _flag),
    "jobs": ("jobs", _count),
    "rules": ("rules", _texts),
    "types": ("types", _types),
    "per-file-ignores": ("per_file_ignores", _ignores),
    "tests": ("tests", _text_of),
    "extras": ("extras", _texts),
    "test-deps": ("test_deps", _texts),
    "leave": ("leave", _texts),
    "python": ("python", _text_of),
    "exclude-newer": ("exclude_newer", _text_of),
    "keep-old": ("keep_old", _flag),
    "require-sandbox": ("require_sandbox", _flag),
    "test-timeout": ("test_timeout", _count),
    "test-memory": ("test_memory", _count),
}
