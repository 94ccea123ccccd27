"""Agreement, scores, calibration and intervals: numbers in, numbers out."""

from .agreement import alpha, kappa
from .calibration import brier, calibration_error, reliability
from .differences import newcombe
from .intervals import mcnemar, wilson
from .scoring import MACRO, MICRO, WHOLE, part_scores, scores

__all__ = [
    "MACRO",
    "MICRO",
    "WHOLE",
    "alpha",
    "brier",
    "calibration_error",
    "kappa",
    "mcnemar",
    "newcombe",
    "part_scores",
    "reliability",
    "scores",
    "wilson",
]
