"""Keeps the curve of a training, and tells whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..progress import Progress, Report

if TYPE_CHECKING:
    from confection import Config

QUIET_SECONDS = 20.0
"""How long nothing is told at the most, where evaluations are far apart."""

MustEnd = Callable[[float], bool]
"""Is given the seconds that it takes to score and save a model; returns whether a training has to end now."""


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
    must_end : callable, optional
        Is asked after every batch.
    """

    def __init__(
        self, report: Report, settings: Config, has_dev: bool, must_end: MustEnd = lambda seconds: False
    ) -> None:
        self.settings, self.has_dev = settings, has_dev
        self.stopping = self.out_of_time = False
        self.steps, self.words, self.seconds, self.takes = 0, 0, 0.0, 0.0
        self.curve: list[dict[str, Any]] = []
        self.best: float | None = None
        self.per_label: dict[str, dict[str, float]] = {}
        self.device = ""
        self.gpu_bytes: int | None = None
        self._report, self._total = report, settings.interpolate()["training"]["max_steps"]
        self._must_end = must_end
        self._evaluated = 0
        self._before = (0, 0.0)
        self._evaluating = self._told = 0.0

    @property
    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        names = ("steps", "words", "seconds", "takes", "curve", "best", "per_label")
        return {name: getattr(self, name) for name in names}

    def begin(self, state: Mapping[str, Any]) -> None:
        """Start the clock, at what a checkpoint kept, if anything."""
        for name, value in state.items():
            setattr(self, name, value)
        self._evaluated, self._before = self.steps, (self.words, self.seconds)
        self._start = self._told = time.perf_counter()

    def ends(self) -> bool:
        """Whether it was stopped, or has to end now; where its time is up, there is some left to score and save."""
        if not self.stopping:
            self.out_of_time = self._must_end(self.takes)
        return self.stopping or self.out_of_time

    def evaluates(self) -> None:
        """Note that an evaluation begins."""
        self._evaluating = time.perf_counter()

    def keep(self, info: Mapping[str, Any]) -> None:
        """Add an evaluation to the curve; of equal scores the last counts, as its model is the one saved."""
        score = float(info["score"]) if self.has_dev else None
        point = {"step": info["step"], "epoch": info["epoch"], "loss": self._loss(info), "score": score}
        self.curve.append(point)
        words, seconds = self._before
        now = time.perf_counter()
        self.words, self.seconds = words + info["words"], seconds + now - self._start
        self._evaluated, self.takes = self.steps, max(self.takes, now - self._evaluating)
        if score is not None and (self.best is None or score >= self.best):
            self.best, self.per_label = score, _per_label(info["other_scores"])

    def tell(self) -> None:
        """Report the last evaluation."""
        self._tell(**{name: self.curve[-1][name] for name in ("step", "loss", "score")})

    def tell_between(self, info: Mapping[str, Any]) -> None:
        """Report where the training is, where nothing was told for long."""
        if time.perf_counter() - self._told >= QUIET_SECONDS:
            self._tell(info["step"], self._loss(info), None)

    @property
    def unscored(self) -> bool:
        """Whether the model has learned since it was scored."""
        return self.has_dev and self.steps > self._evaluated

    def _loss(self, info: Mapping[str, Any]) -> float:
        """Return the mean loss of a batch since the last evaluation."""
        return float(sum(info["losses"].values())) / (self.steps - self._evaluated)

    def _tell(self, step: int, loss: float, score: float | None) -> None:
        """Report; who hears it may stop the training."""
        figures = {"loss": loss} | ({} if score is None else {"score": score})
        try:
            self._report(Progress("training", step, self._total, figures, device=self.device))
        except KeyboardInterrupt:
            self.stopping = True
        self._told = time.perf_counter()


def _per_label(scores: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the table of precision, recall and F a label among a scorer's results (`cats_f_per_type` and others)."""
    tables = (table for name, table in scores.items() if name.endswith("_per_type"))
    return next((table for table in tables if all(isinstance(row, dict) for row in table.values())), {})
