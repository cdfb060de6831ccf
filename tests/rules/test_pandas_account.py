"""For every public name that a release of pandas dropped there is a rule, advice, or a reason why none is needed."""

from __future__ import annotations

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from apimig.rulebook import load
from tests.rules.account import Account, Release, environment

WALK = Path(__file__).with_name("pandas_walk.py")
V025 = Release("pandas==0.25.3", "3.7", ("numpy<1.22",))
V11 = Release("pandas==1.1.5", "3.8", ("numpy<1.24",))
V15 = Release("pandas==1.5.3", "3.11", ("numpy<2",))
V20 = Release("pandas==2.0.3", "3.11", ("numpy<2",))
V22 = Release("pandas==2.2.3", "3.11", ("numpy<2",))
V30 = Release("pandas==3.0.6", "3.13")
STEPS = [
    pytest.param(V025, V11, 60, id="1.1"),
    pytest.param(V11, V15, 1, id="1.5"),
    pytest.param(V15, V20, 60, id="2.0"),
    pytest.param(V20, V22, 1, id="2.2"),
    pytest.param(V22, V30, 40, id="3.0"),
]

pytestmark = pytest.mark.slow


@cache
def names(release: Release) -> frozenset[str]:
    done = subprocess.run(
        [str(environment(release)), "-I", str(WALK)],
        check=False,
        capture_output=True,
        text=True,
        cwd=tempfile.gettempdir(),
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout.rpartition("\n")[2]))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path))


@pytest.mark.parametrize(("old", "new", "least"), STEPS)
def test_every_removed_name_is_accounted_for(old, new, least):
    removed = sorted(names(old) - names(new))
    assert len(removed) >= least, "the surfaces were read"
    assert Account(load(), "pandas").missing(removed) == []


def test_the_reasons_speak_of_names_that_were_there():
    known = {name for step in STEPS for name in names(step.values[0])}
    modules = {name.rpartition(".")[0] for name in known}
    spoken = Account(load(), "pandas").library.no_rule
    assert [n for n in spoken if n not in known | modules and not n.startswith(("pandas.core", "pandas.io"))] == []
