"""Logistic regression that starts from a belief, and says of each row what the others say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 12
CLOSE = 0.01
HALVES = 10  # as often a step that overshoots is halved


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
    hessian : array of float, shape (columns, columns)
        The second derivatives of what was minimised.
    """

    coefficients: Floats
    hessian: Floats

    def held_out(self, columns: Floats, target: Floats, weights: Floats) -> Floats:
        """Return the log odds of each row that was learned from, as if it had been left out.

        Parameters
        ----------
        columns, target, weights : array
            As for `fit`.

        Notes
        -----
        One step away from the fit: Pregibon, D. (1981). Logistic regression diagnostics. The Annals of Statistics
        9(4), pages 705-724 (the formula's section was not looked up); exact for squared loss. It takes one
        inversion, where folds take a fit each.

        Examples
        --------
        >>> columns, target, weights = np.array([[1.0], [1.0], [1.0]]), np.array([1.0, 1.0, 0.0]), np.ones(3)
        >>> told = fit(columns, target, weights, np.array([0.1]), np.zeros(1))
        >>> bool(told.held_out(columns, target, weights)[0] < (columns @ told.coefficients)[0])
        True
        """
        odds = columns @ self.coefficients
        said = chance(odds)
        spread = np.einsum("ij,ij->i", columns @ np.linalg.inv(self.hessian), columns)
        leverage = np.minimum(spread * weights * said * (1 - said), 0.99)
        return np.asarray(odds - spread * weights * (target - said) / (1 - leverage))


def fit(
    columns: Floats,
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
        What is known of each row.
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
    The maximum a posteriori, by Newton's method. scikit-learn's LogisticRegression knows no mean but zero.

    Examples
    --------
    >>> told = fit(np.ones((4, 1)), np.array([1.0, 1, 1, 0]), np.ones(4), np.array([1e-6]), np.zeros(1))
    >>> chance(told.coefficients).round(2).tolist()
    [0.75]
    """
    found = mean if start is None else start

    def worth(coefficients: Floats) -> float:
        odds = columns @ coefficients
        away = coefficients - mean
        return float(weights @ (target * odds - np.logaddexp(0, odds)) - away @ (precision * away) / 2)

    for _ in range(STEPS):
        said = chance(columns @ found)
        slope = columns.T @ (weights * (target - said)) - precision * (found - mean)
        hessian = (columns * (weights * said * (1 - said))[:, None]).T @ columns
        hessian[np.diag_indices_from(hessian)] += precision
        step, before = np.linalg.solve(hessian, slope), worth(found)
        shares = (0.5**halves for halves in range(HALVES))
        share = next((share for share in shares if worth(found + share * step) >= before), 0.0)
        found = found + share * step
        if np.abs(share * step).max(initial=0) < CLOSE:
            break
    return Fitted(found, hessian)
