"""What starred arguments may hold: sentences that are made, understood and joined in one place."""

import pytest

from apimig.rulebook.hiding import joined, may_hold, parted


@pytest.mark.parametrize(
    ("stars", "what", "sentence"),
    [
        (["**kwargs"], "`sep`", "`**kwargs` may hold `sep`"),
        (["*a", "**k"], "arguments that matter", "`*a` or `**k` may hold arguments that matter"),
        (["**{'a':\n 1}"], "`sep`", "`**{'a':\n 1}` may hold `sep`"),
    ],
)
def test_a_sentence_is_made_and_understood(stars, what, sentence):
    assert may_hold(stars, what) == sentence
    assert parted(sentence) == (sentence.partition(" may hold ")[0], what)


@pytest.mark.parametrize(
    "other", ["", "the receiver is unknown", "`other` may hold frames or rows", "look at `**kwargs` may hold `sep`"]
)
def test_other_sentences_are_not_about_starred_arguments(other):
    assert parted(other) == ("", "")


@pytest.mark.parametrize(
    ("whats", "whole"),
    [
        (["`a`"], "`a`"),
        (["`a`", "`b`"], "`a` or `b`"),
        (["`b`", "arguments", "`a`", "`b`"], "`b`, `a` or arguments"),
    ],
)
def test_sentences_about_the_same_are_joined(whats, whole):
    assert joined(may_hold(["*a", "**k"], what) for what in whats) == f"`*a` or `**k` may hold {whole}"
