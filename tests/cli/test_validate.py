"""``apimig upgrade --validate``, from the command line to the written files, with environments that are really built."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.validation import acme

RULES = Path(__file__).parents[1] / "pipeline" / "rules"
CODE = "import acme\n\ndef walk(rows):\n    return [row for row in acme.load(rows).iterrows_old()]\n"
TESTS = "import code_\n\ndef test_walk(): assert code_.walk([1, 2]) == [1, 2]\n"
UPGRADE = ("upgrade", ".", "--lib", "acme==2.0", "--rules", str(RULES), "--no-surfaces", "--types", "off")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="environments are built for Linux here")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Variables with which uv finds the two releases of acme, and a cache of our own."""
    wheels = tmp_path_factory.mktemp("wheels")
    for version in acme.RELEASES:
        acme.wheel(wheels, version)
    return {"UV_FIND_LINKS": str(wheels), "APIMIG_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\ndependencies = ["acme==1.0.0"]\n')
    (folder / "code_.py").write_text(CODE)
    (folder / "test_code.py").write_text(TESTS)
    return folder


def start(project: Path, world: dict[str, str], *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "apimig", *UPGRADE, "--validate", *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=project, env={**os.environ, **world}, stdout=pipe, stderr=pipe, text=True)


def run(project: Path, world: dict[str, str], *more: str) -> tuple[int, str, str]:
    process = start(project, world, *more)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def test_an_upgrade_that_the_tests_confirm(project, world, tmp_path):
    report = tmp_path / "report.json"
    code, out, err = run(project, world, "--report", str(report))
    assert (code, err) == (0, "")
    said = " ".join(out.split())
    assert "before 1 passed in" in said
    assert "after 1 passed in" in said
    assert "edits 1 confirmed" in said
    assert "1 of 1 place that the old release warns about found" in said
    assert "acme.load(rows).rows()" in (project / "code_.py").read_text()
    assert 'dependencies = ["acme==2.0.1"]' in (project / "pyproject.toml").read_text()
    assert json.loads(report.read_text())["validation"]["verdicts"] == {"confirmed": 1, "broke": 0, "unverified": 0}


def test_tests_that_fail_in_the_end_are_an_exit_code_of_one(project, world):
    (project / "test_code.py").write_text(
        TESTS + "def test_gone():\n    import acme\n    getattr(acme, 'open' + '_frame')\n"
    )
    code, out, _ = run(project, world)
    assert code == 1
    assert "test_gone" in out
    assert "acme.load(rows).rows()" in (project / "code_.py").read_text()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--tests", "'"), "cannot be read"),
        (("--python", "2.1"), "There is no Python"),
        (("--exclude-newer", "yesterday"), "is no date"),
        (("--test-deps", "no-such-distribution-of-anybody==9"), "no-such-distribution-of-anybody"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(project, world, more, said):
    code, _, err = run(project, world, *more)
    assert code in (2, 3)
    assert said in err
    assert "Traceback" not in err
    assert (project / "code_.py").read_text() == CODE


def test_without_tests_every_module_is_imported(project, world):
    (project / "test_code.py").unlink()
    code, out, _ = run(project, world)
    assert code == 0
    assert "unverified" in out
    assert "acme.load(rows).rows()" in (project / "code_.py").read_text()


@pytest.mark.slow
def test_whenever_it_is_killed_the_tree_is_the_old_or_the_new_one(project, world):
    run(project, world, "--diff")  # builds the environments
    whole = [(project / name).read_bytes() for name in ("code_.py", "pyproject.toml")]
    begun = time.monotonic()
    run(project, world, "--allow-dirty")
    seconds = time.monotonic() - begun
    done = [(project / name).read_bytes() for name in ("code_.py", "pyproject.toml")]
    assert whole != done
    subprocess.run([sys.executable, "-m", "apimig", "undo", "."], cwd=project, check=True, capture_output=True)
    chance = random.Random(30)
    for _ in range(30):
        process = start(project, world)
        time.sleep(chance.uniform(0, seconds * 1.1))
        process.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        process.communicate(timeout=60)
        for name, old, new in zip(("code_.py", "pyproject.toml"), whole, done, strict=True):
            assert (project / name).read_bytes() in (old, new)
        subprocess.run([sys.executable, "-m", "apimig", "undo", "."], cwd=project, check=False, capture_output=True)
        assert [(project / name).read_bytes() for name in ("code_.py", "pyproject.toml")] == whole
        assert not list(project.glob(".apimig-*.tmp"))
