"""What a card holds, and what of it goes to the browser."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from ..errors import LabError
from ..tasks import Task
from .decision import Decision


class Suggestion(TypedDict):
    """What one annotator says: its name, the value (None where it gave none), and 0 to 1 or None.

    `kind` is the annotator's, `note` what a person wrote: both are for adjudication, and may be left out.
    """

    annotator: str
    value: Any
    confidence: float | None
    kind: NotRequired[str]
    note: NotRequired[str]


class Card(TypedDict):
    """One text to decide on: `why` says why it is shown, `key` is the user's own id of it.

    A `blind` card shows no suggestion, whatever it holds. `meta` is what else the texts' file said of it, `note` and
    `flagged` what this person did before, `decided` this person's decision if there is one.
    """

    example: int
    key: str
    text: str
    why: str
    suggestions: Sequence[Suggestion]
    blind: NotRequired[bool]
    meta: NotRequired[Mapping[str, Any]]
    note: NotRequired[str]
    flagged: NotRequired[bool]
    decided: NotRequired[Decision | None]


def preselected(task: Task, suggestions: Sequence[Suggestion], text: str) -> Any:
    """Return the first value that an annotator gave, or the task's empty value where it can't be used."""
    for suggestion in suggestions:
        if suggestion["value"] is not None:
            try:
                return task.fit(suggestion["value"], text)
            except LabError:
                break
    return task.check(None)


def contested(task: Task, suggestions: Sequence[Suggestion]) -> list[Any]:
    """Return the parts of values that some annotators give and others don't."""
    given = {each["annotator"]: each["value"] for each in suggestions if each["value"] is not None}
    return task.contested(given)


def prepare(card: Card, task: Task) -> dict[str, Any]:
    """Return what the browser gets of `card`: its fields as plain JSON, and what to preselect. Its place is missing."""
    text, blind = plain(card["text"]), card.get("blind", False)
    suggestions = [] if blind else [_suggestion(suggestion) for suggestion in card["suggestions"]]
    prepared = {
        "example": int(card["example"]),
        "key": plain(card["key"]),
        "text": text,
        "why": plain(card["why"]),
        "blind": blind,
        "suggestions": suggestions,
        "selected": preselected(task, suggestions, text),
        "contested": contested(task, suggestions),
        "note": plain(card.get("note", "")),
        "flagged": bool(card.get("flagged", False)),
        "meta": plain(card.get("meta", {})),
        "decided": decided(card.get("decided")),
    }
    tokens = task.tokens(text)
    return prepared if tokens is None else {**prepared, "tokens": tokens}


def decided(decision: Decision | None) -> dict[str, Any] | None:
    """Return what the browser gets of a decision."""
    if decision is None:
        return None
    return {
        "decision": decision.decision,
        "answer": str(decision.answer),
        "value": plain(decision.value),
        "note": plain(decision.note),
        "flagged": decision.flagged,
    }


def _suggestion(raw: Suggestion) -> Suggestion:
    """Return a suggestion as plain JSON."""
    return {
        "annotator": plain(raw["annotator"]),
        "value": plain(raw["value"]),
        "confidence": plain(raw["confidence"]),
        "kind": plain(raw.get("kind", "")),
        "note": plain(raw.get("note", "")),
    }


def plain(raw: Any) -> Any:
    r"""Return `raw` as JSON that a message can carry: no NaN, no half of a surrogate pair, no object of Python's.

    Examples
    --------
    >>> plain({"a\ud800": [1, float("nan"), None, {2}]})
    {'a?': [1, None, None, '{2}']}
    """
    if raw is None or isinstance(raw, bool | int):
        return raw
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, Mapping):
        return {plain(str(name)): plain(value) for name, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [plain(each) for each in raw]
    return str(raw).encode("utf-8", "replace").decode("utf-8")
