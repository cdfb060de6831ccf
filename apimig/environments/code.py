"""A glance at the repository's Python files: what they import, where tests are, what fixtures and marks they use."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

_LEFT_OUT = frozenset({"node_modules", "site-packages", "build", "dist", "__pycache__", "venv", "env"})
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b|import[ \t]+([^\n#;]+))", re.MULTILINE)
_TEST = re.compile(r"(?:test_.*|.*_tests?|tests?|conftest)\.py")
_MARK = re.compile(r"\bmark\.([a-z_]\w*)")
_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)\(([^)]*)\)", re.MULTILINE)
_FIXTURE = re.compile(r"@(?:pytest\.)?fixture\b[^\n]*(?:\n[ \t]*@[^\n]*)*\n[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)")
_MOST = 20_000  # files
_LARGEST = 2_000_000  # bytes: more is data


@dataclass(slots=True)
class Code:
    """What the files show. ``tests`` are the names of test files, ``files`` of all, ``own`` what can be imported."""

    imported: set[str] = field(default_factory=set)  # by any file, top-level names alone
    by_tests: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)  # of test functions and fixtures
    fixtures: set[str] = field(default_factory=set)  # that the repository defines
    tests: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    has_cases: bool = False  # classes of unittest
    has_functions: bool = False  # tests that only pytest collects
    nose_style: bool = False  # set-up by methods named as nose has them

    def foreign(self, names: set[str]) -> set[str]:
        """Those of the import names that neither Python nor the repository brings."""
        return names - self.own - sys.stdlib_module_names - {"__future__"}


def look_at(root: Path) -> Code:
    """Look at every Python file below ``root`` that is the repository's own."""
    code = Code()
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        try:
            text = path.read_bytes().decode("utf-8", "replace") if path.stat().st_size <= _LARGEST else ""
        except OSError:
            continue
        code.files.append(name)
        code.own.update(_importable(PurePosixPath(name)))
        imported = set(_imports(text))
        code.imported |= imported
        if is_test(name):
            _test_file(code, name, text, imported)
    return code


def is_test(name: str) -> bool:
    """Whether a file belongs to the tests, by its name or that of a folder."""
    path = PurePosixPath(name)
    return _TEST.fullmatch(path.name) is not None or any(
        part in ("test", "tests", "testing") for part in path.parts[:-1]
    )


def _test_file(code: Code, name: str, text: str, imported: set[str]) -> None:
    code.by_tests |= imported
    if _TEST.fullmatch(PurePosixPath(name).name) and not name.endswith("conftest.py"):
        code.tests.append(name)
    code.marks.update(_MARK.findall(text))
    code.fixtures.update(_FIXTURE.findall(text))
    for function, parameters in _DEFINITION.findall(text):
        code.parameters.update(re.findall(r"[A-Za-z_]\w*", parameters))
        code.nose_style = code.nose_style or (function in ("setup", "teardown") and parameters.startswith("self"))
    code.has_cases = code.has_cases or re.search(r"\b(?:TestCase|TransactionTestCase)\b", text) is not None
    code.has_functions = (
        code.has_functions
        or re.search(r"^(?:async )?def test|^class Test\w*(?:\(object\))?(?:\(\))?:", text, re.MULTILINE) is not None
    )


def _imports(text: str) -> Iterator[str]:
    for source, listed in _IMPORT.findall(text):
        if source:
            yield source
        else:
            for each in listed.split(","):
                if match := re.match(r"\s*([A-Za-z_]\w*)", each):
                    yield match.group(1)


def _importable(path: PurePosixPath) -> Iterator[str]:
    """Every part of the path: a test adds any folder to the search path."""
    yield path.stem
    yield from path.parts[:-1]


def _files(root: Path) -> Iterator[Path]:
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            each for each in folders
            if not each.startswith(".") and each not in _LEFT_OUT and not each.endswith(".egg-info")
            and not (Path(folder) / each / "pyvenv.cfg").exists()
        )  # fmt: skip
        for name in sorted(files):
            if name.endswith(".py"):
                count += 1
                if count > _MOST:
                    return
                yield Path(folder) / name
