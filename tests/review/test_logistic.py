from __future__ import annotations

import doctest

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from labkit.review import logistic
from labkit.review.logistic import chance, fit

RANDOM = np.random.default_rng(0)
COLUMNS = RANDOM.normal(size=(80, 3))
TARGET = (COLUMNS @ [1.0, -2.0, 0.5] + RANDOM.normal(size=80) > 0).astype(float)
ONES, NOTHING, PRECISION = np.ones(80), np.zeros(3), np.ones(3)


def test_examples_in_docstrings_run():
    assert doctest.testmod(logistic).failed == 0


def test_with_a_mean_of_zero_it_is_scikit_learns():
    theirs = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-8).fit(COLUMNS, TARGET).coef_[0]
    assert fit(COLUMNS, TARGET, ONES, PRECISION, NOTHING).coefficients == pytest.approx(theirs, abs=1e-2)


def test_a_weight_counts_as_so_many_rows():
    twice = fit(np.vstack([COLUMNS, COLUMNS[:5]]), np.append(TARGET, TARGET[:5]), np.ones(85), PRECISION, NOTHING)
    weights = np.where(np.arange(80) < 5, 2.0, 1.0)
    assert fit(COLUMNS, TARGET, weights, PRECISION, NOTHING).coefficients == pytest.approx(twice.coefficients, abs=1e-3)


def test_without_rows_the_belief_stays():
    mean = np.array([1.0, -1.0, 0.0])
    told = fit(np.zeros((0, 3)), np.zeros(0), np.zeros(0), PRECISION, mean)
    assert told.coefficients.tolist() == mean.tolist()


def test_few_rows_move_a_firm_belief_little_and_many_move_it_much():
    mean = np.array([3.0, 3.0, 3.0])
    firm = fit(COLUMNS, TARGET, ONES, np.full(3, 1e4), mean).coefficients
    loose = fit(COLUMNS, TARGET, ONES, np.full(3, 1e-2), mean).coefficients
    assert np.abs(firm - mean).max() < 0.01
    assert loose[1] < 0


def test_held_out_is_what_a_fit_without_the_row_says():
    told = fit(COLUMNS, TARGET, ONES, PRECISION, NOTHING)
    others = []
    for row in range(80):
        kept = np.delete(COLUMNS, row, 0), np.delete(TARGET, row), np.ones(79)
        others.append(COLUMNS[row] @ fit(*kept, PRECISION, NOTHING).coefficients)
    said = chance(told.held_out(COLUMNS, TARGET, ONES))
    assert said == pytest.approx(chance(np.array(others)), abs=0.02)
    assert np.abs(chance(COLUMNS @ told.coefficients) - chance(np.array(others))).max() > 0.02


def test_classes_that_words_tell_apart_do_not_run_away():
    columns = np.column_stack([np.ones(6), [-5.0, -4, -3, 3, 4, 5]]) * 100
    told = fit(columns, np.array([0.0, 0, 0, 1, 1, 1]), np.ones(6), np.full(2, 1e-3), np.zeros(2))
    assert np.isfinite(told.coefficients).all()
    assert chance(columns @ told.coefficients).round().tolist() == [0, 0, 0, 1, 1, 1]


def test_single_precision_and_a_start_elsewhere_end_at_the_same_fit():
    columns = RANDOM.normal(size=(300, 40))
    target = (columns[:, 0] + RANDOM.normal(size=300) > 0).astype(float)
    prior = np.ones(300), np.ones(40), np.zeros(40)
    exact = fit(columns, target, *prior)
    single = fit(columns.astype(np.float32), target, *prior, start=RANDOM.normal(size=40))
    assert single.coefficients == pytest.approx(exact.coefficients, abs=5e-3)
    assert single.factor.dtype == np.float32
    said, expected = (told.held_out(columns, target, prior[0]) for told in (single, exact))
    assert chance(said) == pytest.approx(chance(expected), abs=0.02)


def test_the_factor_is_of_the_second_derivatives_at_the_fit():
    told = fit(COLUMNS, TARGET, ONES, PRECISION, np.full(3, 5.0))
    said = chance(COLUMNS @ told.coefficients)
    hessian = (COLUMNS * (said * (1 - said))[:, None]).T @ COLUMNS + np.eye(3)
    assert told.factor @ told.factor.T == pytest.approx(hessian, rel=0.1, abs=0.2)
