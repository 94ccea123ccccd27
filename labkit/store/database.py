"""Connections to PostgreSQL, and their failures in words."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from .migrate import migrate

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS = 5


def describe(url: str) -> str:
    """Say where a URL points, without its password: ``anna@db.example.org:5432/labels``.

    Raises
    ------
    LabError
        If PostgreSQL's client can't read the URL. The URL itself is not repeated: it may hold a password.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise LabError(
            "DATABASE_URL is not a PostgreSQL address.", "Write it as postgresql://user:password@host:5432/database."
        ) from None
    host = str(parts.get("host") or "localhost")
    return f"{parts.get('user') or ''}@{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


class Database:
    """A pool of connections to one migrated database.

    Parameters
    ----------
    url : str
        Where PostgreSQL answers.
    where : str, optional
        What to call it in messages; its address, without the password, by default.

    Raises
    ------
    LabError
        If the address is malformed, nothing answers within five seconds, the login is refused, or a
        newer labkit made the database.
    """

    def __init__(self, url: str, where: str | None = None) -> None:
        import psycopg
        from psycopg_pool import ConnectionPool

        self.where = where or describe(url)
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # what it would print again and again, we raise
        # Poolers such as PgBouncer, which Neon puts in front, hand out another server connection each time.
        options: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "autocommit": True, "prepare_threshold": None}
        with self._in_words(), psycopg.connect(url, **options) as connection:
            migrate(connection)
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=8,
            open=True,
            kwargs=options,
            timeout=CONNECT_SECONDS,
            check=ConnectionPool.check_connection,
        )
        atexit.register(self.close)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """Lend a connection for one transaction: committed at the end, rolled back on an exception.

        Raises
        ------
        LabError
            If the server does not answer, or its disk is full.
        """
        with self._in_words(), self._pool.connection() as connection, connection.transaction():
            yield connection

    @contextmanager
    def statement(self) -> Iterator[psycopg.Connection[Any]]:
        """Lend a connection for one statement, which commits by itself: one way to the server and back, not three.

        Raises
        ------
        LabError
            As for `connection`.
        """
        with self._in_words(), self._pool.connection() as connection:
            yield connection

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return bool(self._pool.closed)

    def close(self) -> None:
        """Give all connections back to the server."""
        atexit.unregister(self.close)
        self._pool.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn what psycopg says of a server into a LabError that repeats no secret."""
        import psycopg
        from psycopg import errors

        try:
            yield
        except errors.DiskFull:
            raise LabError(f"The disk of the store ({self.where}) is full.", "Free space there and go on.") from None
        except errors.InsufficientPrivilege:
            raise LabError(
                f"The user of the store ({self.where}) may not do this.",
                "Ask its owner to grant all rights on the schema labkit.",
            ) from None
        except psycopg.OperationalError as error:  # PoolTimeout is one
            raise LabError(f"The store ({self.where}) can't be used: {_reason(error)}.", _REMEDY) from None


_REMEDY = "Start the server, mend DATABASE_URL in the environment or .env, or unset it to use the embedded store."


def _reason(error: psycopg.OperationalError) -> str:
    """Name the cause of a failed connection; the server's own words may repeat what was sent to it."""
    text = str(error).lower()
    causes = {
        "password authentication failed": "the login was refused",
        "no password supplied": "it asks for a password",
        "does not exist": "the database or the user does not exist there",
        "refused": "nothing listens there",
        "resolve": "the host is not known",
        "not known": "the host is not known",
        "ssl negotiation": "what listens there is not PostgreSQL",
        "timeout": "it does not answer",
        "no such file": "the server is not running",
        "too many": "it has no connection free",
    }
    return next((words for sign, words in causes.items() if sign in text), "the connection failed")
