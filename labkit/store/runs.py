"""Runs: one job each, with its configuration, state, figures and artefact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .database import Database

if TYPE_CHECKING:
    import pandas as pd

# A run's number counts the runs of its project, kind and name; ids count all runs of the store.
_FIELDS = (
    "id, (SELECT count(*) FROM labkit.run r WHERE (r.project_id, r.kind, r.name) = (run.project_id, run.kind, run.name)"
    " AND r.id <= run.id), kind, name, digest, state, config, figures, artefact, error"
)


@dataclass(frozen=True)
class RunRow:
    """One run, as the store has it.

    Parameters
    ----------
    id : int
        What the store knows it by.
    number : int
        The how-manieth run of its project, kind and name it is.
    kind : str
        What was run: ``"training"``.
    name : str
        The configuration that was run: ``"cpu"``.
    digest : str
        Configuration and data that were run; the same digest gives the same result.
    state : {"running", "done", "stopped", "failed"}
        Where it is.
    config, figures : dict
        What was asked, and what was measured.
    artefact : str or None
        What it made: a path below the project's state folder.
    error : str or None
        Why it failed.
    """

    id: int
    number: int
    kind: str
    name: str
    digest: str
    state: str
    config: dict[str, Any]
    figures: dict[str, Any]
    artefact: str | None
    error: str | None


class Runs:
    """The table of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, project: int, kind: str, name: str, digest: str, config: dict[str, Any]) -> int:
        """Record that a run began, and return its id."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            row = connection.execute(
                "INSERT INTO labkit.run (project_id, kind, name, digest, config, state)"
                " VALUES (%s, %s, %s, %s, %s, 'running') RETURNING id",
                [project, kind, name, digest, Jsonb(config)],
            ).fetchone()
        assert row is not None
        return int(row[0])

    def end(self, run: int, state: str, figures: dict[str, Any], artefact: str | None, error: str | None) -> None:
        """Record how a run ended: its state, figures, artefact, and the error where it failed."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            connection.execute(
                "UPDATE labkit.run SET state = %s, figures = %s, artefact = %s, error = %s,"
                " finished_at = clock_timestamp() WHERE id = %s",
                [state, Jsonb(figures), artefact, error, run],
            )

    def get(self, run: int) -> RunRow:
        """Return one run."""
        with self._database.connection() as connection:
            row = connection.execute(f"SELECT {_FIELDS} FROM labkit.run WHERE id = %s", [run]).fetchone()
        assert row is not None
        return RunRow(*row)

    def done(self, project: int, kind: str, digest: str) -> RunRow | None:
        """Return the last finished run with this digest, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                f"SELECT {_FIELDS} FROM labkit.run WHERE project_id = %s AND kind = %s AND digest = %s"
                " AND state = 'done' ORDER BY id DESC LIMIT 1",
                [project, kind, digest],
            ).fetchone()
        return RunRow(*row) if row else None

    def frame(self, project: int) -> pd.DataFrame:
        """Return a project's runs, newest first: `run`, `kind`, `name`, `state`, `started`, `seconds`, `error`."""
        import pandas as pd

        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT id, kind, name, state, started_at, extract(epoch FROM finished_at - started_at)::float,"
                " coalesce(error, '') FROM labkit.run WHERE project_id = %s ORDER BY id DESC",
                [project],
            ).fetchall()
        return pd.DataFrame(rows, columns=["run", "kind", "name", "state", "started", "seconds", "error"])
