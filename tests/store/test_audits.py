"""Acceptances are annotators of their own; what is drawn from them is drawn once, in an order fixed beforehand."""

import hashlib
import uuid

import psycopg
import pytest

from labkit.store import Annotation

from .conftest import example

KEYS = [f"t{n:02}" for n in range(40)]
CONFIG = {"words": "all agree", "seed": 7}


@pytest.fixture
def project(store):
    number = store.examples.project("issues")
    store.examples.add(number, [example(f"text {key}", key) for key in KEYS])
    return number


@pytest.fixture
def ids(store, project):
    return store.examples.ids(project)


@pytest.fixture
def anna(store, project):
    return store.annotations.annotator(project, "anna", "person", "")


def accept(store, project, ids, keys=KEYS, name="all agree", **config):
    return store.audits.accept(project, name, CONFIG | config, [(ids[key], ["BUG"], "parsed") for key in keys])


def decide(store, person, example, value=("BUG",), outcome="parsed", source="audit"):
    given = list(value) if outcome == "parsed" else None
    store.annotations.add(person, [Annotation(example, outcome, given, source=source, decision=str(uuid.uuid4()))])


def test_what_is_accepted_is_an_annotators(store, project, ids):
    assert accept(store, project, ids, KEYS[:3]) == "all agree"
    said = store.annotations.latest(project)
    assert list(said.kind) == ["accepted"] * 3
    assert list(said.annotator) == ["all agree"] * 3
    (one,) = store.audits.acceptances(project)
    assert (one.name, one.config, one.texts, one.standing) == ("all agree", CONFIG, 3, True)


def test_a_text_is_accepted_once_and_not_after_a_person_spoke(store, project, ids, anna):
    decide(store, anna, ids["t00"])
    decide(store, anna, ids["t01"], outcome="ignored")
    decide(store, anna, ids["t02"])
    decide(store, anna, ids["t02"], outcome="undone")
    assert accept(store, project, ids, KEYS[:5]) == "all agree"
    assert sorted(store.annotations.latest(project, ["all agree"]).example) == [ids[key] for key in KEYS[2:5]]
    assert accept(store, project, ids, KEYS[:6]) == "all agree (2)"
    assert [each.texts for each in store.audits.acceptances(project)] == [3, 1]
    assert accept(store, project, ids, KEYS[:6]) is None
    assert accept(store, project, ids, []) is None
    assert len(store.audits.acceptances(project)) == 2


def test_what_is_revoked_stays_and_counts_no_more(store, project, ids, database):
    accept(store, project, ids, KEYS[:3])
    (one,) = store.audits.acceptances(project)
    assert store.audits.revoke(project, one.number) == 3
    assert store.audits.revoke(project, one.number) == 0
    assert store.annotations.latest(project).empty
    assert store.audits.acceptances(project) == [one._replace(standing=False)]
    assert accept(store, project, ids, KEYS[:4]) == "all agree"
    assert list(store.annotations.latest(project).annotator) == ["all agree"] * 4
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM labkit.annotation").fetchone() == (10,)


def test_draws_go_by_the_hash_of_seed_and_key(store, project, ids):
    accept(store, project, ids)
    (one,) = store.audits.acceptances(project)
    assert store.audits.draw(project, {one.number: 5}) == 5
    assert store.audits.draw(project, {one.number: 7}) == 7
    expected = sorted(KEYS, key=lambda key: hashlib.sha256(f"7 {key}".encode()).digest())[:12]
    drawn = store.audits.readings(project)
    assert [each.key for each in drawn] == expected
    assert [each.draw for each in drawn] == sorted(each.draw for each in drawn)
    assert not any(each.said for each in drawn)
    assert store.audits.draw(project, {one.number: 100}) == 28
    assert store.audits.draw(project, {one.number: 1}) == 0


def test_draws_from_several_take_turns(store, project, ids):
    accept(store, project, ids, KEYS[:20], "one")
    accept(store, project, ids, KEYS[20:], "two", seed=8)
    one, two = (each.number for each in store.audits.acceptances(project))
    store.audits.draw(project, {one: 8, two: 4})
    numbers = [each.number for each in store.audits.readings(project)]
    assert [numbers[place : place + 3].count(two) for place in range(0, 12, 3)] == [1] * 4


def test_what_was_read_is_not_drawn(store, project, ids, anna):
    accept(store, project, ids)
    (one,) = store.audits.acceptances(project)
    decide(store, anna, ids["t05"], ["DOCUMENTATION"], source="corrector")
    decide(store, anna, ids["t06"], outcome="ignored", source="corrector")
    assert store.audits.draw(project, {one.number: 100}) == 39
    (read,) = [each for each in store.audits.readings(project) if each.draw is None]
    assert (read.key, read.accepted, read.value, read.audited) == ("t05", ["BUG"], ["DOCUMENTATION"], False)


def test_the_last_word_with_a_value_counts(store, project, ids, anna):
    ben = store.annotations.annotator(project, "ben", "person", "")
    accept(store, project, ids)
    (one,) = store.audits.acceptances(project)
    store.audits.draw(project, {one.number: 3})
    first, second, third = (each.example for each in store.audits.readings(project))
    decide(store, anna, first)
    decide(store, ben, first, ["DOCUMENTATION"])
    decide(store, anna, second)
    decide(store, ben, second, outcome="ignored")
    decide(store, anna, third, outcome="rejected")
    found = [(each.said, each.value, each.audited) for each in store.audits.readings(project)]
    assert found == [(True, ["DOCUMENTATION"], True), (True, ["BUG"], True), (True, None, True)]
    judge = store.annotations.annotator(project, "anna (adjudicates)", "person", "", {"role": "adjudication"})
    decide(store, judge, first, ["BUG", "DOCUMENTATION"])
    decide(store, ben, first, ["DOCUMENTATION"])
    assert store.audits.readings(project)[0].value == ["BUG", "DOCUMENTATION"]
    decide(store, judge, first, outcome="undone")
    decide(store, ben, first, outcome="undone")
    assert store.audits.readings(project)[0].value == ["BUG"]


def test_draws_can_not_be_rewritten(store, project, ids, database):
    accept(store, project, ids)
    store.audits.draw(project, {store.audits.acceptances(project)[0].number: 1})
    with psycopg.connect(database) as connection:
        for change in ("UPDATE labkit.audit SET created_at = now()", "DELETE FROM labkit.audit"):
            with pytest.raises(psycopg.errors.RaiseException, match="rows of audit are append-only"):
                connection.execute(change)
            connection.rollback()


def test_projects_do_not_meet(store, project, ids):
    accept(store, project, ids)
    other = store.examples.project("other")
    assert store.audits.acceptances(other) == []
    assert store.audits.readings(other) == []
    assert store.audits.draw(other, {store.audits.acceptances(project)[0].number: 5}) == 0
