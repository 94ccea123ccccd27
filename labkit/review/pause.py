"""Lets work wait for a pause in a person's decisions, so that it holds up none of them."""

from __future__ import annotations

import threading
from time import monotonic

PATIENCE = 20
"""For how many times its length a pause is waited for."""


class Pause:
    """Tells when a person has paused.

    Examples
    --------
    >>> pause = Pause()
    >>> pause.hurry()
    >>> pause.wait(1.5)
    """

    def __init__(self) -> None:
        self._last = monotonic()
        self._hurry = threading.Event()

    def tap(self) -> None:
        """Note that the person has just done something."""
        self._last = monotonic()

    def hurry(self) -> None:
        """Let nobody wait, now or later: for programs, which never pause."""
        self._hurry.set()

    def wait(self, rest: float) -> None:
        """Return when nothing was done for `rest` seconds; after `PATIENCE` times as long in any case."""
        latest = monotonic() + PATIENCE * rest
        while (left := min(self._last + rest, latest) - monotonic()) > 0:
            if self._hurry.wait(left):
                return
