"""What people decide, one decision at a time, and what they write beside a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .annotations import Annotation
from .claims import storable
from .database import Database
from .leases import LEASE_SECONDS, Leases, Overlap

if TYPE_CHECKING:
    import pandas as pd

UNDONE = "undone"
PEOPLE_COLUMNS = ["person", "example", "outcome", "value", "seconds", "source", "created_at"]

SAY = (
    "WITH said AS (INSERT INTO labkit.annotation (example_id, annotator_id, value, outcome, seconds, source, decision)"
    " VALUES (%(example)s, %(annotator)s, %(value)s, %(outcome)s, %(seconds)s, %(source)s, %(name)s)"
    " ON CONFLICT (decision) DO NOTHING)"
)
"""Append a decision, and in the same statement what stands behind it: both are committed, or neither."""

FREE = "DELETE FROM labkit.lease WHERE example_id = %(example)s AND annotator_id = %(annotator)s"
"""End the lease on a text."""

HOLD = (
    "INSERT INTO labkit.lease (example_id, annotator_id, holder, held_until)"
    " VALUES (%(example)s, %(annotator)s, %(holder)s, clock_timestamp() + make_interval(secs => %(lasts)s))"
    " ON CONFLICT (example_id, annotator_id) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until"
)
"""Lease a text again."""

NOTE = (
    "INSERT INTO labkit.note (example_id, annotator_id, note, flagged, name)"
    " SELECT %(example)s, %(annotator)s, new.note, new.flagged, %(name)s"
    " FROM (SELECT %(note)s::text AS note, %(flagged)s::boolean AS flagged) new"
    " LEFT JOIN LATERAL (SELECT note, flagged FROM labkit.note WHERE annotator_id = %(annotator)s"
    "  AND example_id = %(example)s ORDER BY id DESC LIMIT 1) last ON true WHERE (new.note, new.flagged)"
    "  IS DISTINCT FROM (coalesce(last.note, ''), coalesce(last.flagged, false)) ON CONFLICT (name) DO NOTHING"
)
"""Append a note, unless it repeats what stands."""


class Decisions:
    """Decisions, notes and flags of people, and the keys they want. All but the keys is append-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def leases(self, annotator: int, holder: UUID, overlap: Overlap, seconds: float = LEASE_SECONDS) -> Leases:
        """Return the leases of one sitting of a person; see `Leases`."""
        return Leases(self._database, annotator, holder, overlap, seconds)

    def keep(self, annotator: int, row: Annotation, holder: UUID | None, note: str = "", flagged: bool = False) -> None:
        """Commit a decision with its note, and end the lease on its text; an undone one is leased again.

        Parameters
        ----------
        annotator : int
            The person's number in the project.
        row : Annotation
            What was decided, with the UUID of the decision: kept once, however often this is called.
        holder : UUID or None
            The sitting that takes a text back whose decision is undone; None where there is none any more.
        note : str
            What the person wrote beside the text. Kept if it is new.
        flagged : bool
            Whether the person wants to discuss the text.
        """
        undone = row.outcome == UNDONE
        then = f", freed AS ({FREE}) {NOTE}" if not undone else HOLD if holder else FREE
        said = {"annotator": annotator, "example": row.example, "value": as_json(row.value), "outcome": row.outcome}
        said |= {"seconds": row.seconds, "source": row.source, "name": row.decision, "holder": holder}
        marked = {"note": storable(note), "flagged": flagged, "lasts": LEASE_SECONDS}
        with self._database.statement() as connection:
            connection.execute(f"{SAY} {then}", said | marked)

    def mark(self, annotator: int, example: int, name: str, note: str, flagged: bool) -> None:
        """Commit a note and a flag.

        Parameters
        ----------
        annotator : int
            The person's number in the project.
        example : int
            The text.
        name : str
            A UUID made where the person acted: the same sent twice is kept once.
        note, flagged
            As for `keep`.
        """
        marked = {"annotator": annotator, "example": example, "name": name, "note": storable(note), "flagged": flagged}
        with self._database.statement() as connection:
            connection.execute(NOTE, marked)

    def identity(self, project: int) -> str:
        """Return what tells a project from that of the same name and number in any other database."""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT name, extract(epoch FROM created_at) FROM labkit.project WHERE id = %s", [project]
            ).fetchone()
        return sha256(f"{row}".encode()).hexdigest()[:16]

    def history(self, annotator: int) -> list[tuple[int, Any]]:
        """Return the texts on which a person's decision stands, with its value, in the order of the decisions."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT example_id, value FROM (SELECT DISTINCT ON (example_id) example_id, id, outcome, value"
                "  FROM labkit.annotation WHERE annotator_id = %s ORDER BY example_id, id DESC) last"
                " WHERE outcome <> 'undone' ORDER BY id",
                [annotator],
            )
            return rows.fetchall()

    def contested(self, project: int) -> list[int]:
        """Return the texts to which people gave different answers and that nobody has adjudicated, oldest first."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "WITH last AS (SELECT DISTINCT ON (a.annotator_id, a.example_id) a.example_id, a.outcome, a.value,"
                "  w.config ->> 'role' AS role FROM labkit.annotation a"
                "  JOIN labkit.annotator w ON w.id = a.annotator_id WHERE w.project_id = %s AND w.kind = 'person'"
                "  ORDER BY a.annotator_id, a.example_id, a.id DESC)"
                " SELECT example_id FROM last WHERE outcome <> 'undone' GROUP BY example_id HAVING count(role) = 0 AND"
                "  count(DISTINCT (outcome, value)) FILTER (WHERE role IS NULL AND outcome <> 'ignored') > 1"
                " ORDER BY example_id",
                [project],
            )
            return [row[0] for row in rows]

    def people(self, project: int) -> pd.DataFrame:
        """Return what each person decided last of each text, adjudications left out, in the order of time.

        Returns
        -------
        DataFrame
            Columns `PEOPLE_COLUMNS`: `seconds` from card to decision, `created_at` when it was committed.
        """
        import pandas as pd

        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT name, example_id, outcome, value, seconds, source, created_at FROM (SELECT DISTINCT ON"
                "  (a.annotator_id, a.example_id) a.id, w.name, a.example_id, a.outcome, a.value, a.seconds, a.source,"
                "  a.created_at FROM labkit.annotation a JOIN labkit.annotator w ON w.id = a.annotator_id"
                "  WHERE w.project_id = %s AND w.kind = 'person' AND w.config ->> 'role' IS NULL"
                "  ORDER BY a.annotator_id, a.example_id, a.id DESC) last WHERE outcome <> 'undone' ORDER BY id",
                [project],
            ).fetchall()
        return pd.DataFrame(rows, columns=PEOPLE_COLUMNS)

    def keys(self, person: str) -> dict[str, str]:
        """Return the keys that a person has bound: command to key."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT bindings FROM labkit.keys WHERE person = %s", [person]).fetchone()
        return dict(row[0]) if row else {}

    def bind(self, person: str, keys: Mapping[str, str]) -> None:
        """Keep the keys that a person wants, in place of those before."""
        with self._database.connection() as connection:
            connection.execute(
                "INSERT INTO labkit.keys (person, bindings) VALUES (%s, %s)"
                " ON CONFLICT (person) DO UPDATE SET bindings = excluded.bindings",
                [person, as_json(dict(keys))],
            )

    def release(self, holders: Iterable[UUID]) -> None:
        """End the leases of sittings that are known to be dead."""
        with self._database.connection() as connection:
            connection.execute("DELETE FROM labkit.lease WHERE holder = ANY(%s)", [list(holders)])


def as_json(value: Any) -> Any:
    """Return a value as psycopg takes it for a jsonb column."""
    from psycopg.types.json import Jsonb

    return None if value is None else Jsonb(value)
