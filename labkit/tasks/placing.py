"""Finds the spans that an LLM lists in the text that it was asked about."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

from .mentions import Finding, Mention, listed
from .occurrences import Page, Range, Spots


def read_mentions(reply: str, text: str, labels: Iterable[str], *, overlap: bool) -> list[Mention]:
    r"""Read a reply in the form of spacy-llm's NER.v3 and SpanCat.v3, and find its spans in the text.

    Spans are looked for in the order in which they are listed, each after the one before it, else from the start: so
    the second mention of the same words goes to their second place. Places where the words stand by themselves
    come before those inside longer words.

    Parameters
    ----------
    reply : str
        Lines ``number. words | True | label | reason``; number and reason may be left out.
    text : str
        The text that the LLM was asked about.
    labels : iterable of str
        The labels that it was asked for. Case does not matter.
    overlap : bool
        Whether spans may overlap. If not, of those that stand nowhere apart the longest is kept, of equals the first.

    Returns
    -------
    list of Mention
        One for each line that says something, in order; none for a reply that says that there is no span.

    Examples
    --------
    >>> reply = "1. Ankara | True | PLACE | a city\n2. Ankara | True | PLACE | again\n3. Bursa | True | PLACE |"
    >>> for found in read_mentions(reply, "İstanbul, Ankara, Ankara", ["PLACE"], overlap=False):
    ...     print(found.said, found.start, found.end, found.finding)
    Ankara 10 16 exact
    Ankara 18 24 repeated
    Bursa None None not in text
    """
    mentions, find = listed(reply, labels), cache(Page(text).find)
    spots = [find(each.said) if each.finding is Finding.ABSENT else Spots([], [], True) for each in mentions]
    taken = _take(mentions, spots, overlap)
    return [_found(place, mentions, spots[place], taken) for place in range(len(mentions))]


def _take(mentions: Sequence[Mention], spots: Sequence[Spots], overlap: bool) -> dict[int, Range]:
    """Give each mention a place of its own, and return those that got one by their number."""
    taken: dict[int, Range] = {}
    waiting, after = deque(number for number, each in enumerate(spots) if each.first), 0
    while waiting:
        number = waiting.popleft()
        label = mentions[number].label if overlap else None
        free = (spot for spot in _in_turn(spots[number], after) if not _rivals(spot, label, mentions, taken))
        spot = next(free, spots[number].first)
        assert spot is not None
        rivals = _rivals(spot, label, mentions, taken)
        if any(taken[rival].size >= spot.size for rival in rivals):
            continue
        for rival in rivals:
            del taken[rival]
        waiting.extend(rivals)
        taken[number] = spot
        after = spot.start if overlap else spot.end
    return taken


def _in_turn(spots: Spots, after: int) -> Iterator[Range]:
    """Yield the places of some words in the order in which they are tried."""
    for ranges in (spots.whole, spots.inside):
        first = bisect_left(ranges, (after, 0))
        yield from islice(ranges, first, None)
        yield from islice(ranges, first)


def _rivals(spot: Range, label: str | None, mentions: Sequence[Mention], taken: dict[int, Range]) -> list[int]:
    """Return the mentions that hold a place: with a label, those with the same on the same place."""
    if label is None:
        return [number for number, other in taken.items() if other.overlaps(spot)]
    return [number for number, other in taken.items() if other == spot and mentions[number].label == label]


def _found(number: int, mentions: Sequence[Mention], spots: Spots, taken: dict[int, Range]) -> Mention:
    """Return a mention with what became of it."""
    mention = mentions[number]
    spot = taken.get(number, spots.first)
    if spot is None:
        return mention
    others = [(other, mentions[n].label) for n, other in taken.items() if n != number]
    if number not in taken and any((each, mention.label) in others for each in (*spots.whole, *spots.inside)):
        return mention._replace(finding=Finding.SURPLUS)
    if any(other.overlaps(spot) for other, _ in others):
        finding = Finding.OVERLAPPING
    elif not spots.exact:
        finding = Finding.NEARLY
    else:
        again = any(mentions[n].said == mention.said for n in taken if n < number)
        finding = Finding.REPEATED if again else Finding.EXACT
    return mention._replace(finding=finding, start=spot.start, end=spot.end, kept=number in taken)
