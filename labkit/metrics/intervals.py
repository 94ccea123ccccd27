"""Intervals and tests of shares, exact or close to it."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from ..errors import LabError


def wilson(hits: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Give the interval in which a share lies, by Wilson's score method.

    Parameters
    ----------
    hits, total : int
        The share is `hits` of `total` texts.
    confidence : float
        How often such intervals hold the true share, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end, between 0 and 1. Of no texts nothing is known: ``(0.0, 1.0)``.

    Raises
    ------
    LabError
        If `hits` is not between 0 and `total`.

    Notes
    -----
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of
    the American Statistical Association 22(158), pages 209-212. By its formula and not by SciPy's statistics: these
    take 40 MiB of every kernel that compares annotators.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.596 to 0.982
    """
    if not 0 <= hits <= total:
        raise LabError(f"{hits} of {total} is no share.", "Give a count between 0 and the total.")
    if total == 0:
        return 0.0, 1.0
    hits, total = int(hits), int(total)
    squared = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    centre = hits + squared / 2
    half = sqrt(squared) * sqrt(hits * (total - hits) / total + squared / 4)
    low = 0.0 if hits == 0 else (centre - half) / (total + squared)  # the ends are exact, whatever the rounding
    high = 1.0 if hits == total else (centre + half) / (total + squared)
    return low, high


def mcnemar(only_a: int, only_b: int) -> float:
    """Test whether one of two annotators of the same texts is right more often: McNemar's test, exact.

    Parameters
    ----------
    only_a, only_b : int
        Texts on which one is right and the other wrong. Those on which both are right, or both wrong, tell nothing.

    Returns
    -------
    float
        Two-sided p: how likely a difference at least this large is between two that are equally good, 0 to 1.
        1 where they never differ. Of many pairs, some are below 0.05 by chance.

    Raises
    ------
    LabError
        If a count is negative.

    Notes
    -----
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or
    percentages. Psychometrika 12(2), pages 153-157. By the binomial distribution, which holds for counts of
    any size, and not by its chi-squared approximation; computed by SciPy.

    Examples
    --------
    >>> round(mcnemar(9, 1), 4)
    0.0215
    """
    from scipy.stats import binomtest

    if min(only_a, only_b) < 0:
        raise LabError(f"{only_a} and {only_b} are no counts.", "Give how many texts only one is right on.")
    return float(binomtest(int(only_a), int(only_a + only_b)).pvalue) if only_a + only_b else 1.0
