"""Spans and relations of foreign rows: read, and checked against their text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from . import odd
from .odd import Odd
from .offsets import Piece, Unit, place
from .record import Relation, Span


def span_of(raw: Any, start: str = "start", end: str = "end") -> tuple[Span, str | None]:
    """Return a span as it stands in an object, and the words that stand beside it, or None.

    Parameters
    ----------
    raw : mapping
        With `label`, the columns of start and end, and perhaps `text`.
    start, end : str
        What these columns are called.

    Raises
    ------
    Odd
        If it is no span.
    """
    name = odd.label(raw.get("label"), "a span's label")
    first, last = (odd.whole(raw.get(side), f"a span's {side}") for side in (start, end))
    return Span(first, last, name), odd.optional_string(raw, "text")


def checked(
    text: str | None, spans: Sequence[Span], words: Sequence[str | None], evidence: Sequence[Piece] = ()
) -> tuple[tuple[Span, ...], str]:
    """Return spans in characters of their text, and the unit that they were counted in where it was another.

    Parameters
    ----------
    text : str or None
        The text; None where it is not known yet, and then nothing but the order of start and end is checked.
    spans : list of Span
        As the file gives them.
    words : list of str or None
        What the file says of the words of each.
    evidence : sequence of Piece
        Other ranges of the text whose words the file gives, such as tokens.

    Raises
    ------
    Odd
        If one is no range of the text.
    """
    if any(span.parts and not _in_order(span) for span in spans):
        raise Odd("the pieces of a span are not in the order of the text")
    if not spans:
        return (), ""
    if text is None:
        odd_one = next((span for span in spans if span.start >= span.end), None)
        if odd_one:
            raise Odd(f"a span from {odd_one.start} to {odd_one.end} is no range")
        return tuple(span._replace(words=said) for span, said in zip(spans, words, strict=True)), ""
    given = [Piece(span.start, span.end, said) for span, said in zip(spans, words, strict=True)]
    parts = [Piece(*part) for span in spans for part in span.parts]
    unit, ranges = place(text, [*given, *parts, *evidence])
    moved, left = [], iter(ranges[len(spans) :])
    for span, (start, end) in zip(spans, ranges, strict=False):
        moved.append(span._replace(start=start, end=end, parts=tuple(next(left) for _ in span.parts)))
    return tuple(moved), "" if unit is Unit.CHARACTERS else str(unit)


def relation_of(head: Any, tail: Any, label: Any, count: int) -> Relation:
    """Return a relation between two of `count` spans.

    Parameters
    ----------
    head, tail : int
        The places of both.
    label : str
        What the one is to the other.
    count : int
        How many spans there are.

    Raises
    ------
    Odd
        If there is no such span, or the label is none.
    """
    ends = [odd.whole(each, "an end of a relation") for each in (head, tail)]
    if max(ends) >= count:
        raise Odd(f"a relation names span {max(ends)}, and there are {count}")
    return Relation(ends[0], ends[1], odd.label(label, "a relation's label"))


def _in_order(span: Span) -> bool:
    """Say whether the pieces of a span follow one another and fill it from start to end."""
    ends = (span.parts[0][0], span.parts[-1][1]) == (span.start, span.end)
    return ends and all(one[0] < one[1] <= other[0] < other[1] for one, other in pairwise(span.parts))
