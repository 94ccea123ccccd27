"""Texts as lists of tokens: where each token stands in the text, and the spans between them."""

from __future__ import annotations

from collections.abc import Sequence

from .base import Unfit
from .odd import Odd
from .record import Span
from .tags import Range, Tagging, ranges_of, tags_of
from .tokens import words


def find_tokens(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the tokens of a text stand in it, with nothing but white space between them.

    Parameters
    ----------
    text : str
        The text.
    tokens : sequence of str
        Its tokens, in their order.

    Raises
    ------
    Odd
        If something else stands between two of them.

    Examples
    --------
    >>> find_tokens("Ada's  tea", ["Ada", "'s", "tea"])
    [(0, 3), (3, 5), (7, 10)]
    """
    places: list[tuple[int, int]] = []
    at = 0
    for token in tokens:
        while at < len(text) and text[at].isspace() and not text.startswith(token, at):
            at += 1
        if not text.startswith(token, at):
            raise Odd(f"its token {token!r} is not in its text at character {at}")
        places.append((at, at + len(token)))
        at += len(token)
    if text[at:].strip():
        raise Odd(f"its text goes on after its last token, at character {at}")
    return places


def untag(
    text: str | None, tokens: Sequence[str], tags: Sequence[str], tagging: Tagging
) -> tuple[str, tuple[Span, ...]]:
    """Return the text of tokens and the spans that their tags mark; without a text, tokens are joined by blanks."""
    whole = " ".join(tokens) if text is None else text
    places = find_tokens(whole, tokens)
    found = ranges_of(tags, tagging)
    return whole, tuple(Span(places[each.start][0], places[each.end - 1][1], each.label) for each in found)


def tag(text: str, spans: Sequence[Span], tagging: Tagging) -> tuple[list[str], list[str]]:
    """Return the tokens of a text, none of which a span cuts through, and their tags.

    Raises
    ------
    Unfit
        If a span starts or ends with white space, which is part of no token.
    """
    cuts = {place for span in spans for place in (span.start, span.end)}
    places = list(words(text, cuts))
    starts = {start: number for number, (start, _) in enumerate(places)}
    ends = {end: number + 1 for number, (_, end) in enumerate(places)}
    odd_one = next((span for span in spans if span.start not in starts or span.end not in ends), None)
    if odd_one:
        raise Unfit(f"{text[odd_one.start : odd_one.end]!r} starts or ends with white space")
    if not places:
        raise Unfit("its text has no token")
    ranges = [Range(starts[span.start], ends[span.end], span.label) for span in spans]
    return [text[start:end] for start, end in places], tags_of(len(places), ranges, tagging)
