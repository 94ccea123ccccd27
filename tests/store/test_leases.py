"""A text is handed to as many people as asked for, to each of them once, and goes back when it is not decided."""

import threading
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from labkit.errors import LabError
from labkit.store import Annotation, Overlap, open_store

from .conftest import example

TEXTS = 40


@pytest.fixture
def texts(store, project):
    """Return the numbers of forty texts."""
    store.examples.add(project, [example(f"text {n}", f"t{n:02}") for n in range(TEXTS)])
    ids = store.examples.ids(project)
    return [ids[f"t{n:02}"] for n in range(TEXTS)]


@pytest.fixture
def seat(store, project):
    """Return what opens a sitting of a person."""

    def open_sitting(name, people=1, share=1.0):
        person = store.annotations.annotator(project, name, "person", "")
        return store.decisions.leases(person, uuid4(), Overlap(people, share))

    return open_sitting


def decide(store, leases, number, outcome="parsed"):
    value = ["BUG"] if outcome == "parsed" else None
    row = Annotation(number, outcome, value, source="corrector", decision=str(uuid4()))
    store.decisions.keep(leases.annotator, row, leases.holder)


def test_the_first_free_texts_are_leased_in_their_order(seat, texts):
    anna, ben = seat("anna"), seat("ben")
    wanted = texts[::-1]
    assert anna.take(wanted, 3).leased == wanted[:3]
    assert ben.take(wanted, 3).leased == wanted[3:6]
    assert anna.take(wanted, 3).leased == wanted[6:9]


def test_what_is_decided_is_closed_to_all_and_what_is_held_is_not(store, seat, texts):
    anna, ben = seat("anna"), seat("ben")
    anna.take(texts, 2)
    decide(store, anna, texts[0])
    assert ben.take(texts[:3], 3) == ([texts[2]], [texts[0]])
    assert ben.closed() == [texts[0]]
    assert anna.take(texts[:1], 1) == ([], [texts[0]])


def test_with_an_overlap_of_two_each_text_goes_to_two_people_and_no_third(store, seat, texts):
    anna, ben, carl = (seat(name, people=2) for name in ("anna", "ben", "carl"))
    for person in (anna, ben):
        assert person.take(texts[:1], 1).leased == texts[:1]
        decide(store, person, texts[0])
    assert carl.take(texts[:1], 1) == ([], texts[:1])
    assert anna.take(texts[1:2], 1).leased == texts[1:2]
    assert carl.take(texts[1:2], 1).leased == texts[1:2]
    assert ben.take(texts[1:2], 1) == ([], [])


def test_a_share_of_the_texts_is_for_two_and_the_same_for_everyone(store, seat, texts):
    anna = seat("anna", people=2, share=0.5)
    anna.take(texts, TEXTS)
    for number in texts:
        decide(store, anna, number)
    ben, carl = seat("ben", people=2, share=0.5), seat("carl", people=2, share=0.5)
    both = ben.take(texts, TEXTS).leased
    assert 8 < len(both) < 32
    assert set(ben.closed()) == set(texts) - set(both)
    ben.release()
    assert carl.take(texts, TEXTS).leased == both
    assert seat("dora", people=2, share=0.0).take(texts, TEXTS).leased == []


def test_labels_from_a_file_take_nobody_a_text_away(store, project, seat, texts):
    recorded = store.annotations.annotator(project, "recorded", "person", "")
    store.annotations.add(recorded, [Annotation(texts[0], "parsed", ["BUG"])])
    assert seat("anna").take(texts[:1], 1).leased == texts[:1]
    assert seat("recorded").take(texts[:1], 1).closed == texts[:1]


def test_what_is_undone_is_held_again_and_free_once_it_is_given_back(store, seat, texts):
    anna, ben = seat("anna"), seat("ben")
    anna.take(texts, 1)
    decide(store, anna, texts[0])
    decide(store, anna, texts[0], "undone")
    assert ben.take(texts[:1], 1) == ([], [])
    anna.release()
    assert ben.take(texts[:1], 1).leased == texts[:1]


def pass_time(database, seconds):
    """Make every lease older."""
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE labkit.lease SET held_until = held_until - make_interval(secs => %s)", [seconds])


def test_a_lease_that_expires_goes_back_and_is_lost_for_its_holder(database, seat, texts):
    anna, ben = seat("anna"), seat("ben")
    anna.take(texts, 3)
    pass_time(database, 301)
    assert ben.take(texts, 2).leased == texts[:2]
    assert anna.renew() == {texts[2]}


def test_a_lease_that_is_renewed_does_not_expire(database, seat, texts):
    anna, ben = seat("anna"), seat("ben")
    anna.take(texts, 1)
    for _ in range(4):
        pass_time(database, 200)
        assert anna.renew() == {texts[0]}
    assert ben.take(texts[:1], 1) == ([], [])


def test_two_sittings_of_one_person_hold_no_text_both(seat, texts):
    first, second = seat("anna"), seat("anna")
    assert first.take(texts, 2).leased == texts[:2]
    assert second.take(texts, 2).leased == texts[2:4]
    first.release()
    assert second.take(texts, 2).leased == texts[:2]


def test_a_text_locked_by_another_is_passed_over_and_not_waited_for(store, database, seat, texts):
    with psycopg.connect(database) as other:
        other.execute("SELECT FROM labkit.example WHERE id = %s FOR UPDATE", [texts[0]])
        assert seat("anna").take(texts, 2) == ([texts[1]], [])
    assert seat("ben").take(texts, 1).leased == [texts[0]]


def test_annotations_may_be_added_to_a_text_while_it_is_leased(store, project, database, seat, texts):
    llm = store.annotations.annotator(project, "llm", "llm", "1")
    with psycopg.connect(database) as other:
        other.execute("SELECT FROM labkit.example WHERE id = %s FOR NO KEY UPDATE", [texts[0]])
        assert store.annotations.add(llm, [Annotation(texts[0], "parsed", ["BUG"])]) == 1


def test_threads_at_once_never_get_the_same_text(database, project, texts):
    taken, stores = {}, [open_store(database, Path()) for _ in range(4)]

    def work(place):
        mine = stores[place]
        person = mine.annotations.annotator(project, f"person {place}", "person", "")
        leases = mine.decisions.leases(person, uuid4(), Overlap(2))
        taken[place] = []
        while leased := leases.take([text for text in texts if text not in taken[place]], 3).leased:
            taken[place] += leased

    threads = [threading.Thread(target=work, args=[place]) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    handed = [number for numbers in taken.values() for number in numbers]
    assert max(handed.count(number) for number in texts) <= 2
    assert all(len(set(numbers)) == len(numbers) for numbers in taken.values())
    for each in stores:
        each.close()


def test_a_text_of_another_project_is_not_handed_out(store, seat, texts):
    other = store.examples.project("other")
    store.examples.add(other, [example("elsewhere", "x")])
    assert seat("anna").take([store.examples.ids(other)["x"]], 1) == ([], [])


@pytest.mark.parametrize(
    "wrong", [(0, 1.0), (-1, 1.0), (1.5, 1.0), (True, 1.0), ("2", 1.0), (2, -0.1), (2, 1.1), (2, "a")]
)
def test_an_overlap_out_of_range_is_refused(wrong):
    with pytest.raises(LabError, match="overlap|share"):
        Overlap(*wrong)
