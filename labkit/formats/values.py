"""The parts of an annotation that a project may ask for, as plain JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .record import Judgement, Relation, Span

TELLS = {"labels": ("labels",), "spans": ("spans",), "relations": ("spans", "relations")}
"""What of an annotation each part takes up."""


def value_of(said: Judgement, part: str) -> Any | None:
    """Return one part of an annotation as JSON; None where it says nothing of it.

    Parameters
    ----------
    said : Judgement
        The annotation.
    part : {"labels", "spans", "relations"}
        Which part; relations come with the spans that they stand between.

    Examples
    --------
    >>> value_of(Judgement(spans=(Span(0, 3, "PERSON"),)), "spans")
    [{'start': 0, 'end': 3, 'label': 'PERSON'}]
    """
    if part == "labels":
        return None if said.labels is None else list(said.labels)
    if said.spans is None or (part == "relations" and said.relations is None):
        return None
    spans = [{"start": span.start, "end": span.end, "label": span.label} for span in said.spans]
    if part == "spans":
        return spans
    ends = (_between(spans, each) for each in said.relations or ())
    return [*spans, *ends]


def parts_of(value: Sequence[Any], part: str) -> dict[str, Any]:
    """Return what `Judgement` takes to say one part, given as JSON.

    Examples
    --------
    >>> parts_of(["BUG"], "labels")
    {'labels': ('BUG',)}
    """
    if part == "labels":
        return {"labels": tuple(value)}
    items: Sequence[Mapping[str, Any]] = value
    spans = [item for item in items if "head" not in item]
    marked = tuple([Span(span["start"], span["end"], span["label"]) for span in spans])
    if part == "spans":
        return {"spans": marked}
    links = (item for item in items if "head" in item)
    found = (Relation(spans.index(each["head"]), spans.index(each["tail"]), each["label"]) for each in links)
    return {"spans": marked, "relations": tuple(found)}


def _between(spans: Sequence[Any], relation: Relation) -> dict[str, Any]:
    """Return a relation with its spans in place of their numbers."""
    return {"head": spans[relation.head], "tail": spans[relation.tail], "label": relation.label}
