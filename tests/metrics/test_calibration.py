from __future__ import annotations

import doctest

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from labkit import LabError
from labkit.metrics import brier, calibration, calibration_error, reliability, wilson


@pytest.fixture
def cases() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    said = random.random(500)
    return said, random.random(500) < said**2


def test_examples_in_docstrings_run():
    assert doctest.testmod(calibration).failed == 0


def test_brier_and_curve_are_those_of_scikit_learn(cases):
    assert brier(*cases) == pytest.approx(brier_score_loss(cases[1], cases[0]))
    came, said = calibration_curve(cases[1], cases[0], n_bins=10)
    table = reliability(*cases)
    assert table["said"].to_numpy() == pytest.approx(said)
    assert table["came"].to_numpy() == pytest.approx(came)


def test_the_error_is_the_distance_from_the_diagonal(cases):
    table = reliability(*cases)
    assert table["cases"].sum() == 500
    by_hand = sum(row.cases * abs(row.said - row.came) for row in table.itertuples()) / 500
    assert calibration_error(*cases) == pytest.approx(by_hand)
    assert calibration_error(np.array([0.0, 1.0]), np.array([0, 1])) == 0


def test_intervals_are_wilsons():
    row = reliability(np.array([1.0, 1.0]), np.array([1, 0])).iloc[0]
    assert (row["low"], row["high"]) == wilson(1, 2)


def test_no_cases_are_no_figure():
    nothing = np.zeros(0)
    assert np.isnan(brier(nothing, nothing)) and np.isnan(calibration_error(nothing, nothing))
    assert reliability(nothing, nothing).empty


@pytest.mark.parametrize("said", [[0.5, 1.1], [0.5, np.nan], [0.5]])
def test_what_is_no_probability_is_refused(said):
    with pytest.raises(LabError):
        brier(np.array(said), np.array([0, 1]))
