"""Precision, recall and F against the truth, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LabError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MICRO = "micro average"
MACRO = "macro average"
WHOLE = "whole value"

FEW = 1000
DEARER = 12
"""How many texts are drawn one by one in the time in which one row of many is."""


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
    Chapman & Hall, chapter 13 (the page was not looked up). Whole texts are drawn with replacement, so that
    labels given together stay together. Texts with the same truth and guess are drawn at once, as multinomial
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
    parts = np.stack([truth & guess, guess & ~truth, truth & ~guess], axis=1)
    return part_scores(parts, labels, counts, confidence=confidence, resamples=resamples, seed=seed)


def part_scores(
    parts: NDArray[Any],
    labels: Sequence[str],
    counts: NDArray[Any] | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Score values of which a text may have several parts of one label, such as spans: as `scores` does.

    Parameters
    ----------
    parts : array of int, shape (rows, 3, labels)
        How many parts with each label are right (given and true), wrong (given alone), and missed (true alone).
    labels : sequence of str
        What the last axis is called.
    counts : array of int, shape (rows,), optional
        How many texts each row stands for; one each if left out.
    confidence : float
        How often such intervals hold the true figure, between 0 and 1.
    resamples : int
        How many samples the interval is drawn from.
    seed : int
        Where the random numbers start.

    Returns
    -------
    DataFrame
        The table of `scores`. ``support`` is the number of true parts; a text is exactly right where no part is
        wrong or missed.

    Raises
    ------
    LabError
        If there are no texts.

    Examples
    --------
    >>> two_right_one_wrong = np.array([[[2], [1], [0]]])
    >>> part_scores(two_right_one_wrong, ["DATE"]).loc["DATE", ["precision", "recall"]].round(2).tolist()
    [0.67, 1.0]
    """
    counts = np.ones(len(parts), int) if counts is None else counts
    if not counts.sum():
        raise LabError("There are no texts to score.", "Label at least one text that has a true label.")
    samples = _figures(_samples(_cells(parts), counts, resamples, seed), len(labels))
    return _table(samples, _support(parts, counts), [*labels, MICRO, MACRO, WHOLE], confidence)


def _cells(parts: NDArray[Any]) -> NDArray[Any]:
    """Put a column for the value as a whole after the labels: right, or both wrong and missed."""
    exact = ~parts[:, 1:].any(axis=(1, 2))
    whole = np.stack([exact, ~exact, ~exact], axis=1)[..., None]
    return np.concatenate([parts, whole], axis=2)


def _samples(cells: NDArray[Any], counts: NDArray[Any], resamples: int, seed: int) -> NDArray[Any]:
    """Sum the cells (samples, 3, columns) over the texts as they are, then over each resample of them."""
    from scipy.sparse import csr_array

    # Few cells of a text are true, however many labels there are.
    flat = csr_array(cells.reshape(len(cells), -1).T.astype(float))
    draws = _draws(counts, resamples, np.random.default_rng(seed))
    return np.stack([flat @ counts, *(flat @ draw for draw in draws)]).reshape(-1, *cells.shape[1:])


def _draws(counts: NDArray[Any], resamples: int, random: np.random.Generator) -> Iterator[NDArray[Any]]:
    """Draw as many texts as there are, again and again: yield how often each row came up.

    Rows that stand for many texts are drawn at once; where nearly every text has its own, that is the slower way.
    """
    total = int(counts.sum())
    if len(counts) <= max(FEW, total // DEARER):
        for _ in range(resamples):
            yield random.multinomial(total, counts / total)
        return
    row_of = np.repeat(np.arange(len(counts)), counts)
    for _ in range(resamples):
        yield np.bincount(row_of[random.integers(0, total, total)], minlength=len(counts))


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


def _support(parts: NDArray[Any], counts: NDArray[Any]) -> list[int]:
    """Count the true labels of each row of the table."""
    each = (counts @ (parts[:, 0].astype(int) + parts[:, 2])).astype(int)
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
