"""Bounds are those of the textbook, and the largest that the evidence allows."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from labkit import LabError
from labkit.certify import Method, Stratum, clopper_pearson, hypergeometric
from labkit.certify.bounds import bound, each_alone
from labkit.certify.evidence import evidence, log_bet

MARKS = st.text("rrrrrrwsRW", max_size=9)
STRATA = st.lists(st.tuples(MARKS, st.integers(0, 4)), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("texts", "drawn", "wrong"), [(1000, 150, 0), (1000, 150, 3), (60, 59, 1), (5, 0, 0), (5, 5, 2)]
)
def test_the_hypergeometric_bound_is_the_last_that_is_not_ruled_out(texts, drawn, wrong):
    most = hypergeometric(texts, drawn, wrong)
    assert hypergeom.cdf(wrong, texts, most, drawn) > 0.05
    assert most == texts - (drawn - wrong) or hypergeom.cdf(wrong, texts, most + 1, drawn) <= 0.05


def test_the_binomial_bound_is_where_so_few_are_just_as_rare_as_the_risk():
    assert binom.cdf(2, 200, clopper_pearson(200, 2)) == pytest.approx(0.05)
    assert (clopper_pearson(0, 0), clopper_pearson(5, 5)) == (1.0, 1.0)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(MARKS, st.integers(0, 4)), min_size=1, max_size=3), st.sampled_from([0.5, 0.9, 0.95]), st.data()
)
def test_the_sum_is_the_largest_that_any_errors_allow(given, confidence, data):
    """Found by going up the cheapest way, it is what trying all numbers of errors gives."""
    strata = [evidence(Stratum("s", max(len(marks) + more, 1), marks)) for marks, more in given]
    counted = data.draw(st.lists(st.booleans(), min_size=len(strata), max_size=len(strata)))
    least = log_bet(strata) + np.log1p(-confidence)
    ranges = [range(each.found, each.highest + 1) for each in strata]
    allowed = [
        sum(itertools.compress(errors, counted))
        for errors in itertools.product(*ranges)
        if sum(each.log_likelihood(wrong) for each, wrong in zip(strata, errors, strict=True)) > least
    ]
    most = bound(strata, counted, confidence, Method.SEQUENTIAL)
    if allowed:
        assert sum(itertools.compress(most, counted)) == max(allowed)
    alone = each_alone(strata, confidence, Method.SEQUENTIAL)
    assert all(each.found <= top <= each.highest for each, top in zip(strata, alone, strict=True))
    assert sum(alone) >= sum(most)


@given(MARKS, st.integers(1, 6))
def test_the_evidence_is_the_product_of_its_draws(marks, more):
    seen = evidence(Stratum("s", len(marks) + more, marks))
    for wrong in range(seen.found, seen.highest + 1):
        chance, known, bad = 1.0, 0, 0
        for mark in marks:
            left = (wrong - bad) / (len(marks) + more - known)
            chance *= {"r": 1 - left, "w": left, "s": left}.get(mark, 1)
            known, bad = known + 1, bad + (mark.lower() != "r")
        assert np.exp(seen.log_likelihood(wrong)) == pytest.approx(chance)
    costs = seen.costs(seen.found, seen.highest)
    assert (np.diff(costs) >= -1e-9).all()
    assert -costs == pytest.approx(np.diff([seen.log_likelihood(n) for n in range(seen.found, seen.highest + 1)]))
    likelihoods = [seen.log_likelihood(n) for n in range(seen.found, seen.highest + 1)]
    assert likelihoods[seen.likeliest() - seen.found] == pytest.approx(max(likelihoods))


def test_a_bet_is_a_probability():
    """Over all that six draws from two strata can give, bets add up to one."""
    total = 0.0
    for marks in itertools.product("rw", repeat=6):
        total += np.exp(
            log_bet([evidence(Stratum("a", 50, "".join(marks[:4]))), evidence(Stratum("b", 9, "".join(marks[4:])))])
        )
    assert total == pytest.approx(1)


@pytest.mark.parametrize("method", Method)
def test_nothing_read_bounds_nothing_and_all_read_bounds_all(method):
    one, read, wrong = (evidence(Stratum("s", 7, marks)) for marks in ("", "rrwrrrr", "wwwwwww"))
    assert bound([one, read, wrong], [True] * 3, 0.95, method) == [7, 1, 7]
    assert bound([], [], 0.95, method) == []


def test_more_right_ones_lower_the_bound_and_a_wrong_one_lifts_it():
    tops = [
        bound([evidence(Stratum("s", 5000, "r" * n))], [True], 0.95, Method.SEQUENTIAL)[0] for n in range(0, 400, 20)
    ]
    assert tops == sorted(tops, reverse=True)
    assert tops[0] == 5000
    (lifted,) = bound([evidence(Stratum("s", 5000, "r" * 379 + "w"))], [True], 0.95, Method.SEQUENTIAL)
    assert lifted > tops[-1]


@pytest.mark.parametrize(("texts", "drawn", "wrong"), [(5, 6, 0), (5, 2, 3), (5, -1, 0), (-1, 0, 0)])
def test_counts_that_do_not_fit_are_refused(texts, drawn, wrong):
    with pytest.raises(LabError, match="do not fit"):
        hypergeometric(texts, drawn, wrong)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, "0.9", None, True, float("nan")])
def test_a_share_stands_between_0_and_1(share):
    with pytest.raises(LabError, match="confidence is"):
        clopper_pearson(10, 0, share)
