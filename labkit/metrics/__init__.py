"""Agreement, scores and intervals: numbers in, numbers out."""

from .agreement import alpha, kappa
from .differences import newcombe
from .intervals import mcnemar, wilson
from .scoring import MACRO, MICRO, WHOLE, scores

__all__ = ["MACRO", "MICRO", "WHOLE", "alpha", "kappa", "mcnemar", "newcombe", "scores", "wilson"]
