"""Requests leave evenly, pause when asked to, and come back at random."""

import pytest

from labkit.chat import limits
from labkit.chat.limits import Gate, Limits, Pace, backoff
from labkit.errors import LabError


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Let time stand still."""
    monkeypatch.setattr(limits, "monotonic", lambda: 1000.0)


def test_units_are_spread_over_the_minute():
    pace = Pace(600)
    assert [pace.delay() for _ in range(4)] == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_a_large_request_delays_the_next_and_a_correction_moves_it():
    pace = Pace(6000)
    assert pace.delay(300) == 0
    pace.correct(-200)
    assert pace.delay() == pytest.approx(1.0)


def test_no_limit_is_no_delay():
    pace = Pace(None)
    assert [pace.delay(1e9) for _ in range(3)] == [0, 0, 0]


def test_the_tighter_of_two_limits_counts():
    gate = Gate(Limits(requests_per_minute=60, tokens_per_minute=600))
    assert gate.delay(100) == 0
    assert gate.delay(100) == pytest.approx(10)


def test_a_gate_closes_for_everyone_and_opens_again():
    gate = Gate(Limits())
    assert gate.closed == 0
    gate.close(5)
    gate.close(1)
    assert gate.closed == pytest.approx(5)


def test_backoff_is_random_below_a_growing_bound():
    waits = [[backoff(attempt) for _ in range(300)] for attempt in (0, 3, 50)]
    for some, bound in zip(waits, (0.5, 4, 30), strict=True):
        assert 0 <= min(some) < 0.2 * bound
        assert 0.8 * bound < max(some) <= bound


@pytest.mark.parametrize("name", ["concurrency", "requests_per_minute", "tokens_per_minute", "timeout", "attempts"])
def test_a_limit_is_a_number_over_nought(name):
    with pytest.raises(LabError, match=name):
        Limits(**{name: 0})
