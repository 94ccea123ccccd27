"""Work waits for a hand that rests, and not for ever."""

from __future__ import annotations

import threading
from time import monotonic

from labkit.review import pause as module
from labkit.review.pause import Pause


def waits(pause: Pause, rest: float) -> threading.Thread:
    """Return a thread that waits for a pause."""
    thread = threading.Thread(target=pause.wait, args=(rest,))
    thread.start()
    return thread


def test_a_rest_is_over_when_nothing_was_done_for_as_long():
    pause, began = Pause(), monotonic()
    pause.wait(0.05)
    assert monotonic() - began >= 0.05


def test_each_decision_begins_the_rest_anew():
    pause, began = Pause(), monotonic()
    waiting = waits(pause, 0.3)
    while monotonic() - began < 0.4:
        pause.tap()
        last = monotonic()
        waiting.join(0.01)
    waiting.join()
    assert monotonic() - last >= 0.29


def test_a_hand_that_never_rests_is_not_waited_for_any_longer(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 3)
    pause, began = Pause(), monotonic()
    waiting = waits(pause, 0.2)
    while waiting.is_alive() and monotonic() - began < 30:
        pause.tap()
        waiting.join(0.01)
    assert 0.6 <= monotonic() - began < 30


def test_whoever_hurries_waits_neither_now_nor_later():
    pause = Pause()
    waiting = waits(pause, 60)
    pause.hurry()
    waiting.join(30)
    assert not waiting.is_alive()
    pause.tap()
    pause.wait(60)
