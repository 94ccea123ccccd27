"""How the relations of two values differ, sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .differences import Difference, Sort
from .relation import Relation, ends_of, span_place

_Place = tuple[Any, ...]


def relation_differences(a: Sequence[Relation], b: Sequence[Relation], spans: Sequence[Difference]) -> list[Difference]:
    """Sort the relations of two values: each relation of one stands for at most one of the other.

    Parameters
    ----------
    a, b : sequence of relations
        `a` is what `b` is held against.
    spans : sequence of Difference
        How the spans of the two values go together: an end of a relation stands for the span that its own stands for.

    Returns
    -------
    list of Difference
        By head and tail. Relations with the same label and ends go together first, then those with the same label
        the other way round, then those between the same two spans. A relation is exact where its label and the
        characters of both ends are the same, whatever the labels of its ends: those are compared as spans.
    """
    stands_for = {
        (each.start_a, each.end_a, each.label_a): (each.start_b, each.end_b, each.label_b)
        for each in spans
        if each.label_a is not None and each.label_b is not None
    }
    left_a, left_b = list(a), list(b)
    found: list[Difference] = []
    for key_a, key_b in _WAYS:
        there: dict[_Place, list[Relation]] = {}
        for other in left_b:
            place = key_b(span_place(other["head"]), span_place(other["tail"]), other["label"])
            there.setdefault(place, []).append(other)
        waiting, left_a = left_a, []
        for one in waiting:
            head, tail = (stands_for.get(span_place(end)) for end in ends_of(one))
            met = there.get(key_a(head, tail, one["label"])) if head and tail else None
            if met:
                left_b.remove(other := met.pop(0))
                found.append(_difference(one, other))
            else:
                left_a.append(one)
    found += [_difference(one, None) for one in left_a] + [_difference(None, other) for other in left_b]
    return sorted(found, key=_order)


def _straight(head: _Place, tail: _Place, label: str) -> _Place:
    return head, tail, label


def _turned(head: _Place, tail: _Place, label: str) -> _Place:
    return tail, head, label


def _between(head: _Place, tail: _Place, label: str) -> _Place:
    return head, tail


_WAYS = ((_straight, _straight), (_turned, _straight), (_between, _between))
"""How relations of either side go together, the best first: what both sides are known by."""


def _difference(one: Relation | None, other: Relation | None) -> Difference:
    """Name what two relations that go together, or one alone, come to."""
    a, b = _ends(one), _ends(other)
    if one is None or other is None:
        sort = Sort.EXTRA if one is None else Sort.MISSING
    elif one["label"] != other["label"]:
        sort = Sort.LABEL
    elif a == b:
        sort = Sort.EXACT
    else:
        sort = Sort.BOUNDARY if _same_way(a, b) else Sort.DIRECTION
    labels = (one and one["label"], other and other["label"])
    return Difference(sort, *labels, *a[:2], *b[:2], *a[2:], *b[2:])


def _same_way(a: Sequence[Any], b: Sequence[Any]) -> bool:
    """Say whether the heads of two relations share a character, and the tails."""
    return all(a[at] < b[at + 1] and b[at] < a[at + 1] for at in (0, 2))


def _ends(relation: Relation | None) -> Sequence[Any]:
    """Return start and end of the head, then those of the tail."""
    if relation is None:
        return [None] * 4
    return [side for end in ends_of(relation) for side in (end["start"], end["end"])]


def _order(each: Difference) -> tuple[Any, ...]:
    """Return where a difference stands, on the side that has it."""
    if each.start_a is None:
        return each.start_b, each.end_b, each.tail_start_b, each.tail_end_b, each.label_b
    return each.start_a, each.end_a, each.tail_start_a, each.tail_end_a, each.label_a
