"""Compare annotators, put the texts in the order to read them, settle on labels, and score them.

Pure: annotations come as a DataFrame, one row an example and annotator, and results go out.
"""

from __future__ import annotations

from .comparison import Comparison, compare
from .errors import errors_found
from .evaluation import evaluate
from .judged import Calibration, calibration, reliability, who_was_right
from .ranking import Queue, queue
from .summary import describe
from .voting import consensus, dawid_skene, majority
from .yields import errors_met, race

__all__ = [
    "Calibration",
    "Comparison",
    "Queue",
    "calibration",
    "compare",
    "consensus",
    "dawid_skene",
    "describe",
    "errors_found",
    "errors_met",
    "evaluate",
    "majority",
    "queue",
    "race",
    "reliability",
    "who_was_right",
]
