"""Reads the spans that an LLM lists, one a line: ``1. Ankara | True | PLACE | a city``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from .labels import NONE_TOKEN

_NUMBER = re.compile(r"^(?:\d+[.)](?!\d)|[-*•](?=\s))\s*")
_TRUTH = {"true": True, "false": False}


class Finding(StrEnum):
    """What became of one line of a reply.

    A line is found as it was written, as a further mention of the same words, with other case, spacing or marks,
    or over another span. It gives no span where the words stand no more often than they were listed, where the
    LLM says itself that it is none, and where its words, its label or its form are not those asked for.
    """

    EXACT = "exact"
    REPEATED = "repeated"
    NEARLY = "nearly exact"
    OVERLAPPING = "overlapping"
    SURPLUS = "listed too often"
    DENIED = "said to be none"
    ABSENT = "not in text"
    UNKNOWN = "unknown label"
    MALFORMED = "malformed"


class Mention(NamedTuple):
    """What one line of a reply says, and what became of it.

    Parameters
    ----------
    line : int
        The line of the reply, from 1.
    said : str
        The words of the span; the whole line where it is malformed.
    label : str or None
        One of the labels, else as it was written; None where the line is malformed.
    finding : Finding
        What became of it.
    start, end : int or None
        Where it stands, in code points, end exclusive; None where it was not found.
    kept : bool
        Whether it is one of the reply's spans.
    """

    line: int
    said: str
    label: str | None
    finding: Finding
    start: int | None = None
    end: int | None = None
    kept: bool = False


def listed(reply: str, labels: Iterable[str]) -> list[Mention]:
    """Read the lines of a reply in the form of spacy-llm's NER.v3 and SpanCat.v3.

    Parameters
    ----------
    reply : str
        Lines ``number. words | True | label | reason``; number and reason may be left out.
    labels : iterable of str
        The labels that were asked for. Case does not matter.

    Returns
    -------
    list of Mention
        One for each line that says something, in order; none for a reply that says that there is no span. What is
        to be looked for in the text is `ABSENT` until it is found there.

    Examples
    --------
    >>> [(line.said, line.label) for line in listed("1. Ankara | True | place | a city", ["PLACE"])]
    [('Ankara', 'PLACE')]
    """
    known = {label.casefold(): label for label in labels}
    return [] if says_none(reply) else [_read_line(number, line, known) for number, line in _lines(reply)]


def says_none(reply: str) -> bool:
    """Say whether a reply says that there is no span.

    Examples
    --------
    >>> says_none("==NONE=="), says_none("1. Ankara | True | PLACE | a city")
    (True, False)
    """
    return ["".join(line.split()) for _, line in _lines(reply)] == [NONE_TOKEN]


def _lines(reply: str) -> list[tuple[int, str]]:
    """Return the lines that say something, numbered from 1, each without what numbers it in a list."""
    lines = ((number, line.strip()) for number, line in enumerate(reply.split("\n"), 1))
    return [(number, _NUMBER.sub("", line)) for number, line in lines if line.strip("` ")]


def _read_line(number: int, line: str, known: dict[str, str]) -> Mention:
    """Read one line; what is found wrong with it before the text is looked at is its finding."""
    parts = [part.strip() for part in line.split("|")]
    # The words may hold a bar themselves: they end before the first True or False.
    at = next((i for i, part in enumerate(parts) if i and part.lower() in _TRUTH), len(parts))
    said = "|".join(line.split("|")[:at]).strip()
    if at + 1 >= len(parts) or not said:
        return Mention(number, line, None, Finding.MALFORMED)
    label = known.get(parts[at + 1].casefold())
    if not _TRUTH[parts[at].lower()]:
        return Mention(number, said, label or parts[at + 1], Finding.DENIED)
    if label is None:
        return Mention(number, said, parts[at + 1], Finding.UNKNOWN)
    return Mention(number, said, label, Finding.ABSENT)
