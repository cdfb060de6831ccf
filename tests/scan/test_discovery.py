"""Which files a run looks at."""

import os
from pathlib import Path

import pytest

from apimig.records import Skipped
from apimig.scan import discover
from apimig.scan.discovery import is_manifest


@pytest.fixture
def tree(tmp_path):
    """Builds a repository from `path: content` and returns its root."""

    def build(files, root="repo"):
        for name, content in files.items():
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path / root

    return build


def found(root, *given, **patterns):
    paths = [root / path for path in given] or [root]
    return [
        path.relative_to(os.path.realpath(root)).as_posix() for path in discover(paths, root=root, **patterns).files
    ]


def skipped(root, *given, **patterns):
    return {
        s.name: s.reason for s in discover([root / path for path in given] or [root], root=root, **patterns).skipped
    }


def test_python_stubs_and_notebooks_in_order(tree):
    root = tree(dict.fromkeys(["b.py", "a/z.pyi", "a/b/c.ipynb", "a.txt", "a/run", "x.pyc", "A.PY"], ""))
    assert found(root) == ["a/b/c.ipynb", "a/z.pyi", "b.py"]


PASSED_BY = {
    "environment by its marker": ["env/pyvenv.cfg", "env/lib/a.py"],
    "conda environment": ["c/conda-meta/history", "c/a.py"],
    "git": [".git/hooks/a.py"],
    "caches": [
        "__pycache__/a.py",
        ".tox/a.py",
        ".nox/a.py",
        ".eggs/a.py",
        "x.egg-info/a.py",
        ".ipynb_checkpoints/a.ipynb",
    ],
    "other package managers": ["node_modules/gyp/a.py", "lib/site-packages/a.py"],
}


@pytest.mark.parametrize("names", PASSED_BY.values(), ids=PASSED_BY)
def test_machinery_is_passed_by_in_silence(tree, names):
    root = tree(dict.fromkeys([*names, "kept.py"], ""))
    assert found(root) == ["kept.py"]
    assert skipped(root) == {}


@pytest.mark.parametrize("folder", ["_vendor", "vendor", "vendored", "third_party", "extern", "_externals"])
def test_vendored_code_is_passed_by_and_said(tree, folder):
    root = tree({f"pkg/{folder}/__init__.py": "", f"pkg/{folder}/six.py": "", "pkg/a.py": ""})
    assert found(root) == ["pkg/a.py"]
    assert list(skipped(root)) == [f"pkg/{folder}/"]
    assert found(root, include=[folder]) == sorted([f"pkg/{folder}/__init__.py", f"pkg/{folder}/six.py", "pkg/a.py"])


@pytest.mark.parametrize("folder", ["build", "dist"])
def test_build_output_is_passed_by_but_a_package_of_that_name_is_not(tree, folder):
    root = tree({f"{folder}/lib/a.py": "", f"src/{folder}/__init__.py": "", "b.py": ""})
    assert found(root) == ["b.py", f"src/{folder}/__init__.py"]
    assert list(skipped(root)) == [f"{folder}/"]


IGNORED = [
    ({".gitignore": "*.py\n!keep.py\n", "a.py": "", "keep.py": ""}, ["keep.py"]),
    ({".gitignore": "/a.py\n", "a.py": "", "b/a.py": ""}, ["b/a.py"]),
    ({".gitignore": "gen/\n", "gen/a.py": "", "x/gen/b.py": "", "c.py": ""}, ["c.py"]),
    (
        {".gitignore": "*_pb2.py\n", "p/.gitignore": "!mine_pb2.py\n", "p/mine_pb2.py": "", "p/x_pb2.py": ""},
        ["p/mine_pb2.py"],
    ),
    ({".gitignore": "gen/\n!gen/a.py\n", "gen/a.py": "", "b.py": ""}, ["b.py"]),
    ({".gitignore": "gen/*\n!gen/a.py\n", "gen/a.py": "", "gen/b.py": ""}, ["gen/a.py"]),
    ({"p/.gitignore": "a.py\n", "p/a.py": "", "p/q/a.py": "", "a.py": ""}, ["a.py"]),
    ({".gitignore": "doc/**/a.py\n# b.py\n", "doc/x/y/a.py": "", "b.py": ""}, ["b.py"]),
    ({".git/info/exclude": "secret.py\n", "secret.py": "", "b.py": ""}, ["b.py"]),
    ({".git/info/exclude": "*.py\n", ".gitignore": "!b.py\n", "a.py": "", "b.py": ""}, ["b.py"]),
    ({".gitignore": "***[\n\\\n", "b.py": ""}, ["b.py"]),
]


@pytest.mark.parametrize(("files", "kept"), IGNORED)
def test_gitignore(tree, files, kept):
    root = tree(files)
    assert found(root) == kept
    assert skipped(root) == {}


def test_exclude_file_of_the_main_repository_holds_in_a_work_tree(tree, tmp_path):
    tree({"info/exclude": "a.py\n", "worktrees/w/commondir": "../..\n"}, root="main.git")
    root = tree({".git": f"gitdir: {tmp_path}/main.git/worktrees/w\n", "a.py": "", "b.py": ""})
    assert found(root) == ["b.py"]


def test_the_ignore_files_above_a_given_folder_hold(tree):
    root = tree({".gitignore": "a.py\n", "p/a.py": "", "p/b.py": ""})
    assert found(root, "p") == ["p/b.py"]


@pytest.mark.parametrize("given", ["env/lib", "env", "env/lib/a.py"])
def test_a_given_path_is_always_taken(tree, given):
    root = tree({".gitignore": "env/\n", "env/pyvenv.cfg": "", "env/lib/a.py": "", "b.py": ""})
    assert found(root, given) == ["env/lib/a.py"]


def test_ignored_inside_a_given_ignored_folder(tree):
    root = tree({".gitignore": "out/\n*_pb2.py\n", "out/.gitignore": "b.py\n", "out/a.py": "", "out/b.py": ""})
    assert found(root, "out") == ["out/a.py"]


def test_found_once_however_often_it_is_given(tree):
    root = tree({"p/a.py": "", "b.py": ""})
    assert found(root, "b.py", "p", "p/a.py", "p/../b.py", ".") == ["b.py", "p/a.py"]


def test_scripts_without_suffix_only_when_given(tree):
    root = tree({"run": "#!/usr/bin/env python3\n", "go": "#!/bin/sh\n", "x.txt": "#!/usr/bin/python\n"})
    assert found(root) == []
    assert found(root, "run") == ["run"]
    assert skipped(root, "go", "x.txt") == dict.fromkeys(["go", "x.txt"], "is neither a Python file nor a notebook")


INCLUDES = [
    ((), (), ["a.py"]),
    (("_vendor",), (), ["_vendor/x/b.py", "_vendor/y.py", "a.py"]),
    (("_vendor/x/*.py",), (), ["_vendor/x/b.py", "a.py"]),
    (("**/x/b.py",), (), ["_vendor/x/b.py", "a.py"]),
    (("gen.py",), (), ["a.py", "gen.py"]),
    (("*.py",), (), ["a.py", "gen.py"]),
    ((), ("a.py",), []),
    (("_vendor",), ("x/",), ["_vendor/y.py", "a.py"]),
]


@pytest.mark.parametrize(("include", "exclude", "kept"), INCLUDES)
def test_include_brings_back_and_exclude_wins(tree, include, exclude, kept):
    root = tree({".gitignore": "gen.py\n", "_vendor/x/b.py": "", "_vendor/y.py": "", "a.py": "", "gen.py": ""})
    assert found(root, include=include, exclude=exclude) == kept


class TestSymbolicLinks:
    def test_a_link_and_its_target_are_one_file(self, tree):
        root = tree({"pkg/a.py": "", "b.py": ""})
        (root / "link.py").symlink_to("pkg/a.py")
        (root / "again").symlink_to("pkg")
        assert found(root) == ["b.py", "pkg/a.py"]
        assert found(root, "link.py", "again") == ["pkg/a.py"]

    def test_loops_end(self, tree):
        root = tree({"p/q/a.py": "", "p/b.py": ""})
        (root / "p/q/up").symlink_to("..")
        (root / "p/self").symlink_to("self")
        (root / "p/q/top").symlink_to(root)
        assert found(root) == ["p/b.py", "p/q/a.py"]
        assert found(root, "p/q") == ["p/q/a.py"]

    def test_folders_that_point_at_each_other(self, tree):
        root = tree({"p/a.py": "", "q/b.py": ""})
        (root / "p/to").symlink_to("../q")
        (root / "q/to").symlink_to("../p")
        assert found(root) == found(root, "p") == ["p/a.py", "q/b.py"]

    def test_what_leaves_the_repository_is_said(self, tree):
        tree({"a.py": "", "lib/b.py": ""}, root="outside")
        root = tree({"c.py": ""})
        (root / "a.py").symlink_to("../outside/a.py")
        (root / "lib").symlink_to("../outside/lib")
        (root / "data.csv").symlink_to("../outside/a.py")
        assert found(root) == ["c.py"]
        assert skipped(root) == dict.fromkeys(["a.py", "lib/"], "is a symbolic link that leaves the repository")

    def test_a_link_to_nothing_is_said(self, tree):
        root = tree({"c.py": ""})
        (root / "a.py").symlink_to("gone.py")
        (root / "data.csv").symlink_to("gone.csv")
        assert skipped(root) == {"a.py": "is a symbolic link to nothing"}

    def test_a_link_does_not_lead_into_what_is_passed_by(self, tree):
        root = tree({"env/pyvenv.cfg": "", "env/a.py": "", "node_modules/x/b.py": "", "c.py": ""})
        (root / "latest").symlink_to("env")
        (root / "x").symlink_to("node_modules/x")
        assert found(root) == ["c.py"]

    def test_a_root_behind_a_link(self, tree, tmp_path):
        tree({"a.py": ""})
        (tmp_path / "alias").symlink_to("repo")
        assert found(tmp_path / "alias") == ["a.py"]


def test_what_cannot_be_taken_is_said(tree, tmp_path):
    root = tree({"a.py": ""})
    (tmp_path / "other.py").write_text("")
    os.mkfifo(root / "pipe.py")
    result = discover([root / "gone.py", tmp_path / "other.py", root / "pipe.py", root], root=root)
    assert [path.name for path in result.files] == ["a.py"]
    assert result.skipped == (
        Skipped(str(tmp_path / "other.py"), f"lies outside of {os.path.realpath(root)}"),
        Skipped("gone.py", "does not exist"),
        Skipped("pipe.py", "is not a regular file"),
    )


MANIFESTS = [
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "Pipfile",
    "requirements.txt",
    "requirements-dev.txt",
    "dev_requirements.txt",
    "requirements.in",
    "requirements/test.txt",
    "requirements/base.in",
    "constraints.txt",
    "environment.yml",
    "environment-dev.yaml",
    "conda_env.yml",
    "tox.ini",
    "noxfile.py",
    "recipe/meta.yaml",
    "uv.lock",
    "poetry.lock",
    "Pipfile.lock",
    "pdm.lock",
    "pylock.toml",
    "pylock.dev.toml",
    "pixi.lock",
    "conda-lock.yml",
]


@pytest.mark.parametrize("name", MANIFESTS)
def test_dependency_files(tree, name):
    root = tree({name: ""})
    assert [path.relative_to(os.path.realpath(root)).as_posix() for path in discover([root], root=root).manifests] == [
        name
    ]


@pytest.mark.parametrize(
    "name", ["notes.txt", "docs/test.txt", "pyproject.toml.bak", "mylock.toml", "config.yml", "a.py"]
)
def test_files_that_are_no_dependency_files(name):
    assert not is_manifest(Path(name))


def test_setup_py_is_code_and_manifest(tree):
    root = tree({"setup.py": "", "env/pyvenv.cfg": "", "env/requirements.txt": ""})
    result = discover([root], root=root)
    assert [path.name for path in result.files] == [path.name for path in result.manifests] == ["setup.py"]


def test_exclude_wins_over_a_path_that_is_given(tree):
    root = tree({"a.py": "", "old/b.py": ""})
    discovery = discover([root / "a.py", root / "old", root / "old/b.py"], root=root, exclude=["old/"])
    assert [path.name for path in discovery.files] == ["a.py"]
    assert [skipped.name for skipped in discovery.skipped] == ["old", "old/b.py"]
