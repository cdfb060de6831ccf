"""Whether there is a sandbox is found by trying, and said in words that help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from apimig.sandbox import PLAIN, kinds
from tests.sandbox.tools import HERE, needs_linux, needs_sandbox

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def fresh():
    """Nothing is known yet, before and after."""
    kinds.kind.cache_clear()
    yield
    kinds.kind.cache_clear()


def a_program(folder: Path, text: str) -> str:
    made = folder / "bwrap"
    made.write_text(f"#!/bin/sh\n{text}\n")
    made.chmod(0o755)
    return str(made)


@needs_sandbox
def test_the_one_of_this_machine_works():
    assert HERE.name.startswith("bubblewrap ")
    assert (HERE.reason, HERE.warning) == ("", "")


@needs_linux
def test_none_is_installed(tmp_path, monkeypatch, fresh):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = kinds.kind()
    assert (found.name, found.reason) == ("", "bubblewrap is not installed")
    assert "apt install bubblewrap" in found.help


FAILING = {
    'test "$1" = --version && echo bubblewrap 0.9.0 || { echo "bwrap: No permissions to create new namespace" >&2; exit 1; }': "bwrap: No permissions to create new namespace",
    'test "$1" = --version && echo bubblewrap 0.9.0 || exit 9': "exit code 9",
    "exit 5": "does not answer",
    "echo something else": "something else",
}


@needs_linux
@pytest.mark.parametrize("text", FAILING)
def test_one_that_does_not_work_is_none(text, tmp_path):
    found = kinds.tried(a_program(tmp_path, text))
    assert found.name == ""
    assert FAILING[text] in found.reason
    assert found.help


@needs_linux
def test_one_that_hangs_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "_TRIAL_SECONDS", 0.2)
    assert kinds.tried(a_program(tmp_path, "exec sleep 5")).name == ""


def test_elsewhere_than_on_linux_there_is_none(monkeypatch, fresh):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert (kinds.kind().name, bool(kinds.kind().reason)) == ("", True)


def test_it_is_tried_once(monkeypatch, fresh):
    calls = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(kinds.shutil, "which", calls.append)
    assert kinds.kind() is kinds.kind()
    assert calls == ["bwrap"]


def test_a_warning_says_what_is_not_contained():
    assert "can read your files and use the network" in PLAIN.warning


def test_importing_the_room_is_cheap_and_does_not_need_posix():
    """Modules that Windows lacks are imported where they are used."""
    code = "import sys; sys.modules['resource'] = sys.modules['fcntl'] = sys.modules['pwd'] = None; import apimig.sandbox; print('subprocess' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
