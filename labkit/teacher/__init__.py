"""Runs an LLM pipeline over texts, and sorts its replies by outcome."""

from __future__ import annotations

from .labelling import BATCH, Labelled, Teacher
from .pipeline import llm_component

__all__ = ["BATCH", "Labelled", "Teacher", "llm_component"]
