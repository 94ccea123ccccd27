"""One sitting of a person at a queue: which card is current, and what becomes of what the person does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ..errors import LabError
from ..tasks import Task
from .cards import decided
from .decision import Answer, Decision, Entry, Mark, Undo
from .deck import Deck
from .rhythm import Rhythm
from .session import Session
from .work import Work

AHEAD = 8
"""How many cards are at hand at least, the current one among them."""
MOST_AHEAD = 400
QUIET = 240.0
"""After so many seconds without a sign of life others may soon get the cards that are open here: leases end."""
AHEAD_SECONDS = 30.0
"""For how long the cards at hand last at the person's pace, so that an outage of the database shows no gap."""


@dataclass(frozen=True)
class News:
    """What is new, for those who show a sitting.

    Parameters
    ----------
    settled, refused : sequence of str
        The names of entries that are committed, and of what could not be taken on.
    notice : str or None
        Why, in a sentence.
    moved : bool
        Whether the cards from the current one on stand at other places now.
    """

    settled: Sequence[str] = ()
    refused: Sequence[str] = ()
    notice: str | None = None
    moved: bool = False


class Sitting:
    """Takes what a person does in order, and knows the current card.

    Everything is done under `lock`, which those who listen are called under too, on several threads.

    Parameters
    ----------
    work : Work
        Where cards come from and decisions go.
    task : Task
        What is asked of each text.
    """

    def __init__(self, work: Work, task: Task) -> None:
        self.work, self.task = work, task
        self.listeners: list[Callable[[News], None]] = []
        """Who gets a `News` after every change."""
        self.deck = Deck(work, task, lambda: self.tell(News()))
        self.lock = self.deck.lock
        self.session = Session(work, self._attempted)
        self.rhythm = Rhythm()
        self._made: list[tuple[Decision, bool, bool]] = []
        self._before = self.deck.first
        self._shown = self._changed = 0
        self._alive = time.monotonic()

    def tell(self, news: News) -> None:
        """Tell all who listen."""
        for listener in self.listeners:
            listener(news)

    @property
    def head(self) -> int:
        """The place of the current card: how many decisions stand."""
        return self._before + len(self._made)

    @property
    def ahead(self) -> int:
        """How many cards should be at hand, the current one among them."""
        return self.rhythm.ahead(AHEAD_SECONDS, AHEAD, MOST_AHEAD)

    @property
    def left(self) -> int:
        """How many texts have no decision."""
        return self.deck.total - self.head

    @property
    def unsaved(self) -> list[Decision]:
        """The decisions of this sitting that stand and are not committed, oldest first."""
        waiting = set(self.session.waiting)
        return [decision for decision, *_ in self._made if decision.decision in waiting]

    def progress(self) -> dict[str, Any]:
        """Say how far the person is: counts, decisions a minute, and the minutes that the rest takes at that pace.

        What is done are all the person's decisions in the project. What is shown and changed are those of this
        `sitting`; `labkit.Lab.people` counts the changes of all.
        """
        rate, left = self.rhythm.rate, self.left
        return {
            "done": self.head,
            "left": left,
            "sitting": len(self._made),
            "shown": self._shown,
            "changed": self._changed,
            "rate": rate,
            "minutes_left": left / rate if rate else None,
            "line": self.work.line,
            "stop": self.work.stop,
        }

    def want(self) -> None:
        """Have the cards around the current one read."""
        self.deck.want(self.head, self.ahead)

    def decide(self, decision: Decision) -> None:
        """Take a decision on the current card on, and go on to the next."""
        card = self.deck.card(self.head) or {}
        shown = any(each["value"] is not None for each in card.get("suggestions", ()))
        wrong = decision.answer == Answer.REJECT or decision.value != card.get("selected")
        self.rhythm.note()
        changed = shown and decision.answer != Answer.IGNORE and wrong
        self._made.append((decision, shown, changed))
        self._shown += shown
        self._changed += changed
        self.deck.change(decision.example, **_told(decision))
        self._enter(decision)

    def undo(self, name: str) -> Decision:
        """Take the last decision back, show its card again, and return the decision.

        One that can't be saved is no longer tried, and so no longer in the way. Before the first decision of this
        sitting come those of earlier ones.
        """
        if not self.head:
            raise LabError("There is no decision to undo.", "Decide on a card first.")
        if self._made:
            decision, shown, changed = self._made.pop()
            self._shown -= shown
            self._changed -= changed
            self.session.withdraw(decision)
        else:
            decision = self._earlier(self._before - 1)
            self._before -= 1
        self.deck.change(decision.example, decided=None)
        self._enter(Undo(name, decision.example, decision.decision or None))
        return decision

    def revise(self, place: int, decision: Decision) -> dict[str, Any]:
        """Take a later decision on a card behind the current one on, and return what its card says then."""
        if place >= self._before:
            _, shown, changed = self._made[place - self._before]
            self._made[place - self._before] = (decision, shown, changed)
        self.deck.change(decision.example, **_told(decision))
        self._enter(decision)
        return _told(decision)

    def mark(self, mark: Mark) -> None:
        """Take a note and a flag on."""
        self.deck.change(mark.example, note=mark.note, flagged=mark.flagged)
        self._enter(mark)

    def make(self, name: str, card: Mapping[str, Any], said: Mapping[str, Any]) -> Decision:
        """Make a decision whose value is checked; only "accept" has one, and None accepts what is preselected."""
        answer, value = said.get("answer", Answer.ACCEPT), said.get("value")
        if answer not in list(Answer):
            raise LabError(f"The answer {answer!r} is not known.", f"Use one of: {', '.join(Answer)}.")
        labels = card["selected"] if value is None else value
        checked = self.task.fit(labels, card["text"]) if answer == Answer.ACCEPT else None
        note, flagged = said.get("note"), said.get("flagged")
        return Decision(
            name or str(uuid4()),
            card["example"],
            checked,
            Answer(answer),
            max(0.0, float(said.get("seconds") or 0.0)),
            card["note"] if note is None else str(note),
            card["flagged"] if flagged is None else bool(flagged),
        )

    def renew(self) -> None:
        """Say that the person is still there; tells if others have got a card meanwhile. On the reading thread."""
        if self.session.waiting:
            return  # the texts of what waits are this person's, whatever the leases say
        kept = self.work.renew()
        self._alive = time.monotonic()
        if kept is not None:
            with self.lock:
                if self.deck.drop(kept, self.head):
                    self.want()
                    self.tell(News(notice="Others went on with texts that were open here for long.", moved=True))

    @property
    def quiet(self) -> bool:
        """Whether nothing was heard of the person for so long that others may have got the current card."""
        return time.monotonic() - self._alive > QUIET and not self.session.waiting

    def stir(self) -> None:
        """Say that the person is there again after long, where nothing is in the way of it; on the reading thread."""
        if self.quiet:
            with suppress(Exception):  # without an answer a decision is kept all the same
                self.renew()

    def close(self) -> None:
        """Give back the cards that are not decided; what waits to be saved is still tried."""
        self.deck.close()

    def _earlier(self, place: int) -> Decision:
        """Return the decision of an earlier sitting at a place, which must be at hand: reading takes time."""
        card = self.deck.card(place)
        if card is None:
            self.want()
            raise LabError("The text before this one is not here yet.", "Try again in a moment.")
        before = card["decided"] or {"decision": "", "answer": Answer.IGNORE, "value": None}
        return Decision(before["decision"] or "", card["example"], before["value"], Answer(before["answer"]), 0.0)

    def _enter(self, entry: Entry) -> None:
        """Have an entry saved, and say where things stand."""
        self.session.enter(entry)
        self.want()
        self.tell(News(settled=[name for name in [entry.name] if name not in self.session.waiting]))

    def _attempted(self, name: str | None) -> None:
        """Tell what became of an attempt to save."""
        with self.lock:
            self.tell(News(settled=[name] if name else []))


def _told(decision: Decision) -> dict[str, Any]:
    """Return what a card says of the decision on it."""
    return {"decided": decided(decision), "note": decision.note, "flagged": decision.flagged}
