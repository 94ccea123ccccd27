"""What a corrector works on: where its cards come from, and where its decisions go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from ..errors import LabError
from .cards import Card
from .decision import Decision, Entry, Undo


class Work(Protocol):
    """The texts of one person, in order, and the keeping of what the person does.

    `write_down` is called on the kernel's own thread and may take no time; `commit` on a second thread, one entry at a
    time, in order; all that reads on a third.
    """

    searchable: bool = False
    """Whether `find` and `claim` are there."""

    @property
    def line(self) -> str:
        """What the reading yields, in a sentence; empty where there is nothing to say."""
        return ""

    @property
    def stop(self) -> str | None:
        """Why this is a good moment to stop, in a sentence, or None."""
        return None

    @property
    def history(self) -> Sequence[int]:
        """The examples that this person decided before, the oldest decision first."""
        return ()

    def remaining(self) -> int:
        """Return how many cards `take` will still give, those that others have just now among them."""
        ...

    def take(self, count: int) -> list[Card]:
        """Return the next cards, which are this person's from now on: at most `count`.

        There are fewer at the end, and where others have what is left.
        """
        ...

    def fetch(self, examples: Sequence[int]) -> list[Card]:
        """Return the cards of texts that are this person's already, in this order, with what was decided on them."""
        ...

    def claim(self, example: int) -> Card:
        """Return the card of a text out of its turn, or raise `LabError` where this person can't have it."""
        raise LabError("Only the texts of this queue can be opened here.", "Go on with this one.")

    def find(self, query: Mapping[str, Any], offset: int) -> tuple[int, list[dict[str, Any]]]:
        """Return how many texts match a query, and a page of them."""
        raise LabError("This queue can't be searched.", "Go on with this one.")

    def bind(self, keys: Mapping[str, str]) -> None:
        """Keep the keys that this person wants."""

    def write_down(self, entry: Entry) -> None:
        """Take note of an entry at once, so that it outlives this process; raises `LabError` where that fails."""

    def strike_out(self, entry: Entry) -> None:
        """Forget an entry that was written down and is not to be committed any more."""

    def commit(self, entry: Entry) -> None:
        """Save an entry, once by its name, and return when it is committed; called again after a failure."""
        ...

    def renew(self) -> Collection[int] | None:
        """Say that the person is still there, and return the texts that are still theirs; None if none can be lost."""
        return None

    def close(self) -> None:
        """Give back what is not decided."""


class Listed(Work):
    """A queue in memory, or anything that is read like a list.

    Parameters
    ----------
    cards : sequence of Card
        The queue. It is asked for its length, and for a few cards ahead of the current one, never for all.
        A card that was handed out must keep its place.
    save : callable
        Gets a `Decision` and returns when it is committed. As it may be called again after a failure, it
        must store a decision once, by its UUID.
    undo : callable
        Gets a `Decision` and takes it back. It must do nothing for one that was never saved.

    Examples
    --------
    >>> card = {"example": 1, "key": "a", "text": "It crashes.", "why": "", "suggestions": []}
    >>> work = Listed([card], print, print)
    >>> [card["key"] for card in work.take(8)], work.remaining()
    (['a'], 0)
    """

    def __init__(
        self, cards: Sequence[Card], save: Callable[[Decision], None], undo: Callable[[Decision], None]
    ) -> None:
        self._cards, self._save, self._undo = cards, save, undo
        self._places: dict[int, int] = {}
        self._decisions: dict[str, Decision] = {}
        self._taken = 0

    def remaining(self) -> int:
        """Return how many cards were not handed out."""
        return len(self._cards) - self._taken

    def take(self, count: int) -> list[Card]:
        """Return the next cards; before one that can't be read there are fewer, and it is raised if it is the first."""
        taken: list[Card] = []
        while len(taken) < min(count, self.remaining() + len(taken)):
            try:
                card = self._cards[self._taken]
            except Exception:
                if not taken:
                    raise
                break
            self._places[card["example"]] = self._taken
            self._taken += 1
            taken.append(card)
        return taken

    def fetch(self, examples: Sequence[int]) -> list[Card]:
        """Return cards that were handed out."""
        return [self._cards[self._places[example]] for example in examples]

    def commit(self, entry: Entry) -> None:
        """Save a decision, or take one back; notes without a decision are kept nowhere."""
        if isinstance(entry, Decision):
            self._decisions[entry.decision] = entry
            self._save(entry)
        elif isinstance(entry, Undo) and entry.decision in self._decisions:
            self._undo(self._decisions[entry.decision])
