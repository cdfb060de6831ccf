"""Which derived rules stay beside those of a pack."""

from dataclasses import replace

import pytest

from apimig.pipeline import apply_rules
from apimig.pipeline.covering import uncovered
from apimig.records import NeedsPerson, Rewritten
from apimig.rulebook.rule import (
    Advise,
    ChangeCall,
    ClassTypes,
    Library,
    ParameterOp,
    RenameMember,
    Rewrite,
    Template,
)
from tests.engine import rule

FRAME = "lib.Frame"
LIBRARY = Library("lib", ("lib",), classes={FRAME: ClassTypes(FRAME)})
GONE = rule(Advise((f"{FRAME}.mad",)), name="lib/lib.Frame.mad")


def pattern(name="lib/mad"):
    return rule(Rewrite((Template("$x.mad()", "$x.dev()"),), {"x": (FRAME,)}), name=name)


@pytest.mark.parametrize(
    ("chosen", "stays"),
    [
        (rule(RenameMember(((f"{FRAME}.mad", "dev"),)), name="lib/mad"), False),
        (rule(Advise((f"{FRAME}.mad",)), name="lib/mad"), False),
        (pattern(), True),
    ],
)
def test_what_speaks_of_some_calls_alone_leaves_the_rest(chosen, stays):
    assert bool(uncovered([GONE], [chosen], [LIBRARY])) is stays


def test_one_site_is_told_once():
    rules = [pattern(), replace(GONE, derived=True)]
    code = "from lib import Frame\n\nframe = Frame()\none = frame.mad()\ntwo = frame.mad(axis=0)\n"
    result = apply_rules(code, rules, [LIBRARY])
    assert result.text == code.replace("frame.mad()", "frame.dev()")
    assert [(type(o), o.location.line) for o in result.outcomes] == [(Rewritten, 4), (NeedsPerson, 5)]


def test_what_a_pack_accounts_for_is_not_told_of_its_calls():
    keywords = ChangeCall((FRAME,), "(a, b=0)", (ParameterOp("keyword_only", count=1),))
    told = rule(keywords, name="lib/lib.Frame")
    accounted = replace(LIBRARY, no_rule={FRAME: "it reads its arguments as before"})
    assert (uncovered([told], [], [LIBRARY]), uncovered([told], [], [accounted])) == ((told,), ())


@pytest.mark.parametrize(("named", "stays"), [("shape", False), ("other", True)])
def test_what_a_pattern_names_is_not_passed_by_that_name(named, stays):
    """``np.reshape(x, s)`` became ``np.reshape(x, newshape=s)``, which a rule of the pack took back."""
    calls = ChangeCall((f"{FRAME}.fit",), "(self, a, shape=None)", (ParameterOp("keyword_only", count=1),))
    chosen = rule(Rewrite((Template(f"$x.fit($a, {named}=$b)", "$x.fit($a, $b)"),), {"x": (FRAME,)}), name="lib/fit")
    derived = rule(calls, name="lib/lib.Frame.fit")
    assert bool(uncovered([derived], [chosen], [LIBRARY])) is stays
