"""Hands the queue to the corrector, and keeps what a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from ..errors import LabError
from ..review import Queue
from ..store import Annotation
from ..tasks import Outcome
from ..widgets import Answer, Card, Corrector, Decision
from .desk import REFERENCE, Desk

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = {Answer.REJECT: Outcome.REJECTED, Answer.IGNORE: Outcome.IGNORED}


class QueueCards:
    """The cards of a queue, each read from the store when it is asked for.

    Parameters
    ----------
    desk : Desk
        The project.
    queue : DataFrame
        The rows of a `Queue`: `example` and `why`.
    """

    def __init__(self, desk: Desk, queue: pd.DataFrame) -> None:
        self._desk, self._queue = desk, queue

    def __len__(self) -> int:
        return len(self._queue)

    def __getitem__(self, place: int) -> Card:
        row, desk = self._queue.iloc[place], self._desk
        example = int(row.example)
        text = desk.store.examples.frame(desk.number, among=[example]).iloc[0]
        said = desk.store.annotations.latest(desk.number, among=[example])
        return {
            "example": example,
            "key": text.key,
            "text": text.text,
            "why": row.why,
            "suggestions": [
                {
                    "annotator": name,
                    "value": value,
                    "confidence": desk.task.confidence(value, scores) if scores else None,
                }
                for name, kind, value, scores in zip(said.annotator, said.kind, said.value, said.scores, strict=True)
                if kind not in ("person", REFERENCE)
            ],
        }


def corrector(desk: Desk, queue: Queue) -> Corrector:
    """Return the widget over those texts of the queue that this person has not decided yet."""
    if not desk.task.whole_text:
        raise LabError(
            f"The corrector does not show {desk.task.kind} yet.",
            f"Write decisions into a file, and load them: lab.load_labels('decisions.jsonl', {desk.person!r}).",
        )
    annotator = desk.store.annotations.annotator(desk.number, desk.person, "person", "")

    def keep(decision: Decision, outcome: Outcome, said: str) -> None:
        row = Annotation(
            decision.example,
            outcome,
            desk.task.check(decision.value) if outcome.has_value else None,
            seconds=decision.seconds,
            source="corrector",
            decision=said,
        )
        desk.store.annotations.add(annotator, [row])

    def save(decision: Decision) -> None:
        read = Outcome.PARSED if decision.value else Outcome.NONE
        keep(decision, OUTCOMES.get(decision.answer, read), decision.decision)

    def undo(decision: Decision) -> None:
        # Named after the decision, so that undoing it twice is undoing it once.
        keep(decision, Outcome.UNDONE, str(uuid5(NAMESPACE_URL, decision.decision)))

    decided = desk.store.annotations.latest(desk.number, [desk.person]).example
    left = queue.frame[~queue.frame.example.isin(decided)]
    return Corrector(QueueCards(desk, left), desk.task, save, undo, person=desk.person, title=desk.name)
