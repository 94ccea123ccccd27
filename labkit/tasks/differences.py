"""How the spans of two values differ, sorted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple


class Sort(StrEnum):
    """How a part of one value and a part of another go together; the first value is what the other is held against."""

    EXACT = "exact"
    BOUNDARY = "boundary"
    """The same label on ranges that share a character and are not the same."""
    LABEL = "label"
    """Another label on ranges that share a character."""
    DIRECTION = "direction"
    """The same label between the same two spans, the other way round."""
    MISSING = "missing"
    """Of the first value alone."""
    EXTRA = "extra"
    """Of the second value alone."""


class Difference(NamedTuple):
    """A part of one value, what stands for it in another, and how the two differ.

    Parameters
    ----------
    sort : Sort
        How they differ, or that they do not.
    label_a, label_b : str or None
        The label on either side; None where that side has no such part.
    start_a, end_a, start_b, end_b : int or None
        The characters on either side, end exclusive; None where there is no part, or it is of the text as a whole.
        Those of its head, where the part is a relation.
    tail_start_a, tail_end_a, tail_start_b, tail_end_b : int or None
        Those of its tail, where the part is a relation.
    """

    sort: Sort
    label_a: str | None = None
    label_b: str | None = None
    start_a: int | None = None
    end_a: int | None = None
    start_b: int | None = None
    end_b: int | None = None
    tail_start_a: int | None = None
    tail_end_a: int | None = None
    tail_start_b: int | None = None
    tail_end_b: int | None = None


Span = Mapping[str, Any]
_Pair = tuple[int, int]


def label_differences(a: Sequence[str], b: Sequence[str], labels: Sequence[str]) -> list[Difference]:
    """Sort what two sets of labels of a whole text say of each label.

    Parameters
    ----------
    a, b : sequence of str
        The labels that either gives.
    labels : sequence of str
        All labels, in the order of the result.

    Examples
    --------
    >>> [(str(each.sort), each.label_a, each.label_b) for each in label_differences(["X", "Y"], ["Y"], ["X", "Y"])]
    [('missing', 'X', None), ('exact', 'Y', 'Y')]
    """
    sorts = {(True, True): Sort.EXACT, (True, False): Sort.MISSING, (False, True): Sort.EXTRA}
    return [
        Difference(sorts[label in a, label in b], label if label in a else None, label if label in b else None)
        for label in labels
        if label in a or label in b
    ]


def span_differences(a: Sequence[Span], b: Sequence[Span]) -> list[Difference]:
    """Sort the spans of two values: each span of one stands for at most one of the other.

    Parameters
    ----------
    a, b : sequence of spans
        In the order of the text; `a` is what `b` is held against.

    Returns
    -------
    list of Difference
        By start. Spans that are the same go together first, then those on the same characters, then those with
        the same label that share the largest part of their characters, then others that share any.

    Examples
    --------
    >>> a = [{"start": 0, "end": 9, "label": "DATE"}, {"start": 12, "end": 15, "label": "PERSON"}]
    >>> b = [{"start": 4, "end": 9, "label": "DATE"}]
    >>> [str(each.sort) for each in span_differences(a, b)]
    ['boundary', 'missing']
    """
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for left, right in sorted(_touching(a, b), key=lambda pair: _rank(a[pair[0]], b[pair[1]])):
        if left not in partner and right not in taken:
            partner[left] = right
            taken.add(right)
    pairs = [_difference(a[left], b[right]) for left, right in partner.items()]
    pairs += [_difference(each, None) for place, each in enumerate(a) if place not in partner]
    pairs += [_difference(None, each) for place, each in enumerate(b) if place not in taken]
    return sorted(pairs, key=_place)


def _touching(a: Sequence[Span], b: Sequence[Span]) -> Iterator[_Pair]:
    """Yield the pairs of spans that share a character."""
    starts = [each["start"] for each in b]
    longest = max((each["end"] - each["start"] for each in b), default=0)
    for left, one in enumerate(a):
        for right in range(bisect_left(starts, one["start"] - longest), bisect_left(starts, one["end"])):
            if b[right]["end"] > one["start"]:
                yield left, right


def _rank(one: Span, other: Span) -> tuple[bool, bool, float, int, int]:
    """Return a key by which the pairs that go together best come first."""
    shared = min(one["end"], other["end"]) - max(one["start"], other["start"])
    either = max(one["end"], other["end"]) - min(one["start"], other["start"])
    unlike = one["label"] != other["label"]
    return shared < either, unlike, -shared / either, one["start"], other["start"]


def _difference(one: Span | None, other: Span | None) -> Difference:
    """Name what two spans that go together, or one alone, come to."""
    if one is None or other is None:
        sort = Sort.EXTRA if one is None else Sort.MISSING
    elif one["label"] != other["label"]:
        sort = Sort.LABEL
    else:
        same = (one["start"], one["end"]) == (other["start"], other["end"])
        sort = Sort.EXACT if same else Sort.BOUNDARY
    a, b = one or {}, other or {}
    return Difference(sort, a.get("label"), b.get("label"), a.get("start"), a.get("end"), b.get("start"), b.get("end"))


def _place(each: Difference) -> tuple[int, int]:
    """Return where a difference starts and ends, on the side that has it."""
    start, end = (each.start_b, each.end_b) if each.start_a is None else (each.start_a, each.end_a)
    assert start is not None
    assert end is not None
    return start, end
