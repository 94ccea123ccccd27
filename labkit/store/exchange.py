"""Annotations on their way in from other tools, and out to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from .database import Database

BATCH = 200
"""Rows of an export that are fetched at a time: more would keep waiting what they are handed on to."""


class Incoming(NamedTuple):
    """One annotation from a file.

    Parameters
    ----------
    decision : str
        A UUID made of what it says: what is taken in twice is kept once.
    who, kind : str
        The annotator's name and kind.
    example : int
        The text.
    value : JSON
        The task's value; None unless the outcome has one.
    outcome : str
        One of `labkit.tasks.Outcome`.
    seconds : float or None
        How long it took.
    source : str
        File and line.
    made_at : datetime or None
        When it was made; None where the file doesn't say.
    session, note : str or None
        Its sitting, and what was written beside the text.
    details : dict or None
        What else the file says of it.
    """

    decision: str
    who: str
    kind: str
    example: int
    value: Any
    outcome: str
    seconds: float | None = None
    source: str = ""
    made_at: datetime | None = None
    session: str | None = None
    note: str | None = None
    details: dict[str, Any] | None = None


class Taken(NamedTuple):
    """What became of annotations: how many are new, by annotator, how many stood there, and the places of older ones.

    An older one is of a time before what the same annotator said last of the text: that stands, and it is not kept.
    """

    new: Counter[str]
    known: int
    older: list[tuple[str, str]]


class Outgoing(NamedTuple):
    """What one annotator said last of one text, with the text."""

    example: int
    key: str
    text: str
    meta: dict[str, Any]
    who: str
    kind: str
    outcome: str
    value: Any
    made_at: datetime
    seconds: float | None
    session: str | None
    note: str | None
    details: dict[str, Any] | None


class Exchange:
    """The table of annotations, as other tools see it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def annotators(self, project: int) -> dict[str, set[tuple[str, str]]]:
        """Return the kinds and digests behind each annotator's name in a project."""
        found: dict[str, set[tuple[str, str]]] = {}
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT name, kind, digest FROM labkit.annotator WHERE project_id = %s", [project]
            )
            for name, kind, digest in rows:
                found.setdefault(name, set()).add((kind, digest))
        return found

    def take(self, project: int, rows: Iterable[Incoming]) -> Taken:
        """Append annotations in the order of their times, but none that stands there already.

        Parameters
        ----------
        project : int
            The project's number.
        rows : iterable of Incoming
            Any number; they are streamed, and committed together or not at all.
        """
        from psycopg.types.json import Jsonb

        def packed(value: Any) -> Any:
            return None if value is None else Jsonb(value)

        with self._database.connection() as connection:
            connection.execute(
                "CREATE TEMP TABLE incoming (n bigserial, decision uuid, who text, kind text, example_id bigint,"
                " value jsonb, outcome text, seconds real, source text, made_at timestamptz, session text, note text,"
                " details jsonb, annotator_id bigint) ON COMMIT DROP"
            )
            with connection.cursor().copy(
                "COPY incoming (decision, who, kind, example_id, value, outcome, seconds, source, made_at, session,"
                " note, details) FROM STDIN"
            ) as copy:
                for row in rows:
                    copy.write_row(row._replace(value=packed(row.value), details=packed(row.details)))
            given = connection.execute("SELECT count(*) FROM incoming").fetchone()
            connection.execute(
                "INSERT INTO labkit.annotator (project_id, name, kind, digest)"
                " SELECT DISTINCT %(project)s::bigint, who, kind, '' FROM incoming ON CONFLICT DO NOTHING",
                {"project": project},
            )
            connection.execute(_NAME, {"project": project})
            connection.execute("CREATE INDEX ON incoming (annotator_id, example_id)")
            connection.execute("ANALYZE incoming")
            connection.execute(_DROP_KNOWN)
            older = connection.execute(_DROP_OLDER).fetchall()
            new = connection.execute(_APPEND, {"project": project}).fetchall()
            connection.execute(_ADD_NOTES)
        assert given is not None
        counts = Counter(dict(new))
        return Taken(counts, given[0] - counts.total() - len(older), sorted(older))

    def give(self, project: int, names: Sequence[str] | None) -> Iterator[Outgoing]:
        """Yield what annotators said last of each text, text by text, those who spoke last at the end.

        Parameters
        ----------
        project : int
            The project's number.
        names : sequence of str, optional
            Whose annotations; all people's if left out. Of several versions of a name the one used last counts.
        """
        from psycopg.types.json import set_json_loads

        with self._database.connection() as connection, connection.cursor(name="outgoing") as cursor:
            cursor.itersize = BATCH
            set_json_loads(_json, cursor)
            cursor.execute(_GIVE, {"project": project, "names": None if names is None else list(names)})
            for row in cursor:
                yield Outgoing(*row)


def _json(column: str | bytes) -> Any:
    """Decode a column of JSON, which is UTF-8: `json.loads` would look for other encodings in each of millions."""
    return _decode(column if isinstance(column, str) else column.decode())[0]


_decode = json.JSONDecoder().raw_decode
_NAME = (
    "UPDATE incoming i SET annotator_id = a.id FROM labkit.annotator a"
    " WHERE (a.project_id, a.name, a.digest) = (%(project)s, i.who, '')"
)
# The same annotation may come back from a tool that cut its time to the second. One without a time is known where it
# repeats what its annotator said last.
_DROP_KNOWN = (
    "DELETE FROM incoming i WHERE EXISTS (SELECT FROM labkit.annotation a WHERE a.decision = i.decision)"
    " OR (i.made_at IS NOT NULL AND EXISTS (SELECT FROM labkit.annotation a"
    "  WHERE a.annotator_id = i.annotator_id AND a.example_id = i.example_id AND a.outcome = i.outcome"
    "  AND a.value IS NOT DISTINCT FROM i.value"
    "  AND abs(extract(epoch FROM coalesce(a.made_at, a.created_at) - i.made_at)) < 1))"
    " OR (i.made_at IS NULL AND EXISTS (SELECT FROM (SELECT value, outcome FROM labkit.annotation a"
    "  WHERE a.annotator_id = i.annotator_id AND a.example_id = i.example_id ORDER BY id DESC LIMIT 1) last"
    "  WHERE last.outcome = i.outcome AND last.value IS NOT DISTINCT FROM i.value))"
)
_DROP_OLDER = (
    "DELETE FROM incoming i WHERE EXISTS (SELECT FROM labkit.annotation a WHERE a.annotator_id = i.annotator_id"
    "  AND a.example_id = i.example_id AND coalesce(a.made_at, a.created_at) > i.made_at) RETURNING source, who"
)
_APPEND = (
    "WITH new AS (INSERT INTO labkit.annotation (example_id, annotator_id, value, outcome, seconds, source, decision,"
    "  made_at, session, details) SELECT example_id, annotator_id, value, outcome, seconds, source, decision, made_at,"
    "  session, details FROM incoming ORDER BY made_at NULLS FIRST, n ON CONFLICT (decision) DO NOTHING"
    "  RETURNING annotator_id)"
    " SELECT a.name, count(*)::bigint FROM new JOIN labkit.annotator a ON a.id = new.annotator_id GROUP BY a.name"
)
_ADD_NOTES = (
    "INSERT INTO labkit.note (example_id, annotator_id, note, flagged, name)"
    " SELECT DISTINCT ON (i.decision) i.example_id, i.annotator_id, i.note, coalesce(last.flagged, false), i.decision"
    " FROM incoming i LEFT JOIN LATERAL (SELECT note, flagged FROM labkit.note n"
    "  WHERE n.annotator_id = i.annotator_id AND n.example_id = i.example_id ORDER BY id DESC LIMIT 1) last ON true"
    " WHERE i.note IS NOT NULL AND i.note IS DISTINCT FROM last.note ON CONFLICT (name) DO NOTHING"
)
_GIVE = (
    "WITH used AS (SELECT DISTINCT ON (name) id, name, kind FROM labkit.annotator WHERE project_id = %(project)s"
    "  AND CASE WHEN %(names)s::text[] IS NULL THEN kind = 'person' ELSE name = ANY(%(names)s) END"
    "  ORDER BY name, used_at DESC),"
    " last AS (SELECT DISTINCT ON (a.example_id, a.annotator_id) a.*, used.name, used.kind FROM labkit.annotation a"
    "  JOIN used ON used.id = a.annotator_id ORDER BY a.example_id, a.annotator_id, a.id DESC)"
    " SELECT e.id, e.key, e.text, e.meta, last.name, last.kind, last.outcome, last.value,"
    "  coalesce(last.made_at, last.created_at), last.seconds, last.session, noted.note, last.details"
    " FROM last JOIN labkit.example e ON e.id = last.example_id LEFT JOIN LATERAL (SELECT nullif(note, '') AS note"
    "  FROM labkit.note n WHERE n.annotator_id = last.annotator_id AND n.example_id = e.id ORDER BY n.id DESC LIMIT 1)"
    "  noted ON true WHERE last.outcome <> 'undone' ORDER BY e.id, last.id"
)
