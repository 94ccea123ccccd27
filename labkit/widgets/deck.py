"""Reads the queue, a few cards ahead of the person."""

from __future__ import annotations

from typing import Any

from ..tasks import Task
from .cards import Cards, prepare
from .outbox import reason


class Deck:
    """The queue as far as it was handed out; of a card that was, only its example is remembered.

    Parameters
    ----------
    cards : sequence of Card
        The queue.
    task : Task
        What is asked of each text.
    """

    def __init__(self, cards: Cards, task: Task) -> None:
        self._cards, self._task = cards, task
        self._handed: list[int] = []
        self.total = len(cards)
        """How long the queue was when it was last asked."""
        self.problem: str | None = None
        """Why the last reading failed, in a sentence, or None."""

    def holds(self, place: int, example: object) -> bool:
        """Return whether the card that was handed out at `place` is of this example."""
        return place < len(self._handed) and self._handed[place] == example

    def read(self, first: int, last: int) -> list[dict[str, Any]]:
        """Return the cards from `first` to before `last`, for the browser.

        There are fewer at the end of the queue, and before a card that can't be read: `problem` says why.
        `first` is at most the number of cards that were handed out.
        """
        cards: list[dict[str, Any]] = []
        self.problem = None
        try:
            self.total = len(self._cards)
            cards.extend(self.hand_out(place) for place in range(first, min(last, self.total)))
        except Exception as error:  # whatever the queue raises, the card says it and the session goes on
            self.problem = reason(error, "Reading")
        return cards

    def hand_out(self, place: int) -> dict[str, Any]:
        """Return the card at `place` for the browser, and remember its example; what reading raises passes."""
        card = prepare(self._cards[place], place, self._task)
        if place == len(self._handed):
            self._handed.append(card["example"])
        return card
