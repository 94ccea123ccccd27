"""How far a pass over prompts is, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic

from ..progress import Progress


@dataclass
class Tally:
    """What became of the prompts of one pass.

    Parameters
    ----------
    total : int
        Texts in all.
    known : int
        Had a reply before, or got one from another process.
    answered : int
        Were asked and answered.
    failures : Counter
        Were asked in vain: how many, by reason.
    dollars : Decimal
        Spent on answers, by the prices of the configuration and the endpoint's count of tokens.
    rent : Decimal
        Spent on the endpoint itself, where it is rented by the second.
    stopped : str or None
        Why the pass ended before its end, such as a budget; what is left was not asked.
    """

    total: int
    known: int = 0
    answered: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    dollars: Decimal = Decimal(0)
    rent: Decimal = Decimal(0)
    stopped: str | None = None
    started: float = field(default_factory=monotonic)

    @property
    def failed(self) -> int:
        """How many were asked in vain."""
        return self.failures.total()

    @property
    def spent(self) -> Decimal:
        """Dollars in all."""
        return self.dollars + self.rent

    def progress(self) -> Progress:
        """Return a report: replies a second, dollars and failures so far, and the minutes left at this rate."""
        done = self.known + self.answered + self.failed
        rate = (self.answered + self.failed) / max(monotonic() - self.started, 1e-9)
        figures = {"per second": rate, "dollars": float(self.spent), "failed": float(self.failed)}
        if rate:
            figures["minutes left"] = max(0, self.total - done) / rate / 60
        return Progress("asking", min(done, self.total), self.total, figures)
