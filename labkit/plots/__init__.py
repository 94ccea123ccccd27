"""Figures of results. Each function takes a result, draws it with matplotlib and computes nothing."""

from __future__ import annotations

from .annotators import agreement, confidence, confusion, disagreement, labels
from .certificates import certificate
from .judged import calibration, errors_met, who_was_right
from .scores import evaluation, training
from .spans import span_differences

__all__ = [
    "agreement",
    "calibration",
    "certificate",
    "confidence",
    "confusion",
    "disagreement",
    "errors_met",
    "evaluation",
    "labels",
    "span_differences",
    "training",
    "who_was_right",
]
