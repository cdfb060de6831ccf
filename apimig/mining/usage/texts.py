"""The code that a release comes with beside the library: its tests, its examples, and what its documentation runs."""

from __future__ import annotations

import ast
import doctest
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

MOST_BYTES = 1_000_000  # of a file: larger ones are generated
_TESTS = frozenset({"tests", "test", "testing"})
_EXAMPLES = frozenset({"examples", "doc", "docs", "galleries", "tutorials", "plot_types"})
_ASIDE = frozenset({"benchmarks", "asv_bench", "tools", "vendor", "vendored", "_vendor", "vendored-meson", "extern"})
_DOCUMENTS = frozenset({".rst", ".md", ".txt"})
_PARSER = doctest.DocTestParser()


@dataclass(frozen=True, slots=True)
class Text:
    """Python code of a release; ``path`` is where it stands, of documentation with the name after a colon.

    ``is_test`` tells files of tests from examples, which run from top to bottom by themselves.
    """

    path: str
    code: str
    is_test: bool = False


def is_read(path: PurePosixPath) -> bool:
    """Whether a file may hold code that uses the library."""
    if not _ASIDE.isdisjoint(path.parts) or path.name in ("setup.py", "conftest.py"):
        return False
    return path.suffix == ".py" or (path.suffix in _DOCUMENTS and not _EXAMPLES.isdisjoint(path.parts))


def is_test(path: PurePosixPath) -> bool:
    """Whether a file is one of tests."""
    return not _TESTS.isdisjoint(path.parts[:-1]) or path.name.startswith("test_") or path.stem.endswith("_test")


def texts(files: Iterable[tuple[str, str]], is_wanted: Callable[[str], bool]) -> Iterator[Text]:
    """The code in files, where it is wanted: whole files of tests and examples, and what documentation runs."""
    for name, text in files:
        if not is_wanted(text):
            continue
        path = PurePosixPath(name)
        if path.suffix != ".py":
            yield from _run_by(text, name, is_wanted)
        elif is_test(path):
            yield Text(name, text, is_test=True)
        elif not _EXAMPLES.isdisjoint(path.parts[:-1]):
            yield Text(name, text)
        elif ">>>" in text:
            for owner, said in _docstrings(text):
                yield from _run_by(said, f"{name}:{owner}", is_wanted)


def _run_by(text: str, place: str, is_wanted: Callable[[str], bool]) -> Iterator[Text]:
    """The examples of a text as one piece of code, if it is wanted."""
    if ">>>" not in text:
        return
    try:
        examples = _PARSER.get_examples(text)
    except ValueError:  # an example that is written in another way than the parser wants
        return
    code = "".join(each.source for each in examples)
    if is_wanted(code) and parsed(code) is not None:
        yield Text(place, code)


def _docstrings(text: str) -> Iterator[tuple[str, str]]:
    """The docstrings of a module, its functions, classes and methods, with their names."""
    module = parsed(text)
    if module is not None and (said := ast.get_docstring(module)):
        yield "", said
    waiting: list[tuple[str, ast.AST]] = [] if module is None else [("", module)]
    while waiting:
        owner, node = waiting.pop(0)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{owner}.{child.name}".lstrip(".")
                if said := ast.get_docstring(child):
                    yield name, said
                if isinstance(child, ast.ClassDef):
                    waiting.append((name, child))


def parsed(code: str) -> ast.Module | None:
    """The tree of a module; None where it is no Python of today."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def module_of(path: str, roots: Collection[str]) -> str:
    """The dotted name of a file's module: ``lib/matplotlib/axis.py`` is ``matplotlib.axis``."""
    parts = PurePosixPath(path.partition(":")[0]).with_suffix("").parts
    if len(parts) > 1 and parts[0] not in roots and parts[1] in roots:  # a folder for what is installed
        parts = parts[1:]
    return ".".join(parts[:-1] if parts and parts[-1] == "__init__" else parts)
