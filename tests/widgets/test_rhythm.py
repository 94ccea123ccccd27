"""The pace of a person: pauses are no work, and the faster one is, the more cards are needed."""

from labkit.widgets.rhythm import Rhythm


def paced(*seconds):
    rhythm = Rhythm()
    for second in seconds:
        rhythm.note(second)
    return rhythm


def test_there_is_no_rate_before_the_third_decision():
    assert Rhythm().rate is None
    assert paced(0, 2).rate is None
    assert paced(0, 2, 4).rate == 30


def test_a_pause_does_not_count():
    assert paced(0, 2, 4, 3604, 3606).rate == 30


def test_only_the_last_decisions_count():
    assert round(paced(*range(0, 200, 10), *range(200, 225)).rate) == 60


def test_cards_for_the_next_seconds_within_bounds():
    assert Rhythm().ahead(15, 8, 200) == 8
    assert paced(0, 10, 20).ahead(15, 8, 200) == 8
    assert paced(0, 0.1, 0.2).ahead(15, 8, 200) == 150
    assert paced(0, 0, 0).ahead(15, 8, 200) == 200
