"""Prompts as experiments: compares them, and makes new ones of what people decided."""

from __future__ import annotations

from .comparison import PromptComparison, compare_prompts
from .decisions import corrections, draw_examples
from .definitions import TEMPLATE, Suggestion, ask, question
from .files import add_prompt, examples_of, literal, with_section

__all__ = [
    "TEMPLATE",
    "PromptComparison",
    "Suggestion",
    "add_prompt",
    "ask",
    "compare_prompts",
    "corrections",
    "draw_examples",
    "examples_of",
    "literal",
    "question",
    "with_section",
]
