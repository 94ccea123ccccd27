"""Trains, measures and packages the small model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from .quote import Quote
    from .train import Run


class Learning(Part):
    """Trains, measures and packages the small model."""

    def train(
        self,
        name: str,
        *,
        learn_from: Sequence[str] | None = None,
        on: str = "here",
        gpu: Sequence[str] | None = None,
        max_minutes: float | None = None,
        max_dollars: float | None = None,
        detach: bool | None = None,
    ) -> Run:
        """Train a small model on the best label known for each text: a person's, the consensus, or the LLM's.

        At Modal it trains in a container that is rented by the second. The stop button ends it with the best model so
        far, as here; a second one cancels it. The model stays there until `fetch` brings it home.

        Parameters
        ----------
        name : str
            A training configuration of the project.
        learn_from : sequence of str, optional
            Whose labels count, the best first, in place of the above: kinds of annotator, annotators by name, or
            ``"consensus"``; see `labels`. Texts without such a label are left out.
        on : {"here", "modal"}
            Where it trains.
        gpu : sequence of str, optional
            At Modal, kinds of GPU, the one that is wanted most first: ``["L4", "A10G"]``; none if left out. Cores and
            memory are those that ``[modal]`` in project.toml says: ``cpu = 4``, ``memory = 16384`` (MiB).
        max_minutes, max_dollars : float, optional
            At Modal, when it ends, with the best model so far: at the limit that comes first; 120 minutes if both
            are left out. The model at hand is scored and saved in time; the container's start and end come on top.
        detach : bool, optional
            At Modal, whether it goes on by itself: the cell returns at once, and the kernel may end; see `attach`.

        Returns
        -------
        Run
            The trained model and its figures. The same configuration on the same labels is not trained twice.

        Raises
        ------
        LabError
            If there are no labels, or the configuration can't be trained; no model of relations is trained here. At
            Modal also for all that can go wrong there.

        Examples
        --------
        >>> run = lab.train("cpu", learn_from=["llm"])
        >>> run.row.state, run.row.config["labels"]
        ('done', {'llm': 601})
        """
        from ..widgets import monitor
        from .places import place
        from .train import run

        self._desk.task.check_learnable()
        limits = {"gpu": gpu, "max_minutes": max_minutes, "max_dollars": max_dollars, "detach": detach}
        where, config = place(on, self._desk, **limits), self._desk.project.config(name)
        with monitor(f"{name} trains") as report:
            return run(self._desk, name, config, report, where, learn_from)

    def quote(
        self,
        name: str,
        *,
        gpu: Sequence[str] = (),
        max_minutes: float | None = None,
        max_dollars: float | None = None,
        words_per_second: float | None = None,
        learn_from: Sequence[str] | None = None,
    ) -> Quote:
        """Reckon what `train` at Modal would cost; nothing is sent.

        Parameters
        ----------
        name, gpu, max_minutes, max_dollars, learn_from
            As for `train`.
        words_per_second : float, optional
            How fast it reads; as in its last run there, if left out.

        Returns
        -------
        Quote
            Words to read at the most, what a second costs, and the limit in seconds and dollars; seconds and dollars
            that it takes, where its speed is known.

        Raises
        ------
        LabError
            If there are no labels, the configuration can't be read, Modal has no such GPU, or a number is not above 0.

        Examples
        --------
        >>> lab.quote("cpu", max_minutes=10).limit
        600.0
        """
        from .quote import quote

        self._desk.task.check_learnable()
        return quote(self._desk, name, gpu, max_minutes, max_dollars, words_per_second, learn_from)

    def evaluate(self, run: Run | None = None, *, split: str | None = "test") -> pd.DataFrame:
        """Score annotators, and a trained model, against the reference labels.

        Parameters
        ----------
        run : Run, optional
            What `train` returned. With it, the LLMs, the trained model (called "student") and their
            majority are scored (where no more than half agree, the first annotator's word counts); without it, every
            annotator but people.
        split : {"test", "dev", "train"}, optional
            On which texts; None for all.

        Returns
        -------
        DataFrame
            Precision, recall and F (0 to 1) by annotator and label, each with a 95 % bootstrap interval; after the
            labels their "micro average" and "macro average", and "whole value", the share of texts that are right in
            all. ``support`` counts true labels, or spans; ``texts`` those scored, ``left_out`` those without a value.

        Raises
        ------
        LabError
            If there are no reference labels, nobody to score, or the model of the run is not here.

        Examples
        --------
        >>> lab.evaluate().loc[("llm", "micro average"), ["precision", "recall", "f"]].tolist()
        [1.0, 0.957, 0.978]
        """
        from .train import measure

        return measure(self._desk, run, split)

    def package(self, run: Run) -> Path:
        """Make a wheel of a trained model, for `pip install`; labkit is not needed where it runs.

        Parameters
        ----------
        run : Run
            What `train` or `fetch` returned.

        Returns
        -------
        Path
            The wheel, below `.labkit/wheels`. Its ``meta.json`` says whose labels the model learned and how well.

        Raises
        ------
        LabError
            If the model is not here, or the wheel can't be built or written.

        Examples
        --------
        >>> lab.package(lab.train("cpu", learn_from=["llm"])).name
        'en_issues_cpu-0.1.0-py3-none-any.whl'
        """
        from .train import wheel

        return wheel(self._desk, run)
