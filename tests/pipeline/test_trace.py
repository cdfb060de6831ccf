"""Places of a later text are those of the original, and a site's new text is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.pipeline.trace import Trace
from apimig.records import Edit, Patch, SourceFile, Span
from apimig.rewrite.compose import compose

TEXT = b"x = a.append(b.old())\ny = c\n"
OUTER = Edit(Span(4, 21), (b"concat([", Span(4, 5), b", ", Span(13, 20), b"])"))  # a.append(b.old())
INNER = Edit(Span(15, 18), (b"new",))
IMPORT = Edit(Span(0, 0), (b"import z\n",))


def trace(*edits: Edit, text: bytes = TEXT) -> tuple[Trace, bytes]:
    source = SourceFile(Path("a.py"), "a.py", text)
    new = compose(text, edits).text
    return Trace(Patch(source, new, edits)), new


@pytest.mark.parametrize(
    ("piece", "origin"),
    [(b"x =", 0), (b"concat", 4), (b"a,", 4), (b"y = c", 22), (b"c\n", 26), (b"import", 0)],
)
def test_origin(piece, origin):
    traced, new = trace(IMPORT, OUTER, INNER)
    assert traced.origin(new.rindex(piece)) == origin


def test_origin_in_a_carried_piece_is_exact():
    traced, new = trace(IMPORT, OUTER)
    assert TEXT[traced.origin(new.index(b"old")) :].startswith(b"old")


def test_what_a_site_became():
    traced, new = trace(IMPORT, OUTER, INNER)
    assert new == b"import z\nx = concat([a, b.new()])\ny = c\n"
    assert traced.became(Span(4, 21)) == "concat([a, b.new()])"
    assert traced.became(Span(13, 20)) == "b.new()"
    assert traced.became(Span(13, 18)) == "b.new"
    assert traced.became(Span(26, 27)) == "c"


def test_an_edit_is_never_cut():
    traced, _ = trace(OUTER, INNER)
    assert traced.became(Span(4, 12)) == "concat([a, b.new()])"


@given(st.lists(st.tuples(st.integers(0, 27), st.integers(0, 4), st.binary(max_size=6)), max_size=6))
def test_bytes_outside_of_edits_keep_their_origin(drawn):
    edits, end = [], 0
    for start, length, new in sorted(drawn):
        if start >= end and start + length <= len(TEXT):
            edits.append(Edit(Span(start, start + length), (b"<" + new.replace(b"\n", b"") + b">",)))
            end = start + length + 1
    traced, new = trace(*edits)
    for offset in range(len(new) + 1):
        origin = traced.origin(offset)
        assert 0 <= origin <= len(TEXT)
        if not any(edit.span.start <= origin <= edit.span.end for edit in edits) and offset < len(new):
            assert TEXT[origin] == new[offset]
