"""Copies a whole store to another server, and makes sure that it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from .database import Database

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed, Identifier

    Connection = psycopg.Connection[Any]

LOCK = 0x6D6F7665
"""The advisory lock under which a store is copied to: "move" in ASCII."""

MOMENTARY = ("migration", "lease")
"""Tables that stay where they are: who has which text before them just now, and what each database is migrated to."""

BIRTH = ("created_at", "started_at")
"""Columns that, with its key, tell whether two rows are one: keys are small numbers, which every store begins at 1."""


@dataclass(frozen=True)
class Copied:
    """One table that was copied.

    Parameters
    ----------
    table : str
        Its name.
    rows : int
        How many rows it has, on both sides.
    written : int
        How many of them were new or other on the server before.
    checksum : str
        What the rows add up to, on both sides.
    """

    table: str
    rows: int
    written: int
    checksum: str


def copy_all(source: Database, target: Database) -> list[Copied]:
    """Copy every table, in one transaction on each side.

    Parameters
    ----------
    source, target : Database
        From where, and to where. What the target holds must all stand in the source: it is empty, or was copied to
        before and not written to since.

    Returns
    -------
    list of Copied
        One a table, in the order in which they refer to one another.

    Raises
    ------
    LabError
        If the target has rows that the source has not, or rows did not arrive as they were: then nothing is copied.
    """
    with source.connection() as here, target.connection() as there:
        here.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        there.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for connection in (here, there):
            connection.execute("SET LOCAL TimeZone = 'UTC'")  # or the checksums of times would differ
        return [_copy(name, here, there, target.where) for name in _tables(here)]


def _tables(connection: Connection) -> list[str]:
    """Return the tables in the order in which they were made: one refers to those before it only."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'labkit'::regnamespace AND relkind = 'r' ORDER BY oid"
    )
    return [name for (name,) in rows if name not in MOMENTARY]


def _copy(name: str, here: Connection, there: Connection, where: str) -> Copied:
    """Copy one table, and compare both sides."""
    from psycopg import sql

    table, incoming = sql.Identifier("labkit", name), sql.Identifier(f"incoming_{name}")
    columns, keys = _columns(here, name)
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    there.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(incoming, listed, table)
    )
    with (
        here.cursor().copy(sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(table, listed)) as rows,
        there.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(incoming, listed)) as arriving,
    ):
        for block in rows:
            arriving.write(block)
    _refuse_others(there, name, table, incoming, [*keys, *(column for column in columns if column in BIRTH)], where)
    written = there.execute(_merge(table, incoming, columns, keys)).rowcount
    if "id" in columns:
        there.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {} HAVING max(id) > 0").format(
                f"labkit.{name}", table
            )
        )
    (sent, checksum), arrived = (_sum(connection, table, columns) for connection in (here, there))
    if arrived != (sent, checksum):
        raise LabError(f"The table {name!r} arrived at {where} other than it was sent.", "Nothing was kept; try again.")
    return Copied(name, sent, written, checksum)


def _columns(connection: Connection, name: str) -> tuple[list[str], list[str]]:
    """Return a table's columns, and those of its primary key."""
    rows = connection.execute(
        "SELECT attname, attnum = ANY(indkey) FROM pg_attribute JOIN pg_index ON indrelid = attrelid AND indisprimary"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [f"labkit.{name}"],
    ).fetchall()
    return [column for column, _ in rows], [column for column, is_key in rows if is_key]


def _refuse_others(
    connection: Connection, name: str, table: Identifier, incoming: Identifier, known_by: list[str], where: str
) -> None:
    """Raise LabError where the target has rows of its own."""
    from psycopg import sql

    same = sql.SQL(" AND ").join(sql.SQL("i.{0} = t.{0}").format(sql.Identifier(key)) for key in known_by)
    query = sql.SQL("SELECT count(*) FROM {} t WHERE NOT EXISTS (SELECT FROM {} i WHERE {})")
    row = connection.execute(query.format(table, incoming, same)).fetchone()
    if row and row[0]:
        raise LabError(
            f"{where} is in use: rows of its table {name!r} that this store has not: {row[0]:,}.",
            "Name an empty database; nothing was moved.",
        )


def _merge(table: Identifier, incoming: Identifier, columns: list[str], keys: list[str]) -> Composed:
    """Return the statement that writes the rows which are new or other."""
    from psycopg import sql

    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    others = [column for column in columns if column not in keys]
    sent = sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(column)) for column in others)
    held = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(column)) for column in others)
    return sql.SQL(
        "INSERT INTO {} AS t ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}"
        " ON CONFLICT ({}) DO UPDATE SET ({}) = ROW ({}) WHERE ({}) IS DISTINCT FROM ({})"
    ).format(
        table,
        listed,
        listed,
        incoming,
        sql.SQL(", ").join(map(sql.Identifier, keys)),
        sql.SQL(", ").join(map(sql.Identifier, others)),
        sent,
        held,
        sent,
    )


def _sum(connection: Connection, table: Identifier, columns: list[str]) -> tuple[int, str]:
    """Return how many rows a table has, and a checksum that does not depend on their order."""
    from psycopg import sql

    whole = sql.SQL("ROW({})::text").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    row = connection.execute(
        sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(md5({}), 15))::bit(60)::bigint::numeric), 0) FROM {}"
        ).format(whole, table)
    ).fetchone()
    assert row is not None
    return int(row[0]), f"{int(row[1]) & (1 << 128) - 1:x}"
