"""Agreement, scores and intervals: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import LabError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["MACRO", "MICRO", "WHOLE", "kappa", "mcnemar", "scores", "wilson"]

MICRO = "micro average"
MACRO = "macro average"
WHOLE = "whole value"


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
    the American Statistical Association 22(158), pages 209-212; computed by SciPy.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.596 to 0.982
    """
    from scipy.stats import binomtest

    if not 0 <= hits <= total:
        raise LabError(f"{hits} of {total} is no share.", "Give a count between 0 and the total.")
    if total == 0:
        return 0.0, 1.0
    interval = binomtest(int(hits), int(total)).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


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


def scores(
    truth: NDArray[Any],
    guess: NDArray[Any],
    labels: Sequence[str],
    counts: NDArray[Any] | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Score labels against the truth: precision, recall and F, each with a bootstrap interval.

    Parameters
    ----------
    truth, guess : array of 0 and 1, shape (rows, labels)
        Which labels apply, and which were given.
    labels : sequence of str
        What the columns are called.
    counts : array of int, shape (rows,), optional
        How many texts each row stands for; one each if left out.
    confidence : float
        How often such intervals hold the true figure, between 0 and 1.
    resamples : int
        How many samples the interval is drawn from.
    seed : int
        Where the random numbers start: the same seed gives the same intervals.

    Returns
    -------
    DataFrame
        One row a label, then `MICRO` (all decisions pooled), `MACRO` (mean over labels) and `WHOLE`
        (the text's labels are exactly right; precision, recall and F are then one number, the accuracy).
        Columns ``precision, precision_low, precision_high``, likewise ``recall`` and ``f``, shares
        between 0 and 1, and ``support``, the number of labels (or texts, for `WHOLE`) that are true.
        A share of nothing, such as the precision of a label that was never given, is 0.

    Raises
    ------
    LabError
        If there are no texts, or the shapes do not fit.

    Notes
    -----
    Percentile intervals: Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap.
    Chapman & Hall, chapter 13, page 170. Whole texts are drawn with replacement, so that labels given
    together stay together. Texts with the same truth and guess are drawn at once, as multinomial
    counts, which is the same as drawing them one by one. A figure of 1 gets an interval of no width
    where every draw is all right: read ``support`` beside it.

    Examples
    --------
    >>> table = scores(np.array([[1, 0], [0, 1], [1, 0]]), np.array([[1, 0], [1, 0], [1, 0]]), ["BUG", "DOCS"])
    >>> table.loc["BUG", ["precision", "recall", "f"]].round(2).tolist()
    [0.67, 1.0, 0.8]
    """
    truth, guess = np.asarray(truth, bool), np.asarray(guess, bool)
    if truth.shape != guess.shape or truth.shape[1:] != (len(labels),):
        raise LabError(
            f"Labels of shape {guess.shape} do not fit a truth of shape {truth.shape}.",
            f"Give a row for each text and a column for each of {len(labels)} labels to both.",
        )
    counts = np.ones(len(truth), int) if counts is None else counts
    if not counts.sum():
        raise LabError("There are no texts to score.", "Label at least one text that has a true label.")
    samples = _figures(_samples(_cells(truth, guess), counts, resamples, seed), len(labels))
    return _table(samples, _support(truth, counts), [*labels, MICRO, MACRO, WHOLE], confidence)


def _cells(truth: NDArray[Any], guess: NDArray[Any]) -> NDArray[Any]:
    """Say of each row whether it is a true positive, false positive, false negative: for each label, then whole."""
    exact = (truth == guess).all(axis=1, keepdims=True)
    cells = [
        np.hstack([truth & guess, exact]),
        np.hstack([guess & ~truth, ~exact]),
        np.hstack([truth & ~guess, ~exact]),
    ]
    return np.stack(cells, axis=1).astype(float)


def _samples(cells: NDArray[Any], counts: NDArray[Any], resamples: int, seed: int) -> NDArray[Any]:
    """Sum the cells (samples, 3, columns) over the texts as they are, then over each resample of them."""
    random, total = np.random.default_rng(seed), counts.sum()
    draws = (random.multinomial(total, counts / total) for _ in range(resamples))
    flat = cells.reshape(len(cells), -1)
    return np.stack([counts @ flat, *(draw @ flat for draw in draws)]).reshape(-1, *cells.shape[1:])


def _figures(sums: NDArray[Any], labels: int) -> NDArray[Any]:
    """Turn sums into precision, recall and F (3, samples, columns), with micro and macro columns."""
    micro = sums[..., :labels].sum(axis=-1, keepdims=True)
    hit, wrong, missed = np.moveaxis(np.concatenate([sums[..., :labels], micro, sums[..., labels:]], axis=-1), 1, 0)
    figures = np.stack([_share(hit, hit + wrong), _share(hit, hit + missed), _share(2 * hit, 2 * hit + wrong + missed)])
    macro = figures[..., :labels].mean(axis=-1)
    return np.insert(figures, labels + 1, macro, axis=-1)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    """Divide, giving 0 where there is nothing to divide by."""
    return part / np.where(whole > 0, whole, 1)


def _support(truth: NDArray[Any], counts: NDArray[Any]) -> list[int]:
    """Count the true labels of each row of the table."""
    each = (counts @ truth).astype(int)
    return [*each.tolist(), int(each.sum()), int(each.sum()), int(counts.sum())]


def _table(samples: NDArray[Any], support: list[int], rows: list[str], confidence: float) -> pd.DataFrame:
    """Lay out estimates (the first sample) and intervals (quantiles of the others)."""
    import pandas as pd

    tail = (1 - confidence) / 2
    columns: dict[str, Any] = {}
    for name, figure in zip(("precision", "recall", "f"), samples, strict=True):
        columns[name] = figure[0]
        columns[f"{name}_low"], columns[f"{name}_high"] = np.quantile(figure[1:], [tail, 1 - tail], axis=0)
    return pd.DataFrame({**columns, "support": support}, index=pd.Index(rows, name="label"))
