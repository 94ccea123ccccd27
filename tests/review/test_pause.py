"""Work waits for a hand that rests, and not for ever."""

from __future__ import annotations

import threading
from time import monotonic

from labkit.review import pause as module
from labkit.review.pause import Pause


def waits(pause: Pause, rest: float) -> tuple[threading.Thread, list[float]]:
    """Return a thread that waits for a pause, and where it writes when that was."""
    over: list[float] = []

    def wait() -> None:
        pause.wait(rest)
        over.append(monotonic())

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, over


def test_a_rest_is_over_when_nothing_was_done_for_as_long():
    pause, began = Pause(), monotonic()
    pause.wait(0.05)
    assert monotonic() - began >= 0.05


def test_each_decision_begins_the_rest_anew():
    pause = Pause()
    taps = [monotonic()]
    waiting, over = waits(pause, 0.3)
    while taps[-1] - taps[0] < 0.4:
        taps.append(monotonic())
        pause.tap()
        waiting.join(0.01)
    waiting.join()
    assert over[0] - max(tap for tap in taps if tap <= over[0]) >= 0.25, "also where this machine rested meanwhile"


def test_a_hand_that_never_rests_is_not_waited_for_any_longer(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 2)
    pause, began = Pause(), monotonic()
    waiting, over = waits(pause, 1.0)
    while waiting.is_alive() and monotonic() - began < 30:
        pause.tap()
        waiting.join(0.01)
    assert 2 <= over[0] - began < 30


def test_whoever_hurries_waits_neither_now_nor_later():
    pause = Pause()
    waiting, _ = waits(pause, 60)
    pause.hurry()
    waiting.join(30)
    assert not waiting.is_alive()
    pause.tap()
    pause.wait(60)
