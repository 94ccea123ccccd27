"""The parts of an annotation that a project may ask for, as plain JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .record import Judgement, Span


def value_of(said: Judgement, part: str) -> Any | None:
    """Return one part of an annotation as JSON; None where it says nothing of it.

    Parameters
    ----------
    said : Judgement
        The annotation.
    part : {"labels", "spans"}
        Which part.

    Examples
    --------
    >>> value_of(Judgement(spans=(Span(0, 3, "PERSON"),)), "spans")
    [{'start': 0, 'end': 3, 'label': 'PERSON'}]
    """
    if part == "labels":
        return None if said.labels is None else list(said.labels)
    if said.spans is None:
        return None
    return [{"start": span.start, "end": span.end, "label": span.label} for span in said.spans]


def with_value(said: Judgement, part: str, value: Sequence[Any]) -> Judgement:
    """Return an annotation with one part filled from JSON.

    Examples
    --------
    >>> with_value(Judgement(), "labels", ["BUG"]).labels
    ('BUG',)
    """
    if part == "labels":
        return replace(said, labels=tuple(value))
    spans: Sequence[Mapping[str, Any]] = value
    return replace(said, spans=tuple(Span(span["start"], span["end"], span["label"]) for span in spans))
