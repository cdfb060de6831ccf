"""The lists in pyproject.toml, tox.toml and Pipfile, in all the dialects that write there."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from apimig.environments.lists import Lists, strings, table
from apimig.pins.model import Dialect
from apimig.pins.specifier import read_value
from apimig.pins.versions import limits


def read_pyproject(lists: Lists) -> Mapping[str, object]:
    """Add what pyproject.toml says; the document, for whoever reads settings in it."""
    document = document_of(lists, "pyproject.toml")
    _project(lists, table(document, "project"))
    _dynamic(lists, table(document, "tool", "setuptools"))
    _groups(lists, table(document, "dependency-groups"))
    tool = table(document, "tool")
    _poetry(lists, table(tool, "poetry"))
    _uv_sources(lists, table(tool, "uv", "sources"))
    place = "pyproject.toml: tool"
    for section, keys in (("group:dev", ("uv", "dev-dependencies")), ("group:dev", ("rye", "dev-dependencies"))):
        lists.add(section, strings(table(tool, *keys[:-1]).get(keys[-1])), f"{place}.{'.'.join(keys)}")
    for name, listed in table(tool, "pdm", "dev-dependencies").items():
        lists.add(f"group:{canonicalize_name(name)}", strings(listed), f"{place}.pdm.dev-dependencies.{name}")
    _hatch(lists, table(tool, "hatch", "envs"))
    _flit(lists, table(tool, "flit", "metadata"))
    tox = table(tool, "tox", "env_run_base")
    lists.add("tox", strings(tox.get("deps")), f"{place}.tox.env_run_base.deps")
    lists.own["tox"].update(map(canonicalize_name, strings(tox.get("extras"))))
    return document


def read_tox_toml(lists: Lists) -> Mapping[str, object]:
    """Add what tox.toml says of its base environment."""
    document = document_of(lists, "tox.toml")
    base = table(document, "env_run_base")
    lists.add("tox", strings(base.get("deps")), "tox.toml: env_run_base.deps")
    lists.own["tox"].update(map(canonicalize_name, strings(base.get("extras"))))
    return document


def read_pipfile(lists: Lists) -> None:
    """Add what Pipfile says."""
    document = document_of(lists, "Pipfile")
    for section, key in (("file:Pipfile", "packages"), ("group:dev", "dev-packages")):
        lists.add(section, _valued(lists, table(document, key)), f"Pipfile: {key}")


def document_of(lists: Lists, name: str) -> Mapping[str, object]:
    """A TOML file of the repository; empty when there is none or it is not valid."""
    if (text := lists.text(name)) is None:
        return {}
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        lists.notes.append(f"{name} is not valid TOML: {error}")
        return {}


def _project(lists: Lists, project: Mapping[str, object]) -> None:
    if isinstance(name := project.get("name"), str):
        lists.names.add(canonicalize_name(name))
    if isinstance(version := project.get("version"), str):
        lists.version = version
    if isinstance(python := project.get("requires-python"), str):
        lists.requires_python = python
    lists.add("run", strings(project.get("dependencies")), "pyproject.toml: project.dependencies")
    for extra, listed in table(project, "optional-dependencies").items():
        section = f"extra:{canonicalize_name(extra)}"
        lists.declare(section)
        lists.add(section, strings(listed), f"pyproject.toml: project.optional-dependencies.{extra}")


def _dynamic(lists: Lists, setuptools: Mapping[str, object]) -> None:
    """What setuptools reads from other files, and where it finds the packages."""
    dynamic = table(setuptools, "dynamic")
    for file in _files(table(dynamic, "dependencies")):
        lists.file("run", file)
    for extra, said in table(dynamic, "optional-dependencies").items():
        for file in _files(table({"": said}, "")):
            lists.file(f"extra:{canonicalize_name(extra)}", file)
    lists.sources += strings(table(setuptools, "packages", "find").get("where"))
    if isinstance(root := table(setuptools, "package-dir").get(""), str):
        lists.sources.append(root)


def _files(said: Mapping[str, object]) -> Iterator[str]:
    file = said.get("file")
    yield from [file] if isinstance(file, str) else strings(file)


def _groups(lists: Lists, groups: Mapping[str, object]) -> None:
    by_name: dict[str, object] = {canonicalize_name(name): listed for name, listed in groups.items()}
    for name in by_name:
        lists.declare(f"group:{name}")
        for group in _with_included(by_name, name, set()):
            place = f"pyproject.toml: dependency-groups.{group}"
            lists.add(f"group:{name}", strings(by_name[group]), place)


def _with_included(groups: Mapping[str, object], name: str, seen: set[str]) -> Iterator[str]:
    if name in seen or name not in groups:
        return
    seen.add(name)
    yield name
    listed = groups[name]
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and isinstance(other := each.get("include-group"), str):
            yield from _with_included(groups, canonicalize_name(other), seen)


def _poetry(lists: Lists, poetry: Mapping[str, object]) -> None:
    if isinstance(name := poetry.get("name"), str):
        lists.names.add(canonicalize_name(name))
    if isinstance(version := poetry.get("version"), str):
        lists.version = lists.version or version
    main = table(poetry, "dependencies")
    python = main.get("python")
    if isinstance(python, str) and not lists.requires_python:
        lists.requires_python = _specifiers(python)[0]
    optional = {name: each for name, each in main.items() if isinstance(each, dict) and each.get("optional") is True}
    needed = {name: each for name, each in main.items() if name not in optional and name != "python"}
    lists.add("run", _valued(lists, needed), "pyproject.toml: tool.poetry.dependencies")
    for extra, names in table(poetry, "extras").items():
        wanted = {name: optional[name] for name in strings(names) if name in optional}
        place = f"pyproject.toml: tool.poetry.extras.{extra}"
        lists.add(f"extra:{canonicalize_name(extra)}", _valued(lists, wanted), place)
    developers = table(poetry, "dev-dependencies")
    lists.add("group:dev", _valued(lists, developers), "pyproject.toml: tool.poetry.dev-dependencies")
    for group in table(poetry, "group"):
        place = f"pyproject.toml: tool.poetry.group.{group}"
        section = f"group:{canonicalize_name(group)}"
        lists.add(section, _valued(lists, table(poetry, "group", group, "dependencies")), place)
    packages = poetry.get("packages")
    for each in packages if isinstance(packages, list) else ():
        if isinstance(each, dict) and isinstance(source := each.get("from"), str):
            lists.sources.append(source)


def _uv_sources(lists: Lists, sources: Mapping[str, object]) -> None:
    """The projects of the repository that uv takes requirements from: by their paths, or as members of a workspace."""
    members: dict[str, str] | None = None
    for name, said in sources.items():
        entry = said if isinstance(said, dict) else {}
        if isinstance(path := entry.get("path"), str):
            lists.neighbour(path)
        elif entry.get("workspace") is True:
            members = _members(lists) if members is None else members
            if folder := members.get(canonicalize_name(name)):
                lists.neighbour(folder)


def _members(lists: Lists) -> dict[str, str]:
    """The members of the nearest workspace around the project: their folders, relative to it, by name."""
    top, folder = lists.top.resolve(), lists.root.resolve()
    for above in (folder, *folder.parents):
        workspace = table(document_of(Lists(above, top), "pyproject.toml"), "tool", "uv", "workspace")
        if workspace or above == top:
            places = [each for pattern in strings(workspace.get("members")) for each in _matching(above, pattern)]
            named = ((_name(Lists(each, top)), os.path.relpath(each, folder).replace(os.sep, "/")) for each in places)
            return {canonicalize_name(name): place for name, place in named if name}
    return {}


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(each for each in folder.glob(pattern) if each.is_dir())
    except (ValueError, NotImplementedError, OSError):  # no pattern, or an absolute one
        return []


def _name(lists: Lists) -> str:
    name = table(document_of(lists, "pyproject.toml"), "project").get("name")
    return name if isinstance(name, str) else ""


def _valued(lists: Lists, listed: Mapping[str, object]) -> Iterator[str]:
    """Requirements from a table of names and specifiers, as poetry and pipenv write them."""
    for name, said in listed.items():
        for each in said if isinstance(said, list) else [said]:
            entry = each if isinstance(each, dict) else {"version": each}
            if isinstance(path := entry.get("path"), str) and lists.neighbour(path):
                continue
            version = entry.get("version", "*")
            extras = ",".join(strings(entry.get("extras")))
            marker = _marker(entry)
            specifiers = _specifiers(version) if isinstance(version, str) else [""]
            yield f"{name}{f'[{extras}]' if extras else ''}{specifiers[0]}{f' ; {marker}' if marker else ''}"


def _marker(entry: Mapping[str, object]) -> str:
    if isinstance(markers := entry.get("markers"), str):
        return markers
    python = entry.get("python")
    if not isinstance(python, str):
        return ""
    return " and ".join(
        f'python_version {spec.operator} "{spec.version}"'
        for alternatives in [_sets(python, Dialect.POETRY)]
        for spec in (alternatives[0] if len(alternatives) == 1 else ())
    )


def _specifiers(text: str) -> list[str]:
    """``^1.5`` in PEP 440's terms. Of alternatives the last counts: it is the newest as people write them."""
    return [str(each) for each in reversed(_sets(text, Dialect.POETRY))] or [""]


def _sets(text: str, dialect: Dialect) -> list[SpecifierSet]:
    entry = read_value(text, 0, len(text), dialect)
    found: list[SpecifierSet] = []
    for clauses in entry.alternatives:
        whole = SpecifierSet()
        for clause in clauses:
            whole &= limits(clause)
        found.append(whole)
    return found


def _hatch(lists: Lists, environments: Mapping[str, object]) -> None:
    for name, keys in product(environments, ("dependencies", "extra-dependencies")):
        said = table(environments, name)
        section = f"group:{canonicalize_name(name)}"
        lists.add(section, strings(said.get(keys)), f"pyproject.toml: tool.hatch.envs.{name}.{keys}")
        lists.own[section].update(map(canonicalize_name, strings(said.get("features"))))


def _flit(lists: Lists, metadata: Mapping[str, object]) -> None:
    place = "pyproject.toml: tool.flit.metadata"
    if isinstance(module := metadata.get("dist-name", metadata.get("module")), str):
        lists.names.add(canonicalize_name(module))
    if isinstance(python := metadata.get("requires-python"), str):
        lists.requires_python = python
    lists.add("run", strings(metadata.get("requires")), f"{place}.requires")
    lists.add("group:dev", strings(metadata.get("dev-requires")), f"{place}.dev-requires")
    for extra, listed in table(metadata, "requires-extra").items():
        lists.add(f"extra:{canonicalize_name(extra)}", strings(listed), f"{place}.requires-extra.{extra}")
