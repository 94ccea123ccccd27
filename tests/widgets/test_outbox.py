"""Errands are done in order, once each, however often they fail."""

import threading
import time

import pytest

from labkit.errors import LabError
from labkit.widgets import outbox
from labkit.widgets.outbox import Errand, Outbox


class Office:
    """Does errands, and can be closed."""

    def __init__(self):
        self.done = []
        self.told = []
        self.tried = 0
        self.error = None
        self.box = Outbox(self.told.append)

    def put(self, *names):
        for name in names:
            self.box.put(Errand(name, lambda name=name: self.run(name)))

    def run(self, name):
        self.tried += 1
        if self.error:
            raise self.error
        self.done.append(name)

    def close(self):
        self.error = LabError("The database does not answer.", "Start it.")


@pytest.fixture
def office():
    office = Office()
    yield office
    office.error = None
    office.box.retry()
    wait_until(lambda: not office.box.waiting)


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_errands_are_done_in_order(office):
    names = [str(n) for n in range(200)]
    office.put(*names)
    assert office.box.settle() is None
    assert office.done == names
    wait_until(lambda: office.told == names)


def test_what_fails_is_kept_in_order_and_done_once_when_it_can_be(office):
    office.close()
    office.put("a", "b", "c")
    assert office.box.settle() == "The database does not answer. Start it."
    assert office.box.waiting == ["a", "b", "c"]
    assert office.box.problem == "The database does not answer. Start it."
    assert set(office.told) == {None}
    office.error = None
    office.box.retry()
    wait_until(lambda: not office.box.waiting)
    assert office.done == ["a", "b", "c"]
    assert office.box.problem is None


def test_it_tries_again_by_itself_with_longer_pauses(office, monkeypatch):
    monkeypatch.setattr(outbox, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(outbox, "LONGEST_PAUSE", 0.04)
    office.close()
    office.put("a")
    started = time.monotonic()
    wait_until(lambda: office.tried == 4)
    assert time.monotonic() - started >= 0.02 + 0.04 + 0.04
    office.error = None
    wait_until(lambda: office.done == ["a"])


def test_an_errand_that_failed_is_withdrawn_and_the_others_go_on(office):
    def refuse():
        raise LabError("The label is gone.", "Undo.")

    office.box.put(Errand("bad", refuse))
    office.put("good")
    assert office.box.settle() == "The label is gone. Undo."
    wait_until(lambda: office.told)
    office.box.withdraw("bad")
    wait_until(lambda: office.done == ["good"])
    assert (office.box.problem, office.box.waiting) == (None, [])


def test_an_errand_that_has_not_failed_is_not_withdrawn(office):
    office.close()
    office.put("a", "b")
    office.box.settle()
    office.box.withdraw("b")
    office.box.withdraw("gone")
    assert office.box.waiting == ["a", "b"]


def test_an_errand_under_way_is_not_withdrawn(office):
    entered, leave = threading.Event(), threading.Event()

    def run():
        entered.set()
        leave.wait(60)

    office.box.put(Errand("slow", run))
    assert entered.wait(60)
    office.box.withdraw("slow")
    assert office.box.waiting == ["slow"]
    leave.set()
    assert office.box.settle() is None


def test_a_library_error_is_told_by_its_name_alone(office):
    office.error = ConnectionError("postgresql://anna:secret@db/labels refused")
    office.put("a")
    assert office.box.settle() == "Saving raised ConnectionError."


def test_a_front_end_that_is_gone_stops_nothing():
    def gone(_):
        raise RuntimeError("closed")

    done = []
    box = Outbox(gone)
    box.put(Errand("a", lambda: done.append("a")))
    box.put(Errand("b", lambda: done.append("b")))
    assert box.settle() is None
    assert done == ["a", "b"]


def test_an_idle_outbox_holds_no_thread(office):
    before = set(threading.enumerate())
    office.put("a")
    office.box.settle()
    wait_until(lambda: set(threading.enumerate()) <= before)
    office.put("b")
    assert office.box.settle() is None
    assert office.done == ["a", "b"]
