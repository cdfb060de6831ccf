"""Garbage is looked for seldom during a run, and as often as before after it."""

from __future__ import annotations

import gc

import pytest

import apimig
from apimig.pipeline.memory import seldom_collected


@pytest.fixture
def threshold():
    before = gc.get_threshold()
    gc.set_threshold(500, 7, 9)
    yield (500, 7, 9)
    gc.set_threshold(*before)


def test_only_the_first_threshold_rises(threshold):
    with seldom_collected():
        assert gc.get_threshold()[0] > 50 * threshold[0]
        assert gc.get_threshold()[1:] == threshold[1:]
    assert gc.get_threshold() == threshold


def test_the_threshold_comes_back_after_an_error(threshold):
    with pytest.raises(ZeroDivisionError), seldom_collected():
        raise ZeroDivisionError
    assert gc.get_threshold() == threshold


def test_a_run_leaves_the_threshold_of_its_caller(threshold, tmp_path):
    seen = []
    (tmp_path / "a.py").write_text("import numpy as np\nx = np.NaN\n")
    result = apimig.check(
        tmp_path, lib="numpy==2.0", from_="1.26", progress=lambda *_: seen.append(gc.get_threshold()[0])
    )
    assert result.outcomes
    assert seen
    assert min(seen) > threshold[0]
    assert gc.get_threshold() == threshold
