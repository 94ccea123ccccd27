"""Whether probabilities come true as often as they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LabError
from .intervals import wilson

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BINS = 10


def brier(said: NDArray[Any], true: NDArray[Any]) -> float:
    """Measure how far probabilities are from what came true: the Brier score.

    Parameters
    ----------
    said : array of float, shape (cases,)
        Probabilities, 0 to 1.
    true : array of 0 and 1, shape (cases,)
        What came true.

    Returns
    -------
    float
        The mean squared difference: 0 is best, 0.25 is what 0.5 everywhere gets, 1 is worst. NaN of no cases.

    Notes
    -----
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78(1)
    (its page was not looked up); here of one event, not summed over it and its opposite.

    Examples
    --------
    >>> round(brier(np.array([0.9, 0.2]), np.array([1, 0])), 3)
    0.025
    """
    said, true = _checked(said, true)
    return float(np.mean((said - true) ** 2)) if len(said) else float("nan")


def reliability(said: NDArray[Any], true: NDArray[Any], bins: int = BINS) -> pd.DataFrame:
    """Count, for probabilities of about the same size, how often what they are of came true.

    Parameters
    ----------
    said : array of float, shape (cases,)
        Probabilities, 0 to 1.
    true : array of 0 and 1, shape (cases,)
        What came true.
    bins : int
        Into how many parts of equal width 0 to 1 is cut.

    Returns
    -------
    DataFrame
        One row a part that has cases: ``cases``, the mean probability ``said``, the share that came true ``came``,
        and its 95 % Wilson interval ``low, high``.

    Examples
    --------
    >>> reliability(np.array([0.1, 0.9, 0.9, 0.9]), np.array([0, 1, 1, 0]))[["cases", "said", "came"]].round(2)
       cases  said  came
    0      1   0.1  0.00
    1      3   0.9  0.67
    """
    import pandas as pd

    said, true = _checked(said, true)
    part = np.minimum((said * bins).astype(int), bins - 1)
    grouped = pd.DataFrame({"said": said, "true": true}).groupby(part)
    table = grouped.agg(cases=("true", "size"), said=("said", "mean"), came=("true", "mean")).reset_index(drop=True)
    hits = grouped["true"].sum().round().astype(int)
    ends = [wilson(hit, total) for hit, total in zip(hits, table["cases"], strict=True)]
    return table.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def calibration_error(said: NDArray[Any], true: NDArray[Any], bins: int = BINS) -> float:
    """Measure how far probabilities are from the share that comes true: the expected calibration error.

    Parameters
    ----------
    said : array of float, shape (cases,)
        Probabilities, 0 to 1.
    true : array of 0 and 1, shape (cases,)
        What came true.
    bins : int
        Into how many parts of equal width 0 to 1 is cut.

    Returns
    -------
    float
        The mean over cases of the distance between ``said`` and ``came`` of their part: 0 is best. NaN of no
        cases. Few cases make it look worse than it is: in each part, chance alone keeps the two apart.

    Notes
    -----
    Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML (expected
    calibration error; its section was not looked up).

    Examples
    --------
    >>> round(calibration_error(np.array([0.1, 0.9, 0.9, 0.9]), np.array([0, 1, 1, 0])), 3)
    0.2
    """
    table = reliability(said, true, bins)
    return float(np.average(np.abs(table["said"] - table["came"]), weights=table["cases"])) if len(table) else np.nan


def _checked(said: NDArray[Any], true: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as numbers, or raise LabError."""
    try:
        said, true = np.asarray(said, float), np.asarray(true, float)
    except (TypeError, ValueError):
        raise LabError("There are probabilities or truths that are no numbers.", "Give numbers from 0 to 1.") from None
    if said.shape != true.shape or said.ndim != 1:
        raise LabError(f"{said.shape} probabilities do not fit {true.shape} truths.", "Give one truth for each.")
    if not ((said >= 0) & (said <= 1)).all():
        raise LabError("There are probabilities outside 0 to 1.", "Give numbers from 0 to 1.")
    return said, true
