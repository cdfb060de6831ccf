"""Where a byte of the old text came to stand."""

from __future__ import annotations

import pytest

from apimig.records import Edit, Span
from apimig.rewrite.compose import compose


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (0, 0),
        (3, 0),  # inside a deletion: where it was
        (6, 0),
        (7, 1),
        (9, 6),  # inside a replacement: after what was made there
        (11, 6),
        (13, 8),
    ],
)
def test_moved(offset, expected):
    text = b"import\n(abc)"
    made = compose(text, [Edit(Span(0, 6), ()), Edit(Span(8, 11), (b"long",))])
    assert made.text == b"\n(long)"
    assert made.moved(offset) == expected


def test_a_space_that_keeps_words_apart_counts():
    made = compose(b"x()if y else z", [Edit(Span(1, 3), ())])
    assert made.text == b"x if y else z"
    assert made.moved(3) == 2
    assert made.moved(14) == 13
