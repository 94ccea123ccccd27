"""How far annotators agree beyond chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_CODE = -1


def kappa(a: NDArray[Any], b: NDArray[Any], counts: NDArray[Any] | None = None) -> float:
    """Measure how far two annotators agree beyond chance: Cohen's kappa.

    Parameters
    ----------
    a, b : array of int, shape (rows,)
        The category that each annotator gave, numbered from 0.
    counts : array of int, shape (rows,), optional
        How many texts each row stands for; one each if left out.

    Returns
    -------
    float
        1 for full agreement, 0 for as much as chance gives, below 0 for less. NaN where kappa is not
        defined: there are no texts, or both annotators gave one and the same category to all of them.

    Notes
    -----
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20(1), pages 37-46. scikit-learn's `cohen_kappa_score` gives the same number, but holds
    a square table of all categories, which sets of many labels make too large.

    Examples
    --------
    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]))
    0.5
    """
    counts = np.ones(len(a)) if counts is None else counts
    total = counts.sum()
    if not total:
        return float("nan")
    size = int(max(a.max(), b.max())) + 1
    expected = np.bincount(a, counts, size) / total @ (np.bincount(b, counts, size) / total)
    observed = counts[a == b].sum() / total
    return float((observed - expected) / (1 - expected)) if expected < 1 else float("nan")


def alpha(codes: NDArray[Any]) -> float:
    """Measure how far any number of annotators agree beyond chance: Krippendorff's alpha, for nominal categories.

    Parameters
    ----------
    codes : array of int, shape (texts, annotators)
        The category that each annotator gave, numbered from 0; -1 where it gave none.

    Returns
    -------
    float
        1 for full agreement, 0 for as much as chance gives, below 0 for less. Unlike kappa it takes texts that
        some annotators did not label. NaN where it is not defined: no text has two categories to compare, or
        all that can be compared are one and the same.

    Notes
    -----
    Hayes, A. F. and Krippendorff, K. (2007). Answering the call for a standard reliability measure for coding
    data. Communication Methods and Measures 1(1), pages 77-89. Computed by the library `krippendorff`, which
    holds a table of texts by categories squared: so it is asked for one category against all others at a time.
    Observed and expected disagreement both add up over the categories, and alpha is therefore the mean of
    theirs, each weighted by the pairs of this and any other category that chance would give.

    Examples
    --------
    >>> round(alpha(np.array([[0, 0, 0], [1, 1, -1], [0, 1, 1], [2, 2, 2]])), 3)
    0.75
    """
    from krippendorff import alpha as one

    given = codes != NO_CODE
    units = codes[given.sum(axis=1) > 1]
    total = (units != NO_CODE).sum(axis=1)
    weighted, weights = 0.0, 0.0
    for category in np.unique(units[units != NO_CODE]):
        here = (units == category).sum(axis=1)
        weight = float(here.sum()) * float(total.sum() - here.sum())
        if weight:
            value_counts = np.column_stack([here, total - here])
            weighted += weight * one(value_counts=value_counts, level_of_measurement="nominal")
            weights += weight
    return float(weighted / weights) if weights else float("nan")
