"""Boundaries on which annotators differ."""

import pandas as pd
import pytest

from labkit.review.boundaries import COLUMNS, boundaries
from labkit.tasks import make_task

TEXTS = pd.DataFrame({"example": [1, 2, 3], "text": ["in the 1990s", "The 1980s and the 1970s", "May Day March"]})


@pytest.fixture
def task():
    return make_task("spans", ["DATE", "PERSON"])


def said(**values):
    """Lay out annotations: a dict of example to ranges for each annotator; a range may end with its label."""
    rows = [
        (example, name, [{"start": s, "end": e, "label": (*more, "DATE")[0]} for s, e, *more in spans])
        for name, given in values.items()
        for example, spans in given.items()
    ]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    return frame.assign(kind="model", outcome="parsed", scores=None)


def test_one_row_for_what_the_longer_has_more(task):
    annotations = said(llm={1: [(3, 12)], 2: [(0, 9), (18, 23)]}, cpu={1: [(7, 12)], 2: [(4, 9), (14, 23)]})
    (row,) = boundaries(annotations, TEXTS, task).to_dict("records")
    assert (row["label"], row["before"], row["after"], row["times"], row["texts"]) == ("DATE", "the", "", 3, 2)
    assert (row["longer_by"], row["shorter_by"]) == ("llm, cpu", "cpu, llm")
    assert row["longer"].removeprefix("the ").removeprefix("The ") == row["shorter"]


def test_a_confusion_counts_once_however_many_stand_on_either_side(task):
    annotations = said(llm={1: [(3, 12)]}, bare={1: [(3, 12)]}, cpu={1: [(7, 12)]})
    (row,) = boundaries(annotations, TEXTS, task).to_dict("records")
    assert (row["times"], row["longer_by"], row["shorter_by"]) == (1, "llm, bare", "cpu")
    assert boundaries(annotations, TEXTS, task, ["llm", "bare"]).empty


def test_spans_that_cross_stand_with_their_words(task):
    (row,) = boundaries(said(llm={3: [(0, 7)]}, cpu={3: [(4, 13)]}), TEXTS, task).to_dict("records")
    assert (row["before"], row["after"], row["longer"], row["shorter"]) == ("", "", "Day March", "May Day")


def test_other_differences_are_none_of_boundaries(task):
    annotations = said(llm={1: [(3, 12)], 2: [(0, 9)]}, cpu={1: [(3, 12, "PERSON")], 2: []})
    assert boundaries(annotations, TEXTS, task).columns.tolist() == COLUMNS
    assert boundaries(annotations, TEXTS, task).empty
    labels = annotations.assign(value=[["A"], [], [], ["A"]])
    assert boundaries(labels, TEXTS, make_task("choices", ["A"])).empty
