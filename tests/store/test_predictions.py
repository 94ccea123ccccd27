"""Predictions come by COPY, a shard at a time, each once."""

import threading

import psycopg
import pytest

from labkit.errors import LabError
from labkit.store import Prediction, open_store

HOSTILE = "<b>\t\\N\\.\u202e\U0001f600'; DROP TABLE labkit.prediction; --\n"


def prediction(key, value=("BUG",)):
    return Prediction(key, "0" * 64, "texts.jsonl:1", list(value), {"BUG": 0.1 + 0.2}, 0.3)


@pytest.fixture
def run(store):
    return store.runs.begin(store.examples.project("issues"), "training", "cpu", "d", {})


def count(database):
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT count(*) FROM labkit.prediction").fetchone()[0]


def test_what_was_kept_is_read_in_its_order(store, run):
    kept = [prediction("b"), prediction("a"), prediction(HOSTILE, []), Prediction("c", "1", "", "NEWS", {}, None)]
    store.predictions.add(run, "s", kept)
    assert list(store.predictions.read(run, "s")) == kept
    assert store.predictions.shards(run) == {"s"}


def test_a_shard_that_comes_twice_is_kept_once(store, run, database):
    for _ in range(2):
        store.predictions.add(run, "s", [prediction("a")])
    assert count(database) == 1


def test_shards_that_overlap_share_their_texts(store, run, database):
    store.predictions.add(run, "s", [prediction("a"), prediction("b")])
    store.predictions.add(run, "t", [prediction("c"), prediction("b")])
    assert [each.key for each in store.predictions.read(run, "t")] == ["c", "b"]
    assert count(database) == 3


def test_another_run_says_it_for_itself(store, run, database):
    other = store.runs.begin(store.examples.project("issues"), "training", "cpu", "e", {})
    for each in (run, other):
        store.predictions.add(each, "s", [prediction("a")])
    assert count(database) == 2


def test_nothing_of_a_shard_stays_where_one_of_it_fails(store, run, database):
    def broken():
        yield prediction("a")
        raise LabError("The model fails.", "Mend it.")

    with pytest.raises(LabError, match="The model fails"):
        store.predictions.add(run, "s", broken())
    assert count(database) == 0
    assert not store.predictions.shards(run)


def test_two_processes_that_keep_the_same_wait_for_each_other(database, store, run, tmp_path):
    keys, others = [f"{number}" for number in range(300)], open_store(database, tmp_path)
    failures = []

    def add(into, order):
        try:
            for number in range(10):
                into.predictions.add(run, f"{number}", [prediction(f"{number} {key}") for key in order])
        except LabError as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(s, o)) for s, o in ((store, keys), (others, keys[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    others.close()
    assert not failures
    assert count(database) == 3000


@pytest.mark.parametrize("change", ["UPDATE labkit.prediction SET value = '[]'", "DELETE FROM labkit.shard"])
def test_predictions_are_append_only(store, run, database, change):
    store.predictions.add(run, "s", [prediction("a")])
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute(change)


def test_a_full_disk_is_said(store, run, database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space'"
            " USING ERRCODE = 'disk_full'; END $$;"
            " CREATE TRIGGER t BEFORE INSERT ON labkit.shard FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    with pytest.raises(LabError, match="disk of the store .* is full"):
        store.predictions.add(run, "s", [prediction("a")])
    assert count(database) == 0
