from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from labkit.review import compare, evidence
from labkit.review.evidence import gather
from labkit.tasks import make_task

from ..said import TASK, said

DATE, LONGER = [{"start": 4, "end": 9, "label": "DATE"}], [{"start": 0, "end": 9, "label": "DATE"}]


def evidence_of(answers, scores=None, names=None):
    found = compare(said(answers, scores), TASK, names).answers
    return gather(found, np.arange(len(found.examples)))


def test_examples_in_docstrings_run():
    assert doctest.testmod(evidence).failed == 0


def test_the_value_at_stake_is_that_of_the_first_who_gives_one():
    found = evidence_of({"llm": "B ? -", "llm-bare": "D D D"})
    assert found.said.tolist() == [[1, 0], [0, 1], [0, 0]]
    assert found.differ.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.apart.tolist() == [1, 0, 1]


def test_scores_count_as_log_odds_against_what_was_said_and_only_once():
    scores = [(0.1, 0.1), (1.0, 0.0), None]
    found = evidence_of({"llm": "B B B", "cpu": "- B -"}, {"cpu": scores})
    assert found.doubt[0] == pytest.approx([np.log(9), np.log(1 / 9)])
    assert found.doubt[1] == pytest.approx([-np.log(99), -np.log(99)])
    assert found.doubt[2].tolist() == [0, 0]
    assert not found.differ.any()


def test_what_an_annotator_thinks_of_its_own_value_is_kept_apart():
    found = evidence_of({"cpu": "B B"}, {"cpu": [(0.6, 0.1), (0.9, 0.1)]})
    assert found.own[:, 0] == pytest.approx([np.log(0.4 / 0.6), np.log(0.1 / 0.9)])
    assert not found.doubt.any()
    assert not found.differ.any()


def spans_of(rows):
    """Gather the evidence on one text with spans; a row has the annotator, its value and its scores."""
    frame = pd.DataFrame(rows, columns=["annotator", "value", "scores"])
    frame = frame.assign(example=1, kind="llm", outcome="parsed")
    return gather(compare(frame, make_task("spans", ["DATE"])).answers, np.array([0]))


def test_of_spans_only_those_without_scores_count_as_apart():
    model = ("cpu", LONGER, {"DATE": 0.9, "DATE 4:9": 0.2, "DATE 0:9": 0.7})
    assert spans_of([("llm", DATE, None), model]).apart.tolist() == [0]
    assert spans_of([("llm", DATE, None), ("llm-bare", LONGER, None), model]).apart.tolist() == [1]


def test_how_unsure_a_model_is_of_spans_is_asked_of_the_value_at_stake():
    sure = ("cpu", DATE, {"DATE": 0.9, "DATE 4:9": 0.9})
    unsure = ("md", LONGER, {"DATE": 0.9, "DATE 4:9": 0.2, "DATE 0:9": 0.7})
    one, other = np.log(1 / 9), np.log(0.8 / 0.2)
    assert spans_of([("llm", DATE, None), sure]).unsure == pytest.approx([one])
    assert spans_of([("llm", DATE, None), sure, unsure]).unsure == pytest.approx([(one + other) / 2])
    assert spans_of([("llm", DATE, None), ("cpu", LONGER, {"DATE 0:9": 1.0})]).unsure == pytest.approx([np.log(99)])
    assert spans_of([("llm", DATE, None), ("llm-bare", DATE, None)]).unsure.tolist() == [0]
    assert spans_of([sure]).unsure == pytest.approx([one])


def test_labels_of_whole_texts_say_all_and_are_asked_one_by_one():
    found = evidence_of({"llm": "B", "cpu": "D"}, {"cpu": [(0.1, 0.9)]})
    assert found.unsure.tolist() == found.apart.tolist() == [0]
    assert found.doubt[0] == pytest.approx([np.log(9), np.log(9)])
