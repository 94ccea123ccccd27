"""Labels accepted in bulk, and the random draws that audit them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from .database import Database

if TYPE_CHECKING:
    import psycopg

LOCK = 0x61756469
"""One accepts, revokes or draws in a project at a time: "audi" in ASCII."""

# What stands of each annotator's words; a person's, or an acceptance's.
_SAID = (
    "SELECT DISTINCT ON (a.annotator_id, a.example_id) a.id, a.example_id, a.value, a.outcome, a.source,"
    " w.config ? 'role' AS judge"
    " FROM labkit.annotation a JOIN labkit.annotator w ON w.id = a.annotator_id"
    " WHERE w.project_id = %(project)s AND w.kind = ANY(%(kinds)s)"
    " ORDER BY a.annotator_id, a.example_id, a.id DESC"
)


class Acceptance(NamedTuple):
    """Texts whose labels were accepted together."""

    number: int
    """Of the annotator that stands for it."""
    name: str
    config: dict[str, Any]
    texts: int
    standing: bool
    """Whether it was not revoked."""


class Reading(NamedTuple):
    """What is known of one accepted text: it was drawn, or a person said something of it, or both."""

    number: int
    """Of the acceptance."""
    example: int
    key: str
    accepted: Any
    """The value that was accepted."""
    draw: int | None
    """Its place among all draws of the project; None if it was not drawn."""
    picked: float
    """When it was drawn, else when a person first gave it a value: seconds since 1970."""
    said: bool
    """Whether a person said something of it that stands."""
    value: Any
    """The last value that a person gave, an adjudicator's before all others; None where there is none."""
    audited: bool
    """Whether a person said it on a card of an audit."""


class Audits:
    """What was accepted in bulk, and what was drawn from it. Nothing here is ever overwritten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(
        self, project: int, name: str, config: Mapping[str, Any], rows: Iterable[tuple[int, Any, str]]
    ) -> str | None:
        """Accept labels, as an annotator of their own.

        Parameters
        ----------
        project : int
            The project's number.
        name : str
            What to call it; one that stands already under this name gets a number behind it.
        config : mapping
            What made the texts belong together, as JSON.
        rows : iterable of tuple
            Example, value and outcome of each label. Texts that a person said something of, or whose label was
            accepted before and stands, are left out.

        Returns
        -------
        str or None
            The name, or None where no text was left to accept: then nothing is kept.
        """
        import psycopg
        from psycopg.types.json import Jsonb

        given = None
        with self._database.connection() as connection, connection.transaction():
            self._lock(connection, project)
            number, given = self._new(connection, project, name, Jsonb(dict(config)))
            connection.execute(
                "CREATE TEMP TABLE incoming (n bigserial, example_id bigint, value jsonb, outcome text) ON COMMIT DROP"
            )
            with connection.cursor().copy("COPY incoming (example_id, value, outcome) FROM STDIN") as copy:
                for example, value, outcome in rows:
                    copy.write_row([example, Jsonb(value), outcome])
            added = connection.execute(
                f"WITH said AS ({_SAID})"
                " INSERT INTO labkit.annotation (annotator_id, example_id, value, outcome, source)"
                " SELECT %(number)s, example_id, value, outcome, 'accepted' FROM incoming i WHERE NOT EXISTS"
                "  (SELECT FROM said WHERE said.example_id = i.example_id AND said.outcome <> 'undone') ORDER BY n",
                {"project": project, "kinds": ["person", "accepted"], "number": number},
            ).rowcount
            if not added:
                given = None
                raise psycopg.Rollback
        return given

    def revoke(self, project: int, number: int) -> int:
        """Take an acceptance back, and return how many labels that were. They stay, and say that they were undone."""
        with self._database.connection() as connection:
            self._lock(connection, project)
            return connection.execute(
                "INSERT INTO labkit.annotation (annotator_id, example_id, outcome, source)"
                " SELECT annotator_id, example_id, 'undone', 'revoked' FROM labkit.annotation a"
                " WHERE annotator_id = %(number)s AND NOT EXISTS (SELECT FROM labkit.annotation"
                "  WHERE annotator_id = %(number)s AND outcome = 'undone') ORDER BY a.id",
                {"number": number},
            ).rowcount

    def acceptances(self, project: int) -> list[Acceptance]:
        """Return what was accepted in a project, revoked or not, the oldest first."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT w.id, w.name, w.config, count(*) FILTER (WHERE a.outcome <> 'undone'),"
                " bool_and(a.outcome <> 'undone') FROM labkit.annotator w"
                " JOIN labkit.annotation a ON a.annotator_id = w.id"
                " WHERE w.project_id = %s AND w.kind = 'accepted' GROUP BY w.id ORDER BY w.id",
                [project],
            ).fetchall()
        return [Acceptance(*row) for row in rows]

    def readings(self, project: int) -> list[Reading]:
        """Return what is known of accepted texts, those drawn first, in the order of the draws."""
        with self._database.connection() as connection:
            rows = connection.execute(
                f"WITH said AS ({_SAID}),"
                " word AS (SELECT DISTINCT ON (example_id) example_id, value FROM said WHERE outcome <> 'undone'"
                "  ORDER BY example_id, value IS NULL, judge DESC, id DESC),"
                " audited AS (SELECT DISTINCT example_id FROM said WHERE outcome <> 'undone' AND source = 'audit'),"
                " first AS (SELECT example_id, min(a.created_at) AS at FROM labkit.annotation a"
                "  JOIN labkit.annotator w ON w.id = a.annotator_id WHERE w.project_id = %(project)s"
                "  AND w.kind = 'person' AND a.value IS NOT NULL GROUP BY example_id)"
                " SELECT a.annotator_id, example_id, e.key, a.value, d.id, extract(epoch FROM"
                "  coalesce(d.created_at, first.at))::float8, word.example_id IS NOT NULL, word.value,"
                "  audited.example_id IS NOT NULL"
                " FROM labkit.annotation a JOIN labkit.annotator w ON w.id = a.annotator_id AND w.kind = 'accepted'"
                "  AND w.project_id = %(project)s JOIN labkit.example e ON e.id = a.example_id"
                " LEFT JOIN labkit.audit d USING (annotator_id, example_id) LEFT JOIN word USING (example_id)"
                " LEFT JOIN first USING (example_id) LEFT JOIN audited USING (example_id) WHERE a.outcome <> 'undone'"
                "  AND (d.id IS NOT NULL OR word.value IS NOT NULL) ORDER BY d.id NULLS LAST, first.at, a.example_id",
                {"project": project, "kinds": ["person"]},
            ).fetchall()
        return [Reading(*row) for row in rows]

    def read(self, project: int) -> int:
        """Return how many texts of a project a person gave a value to."""
        with self._database.connection() as connection:
            row = connection.execute(
                f"WITH said AS ({_SAID}) SELECT count(DISTINCT example_id) FROM said WHERE value IS NOT NULL",
                {"project": project, "kinds": ["person"]},
            ).fetchone()
        assert row is not None
        return int(row[0])

    def draw(self, project: int, wanted: Mapping[int, int]) -> int:
        """Draw texts at random from acceptances, none that was drawn or that a person gave a value to.

        Parameters
        ----------
        project : int
            The project's number.
        wanted : mapping of int to int
            How many texts to draw from each acceptance, by its number. The order in which the texts of one are drawn
            is that of the SHA-256 of its seed and their keys: it was fixed when they were accepted.

        Returns
        -------
        int
            How many were drawn. Draws from several acceptances take turns.
        """
        with self._database.connection() as connection:
            self._lock(connection, project)
            return connection.execute(
                f"WITH said AS ({_SAID}),"
                " wanted AS (SELECT * FROM unnest(%(numbers)s::bigint[], %(texts)s::bigint[]) AS t (number, texts)),"
                " ranked AS (SELECT a.annotator_id, a.example_id, texts, row_number() OVER (PARTITION BY a.annotator_id"
                "  ORDER BY sha256(convert_to((w.config ->> 'seed') || ' ' || e.key, 'UTF8')), e.id) AS place"
                "  FROM wanted JOIN labkit.annotator w ON w.id = number AND w.project_id = %(project)s"
                "  JOIN labkit.annotation a ON a.annotator_id = w.id AND a.outcome <> 'undone'"
                "  JOIN labkit.example e ON e.id = a.example_id WHERE NOT EXISTS (SELECT FROM labkit.audit d"
                "   WHERE d.annotator_id = a.annotator_id AND d.example_id = a.example_id)"
                "  AND NOT EXISTS (SELECT FROM said WHERE said.example_id = a.example_id AND said.value IS NOT NULL))"
                " INSERT INTO labkit.audit (annotator_id, example_id) SELECT annotator_id, example_id FROM ranked"
                " WHERE place <= texts ORDER BY (place - 0.5) / texts, annotator_id",
                {
                    "project": project,
                    "kinds": ["person"],
                    "numbers": list(wanted),
                    "texts": list(wanted.values()),
                },
            ).rowcount

    def _lock(self, connection: psycopg.Connection[Any], project: int) -> None:
        """Wait until nobody else accepts, revokes or draws in the project; held to the end of the transaction."""
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, project])

    def _new(self, connection: psycopg.Connection[Any], project: int, name: str, config: Any) -> tuple[int, str]:
        """Make the annotator of an acceptance, under a name under which none stands."""
        standing = {
            row[0]
            for row in connection.execute(
                "SELECT name FROM labkit.annotator w WHERE project_id = %s AND NOT EXISTS"
                " (SELECT FROM labkit.annotation"
                "  WHERE annotator_id = w.id AND outcome = 'undone' AND w.kind = 'accepted')",
                [project],
            )
        }
        numbered = (name if n == 1 else f"{name} ({n})" for n in range(1, len(standing) + 2))
        free = next(each for each in numbered if each not in standing)
        row = connection.execute(
            "INSERT INTO labkit.annotator (project_id, name, kind, digest, config)"
            " VALUES (%s, %s, 'accepted', %s, %s) RETURNING id",
            [project, free, uuid4().hex, config],
        ).fetchone()
        assert row is not None
        return int(row[0]), free
