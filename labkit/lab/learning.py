"""Trains, measures and packages the small model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from .train import Run


class Learning(Part):
    """Trains, measures and packages the small model."""

    def train(self, name: str, *, learn_from: Sequence[str] | None = None) -> Run:
        """Train a small model on the best label known for each text: a person's, the consensus, or the LLM's.

        Parameters
        ----------
        name : str
            A training configuration of the project.
        learn_from : sequence of str, optional
            Whose labels count, the best first, in place of the above: kinds of annotator, annotators by name, or
            ``"consensus"``; see `labels`. Texts without such a label are left out.

        Returns
        -------
        Run
            The trained model and its figures. The same configuration on the same labels is not trained twice.

        Raises
        ------
        LabError
            If there are no labels, or the configuration can't be trained; no model of relations is trained here.
        """
        from ..widgets import monitor
        from .train import run

        self._desk.task.check_learnable()
        with monitor(f"{name} trains") as report:
            return run(self._desk, name, self._desk.project.config(name), report, learn_from)

    def evaluate(self, run: Run | None = None, *, split: str | None = "test") -> pd.DataFrame:
        """Score annotators, and a trained model, against the reference labels.

        Parameters
        ----------
        run : Run, optional
            What `train` returned. With it, the LLMs, the trained model (called "student") and their
            majority are scored; without it, every annotator but people.
        split : {"test", "dev", "train"}, optional
            On which texts; None for all.

        Returns
        -------
        DataFrame
            Precision, recall and F by annotator and label, each with a 95 % bootstrap interval.

        Raises
        ------
        LabError
            If there are no reference labels.
        """
        from .train import measure

        return measure(self._desk, run, split)

    def package(self, run: Run) -> Path:
        """Make a wheel of a trained model, for `pip install`, and return its path."""
        from .train import wheel

        return wheel(self._desk, run)

    def runs(self) -> pd.DataFrame:
        """Return the project's runs, newest first."""
        return self._desk.store.runs.frame(self._desk.number)
