"""Finds texts of a project for a person who decides on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import LabError
from ..tasks import Outcome
from .desk import Desk

OWN = {
    "accept": [Outcome.PARSED, Outcome.NONE],
    "reject": [Outcome.REJECTED],
    "ignore": [Outcome.IGNORED],
}
"""What a person may ask of the own decisions, beside "undecided"."""
CUT = 200
"""How much of a text a row shows, in characters."""


class Search:
    """Searches what one person may see.

    Parameters
    ----------
    desk : Desk
        The project.
    annotator : int
        The person's number in it.
    name : str
        The person's name as an annotator.
    kinds : sequence of str
        The kinds of annotator whose word the person sees.
    """

    def __init__(self, desk: Desk, annotator: int, name: str, kinds: Sequence[str]) -> None:
        self._desk, self._annotator, self._name, self._kinds = desk, annotator, name, kinds

    def find(self, query: Mapping[str, Any], offset: int) -> tuple[int, list[dict[str, Any]]]:
        """Return how many texts match, and a page of them.

        Parameters
        ----------
        query : mapping
            Any of `text`, `label`, `annotator`, `outcome`, `disagreement` and `flagged`; all must hold. An outcome of
            "accept", "reject", "ignore" or "undecided" is the person's own unless an annotator is named.
        offset : int
            How many texts to pass over.

        Returns
        -------
        (int, list of dict)
            The number, and for each text `example`, `key`, `text` (cut), `words` (who says what) and `flagged`.

        Raises
        ------
        LabError
            If the label is not one of the task's.
        """
        desk, label = self._desk, str(query.get("label") or "")
        if label and label not in desk.task.labels:
            raise LabError(f"The label {label!r} is not in this project.", f"Use: {', '.join(desk.task.labels)}.")
        outcome, said_by = str(query.get("outcome") or ""), str(query.get("annotator") or "")
        if outcome in OWN or outcome == "undecided":
            said_by = said_by or self._name
        total, found = desk.store.cards.find(
            desk.number,
            self._annotator,
            self._kinds,
            text=str(query.get("text") or "").replace("\0", ""),
            holding=desk.task.holding(label) if label else None,
            said_by=said_by or None,
            outcomes=OWN.get(outcome, [outcome]) if outcome else None,
            disagreement=bool(query.get("disagreement")),
            flagged=bool(query.get("flagged")),
            offset=offset,
        )
        rows = desk.store.cards.read(desk.number, self._annotator, found, self._kinds)
        return total, [self._row(row) for row in rows]

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a list of texts shows of one."""
        own = [{**row["own"], "name": self._name}] if row["own"] else []
        return {
            "example": row["example"],
            "key": row["key"],
            "text": " ".join(row["text"][: 2 * CUT].split())[:CUT],
            "words": "; ".join(f"{said['name']}: {self._words(said)}" for said in [*own, *row["said"]]),
            "flagged": row["flagged"],
        }

    def _words(self, said: Mapping[str, Any]) -> str:
        """Write what somebody said; where that is no value, what became of it."""
        return str(said["outcome"]) if said["value"] is None else self._desk.task.key(said["value"])
