"""What a person sees and touches in a notebook: the corrector, and the monitor of a running job.

Each is a Python class with its JavaScript and CSS in ``static/``; nothing is fetched from a network.
"""

from __future__ import annotations

from .cards import Card, Suggestion
from .corrector import Corrector
from .decision import Answer, Decision, Entry, Mark, Undo
from .monitor import Monitor, monitor
from .work import Listed, Work

__all__ = [
    "Answer",
    "Card",
    "Corrector",
    "Decision",
    "Entry",
    "Listed",
    "Mark",
    "Monitor",
    "Suggestion",
    "Undo",
    "Work",
    "monitor",
]
