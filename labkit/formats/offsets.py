"""Offsets as other tools count them: in code points, in UTF-16 units, or in bytes of UTF-8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from .odd import Odd


class Unit(StrEnum):
    """What offsets count."""

    CHARACTERS = "characters"
    UTF16 = "UTF-16 units"
    BYTES = "UTF-8 bytes"


class Piece(NamedTuple):
    """A range as a file gives it, `end` exclusive, and the words that it gives beside it; None where it gives none."""

    start: int
    end: int
    words: str | None = None


def place(text: str, pieces: Sequence[Piece]) -> tuple[Unit, list[tuple[int, int]]]:
    r"""Turn the ranges of one text into characters, checked against their words.

    Parameters
    ----------
    text : str
        The text.
    pieces : sequence of Piece
        All ranges that one file gives of it.

    Returns
    -------
    Unit
        What they were counted in: another unit than characters only where all words stand at their places in that
        unit alone.
    list of (int, int)
        The ranges in characters.

    Raises
    ------
    Odd
        If one is no range of the text, or its words stand there in no unit, or at two places in two.

    Examples
    --------
    >>> place("\U0001f600 Ada", [Piece(3, 6, "Ada")])
    (<Unit.UTF16: 'UTF-16 units'>, [(2, 5)])
    >>> place("Ada", [Piece(1, 3)])
    (<Unit.CHARACTERS: 'characters'>, [(1, 3)])
    """
    odd = next((piece for piece in pieces if not 0 <= piece.start < piece.end), None)
    if odd:
        raise Odd(f"a span from {odd.start} to {odd.end} is no range")
    if _fits(text, pieces):
        return Unit.CHARACTERS, [(piece.start, piece.end) for piece in pieces]
    found = list(_elsewhere(text, pieces))
    if len({tuple(ranges) for _, ranges in found}) > 1:
        raise Odd(f"its spans may be counted in {' or in '.join(unit for unit, _ in found)}: their words stand at both")
    if found:
        return found[0]
    raise Odd(_why(text, pieces))


def _elsewhere(text: str, pieces: Sequence[Piece]) -> Iterator[tuple[Unit, list[tuple[int, int]]]]:
    """Yield the other units in which all words stand at their places, and the ranges in characters."""
    if text.isascii() or all(piece.words is None for piece in pieces):
        return
    for unit, size in ((Unit.UTF16, _utf16), (Unit.BYTES, _bytes)):
        counted = {count: number for number, count in enumerate(accumulate(map(size, text), initial=0))}
        if all(piece.start in counted and piece.end in counted for piece in pieces):
            moved = [Piece(counted[piece.start], counted[piece.end], piece.words) for piece in pieces]
            if _fits(text, moved):
                yield unit, [(piece.start, piece.end) for piece in moved]


def same_in_all(text: str) -> bool:
    """Say whether characters and UTF-16 units are the same in `text`."""
    return text.isascii() or max(text) <= "\uffff"


def _fits(text: str, pieces: Sequence[Piece]) -> bool:
    """Say whether all ranges lie in the text, and all words stand there."""
    return all(piece.end <= len(text) and piece.words in (None, text[piece.start : piece.end]) for piece in pieces)


def _why(text: str, pieces: Sequence[Piece]) -> str:
    """Say which range does not fit."""
    piece = next(piece for piece in pieces if not _fits(text, [piece]))
    if piece.end > len(text):
        return f"a span from {piece.start} to {piece.end} reaches out of its text of {len(text)} characters"
    there = text[piece.start : piece.end]
    return f"a span from {piece.start} to {piece.end} says {piece.words!r}, its text says {there!r} there"


def _utf16(character: str) -> int:
    """Return how many UTF-16 units a character takes."""
    return 2 if character > "\uffff" else 1


def _bytes(character: str) -> int:
    """Return how many bytes of UTF-8 a character takes; half a character takes three."""
    return len(character.encode("utf-8", "surrogatepass"))
