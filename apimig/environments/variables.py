"""The environment variables that a repository's files set for its tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from apimig.environments.ini_lists import ini, unconditional
from apimig.environments.lists import Lists, table
from apimig.environments.python_lists import nox_commands
from apimig.environments.toml_lists import document_of

# What decides where programs, modules and files are found is the sandbox's: values of another machine would break it.
_OURS = re.compile(
    r"(?:APIMIG|LD|DYLD|COV|COVERAGE|VIRTUAL|TOX|NOX|UV|PIP|XDG)_.*|(?:PYTHON)?(?:PATH|HOME)|PYTHONUSERBASE"
    r"|PYTHON(?:STARTUP|DONTWRITEBYTECODE)|PYTEST_PLUGINS|TMPDIR|TEMP|TMP|USER|SHELL|DISPLAY"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def variables_of(root: Path) -> tuple[tuple[str, str], ...]:
    """The variables, by name, that tox, nox or hatch set for the tests of the project in ``root``.

    Only values that stand there as they are: no factor, no substitution.
    """
    found = dict(each for said in _said(Lists(root)) for each in said.items())
    return tuple(sorted((k, v) for k, v in found.items() if _NAME.fullmatch(k) and not _OURS.fullmatch(k) and v))


def _said(lists: Lists) -> Iterator[dict[str, str]]:
    """The variables of each file; what comes later counts more."""
    tool = table(document_of(lists, "pyproject.toml"), "tool")
    for name, env in table(tool, "hatch", "envs").items():
        if re.search(r"default|test", name):
            yield _literal(table(env, "env-vars"))
    yield from (variables for _, variables in nox_commands(lists))
    for base in (table(tool, "tox", "env_run_base"), table(document_of(lists, "tox.toml"), "env_run_base")):
        yield _literal(table(base, "set_env"))
    document = ini(lists, "tox.ini")
    for section in ("testenv", "testenv:test", "testenv:tests", "testenv:py"):
        for key in ("setenv", "set_env"):
            lines = unconditional(document.get(section, key, fallback="") or "")
            pairs = (line.partition("=") for line in lines if "=" in line and "{" not in line)
            yield {name.strip(): value.strip() for name, _, value in pairs}


def _literal(values: dict[str, object]) -> dict[str, str]:
    return {name: value for name, value in values.items() if isinstance(value, str) and "{" not in value}
