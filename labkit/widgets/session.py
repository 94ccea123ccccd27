"""What one person decided, in order, and whether it is saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..errors import LabError
from .decision import Decision
from .outbox import Errand, Outbox


class Session:
    """Decisions in order, each of which is saved and can be undone, the last one first.

    Parameters
    ----------
    save, undo : callable
        As for `Corrector`.
    tell : callable
        As for `Outbox`: gets the name of what was carried out, or None after a failed attempt.
    """

    def __init__(
        self, save: Callable[[Decision], None], undo: Callable[[Decision], None], tell: Callable[[str | None], None]
    ) -> None:
        self._save, self._undo = save, undo
        self._outbox = Outbox(tell)
        self._seen: set[str] = set()
        self.history: list[Decision] = []
        """The decisions that stand, oldest first."""

    @property
    def waiting(self) -> list[str]:
        """The names of the decisions and undos that are not committed, oldest first."""
        return self._outbox.waiting

    @property
    def problem(self) -> str | None:
        """Why the last attempt to save failed, or None."""
        return self._outbox.problem

    @property
    def unsaved(self) -> list[Decision]:
        """The decisions that stand and are not committed, oldest first."""
        waiting = set(self.waiting)
        return [decision for decision in self.history if decision.decision in waiting]

    def knows(self, name: str) -> bool:
        """Return whether a decision or an undo of this name was taken on before."""
        return name in self._seen

    def decide(self, decision: Decision) -> None:
        """Take a decision on and have it saved."""
        self.history.append(decision)
        self._enter(decision.decision, partial(self._save, decision))

    def undo(self, name: str) -> Decision:
        """Take the last decision back. One that can't be saved is no longer tried, and so no longer in the way.

        Raises
        ------
        LabError
            If there is none.
        """
        if not self.history:
            raise LabError("There is no decision of this session to undo.", "Decide on a card first.")
        decision = self.history.pop()
        self._outbox.withdraw(decision.decision)
        self._enter(name, partial(self._undo, decision))
        return decision

    def retry(self) -> None:
        """Try now to save what is not."""
        self._outbox.retry()

    def settle(self) -> None:
        """Wait until all is committed.

        Raises
        ------
        LabError
            If an attempt fails; what waits is kept and tried again.
        """
        if problem := self._outbox.settle():
            raise LabError(problem, f"Not saved yet, kept and tried again: {len(self.waiting)}.")

    def _enter(self, name: str, run: Callable[[], None]) -> None:
        """Have an errand done, once by its name."""
        self._seen.add(name)
        self._outbox.put(Errand(name, run))
