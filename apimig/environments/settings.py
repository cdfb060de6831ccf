"""The configuration of pytest, wherever it stands, and the commands that other files run tests with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from apimig.environments.ini_lists import ini
from apimig.environments.lists import Lists, strings, table
from apimig.environments.python_lists import nox_commands
from apimig.environments.toml_lists import document_of

_PYTEST = re.compile(r"(?:^|\s|/)(?:py\.test|pytest)(?=\s|$)")


@dataclass(slots=True)
class Settings:
    """What configures the tests: ``file`` is where pytest's own stands; ``commands`` are (where, command line)."""

    file: str = ""
    options: list[str] = field(default_factory=list)  # addopts
    keys: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)
    testpaths: list[str] = field(default_factory=list)
    commands: list[tuple[str, str]] = field(default_factory=list)

    def has_option(self, options: Iterable[str]) -> bool:
        """Whether one of the options is in addopts."""
        return any(
            word == option or word.startswith(f"{option}=") or (len(option) == 2 and word.startswith(option))
            for option in options
            for word in self.options
        )


def settings_of(root: Path, top: Path | None = None) -> Settings:
    """The settings of the project; the first file counts for pytest, as it has it itself.

    Where the project has none, pytest takes those of a folder around it, up to that of the repository, ``top``.
    """
    lists, found = Lists(root), Settings()
    _pytest(lists, found)
    for folder in root.parents if top is not None and root != top else ():
        if not found.file:
            _pytest(Lists(folder), found)
            found.testpaths = []  # these count where pytest is run in that folder itself
        if folder == top:
            break
    _commands(lists, found)
    return found


def _pytest(lists: Lists, found: Settings) -> None:
    for name, section in (
        ("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("pyproject.toml", ""),
        ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"),
    ):  # fmt: skip
        if not section:
            said = table(document_of(lists, name), "tool", "pytest", "ini_options")
        else:
            document = ini(lists, name)
            said = dict(document[section]) if section in document else {}
        if said or (section == "pytest" and name != "tox.ini" and lists.text(name) is not None):
            found.file = name
            found.keys = set(said)
            found.options = _words(said.get("addopts"))
            found.testpaths = _words(said.get("testpaths"))
            listed = said.get("markers", "")
            lines = listed.splitlines() if isinstance(listed, str) else strings(listed)
            found.marks = {match.group(1) for each in lines if (match := re.match(r"\s*(\w+)", each))}
            return


def _words(value: object) -> list[str]:
    if not isinstance(value, str):
        return list(strings(value))
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def _commands(lists: Lists, found: Settings) -> None:
    """The lines with which tox, nox, hatch, make and CI run tests, in that order."""
    document = ini(lists, "tox.ini")
    for section in ("testenv", "testenv:test", "testenv:tests", "testenv:py", "testenv:unit"):
        text = document.get(section, "commands", fallback="") or ""
        _lines(found, f"tox.ini: {section}", re.sub(r"^\s*[\w{},-]+:(?=\s)", "", text, flags=re.MULTILINE))
    for command, _ in nox_commands(lists):
        _lines(found, "noxfile.py", command)
    tool = table(document_of(lists, "pyproject.toml"), "tool")
    for name in table(tool, "hatch", "envs"):
        for script, value in table(tool, "hatch", "envs", name, "scripts").items():
            if re.search(r"test|cov", script):
                text = value if isinstance(value, str) else "\n".join(strings(value))
                _lines(found, f"pyproject.toml: tool.hatch.envs.{name}.scripts.{script}", text)
    if match := re.search(r"^tests?:[^\n]*\n((?:[\t ]+[^\n]*\n?)+)", lists.text("Makefile") or "", re.MULTILINE):
        _lines(found, "Makefile: test", match.group(1))
    workflows = lists.root / ".github" / "workflows"
    for path in sorted(workflows.glob("*.y*ml")) if workflows.is_dir() else ():
        _lines(found, f".github/workflows/{path.name}", lists.text(f".github/workflows/{path.name}") or "")


def _lines(found: Settings, where: str, text: str) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        bare = line.strip().lstrip("@-").strip()
        bare = re.sub(r"^(?:run|- run|cmd):\s*", "", bare)
        if (_PYTEST.search(bare) or re.search(r"-m\s+unittest", bare)) and not re.search(
            r"\binstall\b|^#|^name:", bare
        ):
            found.commands.append((where, bare))
