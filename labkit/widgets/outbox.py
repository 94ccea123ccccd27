"""Carries errands out in order, each until it succeeds."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..errors import LabError

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0


@dataclass(frozen=True)
class Errand:
    """Something to do, by name; it may be tried more than once, so doing it twice must be as doing it once."""

    name: str
    run: Callable[[], None]


class Outbox:
    """Errands in order, done one at a time on a thread of its own, so that nobody waits for the database.

    An errand that raises is tried again: after half a second, then after twice as long up to four
    seconds, and at once when another is put or `retry` is called. None is dropped and none overtakes.

    Parameters
    ----------
    tell : callable
        Called on the outbox's thread after each attempt, with the name of the errand that was done, or
        None if the attempt failed.
    """

    def __init__(self, tell: Callable[[str | None], None]) -> None:
        self._tell = tell
        self._problem: str | None = None
        self._errands: deque[Errand] = deque()
        self._change = threading.Condition()
        self._current: Errand | None = None
        self._failures = 0
        self._hurry = False
        self._alive = False

    @property
    def waiting(self) -> list[str]:
        """The names of the errands that are not done, oldest first."""
        with self._change:
            return [errand.name for errand in self._errands]

    @property
    def problem(self) -> str | None:
        """Why the last attempt failed, in a sentence, or None."""
        with self._change:
            return self._problem

    def put(self, errand: Errand) -> None:
        """Add an errand behind the others."""
        with self._change:
            self._errands.append(errand)
            self._wake()
            if not self._alive:
                self._alive = True
                threading.Thread(target=self._work, name="labkit-outbox", daemon=True).start()

    def withdraw(self, name: str) -> bool:
        """Take the oldest errand back if it has this name and has failed, and say so: the others can go on."""
        with self._change:
            failed = bool(self._problem) and not self._current and self._errands[0].name == name
            if failed:
                self._errands.popleft()
                self._problem = None
                self._wake()
            return failed

    def retry(self) -> None:
        """Try again now."""
        with self._change:
            self._wake()

    def settle(self) -> str | None:
        """Wait until all is done or an attempt fails; return why it failed, or None."""
        with self._change:
            before = self._failures
            self._change.wait_for(lambda: not self._errands or (self._problem and self._failures > before))
            return self._problem

    def _wake(self) -> None:
        """End a pause; the caller holds the lock."""
        self._hurry = True
        self._change.notify_all()

    def _work(self) -> None:
        """Carry out what there is, then end, so that an idle outbox holds no thread."""
        pause = FIRST_PAUSE
        while errand := self._next():
            if self._attempt(errand):
                pause = FIRST_PAUSE
                continue
            with self._change:
                self._change.wait_for(lambda: self._hurry, timeout=pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _next(self) -> Errand | None:
        """Return the oldest errand, or None and the end of the thread."""
        with self._change:
            self._hurry = False
            self._current = self._errands[0] if self._errands else None
            self._alive = self._current is not None
            return self._current

    def _attempt(self, errand: Errand) -> bool:
        """Carry out one errand, tell what became of it, and say whether it was done."""
        problem = None
        try:
            errand.run()
        except Exception as error:  # whatever the caller's function raises, the decision must be kept
            problem = reason(error, "Saving")
        self._note(problem)
        with suppress(Exception):  # a front end that is gone must not stop the saving
            self._tell(errand.name if problem is None else None)
        return problem is None

    def _note(self, problem: str | None) -> None:
        """Record how the attempt at the oldest errand ended."""
        with self._change:
            self._problem, self._current = problem, None
            if problem is None:
                self._errands.popleft()
            else:
                self._failures += 1
            self._change.notify_all()


def reason(error: Exception, doing: str) -> str:
    """Say what went wrong; of a library's exception only its name, since its text may hold a secret."""
    return str(error) if isinstance(error, LabError) else f"{doing} raised {type(error).__name__}."
