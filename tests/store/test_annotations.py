"""Annotations are appended, never changed, and the latest counts."""

import uuid

import psycopg
import pytest

from labkit.store import Annotation


@pytest.fixture
def llm(store, project):
    return store.annotations.annotator(project, "llm", "llm", "digest-1", {"model": "m"})


def said(frame, annotator="llm"):
    """Return example -> value of one annotator in a frame of annotations."""
    rows = frame[frame.annotator == annotator]
    return dict(zip(rows.example, rows.value, strict=True))


def test_what_repeats_the_last_word_is_not_appended(store, project, ids, llm):
    row = Annotation(ids["A"], "parsed", ["BUG"], {"BUG": 0.9})
    assert store.annotations.add(llm, [row]) == 1
    assert store.annotations.add(llm, [row]) == 0
    assert store.annotations.add(llm, [Annotation(ids["A"], "explicitly none", [])]) == 1
    assert store.annotations.add(llm, [row]) == 1
    assert said(store.annotations.latest(project)) == {ids["A"]: ["BUG"]}


def test_a_value_stands_only_with_an_outcome_that_has_one(store, ids, llm):
    with pytest.raises(psycopg.errors.CheckViolation):
        store.annotations.add(llm, [Annotation(ids["A"], "empty", ["BUG"])])
    with pytest.raises(psycopg.errors.CheckViolation):
        store.annotations.add(llm, [Annotation(ids["A"], "parsed", None)])
    assert store.annotations.count(llm) == 0


def test_rows_are_added_together_or_not_at_all(store, ids, llm):
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        store.annotations.add(llm, [Annotation(ids["A"], "empty", None), Annotation(-1, "empty", None)])
    assert store.annotations.count(llm) == 0


def test_the_version_used_last_speaks_for_a_name(store, project, ids, llm):
    store.annotations.add(llm, [Annotation(ids["A"], "parsed", ["BUG"])])
    changed = store.annotations.annotator(project, "llm", "llm", "digest-2")
    assert changed != llm
    assert store.annotations.latest(project, ["llm"]).empty
    assert store.annotations.annotator(project, "llm", "llm", "digest-1") == llm
    assert said(store.annotations.latest(project, ["llm"])) == {ids["A"]: ["BUG"]}


def test_a_decision_sent_twice_is_kept_once(store, project, ids):
    anna = store.annotations.annotator(project, "anna", "person", "")
    row = Annotation(ids["A"], "parsed", ["BUG"], seconds=1.5, decision=str(uuid.uuid4()))
    assert store.annotations.add(anna, [row]) == 1
    assert store.annotations.add(anna, [row, row]) == 0


def test_what_was_undone_is_not_the_latest(store, project, ids):
    anna = store.annotations.annotator(project, "anna", "person", "")
    store.annotations.add(anna, [Annotation(ids["A"], "parsed", ["BUG"], decision=str(uuid.uuid4()))])
    store.annotations.add(anna, [Annotation(ids["A"], "undone", None, decision=str(uuid.uuid4()))])
    assert store.annotations.latest(project).empty


def test_history_can_not_be_rewritten(store, ids, llm, database):
    store.annotations.add(llm, [Annotation(ids["A"], "parsed", ["BUG"])])
    with psycopg.connect(database) as connection:
        for change in ("UPDATE labkit.annotation SET value = '[]'", "DELETE FROM labkit.annotation"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(change)
            connection.rollback()
