"""Anti-unification: what it promises of any terms."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from apimig.mining.diffs.antiunify import Form, abstracted, filled, generalised, holes, matched
from apimig.mining.diffs.tree import Tree, text_of
from tests.mining.diffs.tools import module

NAMES = st.sampled_from(["a", "b", "c", "frame"])
CONSTANTS = st.sampled_from(["1", "77", "'x'", "None", "True"])
WORDS = st.lists(st.sampled_from(["sep", "how", "axis"]), unique=True, max_size=3)


def expressions(depth: int = 2) -> st.SearchStrategy[str]:
    """Source of expressions."""
    leaf = st.one_of(NAMES, CONSTANTS)
    if not depth:
        return leaf
    inner = expressions(depth - 1)
    return st.one_of(
        leaf,
        st.builds("{}.{}".format, NAMES, st.sampled_from(["left", "right"])),
        st.builds("tb.make({}, {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
    )


@st.composite
def calls(draw: st.DrawFn) -> str:
    """Source of calls of one function."""
    places = draw(st.lists(expressions(), min_size=1, max_size=3))
    words = [f"{word}={draw(expressions(1))}" for word in draw(WORDS)]
    return f"tb.old({', '.join([*places, *words])})"


def term(code: str) -> Tree:
    """The tree of an expression."""
    return module(code).children[0].children[-1].children[0]


def changed(code: str) -> tuple[Tree, Tree]:
    """A call, and what it becomes: another function, whose first two arguments change places."""
    old = term(code)
    arguments = old.children[1]
    places = [one for one in arguments.children if one.kind != "keyword"]
    order = [*places[1:2], *places[:1], *places[2:], *(one for one in arguments.children if one.kind == "keyword")]
    name = Tree("Symbol", ("toolbox.new",))
    return old, old.with_children((name, arguments.with_children(tuple(order))))


@given(calls())
def test_a_term_generalised_with_itself_is_itself(code: str) -> None:
    form = Form(term(code), (term(code),))

    assert generalised(form, form) == form


@given(calls())
def test_one_change_is_given_back_by_its_own_form(code: str) -> None:
    old, new = changed(code)
    form = abstracted(old, (new,), "toolbox.old")

    found = matched(form.old, old)
    assert found is not None
    assert filled(form.new[0], found) == new


@settings(max_examples=200)
@given(calls(), calls())
def test_what_two_changes_have_in_common_matches_both_and_gives_both_back(one: str, other: str) -> None:
    pairs = [changed(one), changed(other)]
    forms = [abstracted(old, (new,), "toolbox.old") for old, new in pairs]
    form = generalised(*forms)

    if form is None:
        return
    assert holes(form.new[0]) <= holes(form.old)
    for old, new in pairs:
        found = matched(form.old, old)
        assert found is not None, (text_of(form.old), text_of(old))
        assert set(filled(form.new[0], found).children[1].children) == set(new.children[1].children)


@given(calls(), calls())
def test_the_order_of_two_changes_does_not_matter(one: str, other: str) -> None:
    first, second = (abstracted(old, (new,), "toolbox.old") for old, new in (changed(one), changed(other)))
    there, back = generalised(first, second), generalised(second, first)

    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert matched(there.old, changed(one)[0]) is not None
        assert matched(back.old, changed(one)[0]) is not None


def test_the_same_difference_is_the_same_hole() -> None:
    first, second = (Form(term(f"tb.old({x}, {x})"), (term(f"tb.new({x})"),)) for x in ("a", "b"))

    form = generalised(first, second)

    assert form is not None
    assert (text_of(form.old), text_of(form.new[0])) == ("toolbox.old($a, $a)", "toolbox.new($a)")


def test_arguments_that_only_one_has_are_optional_or_a_run() -> None:
    def common(*codes: str) -> str:
        forms = [Form(term(f"tb.old({code})"), (term(f"tb.new({code})"),)) for code in codes]
        form = generalised(*forms)
        return "" if form is None else f"{text_of(form.old)} -> {text_of(form.new[0])}"

    assert common("a", "a, sep=1") == "toolbox.old(a, sep=$?sep) -> toolbox.new(a, sep=$?sep)"
    assert common("a", "a, b, how=1") == "toolbox.old(a, $*options) -> toolbox.new(a, $*options)"


def test_new_code_that_could_not_be_made_any_more_is_no_common_form() -> None:
    first = Form(term("tb.old(1)"), (term("tb.new(2)"),))
    second = Form(term("tb.old(1)"), (term("tb.new(3)"),))

    assert generalised(first, second) is None
