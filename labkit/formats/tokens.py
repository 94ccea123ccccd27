"""Cuts a text into tokens that no span cuts through, for formats that know nothing smaller than a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# A word keeps its combining marks, joiners and variation selectors; every other sign is a token.
_TOKEN = re.compile(r"\w(?:[\w\u0300-\u036f\u200c\u200d\ufe0e\ufe0f])*|\s+|\S")


class Token(NamedTuple):
    """A token of a text: its characters, `end` exclusive, and whether one blank follows that belongs to no token."""

    start: int
    end: int
    blank: bool


def words(text: str, cuts: Iterable[int] = ()) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the words and signs of a text, without white space.

    Parameters
    ----------
    text : str
        The text.
    cuts : iterable of int
        Where spans start and end: no range goes across.

    Examples
    --------
    >>> list(words("Ada's tea", cuts=[2]))
    [(0, 2), (2, 3), (3, 4), (4, 5), (6, 9)]
    """
    return (piece for piece in _pieces(text, cuts) if not text[piece[0]].isspace())


def tokens(text: str, ranges: Iterable[tuple[int, int]] = ()) -> list[Token]:
    """Return the tokens of a text as spaCy has them: a blank after a token is part of none, other white space is one.

    Parameters
    ----------
    text : str
        The text.
    ranges : iterable of (int, int)
        Spans, `end` exclusive: each starts and ends with a token.

    Examples
    --------
    >>> [("a  b"[token.start : token.end], token.blank) for token in tokens("a  b")]
    [('a', True), (' ', False), ('b', False)]
    """
    found: list[Token] = []
    spans = list(ranges)
    starts, ends = {start for start, _ in spans}, {end for _, end in spans}
    for start, end in _pieces(text, starts | ends):
        first = start
        free = start not in starts and start + 1 not in ends
        if free and text[start] == " " and found and found[-1].end == start:
            found[-1] = found[-1]._replace(blank=True)
            first += 1
        if first < end:
            found.append(Token(first, end, False))
    return found


def _pieces(text: str, cuts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of words, signs and white space, cut where they must be."""
    places = sorted(set(cuts))
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        for place in places:
            if start < place < end:
                yield start, place
                start = place
        yield start, end
