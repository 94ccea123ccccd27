"""Trains, measures and packages the small model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
            At Modal, kinds of GPU, the one that is wanted most first: ``["L4", "A10G"]``; none if left out.
        max_minutes, max_dollars : float, optional
            At Modal, when it ends, with the best model so far: at the limit that comes first; 120 minutes if both
            are left out. What is spent before the container starts and after the last evaluation comes on top.
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

        Raises
        ------
        LabError
            If there are no labels, the configuration can't be read, or Modal has no such GPU.
        """
        from .quote import quote

        self._desk.task.check_learnable()
        return quote(self._desk, name, gpu, max_minutes, max_dollars, words_per_second, learn_from)

    def attach(self, run: Run | int) -> Any:
        """Follow a run that goes on at Modal, from where nobody listened any more, to its end.

        Parameters
        ----------
        run : Run or int
            What started it, or its number in `runs`.

        Raises
        ------
        LabError
            If there is no such run there, or it failed.
        """
        from ..widgets import monitor
        from .remote import attach

        with monitor(f"run {_number(run)}") as report:
            return attach(self._desk, run, report)

    def cancel(self, run: Run | int) -> Any:
        """Stop a run at Modal at once, and what it costs.

        Parameters
        ----------
        run : Run or int
            What started it, or its number in `runs`.

        Raises
        ------
        LabError
            If there is no such run there, or Modal can't be reached.
        """
        from .remote import cancel

        return cancel(self._desk, run)

    def fetch(self, run: Run | int) -> Run:
        """Bring the model of a run home from Modal; what is here already, whole, is not copied again.

        Parameters
        ----------
        run : Run or int
            What started it, or its number in `runs`.

        Returns
        -------
        Run
            With it `load`, `evaluate` and `package` work.

        Raises
        ------
        LabError
            If there is no model, or it does not arrive as it was made.
        """
        from ..widgets import monitor
        from .remote import fetch

        with monitor(f"the model of run {_number(run)}") as report:
            return fetch(self._desk, run, report)

    def save_run(self, run: Run, path: str | Path) -> Path:
        """Write a run that has ended to a file: what it told while it ran, what it came to, and what it cost.

        Parameters
        ----------
        run : Run
            What `train`, `attach` or `fetch` returned. Its model does not go into the file: see `package`.
        path : str or Path
            The file, JSON a line.

        Raises
        ------
        LabError
            If it has not ended, or the file can't be written.
        """
        from .recording import save

        return save(self._desk, run, path)

    def load_run(self, path: str | Path) -> Run:
        """Read a run that was written to a file, and list it among the project's; what was read before is not added.

        Parameters
        ----------
        path : str or Path
            The file, as `save_run` wrote it.

        Raises
        ------
        LabError
            If it is no such file.
        """
        from .recording import load

        return load(self._desk, path)

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
        """Return the project's runs, newest first; of those at Modal, as they stand there now."""
        if self._desk.store.runs.open(self._desk.number, "modal"):
            from .remote import refresh

            refresh(self._desk)
        return self._desk.store.runs.frame(self._desk.number)


def _number(run: Run | int) -> int:
    """Return the number of a run."""
    return run if isinstance(run, int) else run.row.id
