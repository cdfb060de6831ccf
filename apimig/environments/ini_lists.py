"""The lists in setup.cfg and tox.ini."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from apimig.environments.lists import Lists

_FILE = re.compile(r"file:\s*(.+)", re.DOTALL)
_FACTOR = re.compile(r"!?[A-Za-z0-9_{},.!-]+:(?!//)\s*")


def read_setup_cfg(lists: Lists) -> configparser.RawConfigParser:
    """Add what setup.cfg says; the document, for whoever reads settings in it."""
    document = ini(lists, "setup.cfg")
    if name := document.get("metadata", "name", fallback=""):
        lists.names.add(canonicalize_name(name))
    version = document.get("metadata", "version", fallback="")
    if version and ":" not in version:
        lists.version = lists.version or version
    if python := document.get("options", "python_requires", fallback=""):
        lists.requires_python = lists.requires_python or python
    for section, keys in (("run", ("install_requires", "install-requires")), ("tests_require", ("tests_require",))):
        for key in keys:
            _listed(lists, section, document.get("options", key, fallback=""), f"setup.cfg: {key}")
    for extra, value in document["options.extras_require"].items() if "options.extras_require" in document else ():
        section = f"extra:{canonicalize_name(extra)}"
        lists.declare(section)
        _listed(lists, section, value, f"setup.cfg: extras_require.{extra}")
    if where := document.get("options.packages.find", "where", fallback=""):
        lists.sources.append(where.strip())
    for line in document.get("options", "package_dir", fallback="").splitlines():
        package, equals, folder = line.partition("=")
        if equals and not package.strip():
            lists.sources.append(folder.strip())
    return document


def read_tox_ini(lists: Lists) -> configparser.RawConfigParser:
    """Add what tox.ini installs for its tests; the lines for single factors are left out, but for those of tests."""
    document = ini(lists, "tox.ini")
    if "testenv" in document:
        lists.add("tox", unconditional(document["testenv"].get("deps", "")), "tox.ini: testenv.deps")
        extras = " ".join(unconditional(document["testenv"].get("extras", ""))).replace(",", " ").split()
        lists.own["tox"].update(map(canonicalize_name, extras))
    return document


def ini(lists: Lists, name: str) -> configparser.RawConfigParser:
    """The file as sections and options; empty when there is none or it cannot be read."""
    document = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        document.read_string(lists.text(name) or "")
    except configparser.Error as error:
        lists.notes.append(f"{name} cannot be read: {str(error).splitlines()[0]}")
        return configparser.RawConfigParser()
    return document


def _listed(lists: Lists, section: str, value: str | None, place: str) -> None:
    if match := _FILE.match((value or "").strip()):
        for file in match.group(1).replace(",", "\n").split():
            lists.file(section, file)
        return
    first, *rest = (value or "").split("\n")
    lists.add(section, [*first.split(";" if not rest else "\n"), *rest], place)


def unconditional(value: str | None) -> Iterator[str]:
    """The lines of a tox setting that hold for every environment, or for a factor that names tests."""
    for line in (value or "").splitlines():
        text = line.strip()
        if factor := _FACTOR.match(text):
            if re.search(r"tests?\b", factor.group()) and not factor.group().startswith("!"):
                yield text[factor.end() :]
        elif "{" not in text:
            yield text.replace("-r{toxinidir}/", "-r")
        elif "{toxinidir}" in text:
            yield re.sub(r"\{toxinidir\}/?|\{tox_root\}/?", "", text)
