"""Follows, stops, fetches, keeps and lists runs, here and elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from .train import Run


class Running(Part):
    """Follows, stops, fetches, keeps and lists runs, here and elsewhere."""

    def attach(self, run: Run | int) -> Any:
        """Follow a run that goes on at Modal, from where nobody listened any more, to its end.

        Parameters
        ----------
        run : Run or int
            What started it, or its number in `runs`.

        Returns
        -------
        Run or Annotated
            What the call that started it returns, as it stands now.

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

        Returns
        -------
        Run or Annotated
            What the call that started it returns, as it stands now.

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

        Returns
        -------
        Path
            The file.

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

        Returns
        -------
        Run
            The run, with its figures and its curve; without a model.

        Raises
        ------
        LabError
            If it is no such file.

        Examples
        --------
        >>> lab.load_run("data/issues/run-modal.jsonl").row.state
        'done'
        """
        from .recording import load

        return load(self._desk, path)

    def runs(self) -> pd.DataFrame:
        """Return the project's runs, newest first; those at Modal as they stand there now, or did when last heard of.

        Returns
        -------
        DataFrame
            One row a run: its number, ``run``; ``kind``, ``name``, ``place``, ``state``; when it ``started``; its
            ``seconds`` and ``dollars``; and the ``error`` that ended it.
        """
        if self._desk.store.runs.open(self._desk.number, "modal"):
            from .standing import refresh

            refresh(self._desk)
        return self._desk.store.runs.frame(self._desk.number)


def _number(run: Run | int) -> int:
    """Return the number of a run."""
    from .train import need_run

    return run if isinstance(run, int) else need_run(run).row.id
