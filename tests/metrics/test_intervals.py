from __future__ import annotations

import doctest

import pytest
from scipy.stats import binomtest

from labkit import LabError
from labkit.metrics import intervals, mcnemar, wilson


def test_examples_in_docstrings_run():
    assert doctest.testmod(intervals).failed == 0


def test_wilson_gives_the_published_interval():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81 of 263, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize(("hits", "total"), [(0, 1), (1, 1), (1, 3), (17, 20), (5, 100_000), (999_999, 1_000_000)])
def test_wilson_gives_what_scipy_gives(hits, total, confidence):
    theirs = binomtest(hits, total).proportion_ci(confidence, method="wilson")
    assert wilson(hits, total, confidence) == pytest.approx((theirs.low, theirs.high), rel=1e-9, abs=1e-12)


def test_wilson_of_no_texts_says_that_nothing_is_known():
    assert wilson(0, 0) == (0, 1)


@pytest.mark.parametrize("hits", [-1, 11])
def test_wilson_refuses_what_is_no_share(hits):
    with pytest.raises(LabError, match="is no share"):
        wilson(hits, 10)


def test_mcnemar_counts_only_where_one_is_right_and_is_exact():
    assert mcnemar(0, 0) == 1
    assert mcnemar(10, 1) == mcnemar(1, 10) == pytest.approx(2 * (1 + 11) / 2**11)
    assert mcnemar(5, 5) == 1
    assert mcnemar(60_000, 40_000) < 1e-100
    with pytest.raises(LabError, match="no counts"):
        mcnemar(-1, 3)
