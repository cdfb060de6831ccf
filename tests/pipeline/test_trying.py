"""Rules that are data, tried with the engine: what is kept of their cases, and what is no rule."""

from __future__ import annotations

import pytest

from apimig.pipeline.trying import RuleTrial, Unfit
from apimig.rulebook.rule import Library

TRIAL = RuleTrial(Library("lib", ("lib",)))
RIGHT = {"before": "import lib\n\nlib.f(1)", "after": "import lib\n\nlib.g(1)"}
WRONG = {"before": "import lib\n\nlib.f(2)", "after": "import lib\n\nlib.h(2)"}
STAYS = {"code": "import lib\n\nlib.g(1)"}
RULE = {
    "library": "lib",
    "removed": "2.0.0",
    "reference": "https://example.org/lib",
    "summary": "f became g",
    "rename": {"lib.f": "lib.g"},
    "cases": [RIGHT],
    "unchanged": [STAYS],
}


def test_a_rule_keeps_the_cases_that_come_out():
    assert TRIAL.held({**RULE, "cases": [WRONG, RIGHT]}) == RULE


UNFIT = {
    "no case comes out": ({"cases": [WRONG]}, "becomes"),
    "it changes what must stay": ({"unchanged": [STAYS, {"code": RIGHT["before"]}]}, "does not leave"),
    "it changes what should only be reported": ({"unchanged": [STAYS, {"code": RIGHT["before"], "reported": True}]}, "does not leave"),
    "nothing shows what it leaves alone": ({"unchanged": [{**STAYS, "reported": True}]}, "leaves alone"),
    "no valid rule": ({"rename": "f"}, "rename"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_what_is_no_rule_says_why(case):
    more, why = UNFIT[case]
    with pytest.raises(Unfit, match=why):
        TRIAL.held({**RULE, **more})
