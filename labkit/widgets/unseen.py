"""Notices that no front end has loaded a widget, where somebody is there to load it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextvars import copy_context
from threading import Timer
from typing import Any

PATIENCE = 15.0
"""How long a front end may take once the kernel is idle, in seconds."""


def shell() -> Any | None:
    """Return the IPython shell that a person may be looking at, or None.

    A kernel that runs a notebook by itself, as nbconvert and nbval start it, has no front end to wait for.
    """
    module = sys.modules.get("IPython")
    running = module.get_ipython() if module else None
    looking = "JPY_SESSION_NAME" in os.environ or "google.colab" in sys.modules
    return running if running and (looking or "__vsc_ipynb_file__" in running.user_ns) else None


class Unseen:
    """Acts once if nothing was seen for a while; the time in which the kernel is busy does not count.

    Parameters
    ----------
    events : object
        The events of the IPython shell.
    seen : callable
        Whether the front end has spoken.
    act : callable
        What to do otherwise. What it displays stands below the cell that runs now.
    """

    def __init__(self, events: Any, seen: Callable[[], bool], act: Callable[[], None]) -> None:
        self._events, self._seen, self._act = events, seen, act
        self._context = copy_context()  # which knows the cell
        self._timer: Timer | None = None
        events.register("pre_run_cell", self._wait)
        events.register("post_run_cell", self._begin)

    def _begin(self, *_: object) -> None:
        """Count from now, as the kernel is idle and hears the front end."""
        self._wait()
        if self._seen():
            self._end()
        else:
            self._timer = Timer(PATIENCE, self._fire)
            self._timer.daemon = True
            self._timer.start()

    def _wait(self, *_: object) -> None:
        """Count no more, as the kernel hears nothing while it is busy."""
        if self._timer:
            self._timer.cancel()

    def _fire(self) -> None:
        """Act if still nothing was seen."""
        self._end()
        if not self._seen():
            self._context.run(self._act)

    def _end(self) -> None:
        """Listen no more."""
        for name, listener in (("pre_run_cell", self._wait), ("post_run_cell", self._begin)):
            if listener in self._events.callbacks[name]:
                self._events.unregister(name, listener)
