"""Figures of results. Each function takes a result, draws it with matplotlib and computes nothing."""

from __future__ import annotations

from .annotators import agreement, confidence, confusion, disagreement, labels
from .certificates import certificate
from .scores import evaluation, training

__all__ = ["agreement", "certificate", "confidence", "confusion", "disagreement", "evaluation", "labels", "training"]
