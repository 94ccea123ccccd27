from __future__ import annotations

import doctest

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from labkit import LabError
from labkit.metrics import MACRO, MICRO, WHOLE, scores, scoring

LABELS = ["a", "b", "c"]


@pytest.fixture
def matrices() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    truth = random.random((200, 3)) < [0.5, 0.3, 0.1]
    return truth, truth ^ (random.random((200, 3)) < 0.15)


def test_examples_in_docstrings_run():
    assert doctest.testmod(scoring).failed == 0


def test_scores_are_those_of_scikit_learn(matrices):
    table = scores(*matrices, LABELS)
    for rows, average in ((LABELS, None), ([MICRO], "micro"), ([MACRO], "macro")):
        expected = precision_recall_fscore_support(*matrices, average=average, zero_division=0)
        for column, figures in zip(["precision", "recall", "f"], expected, strict=False):
            assert table.loc[rows, column].to_numpy() == pytest.approx(np.atleast_1d(figures))


def test_whole_values_are_scored_by_the_share_that_is_exactly_right(matrices):
    row = scores(*matrices, LABELS).loc[WHOLE]
    share = (matrices[0] == matrices[1]).all(axis=1).mean()
    assert row[["precision", "recall", "f"]].tolist() == pytest.approx([share] * 3)
    assert row["support"] == 200


def test_support_counts_true_labels(matrices):
    support = scores(*matrices, LABELS)["support"]
    each = matrices[0].sum(axis=0).tolist()
    assert support.tolist() == [*each, sum(each), sum(each), 200]


def test_rows_may_stand_for_many_texts(matrices):
    rows, counts = np.unique(np.hstack(matrices), axis=0, return_counts=True)
    counted = scores(rows[:, :3], rows[:, 3:], LABELS, counts)
    one_by_one = scores(*matrices, LABELS)
    columns = ["precision", "recall", "f", "support"]
    assert np.allclose(counted[columns], one_by_one[columns])
    assert np.allclose(counted, one_by_one, atol=0.03)  # the intervals are drawn anew


def test_intervals_hold_the_estimate_and_repeat(matrices):
    table = scores(*matrices, LABELS)
    for name in ("precision", "recall", "f"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert table.equals(scores(*matrices, LABELS))
    assert not table.equals(scores(*matrices, LABELS, seed=1))


def test_intervals_hold_the_true_f_about_as_often_as_they_say():
    random, held, true_f = np.random.default_rng(1), 0, 2 * 0.36 / (2 * 0.36 + 0.06 + 0.04)
    for seed in range(200):
        truth = random.random((150, 1)) < 0.4
        guess = truth ^ (random.random((150, 1)) < 0.1)
        rows, counts = np.unique(np.hstack([truth, guess]), axis=0, return_counts=True)
        row = scores(rows[:, :1], rows[:, 1:], ["a"], counts, resamples=200, seed=seed).loc["a"]
        held += row["f_low"] <= true_f <= row["f_high"]
    assert 0.9 <= held / 200 <= 0.99


def test_a_label_never_given_scores_zero_and_not_nan():
    truth = np.array([[1, 0], [1, 0]])
    table = scores(truth, np.zeros_like(truth), ["a", "b"])
    assert not table.isna().any(axis=None)
    assert table.loc[["a", "b"], "f"].tolist() == [0, 0]


def test_one_text_is_enough_and_none_is_too_few():
    assert scores(np.array([[1]]), np.array([[1]]), ["a"]).loc["a", "f_low"] == 1
    with pytest.raises(LabError, match="no texts to score"):
        scores(np.zeros((0, 1)), np.zeros((0, 1)), ["a"])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(LabError, match="do not fit"):
        scores(np.zeros((2, 1)), np.zeros((3, 1)), ["a"])
    with pytest.raises(LabError, match="a column for each of 2 labels"):
        scores(np.zeros((2, 1)), np.zeros((2, 1)), ["a", "b"])


def test_many_different_texts_get_the_same_intervals_drawn_one_by_one(matrices, monkeypatch):
    rows, counts = np.unique(np.hstack(matrices), axis=0, return_counts=True)
    at_once = scores(rows[:, :3], rows[:, 3:], LABELS, counts)
    monkeypatch.setattr(scoring, "FEW", 0)
    one_by_one = scores(rows[:, :3], rows[:, 3:], LABELS, counts)
    assert not at_once.equals(one_by_one)  # other random numbers
    assert np.allclose(at_once, one_by_one, atol=0.03)
