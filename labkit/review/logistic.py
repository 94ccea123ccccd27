"""Logistic regression that starts from a belief, and says of each row what the others say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = NDArray[np.float32] | Floats

STEPS = 12
CLOSE = 0.01
HALVES = 10  # as often a step that overshoots is halved
NEAR = 0.03  # mean change of the log odds, within which curvature stays about what it was


def chance(log_odds: Floats) -> Floats:
    """Turn log odds into probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A logistic regression. Made by `fit`.

    Parameters
    ----------
    coefficients : array of float, shape (columns,)
        What a unit of each column adds to the log odds.
    factor : array of float, shape (columns, columns)
        The lower triangle whose product with its transpose is the second derivatives of what was minimised.
    """

    coefficients: Floats
    factor: Columns

    def held_out(self, columns: Columns, target: Floats, weights: Floats) -> Floats:
        """Return the log odds of each row that was learned from, as if it had been left out.

        Parameters
        ----------
        columns, target, weights : array
            As for `fit`.

        Notes
        -----
        One step away from the fit: Pregibon, D. (1981). Logistic regression diagnostics. The Annals of Statistics
        9(4), pages 705-724 (the formula's section was not looked up); exact for squared loss. It takes one
        triangle to be solved, where folds take a fit each.

        Examples
        --------
        >>> columns, target, weights = np.array([[1.0], [1.0], [1.0]]), np.array([1.0, 1.0, 0.0]), np.ones(3)
        >>> told = fit(columns, target, weights, np.array([0.1]), np.zeros(1))
        >>> bool(told.held_out(columns, target, weights)[0] < (columns @ told.coefficients)[0])
        True
        """
        from scipy.linalg import solve_triangular

        odds = _odds(columns, self.coefficients)
        said = chance(odds)
        halves = solve_triangular(self.factor, columns.T, lower=True, check_finite=False)
        spread = np.einsum("ij,ij->j", halves, halves)
        leverage = np.minimum(spread * weights * said * (1 - said), 0.99)
        return np.asarray(odds - spread * weights * (target - said) / (1 - leverage), np.float64)


def fit(
    columns: Columns,
    target: Floats,
    weights: Floats,
    precision: Floats,
    mean: Floats,
    start: Floats | None = None,
) -> Fitted:
    """Fit a logistic regression whose coefficients are normal beforehand.

    Parameters
    ----------
    columns : array of float, shape (rows, columns)
        What is known of each row. In single precision it takes half the time; the fit is as close.
    target : array of float, shape (rows,)
        0 or 1.
    weights : array of float, shape (rows,)
        How many observations each row counts for.
    precision, mean : array of float, shape (columns,)
        What is believed of the coefficients before anything is seen: their mean, and one over their variance. With
        no rows, the fit is the mean.
    start : array of float, shape (columns,), optional
        Where to start, such as the fit before; the mean if left out.

    Notes
    -----
    The maximum a posteriori, by Newton's method; curvature, which takes most of the time, is measured anew only where
    the log odds have moved. scikit-learn's LogisticRegression knows no mean but zero.

    Examples
    --------
    >>> told = fit(np.ones((4, 1)), np.array([1.0, 1, 1, 0]), np.ones(4), np.array([1e-6]), np.zeros(1))
    >>> chance(told.coefficients).round(2).tolist()
    [0.75]
    """
    from scipy.linalg import cho_solve

    def worth(coefficients: Floats, odds: Floats) -> float:
        away = coefficients - mean
        return float(weights @ (target * odds - np.logaddexp(0, odds)) - away @ (precision * away) / 2)

    found = mean if start is None else start
    odds = _odds(columns, found)
    value, measured, factor = worth(found, odds), odds, None
    for _ in range(STEPS):
        said = chance(odds)
        if factor is None or np.abs(odds - measured).mean() > NEAR:
            measured, factor = odds, _factor(columns, weights * said * (1 - said), precision)
        slope = _odds(columns.T, weights * (target - said)) - precision * (found - mean)
        step = cho_solve((factor, True), slope, check_finite=False)
        if np.abs(step).max(initial=0) < CLOSE:
            found = found + step
            break
        for _ in range(HALVES):
            tried = _odds(columns, found + step)
            better = worth(found + step, tried)
            if better >= value:
                found, odds, value = found + step, tried, better
                break
            step = step / 2
    assert factor is not None
    return Fitted(found, factor)


def _odds(columns: Columns, coefficients: Floats) -> Floats:
    """Return what coefficients make of rows, in the precision of the columns."""
    return np.asarray(columns @ coefficients.astype(columns.dtype), np.float64)


def _factor(columns: Columns, weights: Floats, precision: Floats) -> Columns:
    """Return the lower triangle of the second derivatives."""
    from scipy.linalg import cholesky

    rooted = np.multiply(columns, np.sqrt(weights)[:, None], dtype=columns.dtype, casting="same_kind")
    hessian = rooted.T @ rooted  # of a table and itself, NumPy computes one half
    hessian[np.diag_indices_from(hessian)] += precision.astype(columns.dtype)
    return np.asarray(cholesky(hessian, lower=True, overwrite_a=True, check_finite=False))
