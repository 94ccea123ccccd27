"""Predicts texts beyond the project's own, however many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    from ..corpus.sources import Source
    from ..predict import Predicted, Reckoned
    from .train import Run


class Predicting(Part):
    """Predicts texts beyond the project's own, however many."""

    def predict(
        self,
        source: str | Path | Source,
        run: Run,
        *,
        on: str = "here",
        gpu: Sequence[str] | None = None,
        containers: int | None = None,
        max_dollars: float | None = None,
        to: str | Path | None = None,
        text: str | None = None,
        id: str | None = None,
        limit: int = 100_000,
        size: int = 1000,
        ordered: bool = False,
    ) -> Predicted:
        """Have a trained model predict every text of a corpus, once; it is never in memory as a whole.

        Run again with the same corpus and run, it goes on where it was stopped, and predicts only what is missing.

        Parameters
        ----------
        source : str, Path or Source
            A file or folder, as `ingest` reads it; a query, as a `labkit.corpus.sources.Query` or as text that begins
            with SELECT, which goes to the server in SOURCE_DATABASE_URL; or another of `labkit.corpus.sources`.
        run : Run
            What `train` returned.
        on : {"here", "modal"}
            Where the model runs.
        gpu : sequence of str, optional
            At Modal, kinds of GPU, the one that is wanted most first: ``["L4", "A10G"]``; none if left out.
        containers : int, optional
            At Modal, how many containers there are at the most; 4 if left out.
        max_dollars : float, optional
            At Modal, what this may cost; then it ends, and what was predicted is kept.
        to : str or Path, optional
            A Parquet file (it ends in .parquet), or a folder for one of each shard; the store if left out. A value
            stands there as JSON.
        text, id : str, optional
            The columns of the text and of its id; found by name if left out.
        limit : int
            The longest text, in characters.
        size : int
            Texts of a shard, which is kept as a whole and is what can be lost when everything is killed.
        ordered : bool
            Whether shards are kept in the order of the corpus, and not as they come. They are read in that order
            in any case.

        Returns
        -------
        Predicted
            How many texts and shards, how long it took, what it cost, which rows were set aside and why; iterate over
            it for the predictions, or have the first as a table: ``.frame(100)``.

        Raises
        ------
        LabError
            If the corpus can't be read, the run has no model, predictions can't be kept, or shards failed. What was
            predicted until then is kept.
        """
        from .places import place
        from .predict import run as predict

        where = place(on, self._desk, gpu=gpu, containers=containers, max_dollars=max_dollars)
        return predict(self._desk, source, run, where, to, text=text, id=id, limit=limit, size=size, ordered=ordered)

    def estimate_predict(
        self,
        source: str | Path | Source,
        run: Run,
        *,
        on: str = "modal",
        gpu: Sequence[str] | None = None,
        containers: int | None = None,
        text: str | None = None,
        id: str | None = None,
        limit: int = 100_000,
    ) -> Reckoned:
        """Reckon the minutes and dollars that `predict` would take; nothing is rented, and nothing kept.

        The corpus is read to its end, and its first 300 texts are predicted here, to see how fast the model is.

        Parameters
        ----------
        source, run, on, gpu, containers, text, id, limit
            As for `predict`.

        Returns
        -------
        Reckoned
            How many texts and characters there are, and the minutes and dollars that they take.

        Raises
        ------
        LabError
            If the corpus can't be read, or the model is not here.
        """
        from .places import place
        from .predict import estimate

        where = place(on, self._desk, gpu=gpu, containers=containers)
        return estimate(self._desk, source, run, where, text=text, id=id, limit=limit)
