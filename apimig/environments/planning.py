"""How the repository's tests are run: by what its files say, else by what its tests look like."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from apimig.environments.code import Code, is_test, look_at
from apimig.environments.model import Plan, Runner
from apimig.environments.settings import Settings, settings_of
from apimig.environments.variables import variables_of
from apimig.errors import UsageError

_PYTHON = "{python}"
_PYTEST = (_PYTHON, "-m", "pytest")
# Options that a command of the repository may hold and that only cost time or want something of the outside.
_DROPPED = re.compile(
    r"--(?:cov|no-cov|junit|junitxml|html|self-contained-html|durations|color|tb|verbose|quiet|benchmark|numprocesses|dist|maxprocesses)\b.*"
    r"|-(?:v+|q+|s|rs|ra|rA|n.*)"
)
_TAKES_VALUE = frozenset({"--cov-report", "--cov-config", "-n", "--numprocesses", "--junitxml", "--junit-xml",
                          "--durations", "--color", "--tb", "--dist", "--html"})  # fmt: skip
_DYNAMIC = re.compile(r"[$`|;&<>]|\{(?!posargs)|%\(")


def plan_of(root: Path, *, tests: str = "", code: Code | None = None, top: Path | None = None) -> Plan:
    """The plan for the project in ``root``, in the repository at ``top``; ``tests`` is what a person gave.

    Raises UsageError when that command is empty or not well-formed.
    """
    found = _given(tests) if tests else _found(root.resolve(), code, top)
    return replace(found, variables=variables_of(root))


def _found(root: Path, code: Code | None, top: Path | None) -> Plan:
    code, settings = code or look_at(root), settings_of(root, top and top.resolve())
    stated = list(_stated(root, settings))
    if stated:
        return stated[0]
    if settings.testpaths:
        return Plan(_PYTEST, Runner.PYTEST, why=f"{settings.file}: testpaths")
    named = _named_tests(code)
    if not code.tests and not named:
        return _imports(root, code)
    if code.has_cases and not code.has_functions and "pytest" not in code.by_tests and not settings.file and not named:
        return _unittest(code)
    if settings.file and code.tests:
        return Plan(_PYTEST, Runner.PYTEST, why=f"{settings.file} configures pytest")
    return Plan((*_PYTEST, *named, *_folders(code)), Runner.PYTEST, why="the tests that were found")


def _given(tests: str) -> Plan:
    try:
        words = shlex.split(tests)
    except ValueError as error:
        raise UsageError(f"--tests {tests!r} cannot be read: {error}") from error
    if not words:
        raise UsageError("--tests is empty", help="Give the command that runs the tests: pytest tests/unit")
    return _plan(words, "--tests")


def _plan(words: Sequence[str], why: str) -> Plan:
    """The plan of a command, with pytest and unittest under the environment's Python."""
    rest = list(words)
    if re.fullmatch(r"(?:.*/)?python[\d.]*", rest[0]):
        rest = rest[1:]
        if rest[:1] == ["-m"] and rest[1:2] in (["pytest"], ["unittest"]):
            runner = Runner(rest[1])
            return Plan((_PYTHON, "-m", *rest[1:]), runner, why=why)
        return Plan(("python", *rest), Runner.COMMAND, why=why)
    if re.fullmatch(r"(?:.*/)?(?:pytest|py\.test)", rest[0]):
        return Plan((*_PYTEST, *rest[1:]), Runner.PYTEST, why=why)
    return Plan(tuple(rest), Runner.COMMAND, why=why)


# --------------------------------------------------------------------------- what files say


def _stated(root: Path, settings: Settings) -> Iterator[Plan]:
    """Plans of the commands in tox.ini, hatch, Makefile and workflows that can be read as they stand."""
    for where, line in settings.commands:
        text = re.sub(r"\{posargs:?([^}]*)\}", r"\1", line)
        text = re.sub(r"\{(?:toxinidir|tox_root|args)[^}]*\}/?", "", text)
        text = text.partition(" #")[0].partition("&&")[0].strip()
        if _DYNAMIC.search(text):
            continue
        try:
            words = shlex.split(text)
        except ValueError:
            continue
        words = _after(words)
        if not words:
            continue
        plan = _plan(words, where)
        if plan.runner is Runner.COMMAND:
            continue
        arguments = tuple(_kept(plan.arguments)) if plan.runner is Runner.PYTEST else plan.arguments
        if all(_there(root, each) for each in arguments if not each.startswith("-")) or not arguments:
            yield Plan((*plan.command[:3], *arguments), plan.runner, why=where)


def _after(words: list[str]) -> list[str]:
    """The command behind ``coverage run -m``, ``uv run``, ``poetry run``, ``xvfb-run`` and variables."""
    for at, word in enumerate(words):
        if re.fullmatch(r"(?:.*/)?(?:pytest|py\.test)", word):
            return ["pytest", *words[at + 1 :]]
        if word == "unittest" and at and words[at - 1] == "-m":
            return ["python", "-m", *words[at:]]
    return []


def _kept(arguments: Sequence[str]) -> Iterator[str]:
    skip = False
    for each in arguments:
        if skip:
            skip = False
        elif _DROPPED.fullmatch(each):
            skip = each in _TAKES_VALUE
        else:
            yield each


def _there(root: Path, argument: str) -> bool:
    """Whether an argument is a path of the repository, or cannot be one: the value of an option."""
    path = argument.partition("::")[0]
    return (root / path).exists() or not re.search(r"[/.]", path)


# --------------------------------------------------------------------------- what the tests look like


def _named_tests(code: Code) -> tuple[str, ...]:
    """``tests.py`` at the root, which pytest does not look for by itself."""
    names = [name for name in code.tests if PurePosixPath(name).name in ("tests.py", "test.py")]
    return tuple(name for name in names if "/" not in name)


def _folders(code: Code) -> tuple[str, ...]:
    """The folders of the tests where there are some: examples and vendored code have files of that name, too."""
    usual = [each for each in ("tests", "test") if any(name.startswith(f"{each}/") for name in code.tests)]
    inner = {
        "/".join(parts[: parts.index(word) + 1])
        for name in code.tests
        for parts in [PurePosixPath(name).parts]
        for word in ("tests", "test")
        if word in parts[:-1]
    }
    if _named_tests(code):
        return ()
    return tuple(usual or sorted(inner))


def _unittest(code: Code) -> Plan:
    tops = {PurePosixPath(name).parts[0] if "/" in name else "" for name in code.tests}
    start = next((each for each in ("tests", "test") if each in tops), "")
    names = [PurePosixPath(name).name for name in code.tests]
    pattern = "test*.py" if any(name.startswith("test") for name in names) else "*_test*.py"
    words = [
        "discover",
        *(("-s", start, "-t", ".") if start and _is_package(start, code) else ("-s", start) if start else ()),
    ]
    words += ["-p", pattern]
    return Plan((_PYTHON, "-m", "unittest", *words), Runner.UNITTEST, why="tests of unittest alone, and no pytest")


def _is_package(folder: str, code: Code) -> bool:
    return f"{folder}/__init__.py" in code.files


def _imports(root: Path, code: Code) -> Plan:
    """No tests: every module of the packages is imported."""
    found = []
    for name in code.files:
        path = PurePosixPath(name)
        parts = path.with_suffix("").parts
        if parts[0] in ("src", "lib") and not (root / parts[0] / "__init__.py").exists():
            parts = parts[1:]
        if (
            is_test(name)
            or parts[-1] in ("setup", "conftest", "noxfile", "__main__")
            or parts[0] in ("docs", "examples")
        ):
            continue
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if module and all(part.isidentifier() for part in module.split(".")):
            found.append(module)
    code_of = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    return Plan((_PYTHON, "-c", code_of, *found), Runner.IMPORTS, why="there are no tests: every module is imported")
