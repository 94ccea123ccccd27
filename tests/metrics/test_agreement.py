from __future__ import annotations

import doctest

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from labkit.metrics import agreement, alpha, kappa


def test_examples_in_docstrings_run():
    assert doctest.testmod(agreement).failed == 0


def test_kappa_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    a = random.integers(0, 4, 300)
    b = np.where(random.random(300) < 0.6, a, random.integers(0, 4, 300))
    assert kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))


def test_kappa_of_counted_rows_is_that_of_the_rows_repeated():
    a, b, counts = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]), np.array([5, 1, 7, 2])
    assert kappa(a, b, counts) == pytest.approx(kappa(a.repeat(counts), b.repeat(counts)))


@pytest.mark.parametrize("both", [[], [0], [2, 2, 2]])
def test_kappa_is_not_defined_where_there_is_one_category(both):
    assert np.isnan(kappa(np.array(both, int), np.array(both, int)))


def test_kappa_is_zero_where_one_annotator_always_says_the_same():
    assert kappa(np.array([0, 0, 0]), np.array([0, 1, 0])) == 0


@pytest.mark.parametrize("categories", [2, 5])
def test_alpha_is_that_of_the_library_on_the_whole_table(categories):
    random = np.random.default_rng(categories)
    codes = random.integers(0, categories, (300, 4))
    codes = np.where(random.random(codes.shape) < 0.5, codes[:, :1], codes)
    codes[random.random(codes.shape) < 0.3] = -1
    whole = krippendorff.alpha(np.where(codes < 0, np.nan, codes).T, level_of_measurement="nominal")
    assert alpha(codes) == pytest.approx(whole)


def test_alpha_takes_many_categories_in_little_memory():
    # The library's table of texts by categories squared would take 800 MB.
    codes = np.arange(10_000)[:, None].repeat(2, axis=1)
    codes[100:] = 0
    assert alpha(codes) == pytest.approx(1)


@pytest.mark.parametrize(
    "codes", [np.zeros((0, 3), int), np.full((4, 3), -1), np.zeros((4, 3), int), np.array([[0, -1], [-1, 1]])]
)
def test_alpha_is_not_defined_where_there_is_nothing_to_compare_or_one_category(codes):
    assert np.isnan(alpha(codes))
