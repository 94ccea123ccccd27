"""Finds where a string stands in a text, to the character: as it is, else without regard to case, spacing and marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u00b4`"
_QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_MARKS = str.maketrans(_APOSTROPHES + _QUOTES + _DASHES, "'" * 6 + '"' * 6 + "-" * 6)
"""What people and LLMs write for one another: forms of the apostrophe, of quotes and of the dash."""


class Range(NamedTuple):
    """Characters of a text, counted in code points from 0; `end` is exclusive."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many characters it holds."""
        return self.end - self.start

    def overlaps(self, other: Range) -> bool:
        """Whether both hold a character."""
        return self.start < other.end and other.start < self.end


class Spots(NamedTuple):
    """Where a string stands in a text: by itself, inside longer words, and whether all is as it was written."""

    whole: list[Range]
    inside: list[Range]
    exact: bool

    @property
    def first(self) -> Range | None:
        """The first by itself, else the first inside a word; None where it stands nowhere."""
        return next(iter((*self.whole[:1], *self.inside[:1])), None)


class Page:
    """A text in which strings are looked up.

    Parameters
    ----------
    text : str
        Any text.

    Notes
    -----
    Case is folded as in the compatibility caseless match of The Unicode Standard, section 3.13, D146, one
    character with its combining marks at a time. Where each folded character came from is kept, so that a
    range never moves, though folding changes lengths: "İ" and "ß" each fold to two characters.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, said: str) -> Spots:
        """Return all places of a string, in the order of the text; those that are exact where there is any.

        Parameters
        ----------
        said : str
            Not empty.

        Examples
        --------
        >>> Page("İstanbul, then Ankara").find("Ankara").whole
        [Range(start=15, end=21)]
        >>> Page("Eine STRASSE, eine Hauptstrasse").find("straße")
        Spots(whole=[Range(start=5, end=12)], inside=[Range(start=24, end=31)], exact=False)
        """
        exact = [Range(start, start + len(said)) for start in _starts(self.text, said)]
        found = exact or self._folded_ranges(said)
        cut = [self._cuts(spot.start) or self._cuts(spot.end) for spot in found]
        whole = [spot for spot, inside in zip(found, cut, strict=True) if not inside]
        return Spots(whole, [spot for spot, inside in zip(found, cut, strict=True) if inside], bool(exact))

    def _folded_ranges(self, said: str) -> list[Range]:
        """Return where a string stands once both are folded, in whole characters of the text."""
        folded, places = self._folded
        wanted, _ = _fold(said)
        found = [(start, start + len(wanted)) for start in _starts(folded, wanted)] if wanted else []
        return [Range(places[start], places[end]) for start, end in found if start in places and end in places]

    @cached_property
    def _folded(self) -> tuple[str, dict[int, int]]:
        """The text folded, made when a string is first not found as it is."""
        return _fold(self.text)

    def _cuts(self, place: int) -> bool:
        """Say whether a cut before the character at `place` goes through a word or a character."""
        if not 0 < place < len(self.text):
            return False
        before, after = self.text[place - 1], self.text[place]
        return _is_mark(after) or _ZWJ in (before, after) or (_in_word(before) and _in_word(after))


_ZWJ = "\u200d"


def _starts(text: str, wanted: str) -> Iterator[int]:
    """Yield where `wanted` begins in `text`, also where it overlaps itself."""
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + 1)


def _fold(text: str) -> tuple[str, dict[int, int]]:
    """Fold a text; return it with the place in the text of each folded place that begins or ends a character."""
    parts: list[str] = []
    places, length, start = {0: 0}, 0, 0
    for end in range(1, len(text) + 1):
        if end < len(text) and (_is_mark(text[end]) or (text[end].isspace() and text[end - 1].isspace())):
            continue
        parts.append(_caseless(text[start:end]))
        length += len(parts[-1])
        places[length] = start = end
    return "".join(parts), places


def _caseless(character: str) -> str:
    """Fold one character with its combining marks, or a run of white space."""
    if character.isspace():
        return " "
    decomposed = unicodedata.normalize("NFD", character.translate(_MARKS)).casefold()
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", decomposed).casefold())


def _is_mark(character: str) -> bool:
    """Say whether a character belongs to the one before it, as combining accents do."""
    return unicodedata.category(character)[0] == "M"


def _in_word(character: str) -> bool:
    """Say whether a character is a digit, or a letter of a script that has case."""
    # Those scripts put blanks between words; in others, as Chinese, Arabic or Thai, a name stands in a run of letters.
    return character.isdigit() or character.lower() != character.upper()
