"""What a person did at the corrector, as rows of the store, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..tasks import Outcome
from ..widgets import Answer, Decision, Entry, Mark

OUTCOMES = {Answer.REJECT: Outcome.REJECTED, Answer.IGNORE: Outcome.IGNORED}
ANSWERS = {str(outcome): answer for answer, outcome in OUTCOMES.items()}


def row_of(entry: Entry, annotator: int, source: str) -> dict[str, Any]:
    """Return what an entry of an annotator says, as JSON.

    An undo is named after its decision where that has a name, so that undoing it twice is undoing it once.
    """
    row: dict[str, Any] = {"annotator": annotator, "example": entry.example, "source": source}
    if isinstance(entry, Mark):
        return {**row, "mark": entry.name, "note": entry.note, "flagged": entry.flagged}
    if isinstance(entry, Decision):
        outcome = OUTCOMES.get(entry.answer, Outcome.PARSED if entry.value else Outcome.NONE)
        said = {"value": entry.value if outcome.has_value else None, "seconds": entry.seconds}
        return {
            **row,
            **said,
            "outcome": outcome,
            "decision": entry.decision,
            "note": entry.note,
            "flagged": entry.flagged,
        }
    name = str(uuid5(NAMESPACE_URL, entry.decision)) if entry.decision else entry.name
    return {**row, "outcome": Outcome.UNDONE, "decision": name}


def decision_of(row: Mapping[str, Any]) -> Decision | None:
    """Return the decision of the person that stands on a text, as `Store.cards` reads it; None without one."""
    own = row["own"]
    if own is None:
        return None
    answer, seconds = ANSWERS.get(own["outcome"], Answer.ACCEPT), own["seconds"] or 0.0
    return Decision(own["decision"] or "", row["example"], own["value"], answer, seconds, row["note"], row["flagged"])
