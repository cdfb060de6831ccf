"""Whether calls bind differently under two signatures."""

import inspect

import pytest

from benchmarks.binding.binds import Call, Default, Difference, difference, signature


def made(text: str) -> inspect.Signature:
    """The signature in the text, with defaults as the benchmark describes them; a capital name is no plain default."""
    space: dict[str, object] = {"NO": object()}
    exec(f"def f{text}: ...", space)
    described = []
    for p in inspect.signature(space["f"]).parameters.values():
        plain = not (p.default is space["NO"] or p.default in ("deprecated", "warn"))
        default = (
            None
            if p.default is p.empty
            else {
                "text": "object" if p.default is space["NO"] else repr(p.default),
                "plain": plain,
                "value": p.default is not space["NO"],
            }
        )
        described.append([p.name, p.kind.name, default])
    return signature(described)


@pytest.mark.parametrize(
    ("old", "new", "call", "expected"),
    [
        ("(a, b=1)", "(a, b=1)", Call(2, ()), Difference.NONE),
        ("(a, b=1)", "(a, *, b=1)", Call(2, ()), Difference.REFUSED),
        ("(a, b=1)", "(a, *, b=1)", Call(1, ("b",)), Difference.NONE),
        ("(a, b=1)", "(a, *, b=1)", Call(1, ()), Difference.NONE),
        ("(a, b=1)", "(a)", Call(1, ("b",)), Difference.REFUSED),
        ("(a, b=1)", "(a)", Call(1, ()), Difference.NONE),
        ("(a, b=1)", "(a, c)", Call(1, ()), Difference.REFUSED),
        ("(a, b=1, c=2)", "(a, c=2, b=1)", Call(2, ()), Difference.OTHERWISE),
        ("(a, b=1, c=2)", "(a, c=2, b=1)", Call(1, ("b",)), Difference.NONE),
        ("(a, b=1, c=2)", "(a, c=2)", Call(2, ()), Difference.OTHERWISE),
        ("(a, b=1)", "(a, first=1, b=1)", Call(2, ()), Difference.OTHERWISE),
        ("(a)", "(x)", Call(1, ()), Difference.NONE),
        ("(a)", "(x)", Call(0, ("a",)), Difference.REFUSED),
        ("(a=None, b=1)", "(x=None, b=1, a='deprecated')", Call(1, ()), Difference.NONE),
        ("(a=None, b=1)", "(x=None, b=1, a=None)", Call(1, ()), Difference.OTHERWISE),
        ("(a, b=1)", "(a, b=2)", Call(1, ()), Difference.DEFAULT),
        ("(a, b=1)", "(a, b=2)", Call(2, ()), Difference.NONE),
        ("(a, b=1)", "(a, b=1.0)", Call(1, ()), Difference.NONE),
        ("(a, b=None)", "(a, b=False)", Call(1, ()), Difference.UNSTATED),
        ("(a, b=True)", "(a, b=None)", Call(1, ()), Difference.UNSTATED),
        ("(a, b=True, c=1)", "(a, b=None, c=2)", Call(1, ()), Difference.DEFAULT),
        ("(a, b=None)", "(a, b=NO)", Call(1, ()), Difference.UNSTATED),
        ("(a, b=NO)", "(a, b=NO)", Call(1, ()), Difference.NONE),
        ("(a, b=1)", "(a, b='warn')", Call(1, ()), Difference.UNSTATED),
        ("(a, **rest)", "(a, b=1, **rest)", Call(1, ("b",)), Difference.NONE),
        ("(*rest)", "(a, b)", Call(2, ()), Difference.NONE),
        ("(a, /)", "(b, /)", Call(1, ()), Difference.NONE),
        ("(a)", "(a)", Call(3, ()), Difference.UNKNOWN),
    ],
)
def test_a_call_under_two_signatures(old: str, new: str, call: Call, expected: Difference) -> None:
    assert difference([made(old)], [made(new)], call) is expected


def test_what_a_wrapper_announces_and_what_it_still_takes() -> None:
    announced, inside = made("(a, *, b=1)"), made("(a, b=1)")
    assert difference([announced, inside], [announced], Call(2, ())) is Difference.REFUSED
    assert difference([announced, inside], [announced, inside], Call(2, ())) is Difference.NONE


def test_nothing_is_said_where_a_release_tells_no_signature() -> None:
    assert difference([], [made("(a)")], Call(1, ())) is Difference.UNKNOWN
    assert difference([made("(a)")], [], Call(1, ())) is Difference.UNKNOWN


def test_a_default_keeps_what_compares() -> None:
    assert made("(a=1)").parameters["a"].default == Default("1", plain=True, value=True)
