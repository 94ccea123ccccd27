"""Hands the texts of a queue to one person, and keeps what the person decides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

from ..errors import LabError
from ..review.blind import DRAWN, IN_TURN, SHOWN, SOUGHT, shown_as, source_of
from ..review.live import Order, Pick
from ..store import Journal, Overlap
from ..widgets import Card, Decision, Entry, Suggestion, Undo, Work
from .desk import Desk
from .entries import decision_of, row_of
from .journals import carry_out, folder
from .searching import Search

WINDOW, WIDEST = 16, 1024
"""How many texts are asked for at once beyond those needed, and how many at most where others hold the first ones."""


@dataclass(frozen=True)
class Role:
    """As what a person decides.

    Parameters
    ----------
    annotator : int
        The person's number in the project, in this role.
    name : str
        The person's name in this role.
    source : str
        What is noted of a decision as where it came from.
    kinds : sequence of str
        The kinds of annotator whose word the person sees.
    overlap : Overlap
        How many people decide on a text.
    """

    annotator: int
    name: str
    source: str
    kinds: Sequence[str]
    overlap: Overlap


class Hand(Work):
    """The texts of a queue, leased a few at a time to one person.

    Parameters
    ----------
    desk : Desk
        The project.
    order : Order
        Which text comes next; asked again as the person goes on.
    examples : iterable of int
        All texts of the order.
    role : Role
        As what the person decides.
    differing : iterable of int
        Those of them to which annotators gave different values.
    goal : callable, optional
        How far it is to what the texts are read for; see `labkit.review.Queue`.
    """

    searchable = True

    def __init__(
        self,
        desk: Desk,
        order: Order,
        examples: Iterable[int],
        role: Role,
        differing: Iterable[int] = (),
        goal: Callable[[], tuple[str, str | None]] | None = None,
    ) -> None:
        self._desk, self._order, self._role = desk, order, role
        self._differing = frozenset(map(int, differing))
        self._holder = uuid4()
        self._leases = desk.store.decisions.leases(role.annotator, self._holder, role.overlap)
        self._lock = threading.Lock()
        self._examples = frozenset(map(int, examples))
        known = desk.store.decisions.history(role.annotator)
        self._history = [example for example, _ in known]
        for example, value in known:
            if example in self._examples:
                order.note(example, value)
        self._held: set[int] = set()
        self._decided: set[int] = set()
        self._open: set[int] = set()
        self._settled: set[int] = set()
        self._look_again()
        self._picks: dict[int, Pick] = {}
        self._sought: set[int] = set()
        self._sources: dict[int, str] = {}
        self._owed: list[int] = []
        self._journal = Journal(folder(desk), self._holder)
        self._search = Search(desk, role.annotator, role.name, role.kinds)
        self._goal, self._reached = goal, goal() if goal else ("", None)

    @property
    def history(self) -> Sequence[int]:
        """The texts that this person decided before, the oldest decision first."""
        return self._history

    @property
    def line(self) -> str:
        """How far it is to what the texts are read for, or else what the order says of itself."""
        with self._lock:
            return self._reached[0] or self._order.line

    @property
    def stop(self) -> str | None:
        """That what the texts are read for is reached; or that what is left is agreed on: a sample of it tells more."""
        if self._goal:
            return self._reached[1]
        with self._lock:
            left = len(self._open) + len(self._held)
            agreed = left and len(self._settled) == len(self._differing) > 0
        if not agreed:
            return None
        return (
            f"All texts on which annotators differ are decided. They agree on the {left:,}"
            " that are left: lab.accept() takes those over, and lab.certify() says how many to check."
        )

    def remaining(self) -> int:
        """Return how many texts of the queue this person has not had, and others have not decided as often as asked."""
        return len(self._open) + len(self._owed)

    def take(self, count: int) -> list[Card]:
        """Lease the next texts, and read their cards."""
        tried: set[int] = set()
        window = count + WINDOW
        while len(self._owed) < count and (picks := self._next(tried, window)):
            window = min(2 * window, WIDEST)
            wanted = [pick.example for pick in picks]
            taken = self._leases.take(wanted, count - len(self._owed))
            with self._lock:
                self._open.difference_update(taken.closed, taken.leased)
                self._held.update(taken.leased)
                self._settle(taken.closed)
                self._owed += taken.leased
                self._picks.update({pick.example: pick for pick in picks if pick.example in self._held})
            tried.update(wanted)
        if not self._owed and self._open:
            self._look_again()  # what others took back is open again
        cards = self.fetch(self._owed[:count])
        del self._owed[:count]
        return cards

    def fetch(self, examples: Sequence[int]) -> list[Card]:
        """Read the cards of texts that were handed out."""
        desk, role = self._desk, self._role
        return [self._card(row) for row in desk.store.cards.read(desk.number, role.annotator, examples, role.kinds)]

    def claim(self, example: int) -> Card:
        """Lease a text out of its turn."""
        taken = self._leases.take([example], 1)
        if not taken.leased:
            why = "decided by as many people as asked" if taken.closed else "with somebody else just now"
            raise LabError(f"That text is {why}.", "Go on with this one.")
        with self._lock:
            self._open.discard(example)
            self._held.add(example)
            self._settled.discard(example)
            self._picks[example] = Pick(example, "You asked for it")
            self._sought.add(example)
        return self.fetch([example])[0]

    def find(self, query: Mapping[str, Any], offset: int) -> tuple[int, list[dict[str, Any]]]:
        """Search all texts of the project, with what this person may see of them."""
        return self._search.find(query, offset)

    def bind(self, keys: Mapping[str, str]) -> None:
        """Keep the person's keys, for every project."""
        self._desk.store.decisions.bind(self._desk.person, keys)

    def write_down(self, entry: Entry) -> None:
        """Tell the order, and put the entry on this machine's disk."""
        with self._lock:
            if isinstance(entry, Decision):
                self._order.note(entry.example, entry.value)
                self._held.discard(entry.example)
                self._decided.add(entry.example)
                self._settle([entry.example])
            elif isinstance(entry, Undo):
                self._order.forget(entry.example)
                self._held.add(entry.example)
                self._decided.discard(entry.example)
                self._settled.discard(entry.example)
        self._journal.put(entry.name, self._row(entry))

    def strike_out(self, entry: Entry) -> None:
        """Take the entry off the disk."""
        self._journal.done(entry.name)

    def commit(self, entry: Entry) -> None:
        """Save the entry, and take it off the disk."""
        carry_out(self._desk.store, self._row(entry), self._holder)
        self._journal.done(entry.name)
        if self._goal:
            with suppress(LabError):  # what was committed is; the store may be gone again by now
                self._reached = self._goal()

    def renew(self) -> set[int]:
        """Keep the leases, and return the texts that are still this person's to decide."""
        kept = self._leases.renew()
        with self._lock:
            self._settle(self._held - kept)
            self._held &= kept
        return kept

    def close(self) -> None:
        """Give back what is not decided. What is not committed stays in the journal.

        Without an answer of the store the journal stays in any case: whoever takes it up gives back the texts.
        """
        given_back = False
        try:
            self._leases.release()
            given_back = True
        finally:
            self._journal.close(keep=not given_back)

    def _look_again(self) -> None:
        """Find the texts of the queue that this person may still get, or that others have just now."""
        closed = self._leases.closed()
        with self._lock:
            self._open = set(self._examples.difference(closed, self._held, self._decided))
            self._settled = set(self._differing.difference(self._open, self._held))

    def _settle(self, examples: Iterable[int]) -> None:
        """Note that the person gets these no more, so that no decision has to look at all texts; the lock is held."""
        self._settled.update(self._differing.intersection(examples))

    def _next(self, tried: set[int], count: int) -> list[Pick]:
        """Ask the order for the next texts that may be free and were not tried just now."""
        with self._lock:
            new = (pick for pick in self._order.ranked(self._open) if pick.example not in tried)
            return list(islice(new, count))

    def _row(self, entry: Entry) -> dict[str, Any]:
        """Return what is kept of an entry."""
        pick, source = self._picks.get(entry.example), self._role.source
        if source == SHOWN and pick is None:
            source = self._sources.get(entry.example, source)  # a later word on a blind decision is no less blind
        elif source == SHOWN and pick is not None:
            source = SOUGHT if entry.example in self._sought else source_of(pick)
        return row_of(entry, self._role.annotator, source)

    def _card(self, row: Mapping[str, Any]) -> Card:
        """Return what a text's card shows: no suggestion where it is, or was decided, blind."""
        example, own = row["example"], row["own"]
        if own and own["source"].startswith(SHOWN):
            self._sources[example] = own["source"]
        unseen = own is not None and shown_as(own["source"])[0] in (DRAWN, IN_TURN)
        pick = self._picks.get(example) or Pick(example, "", unseen)
        return {
            "example": example,
            "key": row["key"],
            "text": row["text"],
            "why": pick.why,
            "blind": pick.blind,
            "suggestions": [self._suggestion(said) for said in row["said"]],
            "meta": row["meta"],
            "note": row["note"],
            "flagged": row["flagged"],
            "decided": decision_of(row),
        }

    def _suggestion(self, said: Mapping[str, Any]) -> Suggestion:
        """Return what an annotator says, and how sure it is by its scores."""
        value, scores = said["value"], said["scores"]
        sure = self._desk.task.confidence(value, scores) if scores and value is not None else None
        return {
            "annotator": said["name"],
            "value": value,
            "confidence": sure,
            "kind": said["kind"],
            "note": said["note"],
        }
