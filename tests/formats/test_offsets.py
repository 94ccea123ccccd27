"""Offsets in other units: turned into characters where the words prove them, and refused otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.formats.odd import Odd
from labkit.formats.offsets import Piece, Unit, place

SIZES = {
    Unit.CHARACTERS: lambda text: len(text),
    Unit.UTF16: lambda text: len(text.encode("utf-16-le")) // 2,
    Unit.BYTES: lambda text: len(text.encode()),
}
texts = st.text(st.sampled_from("ab é😀\u0301\r\n中\U0001d538"), min_size=1, max_size=12)


@given(texts, st.data(), st.sampled_from(list(Unit)))
@settings(max_examples=200)
def test_words_prove_the_unit(text, data, unit):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    size = SIZES[unit]
    piece = Piece(size(text[:start]), size(text[:end]), text[start:end])
    try:
        found, ((first, last),) = place(text, [piece])
    except Odd:  # the words stand at two places
        assert unit is not Unit.CHARACTERS
        return
    assert text[first:last] == text[start:end]
    if (first, last) != (start, end):  # the words stand there too, counted in characters
        assert found is Unit.CHARACTERS
        assert (first, last) == (piece.start, piece.end)


def test_words_that_stand_at_two_places_are_refused():
    with pytest.raises(Odd, match="may be counted in UTF-16 units or in UTF-8 bytes"):
        place("a\U0001d538aaa", [Piece(5, 6, "a")])


@given(texts, st.integers(0, 20), st.integers(0, 40), st.text(max_size=3))
@settings(max_examples=200)
def test_words_that_stand_nowhere_are_refused(text, start, end, words):
    try:
        unit, ((first, last),) = place(text, [Piece(start, end, words)])
    except Odd:
        return
    assert text[first:last] == words
    assert (SIZES[unit](text[:first]), SIZES[unit](text[:last])) == (start, end)


@pytest.mark.parametrize("piece", [Piece(1, 2), Piece(1, 2, "b"), Piece(3, 4, "é")])
def test_half_a_character_is_no_offset(piece):
    with pytest.raises(Odd):
        place("é", [piece, Piece(0, 2, "é"), Piece(1, 2, "é")])
