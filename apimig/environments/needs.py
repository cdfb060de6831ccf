"""What a repository needs to run its tests: read from its own files, as text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from apimig.environments.code import Code, look_at
from apimig.environments.ini_lists import read_setup_cfg, read_tox_ini
from apimig.environments.lists import Lists
from apimig.environments.model import Choices, Need, Needs, Why
from apimig.environments.other_lists import read_environment, read_workflows
from apimig.environments.python_lists import read_noxfile, read_setup_py
from apimig.environments.settings import Settings, settings_of
from apimig.environments.toml_lists import read_pipfile, read_pyproject, read_tox_toml
from apimig.environments.tools import tools
from apimig.errors import UsageError
from apimig.pins import FileKind, file_kind

_TESTS = frozenset({"test", "tests", "testing", "unit", "unittest", "unittests", "pytest"})
_DEVELOPERS = frozenset({"dev", "develop", "development", "developer", "devel"})
_ASIDE = frozenset(
    {"min", "minimum", "minimal", "oldest", "lint", "docs", "doc", "gpu", "cuda", "bench", "benchmark", "perf", "style",
     "format", "e2e", "windows", "win", "macos", "osx", "typing", "types", "hw", "release", "nightly", "dev0"}
)  # fmt: skip
_FOLDERS = ("", "requirements", "reqs", "deps", "dependencies", "tests", "test", "ci", "etc")


def needs_of(
    root: Path,
    choices: Choices = Choices(),  # noqa: B008 - frozen
    code: Code | None = None,
    top: Path | None = None,
) -> Needs:
    """What the project in ``root`` needs, with the other projects of the repository at ``top`` that it refers to.

    Raises UsageError for an extra or group that it does not have.
    """
    root, top = root.resolve(), (top or root).resolve()
    lists, code = gathered(root, top), code or look_at(root)
    beside = _with_neighbours(lists)
    chosen = [*_chosen(lists, choices), *_tooling(code, settings_of(root, top))]
    left_out = {canonicalize_name(name) for name in choices.leave_out} | lists.names
    needs = _unique([need for need in chosen if need.name not in left_out])
    notes = [*dict.fromkeys(lists.notes), *_unbuilt(root, lists)]
    return Needs(
        tuple(needs),
        frozenset(lists.names),
        lists.version,
        (*_layout(root, lists), *beside),
        lists.requires_python,
        tuple(sorted(name.partition(":")[2] for name in lists.sections if name.startswith(("extra:", "group:")))),
        tuple(notes),
    )


def gathered(root: Path, top: Path | None = None) -> Lists:
    """All lists of the project, by section."""
    lists = Lists(root, top or root)
    read_pyproject(lists)
    read_setup_cfg(lists)
    read_setup_py(lists)
    read_tox_ini(lists)
    read_tox_toml(lists)
    read_noxfile(lists)
    read_pipfile(lists)
    for name in _files(root):
        match file_kind(name):
            case FileKind.REQUIREMENTS if "constraint" not in name.lower():
                lists.file(f"file:{name}", name)
            case FileKind.ENVIRONMENT:
                read_environment(lists, name)
            case _:
                pass
    read_workflows(lists)
    return lists


def _with_neighbours(lists: Lists) -> tuple[str, ...]:
    """Add what the projects need that this one is used with; the folders that these are imported from."""
    layout: dict[str, None] = {}
    for folder in lists.beside:  # grows by those that they refer to
        root = Path(os.path.normpath(lists.root / folder))
        other = gathered(root, lists.top)
        lists.names |= other.names
        if "run" in other.sections:
            lists.sections["run"] += other.sections["run"]
        layout |= {os.path.normpath(f"{folder}/{each}").replace(os.sep, "/"): None for each in _layout(root, other)}
        for each in other.beside:
            lists.neighbour(f"{folder}/{each}")
    return tuple(layout)


def _files(root: Path) -> Iterator[str]:
    for folder in _FOLDERS:
        place = root / folder
        if place.is_dir():
            for each in sorted(place.iterdir()):
                if each.is_file():
                    yield each.relative_to(root).as_posix()


# --------------------------------------------------------------------------- choosing


def _chosen(lists: Lists, choices: Choices) -> Iterator[Need]:
    for text in choices.test_deps:
        try:
            yield Need(Requirement(text), "the command line", Why.ASKED)
        except InvalidRequirement as error:
            raise UsageError(f"{text!r} is no requirement", help="Write it as in a requirements file.") from error
    asked = [_section(lists, name) for name in choices.extras]
    tests = [name for name in lists.sections if _is_for(name, _TESTS)]
    tests += [name for name in ("tests_require", "tox", "nox") if name in lists.sections or lists.own.get(name)]
    only_tox = not any(_is_for(name, _TESTS) or name == "tests_require" for name in tests)
    for section in asked:
        yield from _all(lists, section, Why.ASKED, set())
    yield from _all(lists, "run", Why.RUN, set())
    for section in tests:
        # What tox asks for beside a list for tests is often everything.
        yield from _filtered(_all(lists, section, Why.TEST, set(), follow=only_tox or section != "tox"))
    if not tests:
        yield from _developers(lists)
    yield from _run_files(lists)


def _developers(lists: Lists) -> Iterator[Need]:
    """Where no list is for tests alone, that of developers holds what they need; else what CI installs."""
    found = [name for name in lists.sections if _is_for(name, _DEVELOPERS)]
    for section in found or ["ci"]:
        yield from _filtered(_all(lists, section, Why.SOFT, set()))


def _run_files(lists: Lists) -> Iterator[Need]:
    """Requirements files: the first list of a repository without packaging, a second one of others."""
    why = Why.SOFT if "run" in lists.sections else Why.RUN
    plain = [name for name in lists.sections if _is_plain(name)]
    for section in plain:
        yield from _all(lists, section, why, set())
    if "run" not in lists.sections and not plain:
        for section in [name for name in lists.sections if name.startswith("file:")]:
            if section.endswith(("Pipfile", ".yml", ".yaml")) and not _tokens(section) & _ASIDE:
                yield from _all(lists, section, Why.RUN, set())
                return


def _is_plain(section: str) -> bool:
    name = PurePosixPath(section.removeprefix("file:"))
    return section.startswith("file:") and (
        str(name) in ("requirements.txt", "requirements.in", "requirements/requirements.txt", "requirements/base.txt",
                      "requirements/default.txt", "requirements/main.txt", "requirements/common.txt",
                      "requirements/prod.txt", "requirements/production.txt", "requirements/install.txt", "Pipfile")
    )  # fmt: skip


def _tokens(section: str) -> set[str]:
    name = section.partition(":")[2].lower()
    stem = re.sub(r"\.(txt|in|pip|ya?ml)$", "", name)
    return set(re.split(r"[^a-z0-9]+", stem))


def _is_for(section: str, words: frozenset[str]) -> bool:
    kind = section.partition(":")[0]
    return kind in ("extra", "group", "file") and bool(_tokens(section) & words) and not _tokens(section) & _ASIDE


def _section(lists: Lists, name: str) -> str:
    wanted = canonicalize_name(name)
    for section in (f"extra:{wanted}", f"group:{wanted}", f"file:{name}"):
        if section in lists.sections:
            return section
    known = ", ".join(sorted(each.partition(":")[2] for each in lists.sections if each[:6] in ("extra:", "group:")))
    raise UsageError(
        f"The repository has no extra or group {name!r}", help=f"It has {known}." if known else "It has none at all."
    )


def _all(lists: Lists, section: str, why: Why, seen: set[str], *, follow: bool = True) -> Iterator[Need]:
    """The needs of a section, with those of the repository's own extras that it names."""
    if section in seen:
        return
    seen.add(section)
    own = set(lists.own.get(section, ())) if follow else set()
    for requirement, place in lists.sections.get(section, ()):
        if canonicalize_name(requirement.name) in lists.names:
            own.update(map(canonicalize_name, requirement.extras))
        else:
            yield Need(requirement, place, why)
    for extra in sorted(own):
        yield from _all(lists, f"extra:{extra}", why, seen)


def _filtered(needs: Iterable[Need]) -> Iterator[Need]:
    return (need for need in needs if tools().is_for_tests(need.name) or need.why is Why.ASKED)


def _unique(needs: Iterable[Need]) -> Iterator[Need]:
    """Each requirement once, for its best reason; guesses only for what no list names."""
    seen: set[str] = set()
    names: set[str] = set()
    for need in sorted(needs, key=lambda each: list(Why).index(each.why)):
        if str(need.requirement) in seen or (need.place == _GUESSED and _has(names, need.name)):
            continue
        seen.add(str(need.requirement))
        names.add(need.name)
        yield need


def _has(names: set[str], name: str) -> bool:
    """Whether a distribution, or another build of it, is among those that are installed anyway."""
    return name in names or any(other.startswith("opencv-") for other in names if name.startswith("opencv-"))


# --------------------------------------------------------------------------- what no list names

_GUESSED = "seen in the tests"


def _tooling(code: Code, settings: Settings) -> Iterator[Need]:
    """pytest, the plug-ins that the configuration and the tests use, and known packages that tests import."""
    known = tools()
    wanted = ["pytest<8" if code.nose_style else "pytest"]
    wanted += [
        plugin.distribution
        for plugin in known.plugins
        if (
            settings.has_option(plugin.options)
            or set(plugin.keys) & settings.keys
            or set(plugin.marks) & code.marks - settings.marks
            or set(plugin.fixtures) & (code.parameters - code.fixtures)
            or set(plugin.imports) & code.by_tests
        )
    ]
    imported = [*sorted(code.foreign(code.by_tests)), *sorted(code.foreign(code.imported))]
    wanted += [known.imports[name] for name in imported if name in known.imports]
    yield from (Need(Requirement(text), _GUESSED, Why.SOFT if at else Why.TEST) for at, text in enumerate(wanted))


# --------------------------------------------------------------------------- the repository itself


def _layout(root: Path, lists: Lists) -> tuple[str, ...]:
    """The folders that the packages are imported from: those that the packaging names, `src`, and the root."""
    stated = [str(PurePosixPath(each)) for each in lists.sources]
    folders = [*dict.fromkeys([*stated, "src", "lib"])]
    found = [each for each in folders if each not in (".", "", "..") and _holds_packages(root / each)]
    return (*found, "")


def _holds_packages(folder: Path) -> bool:
    return (
        folder.is_dir()
        and not (folder / "__init__.py").exists()
        and (any(folder.glob("*/__init__.py")) or any(folder.glob("*.py")) or any(folder.glob("*/*/__init__.py")))
    )


def _unbuilt(root: Path, lists: Lists) -> Iterator[str]:
    """What importing from the tree cannot bring: compiled parts, and files that a build writes."""
    signs = ("ext_modules", "cythonize", "meson-python", "maturin", "scikit-build", "setuptools-rust", "pybind11")
    for name in ("setup.py", "pyproject.toml", "setup.cfg"):
        text = lists.text(name) or ""
        if sign := next((each for each in signs if each in text), ""):
            yield f"{name} mentions {sign}: compiled parts of the repository are not built"
            break
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        match = re.search(r"(?:write_to|version_file|version-file)\s*=\s*[\"']?([\w./-]+\.py)", lists.text(name) or "")
        if match and not (root / match.group(1)).exists():
            yield f"{match.group(1)}, which a build would write, is not there"
            break
