"""Spans as a tag a token: IOB2, BIOES, BILUO, and IOE2 to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .odd import Odd


class Tagging(NamedTuple):
    """The letters that a tag may start with: of the first token of a span, one inside, its last, and one alone."""

    name: str
    begin: str
    inside: str
    last: str
    alone: str


IOB2 = Tagging("IOB2", "B", "I", "I", "B")
BIOES = Tagging("BIOES", "B", "I", "E", "S")
BILUO = Tagging("BILUO", "B", "I", "L", "U")
IOE2 = Tagging("IOE2", "I", "I", "E", "E")
OUTSIDE = "O"


class Range(NamedTuple):
    """A span of tokens, `end` exclusive, with its label."""

    start: int
    end: int
    label: str


def tagging_of(tags: Iterable[str]) -> Tagging | None:
    """Tell the scheme of a file by all its tags; None where they fit none, or more than one that reads them otherwise.

    Parameters
    ----------
    tags : iterable of str
        The tags, such as ``"B-PER"`` and ``"O"``.

    Examples
    --------
    >>> tagging_of(["O", "B-PER", "L-PER"]).name
    'BILUO'
    >>> tagging_of(["I-PER", "O"]) is None
    True
    """
    letters = {tag[:1] for tag in tags if tag != OUTSIDE}
    if letters <= {"B", "I"}:
        return IOB2 if "B" in letters or not letters else None
    fitting = [each for each in (BIOES, BILUO) if letters <= set(each[1:])]
    if letters <= {"I", "E"} and "E" in letters:
        return IOE2
    return fitting[0] if len(fitting) == 1 else None


def tags_of(count: int, ranges: Iterable[Range], tagging: Tagging) -> list[str]:
    """Return a tag for each of `count` tokens; the ranges must not overlap.

    Examples
    --------
    >>> tags_of(4, [Range(0, 3, "PER")], BILUO)
    ['B-PER', 'I-PER', 'L-PER', 'O']
    """
    tags = [OUTSIDE] * count
    for start, end, label in ranges:
        letters = (
            [tagging.alone] if end - start == 1 else [tagging.begin, *tagging.inside * (end - start - 2), tagging.last]
        )
        tags[start:end] = [f"{letter}-{label}" for letter in letters]
    return tags


def ranges_of(tags: Sequence[str], tagging: Tagging) -> list[Range]:
    """Return the spans that tags mark; raises `Odd` where one neither starts nor goes on as the scheme has it.

    Examples
    --------
    >>> ranges_of(["B-PER", "I-PER", "O"], IOB2)
    [Range(start=0, end=2, label='PER')]
    """
    found: list[Range] = []
    open_at: int | None = None
    for number, tag in enumerate([*tags, OUTSIDE]):
        letter, _, label = tag.partition("-")
        goes_on = open_at is not None and tags[open_at].partition("-")[2] == label and letter in _later(tagging)
        if open_at is not None and not goes_on:
            if tagging.last != tagging.inside:
                raise Odd(f"the span at token {open_at + 1} has no end in {tagging.name}")
            found.append(Range(open_at, number, tags[open_at].partition("-")[2]))
            open_at = None
        if goes_on:
            assert open_at is not None
            if letter == tagging.last != tagging.inside:
                found.append(Range(open_at, number + 1, label))
                open_at = None
        elif letter == tagging.alone != tagging.begin:
            found.append(Range(number, number + 1, label))
        elif letter == tagging.begin:
            open_at = number
        elif tag != OUTSIDE:
            raise Odd(f"the tag {tag!r} at token {number + 1} starts no span in {tagging.name}")
    return found


def _later(tagging: Tagging) -> str:
    """Return the letters of tokens that go on with a span."""
    return tagging.inside + tagging.last
