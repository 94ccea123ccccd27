"""Projects and their texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from .database import Database

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["example", "key", "text", "split"]
BLOCK = 5000
"""How many texts are read at once."""


@dataclass(frozen=True)
class NewExample:
    """A text on its way into a project.

    Parameters
    ----------
    hash : str
        SHA-256 of the text, 64 hexadecimal digits.
    key : str
        The text's own id, unique in the project.
    text : str
        The normalised text.
    split : {"train", "dev", "test"}
        Which part it belongs to.
    source : str
        File and line that it came from.
    meta : dict
        Whatever else the file said of it.
    """

    hash: str
    key: str
    text: str
    split: str
    source: str
    meta: dict[str, Any] = field(default_factory=dict)


class Examples:
    """The texts of all projects; a text is kept once a project, known by its hash."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def project(self, name: str, part: str | None = None) -> int:
        """Return the number of the project called `name`, made if it is new.

        Parameters
        ----------
        name : str
            Its name.
        part : str, optional
            What its values are: `labkit.tasks.Task.part`. Not asked after if left out.

        Raises
        ------
        LabError
            If somebody has labelled other values under that name.
        """
        with self._database.connection() as connection:
            connection.execute("INSERT INTO labkit.project (name) VALUES (%s) ON CONFLICT DO NOTHING", [name])
            if part:
                connection.execute(
                    "UPDATE labkit.project p SET part = %(part)s"
                    " WHERE name = %(name)s AND part IS DISTINCT FROM %(part)s"
                    " AND (part IS NULL OR NOT EXISTS (SELECT FROM labkit.annotator a WHERE a.project_id = p.id))",
                    {"name": name, "part": part},
                )
            row = connection.execute("SELECT id, part FROM labkit.project WHERE name = %s", [name]).fetchone()
        assert row is not None
        if part and row[1] != part:
            raise LabError(
                f"{name!r} holds a project of {row[1]} already, and this is one of {part}.",
                "Give this one a name of its own: Lab(..., name='another').",
            )
        return int(row[0])

    def add(self, project: int, rows: Iterable[NewExample]) -> list[NewExample]:
        """Add texts that the project does not hold yet.

        Parameters
        ----------
        project : int
            The project's number.
        rows : iterable of NewExample
            Any number of texts; they are streamed to the server.

        Returns
        -------
        list of NewExample
            The texts that were refused, because their key belongs to another text. A text that is
            already there is no refusal.
        """
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            connection.execute(
                "CREATE TEMP TABLE incoming (n bigserial, hash text, key text, text text, split text,"
                " source text, meta jsonb) ON COMMIT DROP"
            )
            with connection.cursor().copy("COPY incoming (hash, key, text, split, source, meta) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([row.hash, row.key, row.text, row.split, row.source, Jsonb(row.meta)])
            connection.execute(
                "INSERT INTO labkit.example (project_id, hash, key, text, split, source, meta)"
                " SELECT %s, hash, key, text, split, source, meta FROM incoming ORDER BY n ON CONFLICT DO NOTHING",
                [project],
            )
            refused = connection.execute(
                "SELECT hash, key, text, split, source, meta FROM incoming WHERE NOT EXISTS"
                " (SELECT FROM labkit.example e WHERE e.project_id = %s AND e.hash = incoming.hash) ORDER BY n",
                [project],
            ).fetchall()
        return [NewExample(*row) for row in refused]

    def batches(self, project: int, size: int = 10_000) -> Iterator[list[tuple[int, str, str]]]:
        """Yield a project's texts, oldest first, so many at a time: number, key and text of each."""
        last = 0
        while True:
            with self._database.connection() as connection:
                rows = connection.execute(
                    "SELECT id, key, text FROM labkit.example WHERE project_id = %s AND id > %s ORDER BY id LIMIT %s",
                    [project, last, size],
                ).fetchall()
            if not rows:
                return
            yield rows
            last = rows[-1][0]

    def count(self, project: int) -> int:
        """Return how many texts a project has."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT count(*) FROM labkit.example WHERE project_id = %s", [project]).fetchone()
        assert row is not None
        return int(row[0])

    def ids(self, project: int) -> dict[str, int]:
        """Return the example number of each key and each hash of a project's texts."""
        with self._database.connection() as connection:
            rows = connection.execute("SELECT key, hash, id FROM labkit.example WHERE project_id = %s", [project])
            return {name: number for key, hash_, number in rows for name in (hash_, key)}

    def frame(self, project: int, *, split: str | None = None, among: Collection[int] | None = None) -> pd.DataFrame:
        """Return a project's texts, oldest first.

        Parameters
        ----------
        project : int
            The project's number.
        split : {"train", "dev", "test"}, optional
            Only this part.
        among : collection of int, optional
            Only these examples.

        Returns
        -------
        DataFrame
            Columns `example`, `key`, `text`, `split`.
        """
        import pandas as pd

        # A block at a time, or all texts would stand in memory three times: as sent, as Python's, and in the table.
        with self._database.connection() as connection, connection.cursor("texts") as cursor:
            cursor.execute(
                "SELECT id, key, text, split FROM labkit.example WHERE project_id = %(project)s"
                " AND (%(split)s::text IS NULL OR split = %(split)s)"
                " AND (%(among)s::bigint[] IS NULL OR id = ANY(%(among)s)) ORDER BY id",
                {"project": project, "split": split, "among": None if among is None else list(among)},
            )
            blocks = [pd.DataFrame(cursor.fetchmany(BLOCK), columns=COLUMNS)]
            while len(blocks[-1]) == BLOCK:
                blocks.append(pd.DataFrame(cursor.fetchmany(BLOCK), columns=COLUMNS))
        return pd.concat([block for block in blocks if len(block)] or blocks, ignore_index=True)
