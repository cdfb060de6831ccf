"""Whether every call of a function is one of what it became."""

from __future__ import annotations

import pytest

from apimig.pipeline.learning_diffs import subject_of
from apimig.rulebook.loading import load
from apimig.surface.loading import surface

TAKES = [
    ("numpy.product", "numpy.prod", True),
    ("numpy.trapz", "numpy.trapezoid", True),
    ("numpy.disp", "builtins.print", False),  # device, linefeed
    ("numpy.in1d", "numpy.isin", False),  # ar1, ar2
    ("numpy.disp", "numpy.nothing_known", True),
]


@pytest.mark.parametrize(("old", "new", "takes"), TAKES)
def test_a_successor_takes_every_call_or_only_those_that_were_seen(old: str, new: str, takes: bool) -> None:
    library = next(each for each in load().libraries if each.distribution == "numpy")
    two = (surface(f"numpy=={version}", offline=True) for version in ("1.26.4", "2.0.2"))
    assert subject_of(library, {}, *two).takes(old, new) == takes
