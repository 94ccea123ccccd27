"""Intervals of the difference between two shares."""

from __future__ import annotations

import math

from .intervals import wilson


def newcombe(hits_a: int, total_a: int, hits_b: int, total_b: int, confidence: float = 0.95) -> tuple[float, float]:
    """Give the interval in which the difference between two shares of different texts lies.

    Parameters
    ----------
    hits_a, total_a : int
        The first share is `hits_a` of `total_a` texts.
    hits_b, total_b : int
        The share that is taken from it.
    confidence : float
        How often such intervals hold the true difference, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end, between -1 and 1.

    Raises
    ------
    LabError
        If the hits are not between 0 and their total.

    Notes
    -----
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Statistics in Medicine 17(8), pages 873-890, method 10: made of the two Wilson intervals. The
    numbers of the example are those of its Table II, 56 of 70 less 48 of 80.

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> print(f"{low:.4f} to {high:.4f}")
    0.0524 to 0.3339
    """
    (low_a, high_a), (low_b, high_b) = wilson(hits_a, total_a, confidence), wilson(hits_b, total_b, confidence)
    if not total_a or not total_b:
        return low_a - high_b, high_a - low_b
    a, b = hits_a / total_a, hits_b / total_b
    return a - b - math.hypot(a - low_a, high_b - b), a - b + math.hypot(high_a - a, b - low_b)
