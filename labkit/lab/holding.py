"""Holds a run while it is started elsewhere: nobody else starts it, or takes it for abandoned, meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import LabError
from ..store.runs import HOLD_SECONDS
from .desk import Desk

LOOK_SECONDS = 0.5


@contextmanager
def holding(desk: Desk, run: int) -> Iterator[None]:
    """Say again and again that a run which is held is still being started; it is released in the end."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(HOLD_SECONDS / 3):
            with suppress(LabError):  # the store may answer next time
                desk.store.runs.renew(run)

    thread = threading.Thread(target=renew, name="labkit-holding", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        with suppress(LabError):  # what went wrong inside is what counts; the hold ends by itself
            desk.store.runs.release(run)


@contextmanager
def held(desk: Desk, run: int) -> Iterator[None]:
    """Hold a run, as soon as nobody else does."""
    while not desk.store.runs.hold(run):
        time.sleep(LOOK_SECONDS)
    with holding(desk, run):
        yield
