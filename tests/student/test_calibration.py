from __future__ import annotations

import doctest

import numpy as np
import pytest
from sklearn.metrics import log_loss

from labkit.metrics import brier, calibration_error
from labkit.student import calibrate, calibration
from labkit.student.calibration import ENOUGH, Isotonic, Temperature
from labkit.tasks import make_task

TASK = make_task("choices", ["X", "Y"])


def texts(size, bend, seed=0):
    """Make scores of X that `bend` turned away from the probabilities by which X came true, and their folds."""
    random = np.random.default_rng(seed)
    odds = random.normal(0, 1.5, size)
    true = random.random(size) < 1 / (1 + np.exp(-odds))
    said = 1 / (1 + np.exp(-bend(odds)))
    return [{"X": p, "Y": 0.5} for p in said], [["X"] if t else [] for t in true], random.integers(0, 5, size).tolist()


def of_x(scores, values):
    return np.array([each["X"] for each in scores]), np.array(["X" in value for value in values])


def test_examples_in_docstrings_run():
    assert doctest.testmod(calibration).failed == 0


@pytest.mark.parametrize("bend", [lambda odds: 3 * odds, lambda odds: odds / 3, lambda odds: odds - 2])
def test_scores_that_are_too_sure_too_shy_or_too_low_come_true_as_often_as_they_say(bend):
    scores, values, folds = texts(2000, bend)
    before, after = of_x(scores, values), of_x(calibrate(TASK, scores, values, folds), values)
    assert calibration_error(*after) < 0.05 < calibration_error(*before)
    assert brier(*after) < brier(*before)
    assert log_loss(after[1], after[0]) < log_loss(before[1], before[0])


def test_a_temperature_is_found_and_keeps_order_and_sides():
    scores, values, _ = texts(5000, lambda odds: 3 * odds)
    said, true = of_x(scores, values)
    found = Temperature().fit(said, true)
    assert found._temperature == pytest.approx(3, rel=0.1)
    after = found.predict(said)
    assert (np.diff(after[np.argsort(said)]) >= 0).all()
    assert ((after > 0.5) == (said > 0.5)).all()


def test_isotonic_steps_rise_and_are_never_certain():
    said, true = np.linspace(0, 1, 50), np.arange(50) > 25
    after = Isotonic().fit(said, true).predict(said)
    assert (np.diff(after) > 0).all()
    assert 0 < after.min() < after.max() < 1


def test_a_text_plays_no_part_in_its_own_calibration():
    scores, values, folds = texts(600, lambda odds: 3 * odds)
    other = [["Y"] if fold == 3 else value for value, fold in zip(values, folds, strict=True)]
    one, two = (calibrate(TASK, scores, said, folds) for said in (values, other))
    assert [a["X"] for a, fold in zip(one, folds, strict=True) if fold == 3] == [
        b["X"] for b, fold in zip(two, folds, strict=True) if fold == 3
    ]


def test_texts_without_a_label_are_calibrated_and_teach_nothing():
    scores, values, folds = texts(600, lambda odds: 3 * odds)
    more = [*scores, {"X": 0.99, "Y": 0.5}]
    found = calibrate(TASK, more, [*values, None], [*folds, 0])
    assert found[:-1] == calibrate(TASK, scores, values, folds)
    assert found[-1]["X"] < 0.97


def test_good_scores_and_too_few_stay_as_they_are():
    scores, values, folds = texts(3000, lambda odds: odds)
    assert calibration_error(*of_x(calibrate(TASK, scores, values, folds), values)) < 0.03
    few = calibrate(TASK, scores[:ENOUGH], values[:ENOUGH], folds[:ENOUGH])
    assert few == scores[:ENOUGH]
    assert all(each["Y"] == 0.5 for each in calibrate(TASK, scores, values, folds))  # nobody has Y
    assert calibrate(TASK, [], [], []) == []
    assert calibrate(TASK, [{"X": 1.0, "Y": 0.0}], [None], [0]) == [{"X": 1.0, "Y": 0.0}]


def test_scores_of_zero_and_one_are_no_trouble():
    values = [["X"] if n % 3 else [] for n in range(300)]
    scores = [{"X": float(n % 2), "Y": 0.0} for n in range(300)]
    found = calibrate(TASK, scores, values, [n % 5 for n in range(300)])
    assert all(0.5 < each["X"] < 0.8 for each in found)


def test_every_span_and_every_label_of_spans_is_calibrated():
    task = make_task("spans", ["P"])
    span = {"start": 0, "end": 3, "label": "P"}
    scores = [{"P": 0.99, "P 0:3": 0.99, "P 5:9": 0.9} for _ in range(200)]
    values = [[span] if n % 2 else [] for n in range(200)]
    found = calibrate(task, scores, values, [n % 5 for n in range(200)])[0]
    assert found["P"] == pytest.approx(0.5, abs=0.05)
    assert found["P 5:9"] < found["P 0:3"] < 0.6


def test_one_label_of_several_is_still_the_likeliest_after_calibration():
    task, random = make_task("choice", ["X", "Y"]), np.random.default_rng(0)
    said = random.random(1000)
    scores = [{"X": p, "Y": 1 - p} for p in said]
    values = [["X"] if random.random() < 0.5 + (p - 0.5) / 3 else ["Y"] for p in said]
    found = calibrate(task, scores, values, random.integers(0, 5, 1000).tolist())
    assert np.mean([each["X"] for each, p in zip(found, said, strict=True) if p > 0.9]) == pytest.approx(0.65, abs=0.08)
    assert all(task.decide(each, []) == [max(each, key=each.__getitem__)] for each in found)
    agree = [task.decide(a, []) == task.decide(b, []) for a, b in zip(found, scores, strict=True)]
    assert np.mean(agree) > 0.95
