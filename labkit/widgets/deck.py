"""The cards of one sitting, by place: those decided before, those handed out, a few of them at hand."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from ..errors import LabError
from ..tasks import Task
from .cards import Card, prepare
from .outbox import reason
from .work import Work

FIRST = 8
"""How many cards are read before the first is shown."""
MORE = 64
"""How many are read at once after that."""
SHARE = 4
"""New cards are taken when this part of those ahead is missing, and not one by one: to find free texts takes time."""
BEHIND = 8
"""How many cards behind the current one are at hand, so that an undo is painted at once."""


class Deck:
    """Reads cards on a thread of its own, so that nobody waits for the database.

    Places are counted from the person's first decision in the project. Of a card that is not at hand only its example
    is remembered. What follows is done under `lock`, all but the reading itself.

    Parameters
    ----------
    work : Work
        Where the cards come from.
    task : Task
        What is asked of each text.
    tell : callable
        Called on the reading thread when something was read or could not be.
    """

    def __init__(self, work: Work, task: Task, tell: Callable[[], None]) -> None:
        self._work, self._task, self._tell = work, task, tell
        self.lock = threading.RLock()
        self._change = threading.Condition(self.lock)
        self._reader = ThreadPoolExecutor(1, "labkit-reader")
        self._wanted = (0, 0)
        self._closed = False
        self._at_hand: dict[int, dict[str, Any]] = {}
        self._left = work.remaining()
        self._examples = array("q", work.history)
        self.first = len(self._examples)
        """The place of the first card that this sitting was handed."""
        self.problem: str | None = None
        """Why the last reading failed, in a sentence, or None."""
        self.held = 0
        """How many texts are left where others have all of them just now."""
        self.reading = False
        """Whether a reading is under way."""

    @property
    def total(self) -> int:
        """How many places there are, those of cards to come among them."""
        return len(self._examples) + self._left

    @property
    def handed(self) -> int:
        """How many places have a card: those decided before, and those handed out."""
        return len(self._examples)

    def place(self, example: int) -> int | None:
        """Return the place of a text, or None where it has none yet."""
        return self._examples.index(example) if example in self._examples else None

    def card(self, place: int) -> dict[str, Any] | None:
        """Return the card at `place` as the browser gets it, if it is at hand."""
        card = self._at_hand.get(self._examples[place]) if 0 <= place < len(self._examples) else None
        return card and {**card, "place": place}

    def change(self, example: int, **fields: Any) -> None:
        """Change what the card of a text says, if it is at hand."""
        if card := self._at_hand.get(example):
            card.update(fields)

    def want(self, head: int, ahead: int) -> None:
        """Have the cards around `head` read, so many from it on, unless they are at hand."""
        with self.lock:
            self._wanted = (head, ahead)
            if not self.reading and any(self._missing()):
                self.reading = not self._closed
                self.run(self._read)

    def wait(self, place: int) -> dict[str, Any]:
        """Return the card at `place` once it is there; a `LabError` where it can't be read."""
        with self.lock:
            if self._closed:
                raise LabError("This card was closed.", "Use the corrector that was opened last, or open one.")
            self.want(place, FIRST)
            self._change.wait_for(lambda: self.card(place) or not self.reading)
            if card := self.card(place):
                return card
            raise LabError(self.problem or "No card is left to decide on.", "Make a new queue, or try again.")

    def run(self, job: Callable[[], None]) -> None:
        """Do something on the reading thread, after what is being read."""
        if not self._closed:
            self._reader.submit(job)

    def look(self, place: int) -> dict[str, Any]:
        """Read the card at a place that was handed out; on the reading thread."""
        with self.lock:
            if card := self.card(place):
                return card
            example = self._examples[place]
        (read,) = self._work.fetch([example])
        return {**prepare(read, self._task), "place": place}

    def bring(self, example: int, head: Callable[[], int]) -> int:
        """Put a text at the head unless it was decided, and return its place; on the reading thread."""
        with self.lock:
            known = example in self._examples
        card = None if known else prepare(self._work.claim(example), self._task)
        with self.lock:
            if known and (place := self._examples.index(example)) < head():
                return place
            if known:
                self._examples.remove(example)
            self._examples.insert(head(), example)
            if card:
                self._at_hand[example] = card
            self._left = self._work.remaining()
            return head()

    def drop(self, kept: Collection[int], head: int) -> bool:
        """Take out the cards from `head` on that others have got meanwhile, and say whether there were any."""
        gone = [example for example in self._examples[head:] if example not in kept]
        for example in gone:
            self._examples.remove(example)
            self._at_hand.pop(example, None)
        self._left = self._work.remaining()
        return bool(gone)

    def close(self) -> None:
        """Read no more, and give back what is not decided."""
        with self.lock:
            closed, self._closed = self._closed, True
        if not closed:
            self._reader.shutdown()
            with suppress(Exception):  # leases end by themselves, also where Python itself is ending
                self._work.close()

    def _missing(self) -> tuple[list[int], int]:
        """Return the examples to read again, the current one's first, and how many cards to take."""
        head, ahead = self._wanted
        places = [*range(head, min(len(self._examples), head + ahead)), *range(max(0, head - BEHIND), head)]
        again = [self._examples[place] for place in places if self._examples[place] not in self._at_hand]
        more = max(0, min(head + ahead - len(self._examples), self._left))
        return again, more if SHARE * more >= min(ahead, self._left) else 0

    def _read(self) -> None:
        """Read until nothing is missing, a few cards first."""
        count, going = FIRST, True
        while going:
            try:
                with self.lock:
                    again, more = self._missing()
                read = self._work.fetch(again[:count]) if again else []
                taken = self._work.take(min(more, count)) if more else []
                going, problem = bool(read or taken), None
                cards = [prepare(card, self._task) for card in [*read, *taken]]
            except Exception as error:  # whatever the queue raises, the card says it and the sitting goes on
                going, problem, cards, taken = False, reason(error, "Reading"), [], []
            count = MORE
            with self.lock:
                self._take_in(cards, taken, problem)
                self.reading = going = going and any(self._missing())
                self._change.notify_all()
                self._tell()

    def _take_in(self, cards: list[dict[str, Any]], taken: list[Card], problem: str | None) -> None:
        """Add cards that were read, those taken behind the others, and forget those far from the current one."""
        self._at_hand.update({card["example"]: card for card in cards})
        self._examples.extend(card["example"] for card in taken)
        self._left = self._work.remaining()
        head, ahead = self._wanted
        self.held = self._left if head >= len(self._examples) and not problem else 0
        elsewhere = f"What is left, {self.held:,} in all, is with other people just now."
        self.problem = elsewhere if self.held else problem
        if len(self._at_hand) > 2 * (ahead + MORE):
            near = set(self._examples[max(0, head - MORE) : head + ahead])
            self._at_hand = {example: card for example, card in self._at_hand.items() if example in near}
