"""Keeps the curve of a training, and tells whoever watches."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..progress import Progress, Report

if TYPE_CHECKING:
    from confection import Config


class Follower:
    """Keeps the curve of a training, reports it, and is asked after every batch whether to go on.

    Parameters
    ----------
    report : callable
        Is told of every evaluation.
    settings : Config
        The configuration as its author wrote it.
    has_dev : bool
        Whether there are development texts, so that scores mean something.
    """

    def __init__(self, report: Report, settings: Config, has_dev: bool) -> None:
        self.settings, self.has_dev, self.stopping = settings, has_dev, False
        self.steps, self.words, self.seconds = 0, 0, 0.0
        self.curve: list[dict[str, Any]] = []
        self.best: float | None = None
        self.per_label: dict[str, dict[str, float]] = {}
        self.device = ""
        self.gpu_bytes: int | None = None
        self._report, self._total = report, settings.interpolate()["training"]["max_steps"]
        self._evaluated = 0
        self._before = (0, 0.0)

    @property
    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        names = ("steps", "words", "seconds", "curve", "best", "per_label")
        return {name: getattr(self, name) for name in names}

    def begin(self, state: Mapping[str, Any]) -> None:
        """Start the clock, at what a checkpoint kept, if anything."""
        for name, value in state.items():
            setattr(self, name, value)
        self._evaluated, self._before = self.steps, (self.words, self.seconds)
        self._start = time.perf_counter()

    def keep(self, info: Mapping[str, Any]) -> None:
        """Add an evaluation to the curve; of equal scores the last counts, as its model is the one saved."""
        score = float(info["score"]) if self.has_dev else None
        loss = float(sum(info["losses"].values())) / (self.steps - self._evaluated)
        self.curve.append({"step": info["step"], "epoch": info["epoch"], "loss": loss, "score": score})
        words, seconds = self._before
        self.words, self.seconds = words + info["words"], seconds + time.perf_counter() - self._start
        self._evaluated = self.steps
        if score is not None and (self.best is None or score >= self.best):
            self.best, self.per_label = score, _per_label(info["other_scores"])

    def tell(self) -> None:
        """Report the last evaluation."""
        figures = {name: self.curve[-1][name] for name in ("loss", "score") if self.curve[-1][name] is not None}
        try:
            self._report(Progress("training", self.curve[-1]["step"], self._total, figures))
        except KeyboardInterrupt:
            self.stopping = True


def _per_label(scores: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the table of precision, recall and F a label among a scorer's results (`cats_f_per_type` and others)."""
    tables = (table for name, table in scores.items() if name.endswith("_per_type"))
    return next((table for table in tables if all(isinstance(row, dict) for row in table.values())), {})
