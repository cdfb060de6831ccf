"""What only the running library shows, looked at in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from apimig.surface import probe
from apimig.surface.building import Release, build
from apimig.surface.changes import diff
from apimig.surface.introspection import introspect, look
from apimig.surface.model import Kind, Surface
from apimig.surface.reading import read_tree
from apimig.surface.refining import refine
from tests.surface.tools import put

BOOT = "import runpy, sys; probe, where = sys.argv[1:3]; sys.path.insert(0, where); del sys.argv[1:3]; runpy.run_path(probe, run_name='__main__')"


def looked_at(folder: Path, files) -> tuple[Surface, Surface]:
    """The surface as text shows it, and refined."""
    put(folder, files)
    tree = read_tree(folder, ["lib"])
    made = build(Release("lib", "1.0", ("lib",)), tree)
    request = {
        "modules": [name for name, entry in made.entries.items() if entry["k"] == "M"],
        "guesses": {name: sorted(names) for name, names in tree.guesses.items()},
        "classes": [entry.get("h", name) for name, entry in made.entries.items() if entry["k"] == "c"],
    }
    home = folder / "home"
    home.mkdir()
    answer = home / "answer.json"
    command = [sys.executable, "-I", "-c", BOOT, probe.__file__, str(folder), str(answer)]
    done = look(command, home, request, readable=(Path(probe.__file__), folder))
    assert done.exit_code == 0, done.stderr
    return made, refine(made, json.loads(answer.read_text()))


def test_generated_members_appear_with_their_signatures(tmp_path):
    text = """
        class Frame:
            def own(self): ...
        def _maker(name):
            def made(self, axis=None, *, skipna=True): ...
            made.__name__ = name
            return made
        for name in ("total", "mean"):
            setattr(Frame, name, _maker(name))
        """
    made, refined = looked_at(tmp_path, text)
    assert made.find("lib.Frame.total") is None
    symbol = refined.find("lib.Frame.total")
    assert (symbol.kind, list(symbol.signature.names), symbol.generated) == (Kind.METHOD, ["axis", "skipna"], True)


def test_what_the_text_says_of_a_signature_stands_against_a_decorator(tmp_path):
    text = """
        import functools, inspect
        def keyword_only_soon(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs): return function(*args, **kwargs)
            wrapper.__signature__ = inspect.signature(lambda a, *, b=1: 0)
            return wrapper
        @keyword_only_soon
        def f(a, b=1): ...
        """
    _, refined = looked_at(tmp_path, text)
    assert [p.kind for p in refined.find("lib.f").signature.parameters] == ["either", "either"]


def test_names_that_are_made_when_asked_for_and_their_deprecation(tmp_path):
    text = """
        import warnings
        __all__ = ["Frame"]
        class Frame:
            def m(self): ...
        _old = {"DataFrame": Frame}
        def __getattr__(name):
            if name in _old:
                warnings.warn(f"{name} is deprecated since 1.2, use lib.Frame instead", FutureWarning)
                return _old[name]
            raise AttributeError(name)
        """
    made, refined = looked_at(tmp_path, text)
    assert made.find("lib.DataFrame") is None
    symbol = refined.find("lib.DataFrame")
    assert (symbol.kind, symbol.deprecated.since, symbol.deprecated.replacement) == (Kind.CLASS, "1.2", "lib.Frame")
    assert refined.find("lib.Frame").deprecated is None
    assert refined.canonical("lib.DataFrame.m") == "lib.Frame.m"


def test_two_names_of_one_object_become_one_symbol(tmp_path):
    text = "def make():\n    def real(x): ...\n    return real\nfirst = make()\n__all__ = ['first', 'second']\nglobals()['second'] = first\n"
    _, refined = looked_at(tmp_path, text)
    assert refined.canonical("lib.second") == "lib.first"
    assert refined.find("lib.first").kind is Kind.FUNCTION


def test_a_class_that_only_running_makes_has_its_members_and_bases(tmp_path):
    text = """
        __all__ = ["Base", "Made"]
        class Base:
            def m(self): ...
        globals()["Made"] = type("Made", (Base,), {"n": lambda self, x: 0, "__module__": __name__})
        """
    _, refined = looked_at(tmp_path, text)
    assert refined.mro("lib.Made") == ("lib.Made", "lib.Base")
    assert list(refined.find("lib.Made.n").signature.names) == ["x"]


def test_an_object_that_hides_the_module_of_its_name(tmp_path):
    files = {
        "lib/__init__.py": "from lib._core import *",
        "lib/_core/__init__.py": "from . import memmap\nfrom .memmap import *\n__all__ = ['memmap']",
        "lib/_core/memmap.py": "__all__ = ['memmap']\nclass memmap:\n    def flush(self): ...\n",
    }
    _, refined = looked_at(tmp_path, files)
    assert refined.find("lib.memmap").kind is Kind.CLASS
    assert refined.find("lib.memmap.flush") is not None


def test_names_for_other_systems_are_not_there(tmp_path):
    text = "import sys\nif sys.platform == 'never':\n    def f(): ...\nclass K:\n    if sys.platform == 'never':\n        def m(self): ...\n    def n(self): ...\n"
    made, refined = looked_at(tmp_path, text)
    assert made.find("lib.f") is not None
    assert refined.find("lib.f") is None
    assert (refined.find("lib.K.m"), refined.find("lib.K.n") is not None) == (None, True)


DOCUMENTED = {
    "zeros(shape, dtype=float, order='C', *, like=None)\n\nReturn an array.": "(shape, dtype=float, order='C', *, like=None)",
    "zeros(x, /, out=None, *, where=True[, signature, extobj])\n\nAdd.": "(x, /, out=None, *, where=True, signature=..., extobj=...)",
    "lib.zeros(a[, b])": "(a, b=...)",
    "zeros(self, seed=None)\n\nCython writes the receiver.": "(seed=None)",
    "zeros(a,\n      b=1) -> int\n\nOver two lines.": "(a, b=1)",
    "ones(shape)": "",
    "Return zeros(shape).": "",
    "": "",
}


@pytest.mark.parametrize("text", DOCUMENTED)
def test_signatures_of_c_functions_come_from_the_first_line_of_their_documentation(text):
    function = type("C", (), {"__name__": "zeros", "__doc__": text})()
    assert probe._from_documentation(function) == DOCUMENTED[text]


def test_a_module_that_does_not_import_stays_as_its_text_says(tmp_path):
    files = {"lib/__init__.py": "def f(): ...", "lib/needs.py": "import nothing_like_it\ndef g(x): ..."}
    _, refined = looked_at(tmp_path, files)
    assert list(refined.find("lib.needs.g").signature.names) == ["x"]
    assert "not importable there, read as text alone: lib.needs" in refined.notes


def test_a_module_that_ends_the_process_is_only_one_that_does_not_import(tmp_path):
    files = {"lib/__init__.py": "def f(): ...", "lib/bad.py": "raise SystemExit(3)"}
    assert looked_at(tmp_path, files)[1].find("lib.f") is not None


def test_a_refined_surface_and_a_read_one_are_compared_by_what_both_can_see(tmp_path):
    text = "class K:\n    def n(self): ...\nfor name in ('m',):\n    setattr(K, name, lambda self: 0)\n"
    made, refined = looked_at(tmp_path, text)
    assert diff(refined, made) == ()
    assert diff(made, refined) == ()


def test_it_is_looked_at_in_the_sandbox(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    seen = json.loads(look([sys.executable, "-I", "-c", code], tmp_path, {}).stdout)
    assert "SECRET_TOKEN" not in seen
    assert seen["MPLBACKEND"] == "Agg"


@pytest.mark.parametrize("python", ["3.6", "3.8"])
def test_the_script_is_read_by_old_pythons(python):
    """Its syntax at least: grammar, not names."""
    import ast

    minor = int(python.partition(".")[2])
    ast.parse(Path(probe.__file__).read_text(), feature_version=(3, minor))


def test_a_release_is_installed_and_looked_at(tmp_path):
    """A wheel made here, without an index."""
    import zipfile

    from apimig.uv import find_uv

    if find_uv() is None:
        pytest.skip("uv is not installed: pip install uv")  # introspection installs with it
    wheel = tmp_path / "lib-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lib/__init__.py", "class K: ...\nfor n in ('m',):\n    setattr(K, n, lambda self, x: 0)\n")
        archive.writestr("lib-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n")
        archive.writestr(
            "lib-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("lib-1.0.dist-info/RECORD", "")
    put(tmp_path / "text", "class K: ...\n")
    tree = read_tree(tmp_path / "text", ["lib"])
    made = build(Release("lib", "1.0", ("lib",)), tree)
    place = tmp_path / "env"
    place.mkdir()
    refined = refine(made, introspect(made, tree, wheel, place))
    assert list(refined.find("lib.K.m").signature.names) == ["x"]
