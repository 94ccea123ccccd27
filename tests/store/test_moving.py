"""A whole store moves to another server: every row, once, checked; and never onto somebody else's."""

from pathlib import Path

import psycopg
import pytest

from labkit.errors import LabError
from labkit.store import Annotation, Reply, open_store
from labkit.store.moving import copy_all
from tests.store.conftest import example


@pytest.fixture
def other(postgres):
    """Open a second store, on a database of its own."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE moved")
        opened = open_store(postgres.replace("/postgres?", "/moved?"), Path())
        yield opened
        opened.close()
        connection.execute("DROP DATABASE moved WITH (FORCE)")


@pytest.fixture
def filled(store, project, ids):
    """Return a store with an annotator's annotations, a person's decision, and replies."""
    llm = store.annotations.annotator(project, "llm", "llm", "digest")
    store.annotations.add(
        llm, [Annotation(ids["A"], "parsed", ["BUG"], {"BUG": 0.1}), Annotation(ids["B"], "empty", None)]
    )
    store.replies.add([Reply("m", "a prompt with \t and \\ and 🦜", "BUG\n", "recorded")])
    store.runs.end(store.runs.begin(project, "training", "cpu", "d", {}), "done", {"score": 0.1}, None, None)
    return store


def move(source, target):
    return {copied.table: copied for copied in copy_all(source._database, target._database)}


def test_every_row_arrives_as_it_was(filled, other, project, ids):
    moved = move(filled, other)
    assert (moved["example"].rows, moved["annotation"].rows, moved["reply"].rows, moved["run"].rows) == (3, 2, 1, 1)
    assert all(copied.written == copied.rows for copied in moved.values())
    assert other.annotations.latest(project).equals(filled.annotations.latest(project))
    assert other.examples.frame(project).equals(filled.examples.frame(project))
    assert other.examples.ids(project) == ids


def test_a_second_time_writes_what_is_new_and_nothing_else(filled, other, project, ids):
    move(filled, other)
    assert not any(copied.written for copied in move(filled, other).values())
    filled.annotations.add(
        filled.annotations.annotator(project, "llm", "llm", "digest"), [Annotation(ids["C"], "parsed", ["BUG"])]
    )
    again = move(filled, other)
    assert (again["annotation"].written, again["annotator"].written, again["example"].written) == (1, 1, 0)


def test_what_is_added_afterwards_gets_numbers_of_its_own(filled, other, project):
    move(filled, other)
    other.examples.add(project, [example("d", "D")])
    assert other.examples.ids(project)["D"] > max(filled.examples.ids(project).values())


def test_a_server_in_use_is_left_alone(filled, other):
    other.examples.add(other.examples.project("theirs"), [example(f"{n}") for n in range(9)])
    with pytest.raises(LabError, match="is in use: rows of its table 'project' that this store has not: 1"):
        move(filled, other)
    assert other.examples.frame(1).text.tolist() == [f"{n}" for n in range(9)]


def test_an_empty_store_moves(store, other):
    assert {copied.rows for copied in move(store, other).values()} == {0}


def test_a_project_of_the_same_name_and_number_is_not_taken_for_this_one(filled, other):
    assert other.examples.project("issues") == 1
    with pytest.raises(LabError, match="is in use"):
        move(filled, other)


def test_what_was_labelled_on_the_server_since_keeps_it_from_being_overwritten(filled, other, project, ids):
    move(filled, other)
    other.annotations.add(
        other.annotations.annotator(project, "anna", "person", ""), [Annotation(ids["A"], "parsed", [])]
    )
    with pytest.raises(LabError, match="of its table 'annotator' that this store has not: 1"):
        move(filled, other)
