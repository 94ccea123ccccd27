"""Raw texts in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from ..corpus import Ingested


class Reading(Part):
    """Raw texts in."""

    def ingest(
        self,
        path: str | Path,
        *,
        text: str | None = None,
        id: str | None = None,
        label: str | None = None,
        limit: int = 100_000,
        near: float | None = 0.8,
    ) -> Ingested:
        """Read texts into the project; what it holds already stays as it is.

        Parameters
        ----------
        path : str or Path
            A file (JSONL, CSV, TSV, Parquet, plain text, PDF, HTML) or a folder of them.
        text, id, label : str, optional
            The columns of the text, of its id, and of labels that come with it; found by name if left out.
        limit : int
            The longest text, in characters.
        near : float, optional
            How similar two texts must be to be reported as near duplicates, up to 1; None to look for none.

        Returns
        -------
        Ingested
            How many texts the project has, which rows were set aside and why, and near duplicates.

        Raises
        ------
        LabError
            If the path can't be read, or no column holds texts. A bad row is set aside, and no error.

        Examples
        --------
        >>> lab.ingest("data/issues/texts.jsonl")
        750 texts in the project: 461 train, 140 dev, 149 test
        """
        from .ingest import ingest

        found = self._desk.project.path(path)
        return ingest(self._desk, found, text=text, id=id, label=label, limit=limit, near=near)

    def texts(self, split: str | None = None) -> pd.DataFrame:
        """Return the project's texts.

        Parameters
        ----------
        split : {"train", "dev", "test"}, optional
            Only this part.

        Returns
        -------
        DataFrame
            One row a text: ``example``, the store's number of it; ``key``, its id in the file that it came from;
            ``text``, ``split``.

        Raises
        ------
        LabError
            If there is no text, or none in this split.

        Examples
        --------
        >>> len(lab.texts("test"))
        149
        """
        return self._desk.texts(split)
