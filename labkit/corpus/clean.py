"""What a text is in labkit: its normal form, its hash, and the split that the hash puts it in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

from ..errors import LabError

SPLITS = ("train", "dev", "test")
SHARES = (0.6, 0.2, 0.2)

_LINE_END = re.compile(r"\r\n?|\n")


def normalise(text: str) -> str:
    r"""Return the normal form of a text: Unicode NFC, with tidy line ends.

    CRLF and CR become LF; blanks and tabs at the ends of lines and blank lines at the start and the end
    are dropped. Nothing else changes: indentation, runs of blanks and no-break spaces stay.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The normal form; its own normal form is itself.

    Notes
    -----
    NFC is Unicode Standard Annex 15, "Unicode Normalization Forms".

    Examples
    --------
    >>> normalise("\r\n  indented \r\nE\u0301tude\n")
    '  indented\nÉtude'
    """
    composed = unicodedata.normalize("NFC", text)
    return "\n".join(composed[start:end] for start, end in _kept_lines(composed))


def normalise_with_offsets(text: str) -> tuple[str, list[tuple[int, int]]]:
    r"""Return the normal form of a text, and where in it each character of the text went.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        What `normalise` returns.
    list of (int, int)
        For each character of `text` the range, in characters and end exclusive, that it became part of. The range is
        empty where the character was dropped; characters that were composed into one share its range.

    Examples
    --------
    >>> normalise_with_offsets("e\u0301 \r\nx")
    ('é\nx', [(0, 1), (0, 1), (1, 1), (1, 1), (1, 2), (2, 3)])
    """
    ranges = list(_composed_ranges(text))
    composed = unicodedata.normalize("NFC", text)
    lines = _kept_lines(composed)
    places = _places(len(composed), lines)
    return "\n".join(composed[a:b] for a, b in lines), [(places[start], places[end]) for start, end in ranges]


def move_span(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    r"""Move a labelled range of a text to its normal form.

    Parameters
    ----------
    offsets : sequence of (int, int)
        From `normalise_with_offsets`.
    start, end : int
        The range in the text as it was, in characters, end exclusive, at least one character long. A range that
        ends inside a composed character takes the whole of it.

    Returns
    -------
    (int, int)
        The range in the normal form, in the same units; empty if all of it was dropped.

    Raises
    ------
    LabError
        If the range is empty or reaches out of the text.

    Examples
    --------
    >>> text, offsets = normalise_with_offsets("\r\nCafe\u0301 Sol")
    >>> start, end = move_span(offsets, 2, 7)
    >>> text[start:end]
    'Café'
    """
    if not 0 <= start < end <= len(offsets):
        raise LabError(f"The range {start} to {end} is not in a text of {len(offsets)} characters.", "Check the file.")
    return offsets[start][0], offsets[end - 1][1]


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hex digits: what an example is known by.

    Examples
    --------
    >>> hash_of("castling through check")[:8]
    '497d96f0'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def split_of(digest: str, shares: Sequence[float] = SHARES) -> str:
    """Return the split of an example: a question of its hash alone, so that adding texts moves none.

    Parameters
    ----------
    digest : str
        The hash of the example, as from `hash_of`.
    shares : sequence of float
        The shares of train, dev and test; they add up to 1.

    Returns
    -------
    str
        One of `SPLITS`.

    Raises
    ------
    LabError
        If `shares` are not three shares of a whole, or `digest` is no hash.

    Examples
    --------
    >>> split_of(hash_of("castling through check"))
    'train'
    """
    if len(shares) != len(SPLITS) or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        raise LabError(f"The shares {tuple(shares)} don't split a whole in three.", "Give three that add up to 1.")
    try:
        point = int(digest[:13], 16) / 16**13  # 52 bits: exact in a float
    except ValueError:
        raise LabError(f"{digest!r} is no hash of a text.", "Use labkit.corpus.hash_of.") from None
    if point < shares[0]:
        return SPLITS[0]
    return SPLITS[1] if point < shares[0] + shares[1] else SPLITS[2]


def _kept_lines(text: str) -> list[tuple[int, int]]:
    """Return the range of each line without its trailing blanks, blank lines at the start and the end left out."""
    kept: list[tuple[int, int]] = []
    start = 0
    for stop, following in [*(match.span() for match in _LINE_END.finditer(text)), (len(text), 0)]:
        kept.append((start, start + len(text[start:stop].rstrip(" \t"))))
        start = following
    while kept and kept[-1][0] == kept[-1][1]:
        kept.pop()
    first = next((number for number, (start, end) in enumerate(kept) if start < end), 0)
    return kept[first:]


def _places(length: int, lines: Sequence[tuple[int, int]]) -> list[int]:
    """Return where each boundary between two characters of the text lies once only `lines` are kept."""
    places: list[int] = []
    place = 0
    for start, end in lines:
        if places:  # between two lines all is dropped but the last character, which becomes the line feed
            places += [place] * (start - len(places))
            place += 1
        places += [place] * (start - len(places))
        places += range(place, place + end - start)
        place += end - start
    return places + [place] * (length + 1 - len(places))


def _composed_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield for each character of `text` its range in the NFC of `text`."""
    start = 0
    for cluster in _clusters(text):
        end = start + len(unicodedata.normalize("NFC", cluster))
        if unicodedata.is_normalized("NFC", cluster):
            yield from ((place, place + 1) for place in range(start, end))
        else:
            yield from [(start, end)] * len(cluster)
        start = end


def _clusters(text: str) -> Iterator[str]:
    """Cut `text` into pieces whose NFC, joined, is the NFC of `text`: as short as that allows."""
    if unicodedata.is_normalized("NFC", text):
        yield text
        return
    cluster = ""
    for character in text:
        if cluster and _parts(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    yield cluster


def _parts(cluster: str, character: str) -> bool:
    """Say whether a character starts anew: nothing before it composes with it, or with a mark after it."""
    if unicodedata.combining(unicodedata.normalize("NFD", character)[0]):
        return False
    both = unicodedata.normalize("NFC", cluster + character)
    return both == unicodedata.normalize("NFC", cluster) + unicodedata.normalize("NFC", character)
