"""Named migrations: each is applied with its record in one transaction."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..errors import LabError

if TYPE_CHECKING:
    import psycopg

LOCK = 0x6C61626B6974
"""The advisory lock under which a database is migrated: "labkit" in ASCII."""


def available() -> dict[str, str]:
    """Return the migrations that this version of labkit knows: name to SQL, in order."""
    folder = files(__package__) / "migrations"
    return {
        entry.name.removesuffix(".sql"): entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }


def migrate(connection: psycopg.Connection[Any]) -> list[str]:
    """Bring a database up to this version, and return the names of the migrations applied.

    Two processes may call this at once: one migrates, the other waits and finds nothing to do.

    Raises
    ------
    LabError
        If the database holds a migration that this version does not know: a newer labkit made it.
    """
    known = available()
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        # "IF NOT EXISTS" would ask for the right to create, which a shared server may not grant to everyone.
        if connection.execute("SELECT to_regclass('labkit.migration')").fetchone() == (None,):
            connection.execute("CREATE SCHEMA IF NOT EXISTS labkit")
            connection.execute(
                "CREATE TABLE labkit.migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
            )
    applied = []
    for name, sql in known.items():
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            found = {row[0] for row in connection.execute("SELECT name FROM labkit.migration")}
            if found - set(known):
                raise LabError(
                    f"The database was made by a newer labkit: it holds {max(found - set(known))!r}.",
                    "Upgrade labkit here, or point DATABASE_URL at another database.",
                )
            if name not in found:
                connection.execute(sql)
                connection.execute("INSERT INTO labkit.migration (name) VALUES (%s)", [name])
                applied.append(name)
    return applied
