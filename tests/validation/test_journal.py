"""Runs are remembered until the validation ends, by all that they depend on."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from apimig.validation.events import Frame, Observed, Raised, Warned
from apimig.validation.journal import Journal
from apimig.validation.suite import Record
from apimig.verdicts import OneTest, Status, SuiteRun

RECORD = Record(
    SuiteRun("old code", "CPython 3.11", "pytest", (OneTest("a.py::b", Status.FAILED, 0.25, "no", "E  no\n"),), 1, "", 2.5),
    Observed(
        (OneTest("a.py::b", Status.FAILED, 0.25, "no", "E  no\n"),),
        {"a.py::b": Raised("TypeError", "n\u00f6", (Frame("a.py", 3, "f"),))},
        {0: {"", "a.py::b"}, 7: set()},
        {3: {("acme.Frame", "object")}},
        (Warned("a.py", 1, "FutureWarning", "soon", ""),),
        1,
    ),
    "printed\n",
)  # fmt: skip


@pytest.fixture
def root(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("x = 1\n")
    (tmp_path / "tree" / ".git").mkdir()
    return tmp_path / "tree"


@pytest.fixture
def journal(root, tmp_path):
    """Makes a journal as a process that starts anew would."""
    return lambda: Journal(root, tmp_path / "cache")


class Runs:
    """Counts how often it was run."""

    def __init__(self, record=RECORD):
        self.count = 0
        self.record = record

    def __call__(self):
        self.count += 1
        return self.record


def test_a_run_that_was_done_is_not_done_again_and_says_the_same(journal):
    runs = Runs()
    journal().record("old", runs)
    later = journal()
    assert later.record("old", runs) == RECORD
    assert (runs.count, later.recalled) == (1, 1)


def test_the_same_run_twice_in_one_validation_is_two_runs(journal):
    runs = Runs()
    first = journal()
    first.record("old", runs)
    first.record("old", runs)
    assert runs.count == 2
    later = journal()
    for _ in range(3):
        later.record("old", runs)
    assert (runs.count, later.recalled) == (3, 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "a.py").write_text("x = 22\n"),
        lambda root: (root / "b.json").write_text("{}"),
        lambda root: (root / "a.py").unlink(),
        lambda root: (root / "a.py").chmod(0o755),
        lambda root: os.utime(root / "a.py", (1, 1)),
    ],
)
def test_another_tree_is_another_run(journal, root, change):
    runs = Runs()
    journal().record("old", runs)
    change(root)
    journal().record("old", runs)
    assert runs.count == 2


def test_what_no_copy_holds_makes_no_difference(journal, root):
    runs = Runs()
    journal().record("old", runs)
    (root / ".git" / "index").write_text("")
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "a.pyc").write_text("")
    journal().record("old", runs)
    assert runs.count == 1


def test_a_run_that_a_limit_ended_is_done_again(journal):
    runs = Runs(replace(RECORD, suite=replace(RECORD.suite, cut_short="out of time after 600 s")))
    journal().record("old", runs)
    journal().record("old", runs)
    assert runs.count == 2


def test_a_run_with_text_that_is_no_unicode_is_done_again(journal):
    runs = Runs(replace(RECORD, output="caf\udce9"))
    journal().record("old", runs)
    assert journal().record("old", runs).output == "caf\udce9"
    assert runs.count == 2


def test_nothing_is_kept_of_an_interrupted_run_or_of_a_validation_that_ended(journal, tmp_path):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal().record("old", interrupted)
    runs = Runs()
    ended = journal()
    ended.record("old", runs)
    ended.close()
    assert not list((tmp_path / "cache" / "runs").iterdir())
    journal().record("old", runs)
    assert runs.count == 2


@pytest.mark.parametrize("content", [b"", b"{}", b'{"suite": 1}', b"\xff"])
def test_a_damaged_file_is_a_run_that_is_done(journal, tmp_path, content):
    runs = Runs()
    journal().record("old", runs)
    (file,) = (tmp_path / "cache" / "runs").glob("*/*.json")
    file.write_bytes(content)
    assert journal().record("old", runs) == RECORD
    assert runs.count == 2


def test_what_is_older_than_a_day_is_forgotten(journal, tmp_path):
    runs = Runs()
    journal().record("old", runs)
    (file,) = (tmp_path / "cache" / "runs").glob("*/*.json")
    os.utime(file, (time.time() - 90_000,) * 2)
    journal().record("old", runs)
    assert runs.count == 2


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(root, tmp_path):
    (tmp_path / "cache").write_text("a file")
    runs = Runs()
    assert Journal(root, tmp_path / "cache").record("old", runs) == RECORD
    assert Journal(root, tmp_path / "cache").record("old", runs) == RECORD
    assert runs.count == 2
