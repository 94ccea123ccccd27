"""Has texts labelled, and says what was labelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd


class Labelling(Part):
    """Has texts labelled, and says what was labelled."""

    def annotate(self, name: str, *, folds: int = 5, learn_from: Sequence[str] = ("llm",)) -> pd.DataFrame:
        """Have every text labelled by the annotator that `<name>.cfg` describes.

        Parameters
        ----------
        name : str
            A configuration of the project: an LLM with one prompt, or a local model.
        folds : int
            Into how many parts a local model's texts are cut: each part is labelled by a model that
            learned from the others, so that none scores a text it was trained on.
        learn_from : sequence of {"llm", "person"}
            Whose labels a local model learns, the best first. Those of the LLM alone by default: the model
            is there to disagree with it.

        Returns
        -------
        DataFrame
            One row, for the annotator: how many texts, outcomes and labels.

        Raises
        ------
        LabError
            If there are no texts, no such configuration, or LLM replies are missing that can't be asked for.
        """
        from ..teacher import llm_component
        from ..widgets import monitor
        from .annotate import by_llm, by_model

        config = self._desk.project.config(name)
        with monitor(f"{name} labels") as report:
            if llm_component(config):
                by_llm(self._desk, name, config, report)
            else:
                by_model(self._desk, name, config, folds, learn_from, report)
        return self.summary(name)

    def annotations(self, *names: str) -> pd.DataFrame:
        """Return what each annotator said last: `example`, `annotator`, `kind`, `outcome`, `value`, `scores`.

        Parameters
        ----------
        *names : str
            Only these annotators.
        """
        return self._desk.annotations(names or None)

    def summary(self, *names: str) -> pd.DataFrame:
        """Count what annotators said: one row an annotator, with its texts, outcomes and labels.

        Parameters
        ----------
        *names : str
            Only these annotators.
        """
        from ..review import describe

        return describe(self.annotations(*names), self._desk.task, names or None)

    def replies(self, name: str, outcome: str | None = None) -> pd.DataFrame:
        """Return what an LLM was asked and answered: `key`, `outcome`, `reply`, `prompt`.

        Parameters
        ----------
        name : str
            The annotator.
        outcome : str, optional
            Only replies with this outcome, such as ``"unknown label"``.
        """
        return self._desk.store.annotations.replies(self._desk.number, name, outcome)
