"""The hooks, tried with the real pre-commit on a repository that knows nothing of apimig but its settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.tools import CHECKOUT, ROWS, ROWS_AFTER, RULES, apimig, git, put

HOOKS = CHECKOUT / ".pre-commit-hooks.yaml"


def test_the_hooks_call_commands_that_exist(project):
    put(project, a=ROWS)
    (project / "pyproject.toml").write_text(f'[tool.apimig]\nlibs = ["acme==2.0"]\nrules = ["{RULES}"]\n')
    for hook in yaml.safe_load(HOOKS.read_text("utf-8")):
        name, *arguments = hook["entry"].split()
        assert name == "apimig"
        assert apimig(*arguments, "a.py").exit_code == (1 if hook["id"] == "apimig-check" else 0)
    assert (project / "a.py").read_text() == ROWS_AFTER


@pytest.fixture
def sample(tmp_path):
    """A git repository with one file to upgrade, staged."""
    root = tmp_path / "sample"
    root.mkdir()
    put(root, a=ROWS, b="x = 1\n")
    (root / "pyproject.toml").write_text(f'[tool.apimig]\nlibs = ["acme==2.0"]\nrules = ["{RULES}"]\n')
    git(root, "init", "-q")
    git(root, "add", "-A")
    return root


def try_hook(sample: Path, hook: str) -> subprocess.CompletedProcess:
    tool = shutil.which("pre-commit", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert tool is not None, "pre-commit is one of the dev extras"
    environment = {**os.environ, "PRE_COMMIT_HOME": str(sample.parent / "home"), "PYTHONPATH": ""}
    command = [tool, "try-repo", str(CHECKOUT), hook, "--all-files", "--verbose", "--color", "never"]
    return subprocess.run(command, cwd=sample, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="pre-commit clones a repository, and this is none")
def test_pre_commit_installs_and_runs_both_hooks(sample):
    checked = try_hook(sample, "apimig-check")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "Would rewrite 1 site, changing 1 file" in checked.stdout
    assert (sample / "a.py").read_text() == ROWS
    upgraded = try_hook(sample, "apimig-upgrade")
    assert upgraded.returncode == 1
    assert "files were modified by this hook" in upgraded.stdout
    assert (sample / "a.py").read_text() == ROWS_AFTER
    git(sample, "add", "-A")
    assert git(sample, "diff", "--cached", "--name-only").split() == ["a.py", "b.py", "pyproject.toml"]
    assert try_hook(sample, "apimig-check").returncode == 0
