"""Runs: one job each, with its configuration, state, figures and artefact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .database import Database

if TYPE_CHECKING:
    import pandas as pd

# A run's number counts the runs of its project, kind and name; ids count all runs of the store.
_FIELDS = (
    "id, (SELECT count(*) FROM labkit.run r WHERE (r.project_id, r.kind, r.name) = (run.project_id, run.kind, run.name)"
    " AND r.id <= run.id), kind, name, digest, state, config, figures, artefact, error, place, remote, dollars::float,"
    " coalesce(held_until > clock_timestamp(), false)"
)

HOLD_SECONDS = 60.0
"""For how long a run is held by who starts it elsewhere, unless that is said again."""

_COLUMNS = ["run", "kind", "name", "place", "state", "started", "seconds", "dollars", "error"]


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
    state : {"queued", "running", "done", "stopped", "failed"}
        How far it is; queued is what waits for its container.
    config, figures : dict
        What was asked, and what was measured.
    artefact : str or None
        What it made: a path below the project's state folder.
    error : str or None
        Why it failed.
    place : str
        Where it runs: ``"here"``, ``"modal"``.
    remote : dict or None
        What it is known by elsewhere.
    dollars : float or None
        What it has cost so far.
    held : bool
        Whether somebody is starting it elsewhere just now.
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
    place: str = "here"
    remote: dict[str, Any] | None = None
    dollars: float | None = None
    held: bool = False


class Runs:
    """The table of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, project: int, kind: str, name: str, digest: str, config: dict[str, Any], place: str = "here"
    ) -> int:
        """Record that a run began, or is being started elsewhere by who calls this, and return its id."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            row = connection.execute(
                "INSERT INTO labkit.run (project_id, kind, name, digest, config, state, place, held_until)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s)) RETURNING id",
                [
                    *(project, kind, name, digest, Jsonb(config)),
                    *(("running", place, None) if place == "here" else ("queued", place, HOLD_SECONDS)),
                ],
            ).fetchone()
        assert row is not None
        return int(row[0])

    def end(
        self,
        run: int,
        state: str,
        figures: dict[str, Any],
        artefact: str | None,
        error: str | None,
        dollars: float | None = None,
    ) -> None:
        """Record how a run ended: its state, figures, artefact, the error where it failed, and what it cost."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            connection.execute(
                "UPDATE labkit.run SET state = %s, figures = %s, artefact = %s, error = %s,"
                " dollars = coalesce(%s, dollars), finished_at = clock_timestamp() WHERE id = %s",
                [state, Jsonb(figures), artefact, error, dollars, run],
            )

    def know(self, run: int, remote: dict[str, Any]) -> bool:
        """Record what a run is known by elsewhere, and return whether it has not ended, as far as is known here."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            row = connection.execute(
                "UPDATE labkit.run SET remote = %s WHERE id = %s RETURNING state", [Jsonb(remote), run]
            ).fetchone()
        return row is not None and row[0] in ("queued", "running")

    def hold(self, run: int) -> bool:
        """Hold a run in order to start it elsewhere; False where somebody else does. Say so again with `renew`."""
        with self._database.connection() as connection:
            row = connection.execute(
                "UPDATE labkit.run SET held_until = clock_timestamp() + make_interval(secs => %s)"
                " WHERE id = %s AND coalesce(held_until < clock_timestamp(), true) RETURNING id",
                [HOLD_SECONDS, run],
            ).fetchone()
        return row is not None

    def renew(self, run: int) -> None:
        """Say that who holds a run is still at it: it is held for another `HOLD_SECONDS`."""
        with self._database.connection() as connection:
            connection.execute(
                "UPDATE labkit.run SET held_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
                [HOLD_SECONDS, run],
            )

    def release(self, run: int) -> None:
        """Hold a run no longer."""
        with self._database.connection() as connection:
            connection.execute("UPDATE labkit.run SET held_until = NULL WHERE id = %s", [run])

    def hear(self, run: int, events: Sequence[Mapping[str, Any]], figures: dict[str, Any], dollars: float) -> None:
        """Record what a run elsewhere told, and where it stands by that; an event that was told before stays as it is.

        Parameters
        ----------
        run : int
            The run.
        events : sequence of mapping
            What was told, each with its ``number``.
        figures : dict
            What is known by the last of them.
        dollars : float
            What the run has cost by then.
        """
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            connection.cursor().executemany(
                "INSERT INTO labkit.run_event (run_id, number, event) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [(run, event["number"], Jsonb(dict(event))) for event in events],
            )
            connection.execute(
                "UPDATE labkit.run SET state = 'running', figures = %s, dollars = %s"
                " WHERE id = %s AND state IN ('queued', 'running')",
                [Jsonb(figures), dollars, run],
            )

    def events(self, run: int) -> list[dict[str, Any]]:
        """Return what a run elsewhere told, in order."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT event FROM labkit.run_event WHERE run_id = %s ORDER BY number", [run]
            ).fetchall()
        return [event for (event,) in rows]

    def open(self, project: int, place: str) -> list[RunRow]:
        """Return a project's runs at a place that have not ended, as far as is known here."""
        with self._database.connection() as connection:
            rows = connection.execute(
                f"SELECT {_FIELDS} FROM labkit.run WHERE project_id = %s AND place = %s"
                " AND state IN ('queued', 'running') ORDER BY id",
                [project, place],
            ).fetchall()
        return [RunRow(*row) for row in rows]

    def get(self, run: int) -> RunRow:
        """Return one run."""
        with self._database.connection() as connection:
            row = connection.execute(f"SELECT {_FIELDS} FROM labkit.run WHERE id = %s", [run]).fetchone()
        assert row is not None
        return RunRow(*row)

    def find(self, project: int, run: int) -> RunRow | None:
        """Return one run of a project, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                f"SELECT {_FIELDS} FROM labkit.run WHERE project_id = %s AND id = %s", [project, run]
            ).fetchone()
        return RunRow(*row) if row else None

    def done(self, project: int, kind: str, digest: str) -> RunRow | None:
        """Return the last finished run with this digest, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                f"SELECT {_FIELDS} FROM labkit.run WHERE project_id = %s AND kind = %s AND digest = %s"
                " AND state = 'done' ORDER BY id DESC LIMIT 1",
                [project, kind, digest],
            ).fetchone()
        return RunRow(*row) if row else None

    def speed(self, project: int, kind: str, name: str, place: str) -> float | None:
        """Return the words a second of the last run of a name at a place that has an end, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT (figures ->> 'words_per_second')::float FROM labkit.run WHERE project_id = %s AND kind = %s"
                " AND name = %s AND place = %s AND figures ? 'words_per_second' ORDER BY id DESC LIMIT 1",
                [project, kind, name, place],
            ).fetchone()
        return row[0] if row else None

    def frame(self, project: int) -> pd.DataFrame:
        """Return a project's runs, newest first.

        The columns: `run`, `kind`, `name`, `place`, `state`, `started`, `seconds`, `dollars`, `error`.
        """
        import pandas as pd

        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT id, kind, name, place, state, started_at, extract(epoch FROM finished_at - started_at)::float,"
                " dollars::float, coalesce(error, '') FROM labkit.run WHERE project_id = %s ORDER BY id DESC",
                [project],
            ).fetchall()
        return pd.DataFrame(rows, columns=_COLUMNS)
