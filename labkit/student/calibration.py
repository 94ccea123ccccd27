"""Turns a local model's scores into probabilities that come true as often as they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..tasks import Task

CALIBRATION = 1
"""What the probabilities are made by: what is scored by another number is another annotator's."""
ENOUGH = 20
"""How many texts with a label, and without it, there must be to learn from."""
EDGE = 1e-6
RISE = 1e-3
"""How much of the scores' own order is kept within a step."""

Scores = Mapping[str, float]


class Map(Protocol):
    """A way from scores to probabilities."""

    def fit(self, said: NDArray[Any], true: NDArray[Any]) -> Map:
        """Learn from scores, 0 to 1, and what came true of them."""
        ...

    def predict(self, said: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probabilities for scores."""
        ...


class Temperature:
    """Divides the log odds by one number: it makes all scores more sure, or less, and keeps their order.

    Notes
    -----
    Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML
    (temperature scaling; its section was not looked up); here of one label against the rest.

    Examples
    --------
    >>> scores, true = np.array([0.01, 0.01, 0.99, 0.99] * 9), np.array([0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0] * 3)
    >>> 0.5 < Temperature().fit(scores, true).predict(np.array([0.99]))[0] < 0.99
    np.True_
    """

    def fit(self, said: NDArray[Any], true: NDArray[Any]) -> Temperature:
        """Find the temperature under which what came true is likeliest."""
        from scipy.optimize import minimize_scalar

        odds = _log_odds(said)
        found = minimize_scalar(lambda log: _loss(odds / np.exp(log), true), bounds=(-3, 3), method="bounded")
        self._temperature = float(np.exp(found.x))
        return self

    def predict(self, said: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probabilities for scores."""
        return 1 / (1 + np.exp(-_log_odds(said) / self._temperature))


class Isotonic:
    """Takes the rising steps that fit best, by scikit-learn; no probability is 0 or 1, however sure the scores.

    Notes
    -----
    Zadrozny, B. and Elkan, C. (2002). Transforming classifier scores into accurate multiclass probability
    estimates. KDD, pages 694-699.
    """

    def fit(self, said: NDArray[Any], true: NDArray[Any]) -> Isotonic:
        """Find the steps."""
        from sklearn.isotonic import IsotonicRegression

        edge = 1 / (len(said) + 2)
        self._steps = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip").fit(said, true)
        return self

    def predict(self, said: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probabilities for scores."""
        # Of two texts on one step the surer one stays so: a queue goes by it.
        return np.asarray((1 - RISE) * self._steps.predict(said) + RISE * said, float)


WAYS: tuple[type[Map], ...] = (Temperature, Isotonic)


def calibrate(
    task: Task, scores: Sequence[Scores], values: Sequence[Any | None], folds: Sequence[int]
) -> list[dict[str, float]]:
    """Calibrate scores, each text's by what the texts of other folds show.

    Of each label the way is chosen - as they are, temperature, isotonic - whose probabilities of texts that it did
    not learn from make what came true likeliest.

    Parameters
    ----------
    task : Task
        Says what a score is the probability of.
    scores : sequence of dict of str to float
        Scores of texts by models that did not train on them, 0 to 1.
    values : sequence of value or None
        What the models learned for each text; from None nothing is learned.
    folds : sequence of int
        The fold of each text.

    Returns
    -------
    list of dict of str to float
        Probabilities under the same names. A label with too few texts, or too few without it, stays as it is.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> scores = [{"BUG": 0.999 if n % 4 else 0.001} for n in range(200)]
    >>> values = [["BUG"] if n % 3 else [] for n in range(200)]
    >>> round(calibrate(make_task("choices", ["BUG"]), scores, values, [n % 5 for n in range(200)])[1]["BUG"], 1)
    0.7
    """
    found: list[dict[str, float]] = [dict(each) for each in scores]
    for mine in _alike(task, scores, values, folds).values():
        if mine.enough:
            for row, key, probability in zip(mine.rows, mine.keys, _best(mine).tolist(), strict=True):
                found[row][key] = probability
    return found


def too_few(task: Task, scores: Sequence[Scores], values: Sequence[Any | None], folds: Sequence[int]) -> list[str]:
    """Name the scores that `calibrate` leaves as they are for want of texts with, or without, what they are of.

    Parameters
    ----------
    task, scores, values, folds
        As for `calibrate`.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> scores, values = [{"BUG": 0.9, "DOCS": 0.1}] * 100, [["BUG"], []] * 50
    >>> too_few(make_task("choices", ["BUG", "DOCS"]), scores, values, [n % 5 for n in range(100)])
    ['DOCS']
    """
    return [name for name, mine in _alike(task, scores, values, folds).items() if not mine.enough]


class _Alike(NamedTuple):
    """Scores that are calibrated together: where they stand, what they say, and what came true in which fold."""

    rows: list[int]
    keys: list[str]
    said: NDArray[np.float64]
    known: NDArray[np.bool_]
    true: NDArray[np.bool_]
    fold: NDArray[np.int64]

    @property
    def enough(self) -> bool:
        """Whether each fold can be calibrated by the others."""
        rests = (self.true[self.known & (self.fold != number)] for number in np.unique(self.fold))
        return all(min(rest.sum(), (~rest).sum()) >= ENOUGH for rest in rests)


def _alike(
    task: Task, scores: Sequence[Scores], values: Sequence[Any | None], folds: Sequence[int]
) -> dict[str, _Alike]:
    """Put the scores together that are calibrated together, under their common name."""
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row, each in enumerate(scores):
        for key in each:
            places[task.alike(key)].append((row, key))
    return {
        name: _Alike(
            [row for row, _ in mine],
            [key for _, key in mine],
            np.array([scores[row][key] for row, key in mine], float),
            np.array([values[row] is not None for row, _ in mine]),
            np.array([values[row] is not None and task.holds(values[row], key) for row, key in mine]),
            np.array([folds[row] for row, _ in mine]),
        )
        for name, mine in places.items()
    }


def _best(mine: _Alike) -> NDArray[np.float64]:
    """Return the probabilities of the way that does best on folds it did not learn from."""
    _, _, said, known, true, fold = mine
    best, least = said, _loss(_log_odds(said[known]), true[known])
    for way in WAYS:
        tried = said.copy()
        for number in np.unique(fold):
            rest, here = known & (fold != number), fold == number
            tried[here] = way().fit(said[rest], true[rest]).predict(said[here])
        loss = _loss(_log_odds(tried[known]), true[known])
        if loss < least:
            best, least = tried, loss
    return best


def _log_odds(said: NDArray[Any]) -> NDArray[np.float64]:
    """Return the log odds of probabilities, finite also of 0 and 1."""
    inside = np.clip(said, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))


def _loss(odds: NDArray[Any], true: NDArray[Any]) -> float:
    """Return the mean negative log likelihood."""
    return float(np.mean(np.logaddexp(0, np.where(true, -odds, odds))))
