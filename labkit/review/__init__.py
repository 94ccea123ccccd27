"""Compare annotators, put the texts in the order to read them, settle on labels, and score them.

Pure: annotations come as a DataFrame, one row an example and annotator, and results go out.
"""

from __future__ import annotations

from .comparison import Comparison, compare
from .errors import errors_found
from .evaluation import evaluate
from .ranking import Queue, queue
from .summary import describe
from .voting import consensus, dawid_skene, majority

__all__ = [
    "Comparison",
    "Queue",
    "compare",
    "consensus",
    "dawid_skene",
    "describe",
    "errors_found",
    "evaluate",
    "majority",
    "queue",
]
