"""Lock files: what they pin, and the command that refreshes them. They are never edited."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from apimig.pins.document import Document, conda_names, lines_of
from apimig.pins.model import Pin, PinStyle, UnreadableFileError
from apimig.pins.requirements import compiled_by

_TOML_PAIR = re.compile(r"""^(name|version)\s*=\s*["']([^"']+)["']""")
_YAML_PAIR = re.compile(r"""^[ \t]*(?:- )?[ \t]*(name|version):[ \t]*["']?([^"'\s]+)""")
_ARCHIVE = re.compile(r"/([A-Za-z0-9_.-]+?)-(\d[A-Za-z0-9_.!+]*)-[^/-]+\.(?:conda|tar\.bz2)(?=[#\s]|$)")


def lock_pins(document: Document, distribution: str) -> Iterator[Pin]:
    """Each version of the distribution that a lock file names, once; raises ``UnreadableFileError``."""
    base = PurePosixPath(document.name).name.lower()
    if base == "pipfile.lock":
        found = _in_json(document, distribution)
    elif base.endswith((".yml", ".yaml")) or base == "pixi.lock":
        found = _in_yaml(document.text, distribution)
    elif base.startswith("conda-"):
        found = _in_archives(document.text, distribution)
    else:
        found = _in_toml(document.text, distribution)
    seen: set[Version] = set()
    for offset, text in found:
        version = _version(text)
        if version is not None and version not in seen:
            seen.add(version)
            yield Pin(document.location(offset), text, PinStyle.LOCKED, version)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _in_toml(text: str, distribution: str) -> Iterator[tuple[int, str]]:
    """Name and version stand in one table, name first or not; machines write these files line by line."""
    pair = dict[str, tuple[int, str]]()
    for start, end in lines_of(text):
        line = text[start:end]
        if line.startswith("["):
            yield from _completed(pair, distribution)
            pair = {}
        elif found := _TOML_PAIR.match(line):
            pair.setdefault(found.group(1), (start + found.start(2), found.group(2)))
    yield from _completed(pair, distribution)


def _in_yaml(text: str, distribution: str) -> Iterator[tuple[int, str]]:
    """The same for items of a list of packages."""
    pair = dict[str, tuple[int, str]]()
    for start, end in lines_of(text):
        line = text[start:end]
        if line.lstrip().startswith("- "):
            yield from _completed(pair, distribution)
            pair = {}
        if found := _YAML_PAIR.match(line):
            pair.setdefault(found.group(1), (start + found.start(2), found.group(2)))
    yield from _completed(pair, distribution)
    yield from _in_archives(text, distribution)


def _completed(pair: dict[str, tuple[int, str]], distribution: str) -> Iterator[tuple[int, str]]:
    if len(pair) == 2 and canonicalize_name(pair["name"][1]) in conda_names(distribution):
        yield pair["version"]


def _in_archives(text: str, distribution: str) -> Iterator[tuple[int, str]]:
    for found in _ARCHIVE.finditer(text):
        if canonicalize_name(found.group(1)) in conda_names(distribution):
            yield found.start(2), found.group(2)


def _in_json(document: Document, distribution: str) -> Iterator[tuple[int, str]]:
    try:
        data = json.loads(document.text)
    except json.JSONDecodeError as error:
        raise UnreadableFileError(f"not valid JSON: {error.msg}", error.lineno) from None
    except RecursionError:
        raise UnreadableFileError("nested too deeply to be read") from None
    for packages in data.values() if isinstance(data, dict) else ():
        for name, package in packages.items() if isinstance(packages, dict) else ():
            version = package.get("version") if isinstance(package, dict) else None
            if canonicalize_name(name) == canonicalize_name(distribution) and isinstance(version, str):
                yield max(document.text.find(f'"{name}": {{'), 0), version.lstrip("=")


# --------------------------------------------------------------------------- refreshing


def refresh_command(document: Document, distribution: str, version: str) -> str:
    """The command that brings the lock file up to date with the changed pins, ready for a shell."""
    base = PurePosixPath(document.name).name.lower()
    name = canonicalize_name(distribution)
    wanted = shlex.quote(f"{name}=={version}")
    commands = {
        "uv.lock": f"uv lock --upgrade-package {wanted}",
        "poetry.lock": f"poetry update {name}",
        "pdm.lock": f"pdm update {name}",
        "pipfile.lock": f"pipenv update {name}",
        "pixi.lock": f"pixi update {name}",
    }
    if base in commands:
        return commands[base]
    if base.startswith("pylock"):
        return _pylock_command(document, name, wanted)
    if "conda" in base:
        return f"conda-lock lock --update {name} --lockfile {shlex.quote(document.name)}"
    return _recompile_command(document.text, name, wanted)


def _pylock_command(document: Document, name: str, wanted: str) -> str:
    creator = re.search(r"""^created-by\s*=\s*["']([a-z-]+)""", document.text, re.MULTILINE)
    output = shlex.quote(document.name)
    if creator is not None and creator.group(1) == "pdm":
        return f"pdm update {name} && pdm export -f pylock -o {output}"
    if creator is not None and creator.group(1) == "uv":
        return f"uv lock --upgrade-package {wanted} && uv export --format pylock.toml -o {output}"
    return f"pip lock -o {output} (with what it was made from)"


def _recompile_command(text: str, name: str, wanted: str) -> str:
    command = compiled_by(text)
    if not command:
        return f"rye lock --update {name}" if "by rye" in text else "the command that compiled it"
    if command.startswith(("pip-compile", "uv pip compile")):
        return f"{command} --upgrade-package {wanted}"
    if command.startswith("uv export"):
        return f"uv lock --upgrade-package {wanted} && {command}"
    return command
