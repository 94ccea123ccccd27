"""Cuts a text into tokens that no span cuts through, for formats that know nothing smaller than a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

# A word keeps its combining marks, joiners and variation selectors; every other sign is a token.
_WORD = r"\w[\w\u0300-\u036f\u200c\u200d\ufe0e\ufe0f]*|\S"
_WORDS = re.compile(_WORD)
_TOKENS = re.compile(rf"({_WORD}|\s+)( ?)")


Token = tuple[int, int, bool]
"""A token: its characters, the end exclusive, and whether one blank follows that belongs to no token."""


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
    for start, end in pairwise(sorted({0, len(text), *cuts})):
        for match in _WORDS.finditer(text, start, end):
            yield match.span()


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
    >>> [("a  b"[start:end], blank) for start, end, blank in tokens("a  b")]
    [('a', True), (' ', False), ('b', False)]
    """
    spans = list(ranges)
    starts, ends = {start for start, _ in spans}, {end for _, end in spans}
    found: list[Token] = []
    for start, end in pairwise(sorted({0, len(text), *starts, *ends})):
        # The blank after a span that ended is part of no token, unless another span starts there or ends behind it.
        first = start
        free = first not in starts and first + 1 not in ends
        if free and text[first] == " " and found and found[-1][1] == first:
            found[-1] = (*found[-1][:2], True)
            first += 1
        for word, blank in _TOKENS.findall(text, first, end):
            last = first + len(word)
            found.append((first, last, blank != ""))
            first = last + len(blank)
        if end in ends and found and found[-1][2]:  # that blank is the span's own
            found[-1] = (*found[-1][:2], False)
            found.append((end - 1, end, False))
    return found
