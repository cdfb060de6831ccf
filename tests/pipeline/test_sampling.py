"""What a case leaves open -> what it is given so that it can be run."""

from __future__ import annotations

import pytest

from apimig.mining.candidate import Candidate, Kind
from apimig.mining.releases.examples import Examples
from apimig.pipeline.sampling import with_samples
from apimig.surface.loading import surface

ARRAY = "numpy.array([3.0, 1.0, 2.0, 5.0, 4.0])"
# the old code, what is given already, what is given then
GIVEN = {
    "for the parameter that it is passed for, by position": ("r = np.histogram(h, n)", {}, {"h": ARRAY, "n": "3"}),
    "by keyword": ("r = np.histogram([1], bins=n)", {}, {"n": "3"}),
    "under an import of its own": ("from numpy import histogram as h\n\nr = h(v)\n", {}, {"v": ARRAY}),
    "of a method of what is given": ("r = a.repeat(repeats)", {"a": "numpy.ndarray()"}, {"a": ARRAY, "repeats": "2"}),
    "for the name, where nothing tells what it is passed for": ("r = np.nothing(axis)", {}, {"axis": "0"}),
    "a value that the code gave stays": ("r = np.histogram(h)", {"h": "[1, 2]"}, {"h": "[1, 2]"}),
    "nothing, where nothing tells of it": ("r = np.nothing(zzz)", {}, {}),
}


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(surface("numpy==1.26.4", offline=True), {"np": "numpy"})


@pytest.mark.parametrize("case", GIVEN)
def test_what_a_case_is_given(case: str, examples: Examples) -> None:
    before, given, expected = GIVEN[case]
    rule = {"library": "numpy", "cases": [{"before": before, "after": before, "given": given}], "unchanged": []}
    made = with_samples(Candidate("f", rule, Kind.RENAME), examples)
    assert made.rule["cases"][0].get("given", {}) == expected
