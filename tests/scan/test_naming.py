"""Where a repository starts, and under which name it imports a file."""

import pytest

from apimig.scan import Modules, find_root, module_name


def build(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return [root / name for name in names]


NAMES = [
    (["pkg/__init__.py", "pkg/a.py"], "pkg/a.py", "pkg.a"),
    (["pkg/__init__.py"], "pkg/__init__.py", "pkg"),
    (["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/a.pyi"], "pkg/sub/a.pyi", "pkg.sub.a"),
    (["pkg/__init__.py", "pkg/__main__.py"], "pkg/__main__.py", "pkg.__main__"),
    (["src/pkg/__init__.py", "src/pkg/a.py"], "src/pkg/a.py", "pkg.a"),
    (["src/company/pkg/__init__.py", "src/company/pkg/a.py"], "src/company/pkg/a.py", "company.pkg.a"),
    (["python/events/src/org/events/__init__.py"], "python/events/src/org/events/__init__.py", "org.events"),
    (["src/__init__.py", "src/a.py"], "src/a.py", "src.a"),
    (["src/a.py"], "src/a.py", "a"),
    (["one/pkg/__init__.py", "one/pkg/a.py", "two/other/__init__.py"], "one/pkg/a.py", "pkg.a"),
    (["scripts/run.py"], "scripts/run.py", "run"),
    (["tests/test_a.py"], "tests/test_a.py", "test_a"),
    (["tests/__init__.py", "tests/test_a.py"], "tests/test_a.py", "tests.test_a"),
    (["pkg/__init__.py", "pkg/data/a.py"], "pkg/data/a.py", "a"),
    (["my-scripts/__init__.py", "my-scripts/a.py"], "my-scripts/a.py", "a"),
    (["setup.py"], "setup.py", "setup"),
    (["run-me.py"], "run-me.py", ""),
    (["2to3.py"], "2to3.py", ""),
]


@pytest.mark.parametrize(("files", "path", "name"), NAMES)
def test_module_name(tmp_path, files, path, name):
    build(tmp_path, files)
    assert module_name(tmp_path / path, tmp_path) == name


def test_a_file_elsewhere_has_no_name(tmp_path):
    assert module_name(tmp_path / "a.py", tmp_path / "repo") == ""


def test_root_that_is_a_package_names_only_itself(tmp_path):
    build(tmp_path / "repo", ["__init__.py", "a.py"])
    assert module_name(tmp_path / "repo/__init__.py", tmp_path / "repo") == "repo"
    assert module_name(tmp_path / "repo/a.py", tmp_path / "repo") == "a"


FOUND = [
    (["pkg/__init__.py", "pkg/a.py"], "pkg.a", None, "pkg/a.py"),
    (["pkg/__init__.py"], "pkg", None, "pkg/__init__.py"),
    (["app/models.py", "app/views.py"], "app.models", None, "app/models.py"),
    (["app/models.py"], "models", None, "app/models.py"),
    (["api/app/models.py", "web/app/models.py"], "app.models", None, None),
    (["api/app/models.py", "web/app/models.py"], "api.app.models", None, "api/app/models.py"),
    (["one/utils.py", "two/utils.py"], "utils", None, None),
    (["one/utils.py", "two/utils.py", "two/run.py"], "utils", "two/run.py", "two/utils.py"),
    (["one/u/__init__.py", "two/u/__init__.py", "two/run.py"], "u", "two/run.py", "two/u/__init__.py"),
    (["utils.py", "two/utils.py"], "utils", "three/run.py", None),
    (["a.py", "a.pyi"], "a", None, "a.py"),
    (["a.ipynb"], "a", None, None),
    (["a.py"], "b", None, None),
]


@pytest.mark.parametrize(("files", "dotted", "near", "path"), FOUND)
def test_modules_are_found_when_only_one_can_be_meant(tmp_path, files, dotted, near, path):
    modules = Modules(build(tmp_path, files), tmp_path)
    assert modules.find(dotted, near and tmp_path / near) == (path and tmp_path / path)


ROOTS = [
    ([".git/HEAD", "pkg/pyproject.toml", "pkg/a.py"], ["pkg/a.py"], "."),
    ([".git", "a.py"], ["a.py"], "."),
    (["x/pyproject.toml", "x/y/a.py"], ["x/y"], "x"),
    (["x/setup.py", "x/y/a.py", "x/z/b.py"], ["x/y/a.py", "x/z"], "x"),
    (["x/y/a.py"], ["x/y/a.py"], "x/y"),
    (["x/y/a.py", "x/z/b.py"], ["x/y", "x/z"], "x"),
]


@pytest.mark.parametrize(("files", "paths", "root"), ROOTS)
def test_root(tmp_path, files, paths, root):
    build(tmp_path, files)
    assert find_root(*[tmp_path / path for path in paths]) == (tmp_path / root).resolve()
