"""Where a span begins and ends, settled once for all spans of a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ..errors import LabError
from .occurrences import Range
from .span import Span, in_order, range_of

KEEP = ("shorter", "longer")


class Edge(NamedTuple):
    """What the longer of two ranges has and the other has not.

    Parameters
    ----------
    before, after : str
        The words at either end, case folded, without the white space around them.
    """

    before: str
    after: str


def edge(text: str, one: Range, other: Range) -> Edge | None:
    """Return what a range has beyond another that lies within it; None where neither lies within the other.

    Examples
    --------
    >>> edge("in The 1990s", Range(3, 12), Range(7, 12))
    Edge(before='the', after='')
    """
    longer, shorter = sorted((one, other), key=lambda each: -each.size)
    if not (longer.start <= shorter.start and shorter.end <= longer.end):
        return None
    return Edge(_folded(text[longer.start : shorter.start]), _folded(text[shorter.end : longer.end]))


@dataclass(frozen=True)
class Boundary:
    """A rule on where spans of a label begin and end.

    Parameters
    ----------
    label : str
        Whose spans.
    before, after : str
        Words that may stand at the beginning or the end of such a span. Case does not matter.
    keep : {"shorter", "longer"}
        Whether spans go without these words, or with them wherever they stand beside a span.
    words : str
        Only spans that are these words, once the others are taken off; all if empty.

    Raises
    ------
    LabError
        If there are no words to leave or take, or `keep` is neither.

    Examples
    --------
    >>> rule = Boundary("DATE", before="the", keep="shorter")
    >>> rule.settle([{"start": 3, "end": 12, "label": "DATE"}], "in the 1990s", overlap=False)
    [{'start': 7, 'end': 12, 'label': 'DATE'}]
    >>> print(rule)
    DATE without 'the' before it
    """

    label: str
    before: str = ""
    after: str = ""
    keep: str = "shorter"
    words: str = ""

    def __post_init__(self) -> None:
        for name in ("before", "after", "words"):
            object.__setattr__(self, name, _folded(getattr(self, name)))
        if self.keep not in KEEP or not (self.before or self.after):
            raise LabError(
                f"There is nothing to settle for {self.label} with before={self.before!r}, after={self.after!r}, "
                f"keep={self.keep!r}.",
                'Give words as they stand in gap.boundaries(), and keep="shorter" or keep="longer".',
            )

    def __str__(self) -> str:
        sides = [f"{words!r} {side} it" for words, side in ((self.before, "before"), (self.after, "after")) if words]
        only = f", where it is {self.words!r}" if self.words else ""
        return f"{self.label} {'without' if self.keep == 'shorter' else 'with'} {' and '.join(sides)}{only}"

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as plain JSON, from which ``Boundary(**...)`` makes it again."""
        return asdict(self)

    def settle(self, spans: Sequence[Span], text: str, *, overlap: bool) -> list[Span]:
        """Return the spans as the rule has them, in order; one that would then run into another stays as it is.

        Parameters
        ----------
        spans : sequence of spans
            Of one text, in order.
        text : str
            The text.
        overlap : bool
            Whether spans may overlap.
        """
        return in_order(self.moved(spans, text, overlap=overlap))

    def moved(self, spans: Sequence[Span], text: str, *, overlap: bool) -> list[Span]:
        """Return what becomes of each span, as `settle` does, in the order in which they are given."""
        found = list(spans)
        for place, span in enumerate(spans):
            if span["label"] == self.label and (moved := self._moved(range_of(span), text)):
                others = [other for other in found if other is not span]
                if overlap or not any(moved.overlaps(range_of(other)) for other in others):
                    found[place] = Span(start=moved.start, end=moved.end, label=self.label)
        return found

    def _moved(self, spot: Range, text: str) -> Range | None:
        """Return the range that the rule gives a span, or None where it does not speak of it."""
        inner, outer = (self._within(spot, text), spot) if self.keep == "shorter" else (spot, self._around(spot, text))
        if inner is None or outer is None or inner == outer:
            return None
        if self.words and _folded(text[inner.start : inner.end]) != self.words:
            return None
        return inner if self.keep == "shorter" else outer

    def _within(self, spot: Range, text: str) -> Range | None:
        """Return a range without the words at its ends, or None where they don't stand there or are all of it."""
        start, end = spot.start + len(self.before), spot.end - len(self.after)
        if (
            start >= end
            or _folded(text[spot.start : start]) != self.before
            or _folded(text[end : spot.end]) != self.after
        ):
            return None
        if (self.before and _joined(text, start)) or (self.after and _joined(text, end)):
            return None
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return Range(start, end) if start < end else None

    def _around(self, spot: Range, text: str) -> Range | None:
        """Return a range with the words beside it, or None where they don't stand there."""
        start, end = spot
        if self.before:
            stop = len(text[:start].rstrip())
            start = stop - len(self.before)
            if start < 0 or _folded(text[start:stop]) != self.before or _joined(text, start):
                return None
        if self.after:
            first = end + len(text[end:]) - len(text[end:].lstrip())
            end = first + len(self.after)
            if _folded(text[first:end]) != self.after or _joined(text, end):
                return None
        return Range(start, end)


def _folded(words: str) -> str:
    """Return words without regard to case and to the white space around them."""
    return words.strip().casefold()


def _joined(text: str, place: int) -> bool:
    """Say whether a cut before the character at `place` goes through a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
