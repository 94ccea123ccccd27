"""Certificates hold as often as they say: simulated, with the truth known, looked at after every ten audits."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from labkit.certify import Method
from labkit.certify.bounds import bound
from labkit.certify.evidence import Evidence

from .simulate import SIMULATIONS, misses, seen, too_many

RISK = 0.05
DESIGNS = [
    ((1000,), (30,), (10,), 40),  # errors around the promise
    ((1000,), (100,), (10,), 40),  # many
    ((200,), (1,), (10,), 20),  # one, read to the end
    ((500, 300), (10, 15), (6, 4), 30),
    ((400, 300, 300), (0, 24, 0), (4, 3, 3), 25),  # all in one stratum
    ((600, 40), (12, 12), (8, 2), 20),  # unevenly drawn
    ((1, 2, 3, 5, 300), (0, 1, 2, 0, 6), (1, 1, 1, 1, 10), 20),  # strata of a text or two beside a large one
    ((3, 3, 3, 3), (1, 0, 3, 1), (1, 1, 1, 1), 3),  # nothing but small ones, read to the end
    ((12,), (6,), (1,), 12),  # looked at after each
]
NO_ERRORS = [((1000,), (0,), (10,), 40), ((300, 2), (0, 0), (10, 1), 20)]
ALL_ERRORS = [((300,), (300,), (10,), 20), ((200, 3), (200, 3), (10, 1), 20), ((1,), (1,), (1,), 1)]


@pytest.mark.parametrize(("sizes", "errors", "steps", "looks"), DESIGNS, ids=str)
def test_looking_after_every_ten_audits_misses_no_more_than_the_risk(sizes, errors, steps, looks):
    assert not too_many(misses(sizes, errors, steps, looks), RISK)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(("sizes", "errors", "steps", "looks"), NO_ERRORS + ALL_ERRORS, ids=str)
def test_where_no_label_is_wrong_or_every_one_no_look_misses_by_any_method(sizes, errors, steps, looks, method):
    """There is one outcome alone, and a bound below the truth would be below it every time."""
    assert misses(sizes, errors, steps, looks, method) == 0


def test_it_is_no_sharper_than_that_by_much():
    assert misses((1000,), (30,), (10,), 40) > 0.4 * RISK * SIMULATIONS


def test_a_bound_for_one_look_does_not_stand_looking_ten_by_ten():
    assert too_many(misses((1000,), (30,), (10,), 40, Method.HYPERGEOMETRIC), RISK)


@pytest.mark.parametrize("method", [Method.HYPERGEOMETRIC, Method.CLOPPER_PEARSON])
@pytest.mark.parametrize(
    ("sizes", "errors", "steps"), [((1000,), (30,), (150,)), ((500, 300), (10, 15), (90, 60)), ((60,), (20,), (30,))]
)
def test_a_bound_for_one_look_holds_for_one(method, sizes, errors, steps):
    assert not too_many(misses(sizes, errors, steps, 1, method), RISK)


def test_at_another_confidence():
    assert not too_many(misses((800,), (40,), (10,), 40, confidence=0.8), 0.2)
    assert misses((800,), (40,), (10,), 40, confidence=0.8) > misses((800,), (40,), (10,), 40)


@cache
def bounded(strata: tuple[Evidence, ...], counted: tuple[bool, ...]) -> list[int]:
    """Bound the wrong labels of the counted strata."""
    return bound(strata, counted, 1 - RISK, Method.SEQUENTIAL)


def read(found: Evidence, errors: int, wrong: int, right: int) -> tuple[Evidence, int]:
    """Read so many texts for another reason than that they were drawn."""
    known = replace(found, found=found.found + wrong, fine=found.fine + right)
    return known, errors - wrong


def test_what_was_found_may_decide_what_is_drawn_read_and_revoked():
    """A user who draws where least was found, has a queue that finds errors elsewhere, and drops what looks bad."""
    random, missed = np.random.default_rng(3), 0
    for _ in range(SIMULATIONS):
        strata, left = [seen(120, 0, 0) for _ in range(3)], [6, 6, 6]
        counted = [True] * 3
        for _ten in range(6):
            rates = [each.drawn_wrong / max(each.drawn, 1) for each in strata]
            best = int(np.argmin([rate if used else 1 for rate, used in zip(rates, counted, strict=True)]))
            unread = strata[best].texts - strata[best].found - strata[best].fine
            wrong = int(random.hypergeometric(left[best], unread - left[best], min(10, unread)))
            strata[best] = strata[best].then(min(10, unread) - wrong, wrong)
            left[best] -= wrong
            if wrong and left[best] > 1:  # one error found leads the queue to another
                strata[best], left[best] = read(strata[best], left[best], 1, 2)
            if strata[best].drawn_wrong > 2:
                counted[best] = False
            if not any(counted):
                break
            most = bounded(tuple(strata), tuple(counted))
            known = [each.found + errors for each, errors in zip(strata, left, strict=True)]
            if sum(top for top, used in zip(most, counted, strict=True) if used) < sum(
                errors for errors, used in zip(known, counted, strict=True) if used
            ):
                missed += 1
                break
    assert not too_many(missed, RISK)


def test_dropping_what_looks_bad_is_paid_for():
    """Twelve strata of a hundred with four errors each; those whose audit finds an error are revoked."""
    random, texts, errors, drawn, strata = np.random.default_rng(4), 100, 4, 30, 12
    found = random.hypergeometric(errors, texts - errors, drawn, (SIMULATIONS, strata))
    cases, times = np.unique(np.sort(found, axis=1), axis=0, return_counts=True)
    missed = forgotten = 0
    for case, count in zip(cases, times, strict=True):
        given = [seen(texts, drawn, int(wrong)) for wrong in case]
        kept = [not wrong for wrong in case]
        if any(kept):
            sums = []
            for evidence, used in ((given, kept), (given[: sum(kept)], kept[: sum(kept)])):
                most = bound(evidence, used, 1 - RISK, Method.SEQUENTIAL)
                sums.append(sum(top for top, each in zip(most, used, strict=True) if each))
            missed += int(count) * (sums[0] < errors * sum(kept))
            forgotten += int(count) * (sums[1] < errors * sum(kept))
    assert not too_many(missed, RISK)
    assert too_many(forgotten, RISK)  # had the revoked strata been no evidence
