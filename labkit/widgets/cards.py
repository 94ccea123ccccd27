"""What a card holds, and what of it goes to the browser."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypedDict

from ..errors import LabError
from ..tasks import Task


class Suggestion(TypedDict):
    """What one annotator says: its name, the value (None where it gave none), and 0 to 1 or None."""

    annotator: str
    value: Any
    confidence: float | None


class Card(TypedDict):
    """One text to decide on: `why` says why it is shown, `key` is the user's own id of it."""

    example: int
    key: str
    text: str
    why: str
    suggestions: Sequence[Suggestion]


class Cards(Protocol):
    """The queue: read a card at a time, when it is needed.

    A card that was handed out keeps its place; those behind it may be reordered. The length may grow.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> Card: ...


def preselected(task: Task, suggestions: Sequence[Suggestion]) -> Any:
    """Return the first value that an annotator gave, or the task's empty value where it can't be used."""
    for suggestion in suggestions:
        if suggestion["value"] is not None:
            try:
                return task.check(suggestion["value"])
            except LabError:
                break
    return task.check(None)


def contested(suggestions: Sequence[Suggestion]) -> list[str]:
    """Return the labels that some annotators give and others don't, in the order in which they are met."""
    given = [suggestion["value"] for suggestion in suggestions if suggestion["value"] is not None]
    labels = dict.fromkeys(label for value in given for label in value)
    return [label for label in labels if any(label not in value for value in given)]


def prepare(card: Card, place: int, task: Task) -> dict[str, Any]:
    """Return what the browser gets of `card`: its fields as plain JSON, its place, and what to preselect."""
    suggestions = [_suggestion(suggestion) for suggestion in card["suggestions"]]
    return {
        "place": place,
        "example": int(card["example"]),
        "key": _text(card["key"]),
        "text": _text(card["text"]),
        "why": _text(card["why"]),
        "suggestions": suggestions,
        "selected": preselected(task, suggestions),
        "contested": contested(suggestions),
    }


def _suggestion(raw: Mapping[str, Any]) -> Suggestion:
    """Return a suggestion as plain JSON, which has no NaN."""
    confidence, value = raw["confidence"], raw["value"]
    known = confidence is not None and math.isfinite(confidence)
    return {
        "annotator": _text(raw["annotator"]),
        "value": None if value is None else [_text(label) for label in value],
        "confidence": float(confidence) if known else None,
    }


def _text(raw: object) -> str:
    """Return `raw` as text that UTF-8 can carry: half a surrogate pair would stop the whole message."""
    return str(raw).encode("utf-8", "replace").decode("utf-8")
