"""Simulated audits: texts with known errors, drawn ten at a time, looked at after each ten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from labkit.certify import Method, Stratum
from labkit.certify.bounds import bound
from labkit.certify.evidence import Evidence, evidence

SIMULATIONS = 2000


def seen(texts: int, drawn: int, wrong: int) -> Evidence:
    """Return the evidence of draws alone, whose order does not matter."""
    return evidence(Stratum("s", texts)).then(drawn - wrong, wrong)


@cache
def total(
    sizes: tuple[int, ...], drawn: tuple[int, ...], wrong: tuple[int, ...], method: Method, confidence: float
) -> int:
    """Bound the wrong labels of all strata."""
    given = [seen(*each) for each in zip(sizes, drawn, wrong, strict=True)]
    return sum(bound(given, [True] * len(sizes), confidence, method))


def draw(random: np.random.Generator, left: NDArray[np.int64], texts: int, drawn: int) -> NDArray[np.int64]:
    """Draw so many of the texts left of one stratum, in all simulations, and return how many of them are wrong."""
    return random.hypergeometric(left, texts - left, drawn)


def misses(
    sizes: Sequence[int],
    errors: Sequence[int],
    steps: Sequence[int],
    looks: int,
    method: Method = Method.SEQUENTIAL,
    confidence: float = 0.95,
    every: bool = True,
    seed: int = 0,
) -> int:
    """Count the simulations in which a bound, at any look or (not `every`) at the last, is below the truth.

    At each look as many more texts of each stratum were drawn as `steps` say.
    """
    random = np.random.default_rng(seed)
    left = np.tile(np.array(errors), (SIMULATIONS, 1))
    found, drawn = np.zeros_like(left), np.zeros(len(sizes), int)
    missed = np.zeros(SIMULATIONS, bool)
    for look in range(looks):
        for place, step in enumerate(steps):
            more = min(step, sizes[place] - drawn[place])
            wrong = draw(random, left[:, place], sizes[place] - drawn[place], more)
            left[:, place] -= wrong
            found[:, place] += wrong
            drawn[place] += more
        if every or look == looks - 1:
            cases, number = np.unique(found, axis=0, return_inverse=True)
            ask = (tuple(sizes), tuple(drawn.tolist()))
            bounds = np.array([total(*ask, tuple(case.tolist()), method, confidence) for case in cases])
            missed |= bounds[number.ravel()] < sum(errors)
    return int(missed.sum())


def too_many(missed: int, risk: float) -> bool:
    """Say whether so many misses are more than a risk allows: chance alone gives them once in a thousand times."""
    from scipy.stats import binomtest

    return bool(binomtest(missed, SIMULATIONS, risk, alternative="greater").pvalue < 0.001)


def audits_needed(
    random: np.random.Generator, texts: int, errors: int, promise: float, decide: Callable[[int, int], bool]
) -> int:
    """Draw one by one until `decide(drawn, wrong)` holds, and return how many that took."""
    wrong = np.zeros(texts, bool)
    wrong[random.permutation(texts)[:errors]] = True
    found = 0
    for drawn, each in enumerate(random.permutation(wrong), 1):
        found += int(each)
        if decide(drawn, found):
            return drawn
    return texts
