"""What one person did, in order, and whether it is saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..errors import LabError
from .decision import Entry
from .outbox import Errand, Outbox
from .work import Work


class Session:
    """Entries in order, each of which is written down at once and committed when that is possible.

    Parameters
    ----------
    work : Work
        What keeps them.
    tell : callable
        As for `Outbox`: gets the name of what was committed, or None after a failed attempt.
    """

    def __init__(self, work: Work, tell: Callable[[str | None], None]) -> None:
        self._work = work
        self._outbox = Outbox(tell)
        self._seen: set[str] = set()
        self._unwritten: str | None = None

    @property
    def waiting(self) -> list[str]:
        """The names of the entries that are not committed, oldest first."""
        return self._outbox.waiting

    @property
    def problem(self) -> str | None:
        """Why the last attempt to save failed, and why what waits is not even on disk, or None."""
        problem = self._outbox.problem
        return f"{problem} {self._unwritten}" if problem and self._unwritten else problem

    def knows(self, name: str) -> bool:
        """Return whether an entry of this name was taken on before."""
        return name in self._seen

    def enter(self, entry: Entry) -> None:
        """Take an entry on, write it down, and have it committed."""
        try:
            self._work.write_down(entry)
            self._unwritten = None
        except LabError as error:  # the database may still take it
            self._unwritten = str(error)
        self._seen.add(entry.name)
        self._outbox.put(Errand(entry.name, partial(self._work.commit, entry)))

    def withdraw(self, entry: Entry) -> None:
        """Give an entry up that can't be committed, so that it is no longer in the way of the others."""
        if self._outbox.withdraw(entry.name):
            self._work.strike_out(entry)

    def retry(self) -> None:
        """Try now to commit what is not."""
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
