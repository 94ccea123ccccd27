"""What people decided, each time that they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .database import Database

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["example", "annotator", "outcome", "value", "source"]


class History:
    """The annotations that people made, none left out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def frame(self, project: int) -> pd.DataFrame:
        """Return every decision, the earliest first; also those that were undone, and the undoing.

        Parameters
        ----------
        project : int
            The project's number.

        Returns
        -------
        DataFrame
            Columns `example`, `annotator`, `outcome`, `value` (None without one), and `source`: the file, or how the
            text came up in the corrector.
        """
        import pandas as pd

        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT a.example_id, p.name, a.outcome, a.value, a.source FROM labkit.annotation a"
                " JOIN labkit.annotator p ON p.id = a.annotator_id WHERE p.project_id = %s AND p.kind = 'person'"
                " ORDER BY a.id",
                [project],
            ).fetchall()
        return pd.DataFrame(rows, columns=COLUMNS)
