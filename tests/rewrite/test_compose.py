"""Edits into text: nested in what others carry over, side by side, or left for the next pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.records import Edit, Span
from apimig.rewrite.compose import compose, together

TEXT = b"f(a, b) + g(c)"
WHOLE = Edit(Span(0, 7), (b"[", Span(2, 3), b", ", Span(5, 6), b"]"))  # f(a, b)
A, B, C = (Edit(Span(at, at + 1), (new,)) for at, new in [(2, b"A"), (5, b"B"), (12, b"C")])
COMMA = Edit(Span(3, 5), (b";",))


@pytest.mark.parametrize(
    ("edits", "text", "left"),
    [
        pytest.param([], TEXT, [], id="none"),
        pytest.param([C, A], b"f(A, b) + g(C)", [], id="side by side, in any order"),
        pytest.param([A, WHOLE, B], b"[A, B] + g(c)", [], id="nested in what is carried over"),
        pytest.param([WHOLE, COMMA], b"[a, b] + g(c)", [COMMA], id="in what goes"),
        pytest.param([Edit(Span(2, 6), (b"x",)), WHOLE], b"[a, b] + g(c)", [Edit(Span(2, 6), (b"x",))], id="over two carried pieces"),
        pytest.param([A, Edit(Span(2, 3), (b"Z",))], b"f(A, b) + g(c)", [Edit(Span(2, 3), (b"Z",))], id="the same place twice"),
        pytest.param([Edit(Span(0, 4), ()), Edit(Span(3, 8), ())], b" b) + g(c)", [Edit(Span(3, 8), ())], id="crossing"),
        pytest.param([Edit(Span(0, 0), (b"i;",)), WHOLE, A], b"i;[A, b] + g(c)", [], id="an insertion before one with others in it"),
        pytest.param([Edit(Span(7, 7), (b";",)), WHOLE], b"[a, b]; + g(c)", [], id="an insertion behind"),
        pytest.param([Edit(Span(3, 3), (b";",)), WHOLE], b"[a, b] + g(c)", [Edit(Span(3, 3), (b";",))], id="an insertion at the edge of a carried piece"),
        pytest.param([Edit(Span(7, 8), (b"or",))], b"f(a, b)or+ g(c)", [], id="words and signs may touch"),
        pytest.param([Edit(Span(8, 9), (b"or",)), Edit(Span(9, 10), ())], b"f(a, b) or g(c)", [], id="words do not touch"),
    ],
)  # fmt: skip
def test_compose(edits: list[Edit], text: bytes, left: list[Edit]) -> None:
    made = compose(TEXT, edits)
    assert made.text == text
    assert list(made.left) == left
    assert {*made.applied, *made.left} == set(edits)


def test_words_are_kept_apart() -> None:
    assert (
        compose(b"not(a)if b else'c'", [Edit(Span(3, 6), (b"a",)), Edit(Span(15, 18), (b"d",))]).text
        == b"not a if b else d"
    )
    assert compose(b"x='a'", [Edit(Span(0, 2), (b"return",))]).text == b"return'a'"


def test_together_carries_what_lies_between() -> None:
    both = together([C, A])
    assert both.span == Span(2, 13)
    assert compose(TEXT, [both, B]).text == b"f(A, B) + g(C)"
    assert together([A], Span(0, 7)).span == Span(0, 7)
    assert compose(TEXT, [together([A], Span(0, 7)), B]).text == b"f(A, B) + g(c)"
    imports = [
        Edit(Span(0, 1), (b"x",), imports=(("a.b", "b"),)),
        Edit(Span(2, 3), (b"y",), imports=(("a.b", "b"), ("c", "c"))),
    ]
    assert together(imports).imports == (("a.b", "b"), ("c", "c"))
    with pytest.raises(ValueError, match="overlap"):
        together([A, Edit(Span(0, 3), ())])


SPANS = st.tuples(st.integers(0, 14), st.integers(0, 6)).map(lambda drawn: Span(drawn[0], min(sum(drawn), 14)))


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """An edit that may carry pieces of its span over."""
    span = draw(SPANS)
    kept = sorted(draw(st.lists(SPANS, max_size=2)))
    parts: list[bytes | Span] = [b"<"]
    at = span.start
    for piece in kept:
        if at <= piece.start and piece.end <= span.end and piece.start < piece.end:
            parts += [piece, b"|"]
            at = piece.end
    return Edit(span, (*parts, b">"))


@given(st.lists(edits(), max_size=6))
def test_what_is_applied_is_all_there(drawn: list[Edit]) -> None:
    made = compose(TEXT, drawn)
    assert len(made.applied) + len(made.left) == len(drawn)
    assert made.text.count(b"<") == made.text.count(b">") == len(made.applied)
    kept = compose(TEXT, made.applied)
    assert (kept.text, kept.left) == (made.text, ())
    end = 0
    for mark in made.outermost:
        assert made.text[end : mark.new.start].strip() in TEXT
        assert made.moved(mark.old.end) >= mark.new.end
        end = mark.new.end
