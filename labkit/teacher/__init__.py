"""Runs an LLM pipeline over texts, and sorts its replies by outcome."""

from __future__ import annotations

from .labelling import BATCH, Labelled, Teacher
from .passing import Passed, run_pass
from .pipeline import llm_component

__all__ = ["BATCH", "Labelled", "Passed", "Teacher", "llm_component", "run_pass"]
