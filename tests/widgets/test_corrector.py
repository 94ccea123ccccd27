"""The corrector's side of the conversation: what is taken on, in which order, and what is said of it."""

import tracemalloc
from itertools import count
from types import SimpleNamespace

import pytest

from labkit.errors import LabError
from labkit.widgets import Answer, rhythm
from labkit.widgets.deck import BEHIND, SHARE
from labkit.widgets.sitting import AHEAD, MOST_AHEAD

from .conftest import FrontEnd, cards


class Endless:
    """A queue of a hundred thousand cards that are made when they are asked for."""

    def __init__(self, length=100_000):
        self.length = length
        self.asked = []

    def __len__(self):
        return self.length

    def __getitem__(self, place):
        self.asked.append(place)
        return cards(1)[0] | {"example": place, "text": "x" * 1000}


@pytest.fixture
def fast(monkeypatch):
    """Have each decision made a twentieth of a second after the one before, as the corrector sees it."""
    ticks = count(1000)
    monkeypatch.setattr(rhythm, "time", SimpleNamespace(monotonic=lambda: next(ticks) / 20))


# What the browser gets


def test_hello_is_answered_with_the_first_cards_and_where_things_stand(front):
    assert list(front.cards) == list(range(AHEAD))
    assert front.last["cards"][0]["text"] == "text 0"
    assert {name: front.last[name] for name in ("head", "total", "waiting", "problem")} == {
        "head": 0,
        "total": 20,
        "waiting": 0,
        "problem": None,
    }


def test_decisions_bring_more_cards_some_at_a_time(front):
    sent = len(front.messages)
    front.decide(0, ["BUG"])
    front.wait_saved()
    front.wait_read()
    assert not any(message["cards"] for message in front.messages[sent:])
    front.decide(1, ["BUG"])
    front.wait(lambda _: AHEAD + 1 in front.cards)
    assert list(front.cards) == list(range(len(front.cards)))


def test_the_faster_a_person_is_the_more_cards_are_at_hand(make, fast):
    front = FrontEnd(make(Endless()))
    front.hello()
    assert len(front.cards) == AHEAD
    for place in range(10):
        front.decide(place)
    enough = 10 + MOST_AHEAD - MOST_AHEAD // SHARE
    front.wait(lambda _: len(front.cards) > enough)
    front.wait_read()
    assert enough < len(front.cards) <= 10 + MOST_AHEAD


def test_another_view_gets_the_cards_around_the_current_one(front):
    for place in range(10):
        front.decide(place)
    front.wait_saved()
    front.wait_read()
    front.hello()
    assert [card["place"] for card in front.last["cards"]] == list(range(10 - BEHIND, 20))


def test_a_long_queue_is_read_as_the_person_goes_and_costs_no_memory(make, fast):
    queue = Endless()
    tracemalloc.start()
    front = FrontEnd(make(queue))
    front.hello()
    for place in range(100):
        front.decide(place)
        front.wait_saved()
    front.wait_read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert queue.asked == list(range(len(queue.asked)))
    assert MOST_AHEAD - MOST_AHEAD // SHARE < len(queue.asked) - 100 <= MOST_AHEAD
    assert peak < 3_000_000  # bytes; all texts would be 100 million


@pytest.mark.parametrize("count", [0, 1])
def test_a_queue_may_be_short(make, table, count):
    front = FrontEnd(make(cards(count)))
    front.hello()
    assert (front.last["total"], len(front.cards)) == (count, count)
    for place in range(count):
        front.decide(place, ["BUG"])
    front.wait_saved()
    assert len(table.rows) == count


def test_a_card_that_cannot_be_read_is_said_and_read_later(make):
    class Flaky(Endless):
        broken = True

        def __getitem__(self, place):
            if place == 2 and self.broken:
                raise LabError("The database does not answer.", "Start it.")
            return super().__getitem__(place)

    queue = Flaky(4)
    front = FrontEnd(make(queue))
    front.hello()
    assert list(front.cards) == [0, 1]
    assert front.last["unreadable"] == "The database does not answer. Start it."
    queue.broken = False
    front.hello()
    assert list(front.cards) == [0, 1, 2, 3]
    assert front.last["unreadable"] is None


# Decisions


def test_a_decision_is_saved_and_then_said_to_be(front, table):
    name = front.decide(0, ["DOCUMENTATION", "BUG"])
    front.wait_saved()
    (row,) = table.rows
    assert (row.decision, row.example, row.value, row.answer, row.seconds) == (
        name,
        100,
        ["BUG", "DOCUMENTATION"],
        Answer.ACCEPT,
        1.5,
    )
    assert front.settled == [name]


def test_nothing_is_settled_before_it_is_committed(front, table):
    table.up.clear()
    front.decide(0, ["BUG"])
    failed = front.wait(lambda message: message["problem"])
    assert (failed["head"], failed["waiting"], failed["settled"]) == (1, 1, [])
    assert front.settled == []
    assert failed["problem"] == "The database does not answer. Start it."


def test_reject_and_ignore_give_no_value(front, table):
    front.decide(0, ["BUG"], "reject")
    front.decide(1, ["BUG"], "ignore")
    front.wait_saved()
    assert [(row.answer, row.value) for row in table.rows] == [(Answer.REJECT, None), (Answer.IGNORE, None)]


def test_decisions_of_an_outage_are_saved_in_order_once(front, table):
    table.up.clear()
    names = [front.decide(place, ["BUG"]) for place in range(10)]
    front.wait(lambda message: message["problem"] and message["waiting"] == 10)
    table.up.set()
    front.hello()
    front.wait_saved()
    assert [row.decision for row in table.rows] == names
    assert front.settled == names


def test_a_decision_sent_twice_is_one(front, table):
    name = front.decide(0, ["BUG"])
    front.wait_saved()
    front.decide(0, ["BUG"], name=name)
    assert front.last["settled"] == [name]
    assert len(table.rows) == 1
    assert front.last["head"] == 1


def test_a_decision_sent_again_while_it_waits_is_not_settled(front, table):
    table.up.clear()
    name = front.decide(0, ["BUG"])
    front.wait(lambda message: message["problem"])
    front.decide(0, ["BUG"], name=name)
    assert front.settled == []
    assert front.last["waiting"] == 1


@pytest.mark.parametrize(
    "aimed",
    [{"place": 0}, {"place": 2}, {"place": 1, "example": 100}, {"place": 1, "example": None}],
    ids=["the card before", "the card after", "another text", "no text"],
)
def test_what_is_aimed_at_another_card_is_refused(front, table, aimed):
    front.decide(0, ["BUG"])
    front.wait_saved()
    name = front.decide(**aimed)
    assert front.last["refused"] == [name]
    assert front.last["head"] == 1
    assert front.last["notice"] == "That text was decided on elsewhere. Go on with this one."
    assert len(table.rows) == 1


@pytest.mark.parametrize("wrong", [{"value": ["<b>"]}, {"value": "BUG, DOCUMENTATION"}, {"answer": "maybe"}])
def test_what_the_task_does_not_know_is_refused(front, table, wrong):
    name = front.decide(0, **wrong)
    assert front.last["refused"] == [name]
    assert table.rows == []


def test_a_message_of_another_kind_is_nothing(front):
    before = len(front.messages)
    front.say(type="party")
    front.say()
    assert len(front.messages) == before


# Undo


def test_undo_takes_the_last_decision_back_and_shows_its_card_again(front, table):
    front.decide(0, ["BUG"])
    front.decide(1, ["BUG"])
    front.wait_saved()
    name = front.undo(2)
    front.wait_saved()
    assert table.undone == table.rows[1:]
    assert name in front.settled
    assert front.last["head"] == 1
    front.decide(1, ["DOCUMENTATION"])
    front.wait_saved()
    assert [row.example for row in table.rows] == [100, 101, 101]


def test_undo_goes_back_to_the_first_card_and_no_further(front, table):
    for place in range(12):
        front.decide(place)
    front.wait_saved()
    for place in range(12, 0, -1):
        front.undo(place)
    front.wait_saved()
    assert table.undone == table.rows[::-1]
    name = front.undo(0)
    assert front.last["refused"] == [name]
    assert front.last["notice"].startswith("There is no decision")


def test_undo_during_an_outage_comes_after_what_it_undoes(front, table):
    table.up.clear()
    front.decide(0)
    front.wait(lambda message: message["problem"])
    front.decide(1)
    front.undo(2)
    assert front.settled == []
    table.up.set()
    front.hello()
    front.wait_saved()
    assert [row.example for row in table.rows] == [100, 101]
    assert table.undone == table.rows[1:]


def test_undo_is_the_way_past_a_decision_that_cannot_be_saved(make, table, monkeypatch):
    def refuse(decision):
        raise LabError("The label is gone.", "Undo.")

    monkeypatch.setattr(table, "save", refuse)
    corrector = make(cards(3))
    with pytest.raises(LabError, match="The label is gone"):
        corrector.decide()
    assert corrector.undo() in table.undone
    assert (corrector.unsaved, corrector.done) == ([], 0)


# Without a browser


def test_python_decides_as_the_keys_do(make, table):
    corrector = make(cards(4))
    front = FrontEnd(corrector)
    front.hello()
    corrector.decide()
    corrector.decide([])
    corrector.decide(["DOCUMENTATION"], seconds=2.5)
    corrector.decide(answer="reject")
    assert [row.value for row in table.rows] == [["BUG"], [], ["DOCUMENTATION"], None]
    assert (corrector.done, corrector.left, front.last["head"]) == (4, 0, 4)
    assert corrector.undo() == table.rows[-1]
    assert corrector.left == 1


def test_python_is_told_of_what_cannot_be(make):
    corrector = make(cards(1))
    with pytest.raises(LabError, match="no decision to undo"):
        corrector.undo()
    with pytest.raises(LabError, match="The label 'FEATURE'"):
        corrector.decide(["FEATURE"])
    with pytest.raises(LabError, match="The answer 'maybe'"):
        corrector.decide(answer="maybe")
    corrector.decide()
    with pytest.raises(LabError, match="No card is left"):
        corrector.decide()


def test_python_is_told_what_is_not_saved_and_may_flush_it(make, table):
    corrector = make(cards(3))
    table.up.clear()
    with pytest.raises(
        LabError, match="The database does not answer. Start it. Not saved yet, kept and tried again: 1"
    ):
        corrector.decide()
    assert [decision.example for decision in corrector.unsaved] == [100]
    with pytest.raises(LabError, match="The database does not answer"):
        corrector.flush()
    table.up.set()
    corrector.flush()
    assert corrector.unsaved == []
    assert [row.example for row in table.rows] == [100]


# The widget itself


def test_its_text_is_fixed_and_names_no_address(make):
    corrector = make(cards(1))
    assert repr(corrector) == "Corrector: issues"
    assert corrector._repr_mimebundle_()[0]["text/plain"] == "Corrector: issues"


def test_no_text_is_kept_in_the_notebook(make):
    state = make(cards(5)).get_state()
    assert "text 0" not in str(state)
    assert state["config"]["task"] == {
        "kind": "choices",
        "labels": ["BUG", "DOCUMENTATION"],
        "definitions": {"BUG": "a fault"},
        "overlap": False,
    }


def test_auto_accept_is_for_one_label(make):
    assert make(cards(1), "choice", auto_accept=True).config["auto_accept"]
    with pytest.raises(LabError, match="auto_accept needs one label"):
        make(cards(1), "choices", auto_accept=True)
