"""Buttons come where somebody looks and no card has loaded, and nowhere else."""

import threading
import time
from types import SimpleNamespace

import pytest
from IPython.core.events import EventManager, available_events

from labkit.widgets import unseen
from labkit.widgets.unseen import Unseen, shell


@pytest.fixture
def events(monkeypatch):
    monkeypatch.setattr(unseen, "PATIENCE", 0.05)
    return EventManager(None, available_events)


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_it_acts_once_where_nothing_was_seen(events):
    acted = []
    Unseen(events, lambda: False, lambda: acted.append(1))
    events.trigger("post_run_cell", None)
    wait_until(lambda: acted)
    events.trigger("post_run_cell", None)
    time.sleep(0.1)
    assert acted == [1]


def test_it_does_nothing_where_a_front_end_has_spoken(events):
    acted = []
    Unseen(events, lambda: True, lambda: acted.append(1))
    events.trigger("post_run_cell", None)
    time.sleep(0.1)
    assert not acted
    assert not any(events.callbacks.values())


def test_the_time_of_a_busy_kernel_does_not_count(events, monkeypatch):
    acted, before = [], set(threading.enumerate())
    Unseen(events, lambda: False, lambda: acted.append(1))
    with monkeypatch.context() as patient:
        patient.setattr(unseen, "PATIENCE", 600)
        events.trigger("post_run_cell", None)
    assert set(threading.enumerate()) > before
    events.trigger("pre_run_cell", None)
    wait_until(lambda: set(threading.enumerate()) <= before)  # nothing is counted any more
    assert not acted
    events.trigger("post_run_cell", None)
    wait_until(lambda: acted)


def test_a_notebook_that_runs_by_itself_waits_for_nobody(monkeypatch):
    import IPython

    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    running = SimpleNamespace(user_ns={}, events=None)
    monkeypatch.setattr(IPython, "get_ipython", lambda: running)
    assert shell() is None
    monkeypatch.setenv("JPY_SESSION_NAME", "04.ipynb")
    assert shell() is running
    monkeypatch.delenv("JPY_SESSION_NAME")
    running.user_ns["__vsc_ipynb_file__"] = "04.ipynb"
    assert shell() is running
