"""Texts are kept once a project."""

import pytest

from labkit.errors import LabError
from labkit.store import NewExample

from .conftest import example


def test_a_text_is_kept_once(store, project):
    assert store.examples.add(project, [example("a", "A"), example("a", "other"), example("d")]) == []
    assert list(store.examples.frame(project).text) == ["a", "b", "c", "d"]


def test_the_same_text_may_stand_in_two_projects(store, project):
    other = store.examples.project("news")
    store.examples.add(other, [example("a", "A")])
    assert len(store.examples.frame(project)) == 3
    assert len(store.examples.frame(other)) == 1


def test_a_name_belongs_to_one_kind_of_value_once_somebody_has_labelled(store, project):
    assert store.examples.project("other", "labels") == store.examples.project("other", "spans")
    assert store.examples.project("other") == store.examples.project("other", "labels")
    store.annotations.annotator(store.examples.project("other"), "anna", "person", "")
    assert store.examples.project("other", "labels") == store.examples.project("other")
    with pytest.raises(LabError, match="'other' holds a project of labels already, and this is one of spans"):
        store.examples.project("other", "spans")


def test_a_project_that_is_older_than_its_kind_learns_it(store, project):
    number = store.examples.project("old")
    store.annotations.annotator(number, "anna", "person", "")
    assert store.examples.project("old", "spans") == number
    with pytest.raises(LabError):
        store.examples.project("old", "labels")


def test_a_key_that_belongs_to_another_text_is_refused(store, project):
    newcomer = example("other content", "A")
    assert store.examples.add(project, [newcomer]) == [newcomer]
    assert len(store.examples.frame(project)) == 3


def test_nothing_is_a_fine_thing_to_add(store, project):
    assert store.examples.add(project, []) == []


def test_texts_come_back_as_they_went_in(store, project):
    hostile = "<script>\t\\N 'quoted' \"double\" ‮ 🐛 é\n\\."
    store.examples.add(project, [NewExample("h" * 64, "K", hostile, "train", "f:1", {"a": [None, "\\"]})])
    assert store.examples.frame(project).text.iloc[-1] == hostile


def test_texts_are_found_by_split_and_number(store, project, ids):
    assert list(store.examples.frame(project, split="dev").key) == ["B"]
    assert list(store.examples.frame(project, among=[ids["A"], ids["C"]]).key) == ["A", "C"]
    assert store.examples.frame(project, among=[]).empty
    assert list(store.examples.frame(project).columns) == ["example", "key", "text", "split"]


def test_numbers_are_found_by_key_and_by_hash(store, project, ids):
    assert ids["A"] == ids[example("a").hash]
