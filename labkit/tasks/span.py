"""One labelled range of a text, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from ..errors import LabError
from .occurrences import Range


class Span(TypedDict):
    """Characters of a text, counted in code points from 0, `end` exclusive, with their label."""

    start: int
    end: int
    label: str


def contested(said: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return the spans that not all annotators give, by start and end, each with the `annotators` that give it.

    Examples
    --------
    >>> contested({"llm": [{"start": 0, "end": 3, "label": "PERSON"}], "cpu": []})
    [{'start': 0, 'end': 3, 'label': 'PERSON', 'annotators': ['llm']}]
    """
    givers: dict[tuple[int, int, str], list[str]] = {}
    for name, value in said.items():
        for place in {(span["start"], span["end"], span["label"]) for span in value}:
            givers.setdefault(place, []).append(name)
    return [
        {"start": start, "end": end, "label": label, "annotators": names}
        for (start, end, label), names in sorted(givers.items())
        if len(names) < len(said)
    ]


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Return the spans by start, end and label, each once."""
    once = {(span["start"], span["end"], span["label"]): span for span in spans}
    return [once[place] for place in sorted(once)]


def apart(spans: Sequence[Span]) -> list[Span]:
    """Leave out spans that overlap a longer one, or an earlier one of the same length."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span["start"] - span["end"]):
        if not any(range_of(span).overlaps(range_of(other)) for other in kept):
            kept.append(span)
    return in_order(kept)


def within(spans: Sequence[Span], text: str) -> None:
    """Raise LabError where a span ends beyond its text."""
    for span in spans:
        if span["end"] > len(text):
            raise LabError(f"{words_of(span)} ends beyond its text, at {len(text)}.", "Check whose spans they are.")


def range_of(span: Span) -> Range:
    """Return the characters of a span."""
    return Range(span["start"], span["end"])


def words_of(span: Span) -> str:
    """Write a span: ``"DATE 9:13"``."""
    return f"{span['label']} {span['start']}:{span['end']}"
